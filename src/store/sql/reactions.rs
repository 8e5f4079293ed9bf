//! Who reacts to messages, and how.

use super::Tx;
use super::asked::{part, table};
use super::batches::batches;
use super::entity::reaction::{Column, Entity, Model};
use crate::domain::batch::Plan;
use crate::domain::emoji::Emoji;
use crate::domain::ids::{MessageId, UserId};
use crate::domain::message::{Reaction, Revision};
use crate::error::Result;
use crate::store::log::{ReactionsBy, ReactorsOf};
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, Order, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use std::collections::{HashMap, HashSet};

/// Parts of one `UNION`: SQLite takes 500.
const MAX_PARTS: usize = 256;

/// Those of the reactions that there are.
pub(super) async fn existing(tx: &Tx, reactions: &[Reaction]) -> Result<Vec<Reaction>> {
    let mut found = Vec::new();
    for batch in batches(reactions.iter().map(key)) {
        let rows = Entity::find().filter(is_among(batch)).all(tx).await?;
        found.extend(rows.into_iter().map(Reaction::from));
    }
    Ok(found)
}

/// What a plan makes of them.
pub(super) async fn store(tx: &Tx, plan: &Plan) -> Result<()> {
    for batch in batches(plan.cleared.iter().map(|id| id.uuid())) {
        Entity::delete_many().filter(Column::MessageId.is_in(batch)).exec(tx).await?;
    }
    for batch in batches(plan.unreacted.iter().map(key)) {
        Entity::delete_many().filter(is_among(batch)).exec(tx).await?;
    }
    if !plan.reacted.is_empty() {
        let rows = plan.reacted.iter().map(|(reaction, revision)| Model::new(reaction, *revision).into_active_model());
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn key(reaction: &Reaction) -> (Uuid, Uuid, &str) {
    (reaction.message.uuid(), reaction.user.uuid(), reaction.emoji.as_str())
}

fn is_among(batch: Vec<(Uuid, Uuid, &str)>) -> Expr {
    let asked = Query::select().exprs([part(1), part(2), part(3)]).from(table(batch)).take();
    Expr::tuple([Column::MessageId, Column::UserId, Column::Emoji].map(Expr::col)).in_subquery(asked)
}

/// [`LogReads::reactors`](crate::store::LogReads::reactors).
pub(super) async fn reactors(db: &impl ConnectionTrait, of: &[ReactorsOf]) -> Result<HashMap<ReactorsOf, Vec<UserId>>> {
    let mut reactors = HashMap::with_capacity(of.len());
    let each: Vec<_> = of.iter().collect::<HashSet<_>>().into_iter().collect();
    for batch in each.chunks(MAX_PARTS) {
        let mut parts = batch.iter().zip(0_i32..).map(|(of, n)| first_of(of, n));
        let Some(mut all) = parts.next() else { continue };
        let all = all.unions(parts.map(|part| (UnionType::All, part)));
        let mut found: Vec<(i32, i64, Uuid)> = Vec::new();
        for row in db.query_all(all).await? {
            found.push(row.try_get_many_by_index()?);
        }
        found.sort_unstable();
        for (n, _, user) in found {
            if let Some(of) = usize::try_from(n).ok().and_then(|n| batch.get(n)) {
                reactors.entry((*of).clone()).or_insert_with(Vec::new).push(user.into());
            }
        }
    }
    Ok(reactors)
}

/// The first who react with one emoji, under that number. Nested, since SQLite limits no part of a `UNION`.
fn first_of(of: &ReactorsOf, number: i32) -> SelectStatement {
    let first = Query::select()
        .expr_as(Expr::val(number), "number")
        .columns([Column::Revision, Column::UserId])
        .from(Entity)
        .and_where(Expr::col(Column::MessageId).eq(of.message.uuid()))
        .and_where(Expr::col(Column::Emoji).eq(of.emoji.as_str()))
        .order_by(Column::Revision, Order::Asc)
        .limit(u64::from(of.limit))
        .take();
    Query::select().expr(Expr::cust("*")).from_subquery(first, "first").take()
}

/// [`LogReads::reactions_since`](crate::store::LogReads::reactions_since).
pub(super) async fn since(db: &impl ConnectionTrait, to: &[MessageId], after: Revision) -> Result<Vec<Reaction>> {
    let mut found = Vec::new();
    for batch in batches(to.iter().map(|id| id.uuid())) {
        let later = Entity::find().filter(Column::MessageId.is_in(batch)).filter(Column::Revision.gt(after.number()));
        found.extend(later.all(db).await?.into_iter().map(Reaction::from));
    }
    Ok(found)
}

/// [`LogReads::reactions_by`](crate::store::LogReads::reactions_by).
pub(super) async fn reactions_by(
    db: &impl ConnectionTrait,
    of: &[ReactionsBy],
) -> Result<HashMap<ReactionsBy, Vec<Emoji>>> {
    let mut found: HashMap<(MessageId, UserId), Vec<Emoji>> = HashMap::new();
    for batch in batches(of.iter().map(|of| (of.message.uuid(), of.user.uuid()))) {
        let asked = Query::select().exprs([part(1), part(2)]).from(table(batch)).take();
        let by_them = Expr::tuple([Column::MessageId, Column::UserId].map(Expr::col)).in_subquery(asked);
        for row in Entity::find().filter(by_them).all(db).await? {
            let Reaction { message, user, emoji } = row.into();
            found.entry((message, user)).or_default().push(emoji);
        }
    }
    let emoji_of = |of: &ReactionsBy| Some((*of, found.get(&(of.message, of.user))?.clone()));
    Ok(of.iter().filter_map(emoji_of).collect())
}
