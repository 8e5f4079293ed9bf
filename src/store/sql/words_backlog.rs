//! Messages that are older than the index of words, and how they come into it: some at a time, each time a transaction.

use super::commit::hold_row;
use super::entity::{message, words_backlog};
use super::{Sql, Tx, words};
use crate::domain::message::Message;
use crate::error::Result;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, ModelTrait as _};
use sea_orm::{QueryFilter as _, QueryOrder as _, QuerySelect as _};
use tracing::info;

/// Messages that are indexed in one transaction.
const AT_ONCE: u64 = 256;

impl Sql {
    /// Indexes all messages of which that was not done when they were written. Any number of nodes may do so at once, and
    /// write meanwhile; where one is cut off, the next goes on.
    pub(super) async fn index_backlog(&self) -> Result<()> {
        let mut count = 0;
        while let Some(log) = words_backlog::Entity::find().one(&self.writer).await? {
            count += self.transaction(async |tx| index_some(tx, &log).await).await?;
        }
        if count > 0 {
            info!(messages = count, "indexed messages by their words");
        }
        Ok(())
    }
}

/// Indexes the next messages of that log; how many.
async fn index_some(tx: &Tx, log: &words_backlog::Model) -> Result<usize> {
    // So that none of them is changed meanwhile.
    let head = hold_row(tx, log.conversation_id.into()).await?;
    let row = words_backlog::Entity::find_by_id(log.conversation_id).lock(LockType::Update);
    let Some(log) = row.one(tx).await? else { return Ok(0) };
    let next = message::Entity::find()
        .filter(message::Column::ConversationId.eq(log.conversation_id))
        .filter(message::Column::Seq.gt(log.indexed_seq))
        .order_by_asc(message::Column::Seq)
        .limit(AT_ONCE);
    let next = next.all(tx).await?;
    let Some(indexed_seq) = next.last().map(|last| last.seq).filter(|_| !head.is_erased) else {
        log.delete(tx).await?;
        return Ok(0);
    };
    let count = next.len();
    for row in next {
        words::insert_all(tx, &Message::try_from(row)?).await?;
    }
    let log = words_backlog::Model { indexed_seq, ..log }.into_active_model().reset_all();
    words_backlog::Entity::update(log).exec_without_returning(tx).await?;
    Ok(count)
}
