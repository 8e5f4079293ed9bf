//! The message log, read.

use super::Sql;
use super::asked::{part, table};
use super::batches::batches;
use super::conversations::{count, each};
use super::entity::{log_head, message};
use super::window::cut;
use crate::domain::batch::Head;
use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::message::{Message, Revision};
use crate::domain::page::{Page, Window};
use crate::domain::rules::MAX_UNREAD;
use crate::error::{Error, Result};
use crate::store::log::{LogReads, UnreadBy};
use async_trait::async_trait;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, JoinType, QueryFilter as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};
use std::collections::HashMap;

#[async_trait]
impl LogReads for Sql {
    async fn heads(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Head>> {
        let mut heads = HashMap::with_capacity(of.len());
        for batch in batches(of.iter().map(|id| id.uuid())) {
            let rows = log_head::Entity::find()
                .filter(log_head::Column::ConversationId.is_in(batch))
                // A first write that changed nothing leaves a head at zero.
                .filter(log_head::Column::Revision.gt(0));
            for row in rows.all(&self.reader).await? {
                heads.insert(row.conversation_id.into(), row.try_into()?);
            }
        }
        Ok(heads)
    }

    async fn page(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>> {
        let messages = message::Entity::find().filter(message::Column::ConversationId.eq(conversation.uuid()));
        let messages = cut(messages, window, &[message::Column::Seq], |seq| vec![seq.number().into()]);
        Ok(Page::of_read(window, each(messages.all(&self.reader).await?)?))
    }

    async fn since(&self, conversation: ConversationId, after: Revision, limit: u32) -> Result<Vec<Message>> {
        let changed = message::Entity::find()
            .filter(message::Column::ConversationId.eq(conversation.uuid()))
            .filter(message::Column::Revision.gt(after.number()))
            .order_by_asc(message::Column::Revision)
            .limit(u64::from(limit));
        each(changed.all(&self.reader).await?)
    }

    async fn find(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in batches(ids.iter().map(|id| id.uuid())) {
            let with_ids = message::Entity::find().filter(message::Column::Id.is_in(batch));
            found.append(&mut each(with_ids.all(&self.reader).await?)?);
        }
        Ok(found)
    }

    async fn latest(&self, of: &[ConversationId]) -> Result<Vec<Message>> {
        let mut latest = Vec::with_capacity(of.len());
        for batch in batches(of.iter().map(|id| id.uuid())) {
            let stands_at_the_head = message::Entity::belongs_to(log_head::Entity)
                .from((message::Column::ConversationId, message::Column::Seq))
                .to((log_head::Column::ConversationId, log_head::Column::LastSeq));
            let rows = message::Entity::find()
                .join(JoinType::InnerJoin, stands_at_the_head.into())
                .filter(log_head::Column::ConversationId.is_in(batch));
            latest.append(&mut each(rows.all(&self.reader).await?)?);
        }
        Ok(latest)
    }

    async fn unread(&self, of: &[UnreadBy]) -> Result<HashMap<UnreadBy, u32>> {
        let mut counts = HashMap::with_capacity(of.len());
        let of = of.iter().map(|by| (by.conversation.uuid(), by.user.uuid(), by.after.number()));
        for batch in batches(of) {
            let statement = Query::select()
                .exprs([part(1), part(2), part(3), Expr::from(unread_by_asked())])
                .from(table(batch))
                .take();
            for row in self.reader.query_all(&statement).await? {
                let (conversation, user, after, unread): (Uuid, Uuid, i64, i64) = row.try_get_many_by_index()?;
                let by = UnreadBy {
                    conversation: conversation.into(),
                    user: user.into(),
                    after: Revision::new(after).ok_or_else(|| Error::internal("a mark is negative"))?,
                };
                counts.insert(by, count(unread)?);
            }
        }
        Ok(counts)
    }
}

/// The unread messages of one item asked about, counted as far as they are counted at all.
fn unread_by_asked() -> SelectStatement {
    let unread = Query::select()
        .expr(Expr::val(1))
        .from(message::Entity)
        .and_where(Expr::col((message::Entity, message::Column::ConversationId)).eq(part(1)))
        .and_where(Expr::col((message::Entity, message::Column::AuthorId)).ne(part(2)))
        .and_where(Expr::col((message::Entity, message::Column::Seq)).gt(part(3)))
        .and_where(Expr::col((message::Entity, message::Column::DeletedAt)).is_null())
        .limit(u64::from(MAX_UNREAD))
        .take();
    Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(unread, "unread").take()
}
