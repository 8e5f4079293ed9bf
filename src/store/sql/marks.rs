//! How far members have come, and what follows from it for messages.

use super::asked::{part, table};
use super::batches::batches;
use super::conversations::{count, each};
use super::entity::member::{Column, Entity};
use super::members::has_joined;
use crate::domain::conversation::{Marks, Member};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Revision;
use crate::error::{Error, Result};
use crate::store::conversations::ReadersOf;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, Func, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use sea_orm::{QuerySelect as _, QueryTrait as _};
use std::collections::HashMap;

/// [`Conversations::mark_floors`](crate::store::Conversations::mark_floors).
pub(super) async fn floors(
    db: &impl ConnectionTrait,
    of: &[(ConversationId, UserId)],
) -> Result<HashMap<(ConversationId, UserId), Marks>> {
    let mut floors = HashMap::with_capacity(of.len());
    for batch in batches(of.iter().map(|(conversation, user)| (conversation.uuid(), user.uuid()))) {
        let statement = Query::select()
            .exprs([part(1), part(2)])
            .exprs([Column::DeliveredSeq, Column::ReadSeq].map(|mark| Expr::from(least_of_others(mark))))
            .from(table(batch))
            .take();
        for row in db.query_all(&statement).await? {
            let (conversation, user, delivered, read) = row.try_get_many_by_index()?;
            let (conversation, user): (Uuid, Uuid) = (conversation, user);
            let (Some(delivered), Some(read)) = (delivered, read) else { continue };
            let marks = Marks { delivered_seq: mark(delivered)?, read_seq: mark(read)? };
            floors.insert((conversation.into(), user.into()), marks);
        }
    }
    Ok(floors)
}

/// The least of that mark among the members of a conversation, one of them not counted. By itself it is the first entry
/// of an index; both in one look would read all members.
fn least_of_others(mark: Column) -> SelectStatement {
    Query::select()
        .expr(Func::min(Expr::col((Entity, mark))))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ConversationId)).eq(part(1)))
        .and_where(Expr::col((Entity, Column::UserId)).ne(part(2)))
        .and_where(has_joined())
        .take()
}

fn mark(number: i64) -> Result<Revision> {
    Revision::new(number).ok_or_else(|| Error::internal("a mark is negative"))
}

/// [`Conversations::readers`](crate::store::Conversations::readers).
pub(super) async fn readers(db: &impl ConnectionTrait, of: ReadersOf, limit: u32) -> Result<Vec<Member>> {
    let rows = Entity::find()
        .filter(Column::ConversationId.eq(of.conversation.uuid()))
        .filter(Column::UserId.ne(of.author.uuid()))
        .filter(Column::ReadSeq.gte(of.seq.number()))
        .filter(Column::JoinedSeq.lt(of.seq.number()))
        .filter(has_joined())
        .order_by_asc(Column::ReadAt)
        .order_by_asc(Column::UserId)
        .limit(u64::from(limit));
    each(rows.all(db).await?)
}

/// [`Conversations::reader_counts`](crate::store::Conversations::reader_counts).
pub(super) async fn reader_counts(db: &impl ConnectionTrait, of: &[ReadersOf]) -> Result<HashMap<ReadersOf, u32>> {
    let mut counts = HashMap::with_capacity(of.len());
    let of = of.iter().map(|of| (of.conversation.uuid(), of.author.uuid(), of.seq.number()));
    for batch in batches(of) {
        let readers = Entity::find()
            .select_only()
            .expr(Expr::col(Column::UserId).count())
            .filter(Expr::col((Entity, Column::ConversationId)).eq(part(1)))
            .filter(Expr::col((Entity, Column::UserId)).ne(part(2)))
            .filter(Expr::col((Entity, Column::ReadSeq)).gte(part(3)))
            .filter(Expr::col((Entity, Column::JoinedSeq)).lt(part(3)))
            .filter(has_joined())
            .into_query();
        let statement =
            Query::select().exprs([part(1), part(2), part(3), Expr::from(readers)]).from(table(batch)).take();
        for row in db.query_all(&statement).await? {
            let (conversation, author, seq, readers): (Uuid, Uuid, i64, i64) = row.try_get_many_by_index()?;
            let of = ReadersOf { conversation: conversation.into(), author: author.into(), seq: mark(seq)? };
            counts.insert(of, count(readers)?);
        }
    }
    Ok(counts)
}
