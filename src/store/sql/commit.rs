//! The message log, written: one commit is one transaction behind the head's lock.

use super::asked::{part, table};
use super::batches::batches;
use super::entity::{log_head, message, reaction};
use super::insert::insert_if_new;
use super::{Sql, Tx, reactions, words};
use crate::domain::batch::{self, Attempt, Head, Known, Needed, Plan, Stored, Write};
use crate::domain::ids::ConversationId;
use crate::domain::message::{Message, Revision};
use crate::error::{Error, Result};
use crate::store::log::{Committed, LogStore, MAX_ERASED, erased};
use async_trait::async_trait;
use sea_orm::prelude::Expr;
use sea_orm::sea_query::{ExprTrait as _, OnConflict, Order, Query, SelectStatement, ValueTuple};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _};
use sea_orm::{ModelTrait as _, QueryFilter as _, QuerySelect as _};

#[async_trait]
impl LogStore for Sql {
    async fn commit(&self, conversation: ConversationId, writes: &[Write], attempt: Attempt) -> Result<Committed> {
        let needed = batch::needed(writes, attempt);
        let cut = words::cut(writes);
        self.transaction(async |tx| {
            let before = hold_head(tx, conversation).await?;
            let known = read(tx, conversation, &needed).await?;
            let words_before = words::before(&known.messages);
            let plan = batch::plan(before, known, writes);
            store(tx, conversation, &plan).await?;
            words::follow(tx, conversation, &cut, &words_before, &plan).await?;
            Ok(committed(before, plan))
        })
        .await
    }

    async fn raise(&self, of: &[ConversationId], by: u32) -> Result<()> {
        let raised = Head { revision: Revision::ZERO.plus(by), ..Head::default() };
        for batch in batches(of.iter().copied()) {
            let revision = Expr::col((log_head::Entity, log_head::Column::Revision)).add(i64::from(by));
            let raise = OnConflict::column(log_head::Column::ConversationId)
                .value(log_head::Column::Revision, revision)
                .to_owned();
            let rows = batch.into_iter().map(|id| log_head::Model::of(id, raised).into_active_model());
            log_head::Entity::insert_many(rows).on_conflict(raise).exec_without_returning(&self.writer).await?;
        }
        Ok(())
    }

    async fn erase(&self, conversation: ConversationId) -> Result<()> {
        self.transaction(async |tx| {
            let head = hold_row(tx, conversation).await?;
            let erased = log_head::Model { is_erased: true, active_at: None, ..head }.into_active_model().reset_all();
            log_head::Entity::update(erased).exec_without_returning(tx).await?;
            Ok(())
        })
        .await?;
        while self.erase_some(conversation).await? {}
        while self.erase_words(conversation).await? {}
        Ok(())
    }
}

impl Sql {
    /// Removes the first of a log's messages; whether there may be more.
    async fn erase_some(&self, conversation: ConversationId) -> Result<bool> {
        let of_first = reaction::Column::MessageId.in_subquery(first_to_erase(conversation));
        reaction::Entity::delete_many().filter(of_first).exec(&self.writer).await?;
        let first = message::Column::Id.in_subquery(first_to_erase(conversation));
        let erased = message::Entity::delete_many().filter(first).exec(&self.writer).await?;
        Ok(erased.rows_affected > 0)
    }
}

/// A log's first messages. No other come to it any more.
fn first_to_erase(conversation: ConversationId) -> SelectStatement {
    Query::select()
        .column(message::Column::Id)
        .from(message::Entity)
        .and_where(Expr::col(message::Column::ConversationId).eq(conversation.uuid()))
        .order_by(message::Column::Seq, Order::Asc)
        .limit(u64::from(MAX_ERASED))
        .take()
}

/// The head, which nobody else can raise until the transaction ends. Fails where the log was erased.
async fn hold_head(tx: &Tx, conversation: ConversationId) -> Result<Head> {
    let row = hold_row(tx, conversation).await?;
    if row.is_erased { Err(erased()) } else { row.try_into() }
}

/// The row of the head, which nobody else can change until the transaction ends.
pub(super) async fn hold_row(tx: &Tx, conversation: ConversationId) -> Result<log_head::Model> {
    let head = || log_head::Entity::find_by_id(conversation.uuid()).lock_exclusive().one(tx);
    if let Some(row) = head().await? {
        return Ok(row);
    }
    // The first write of all. Of several at once, one makes the row and the others wait for it here.
    insert_if_new(tx, log_head::Model::of(conversation, Head::default())).await?;
    head().await?.ok_or_else(|| Error::internal("the log's head is gone"))
}

/// What the plan depends on.
async fn read(tx: &Tx, conversation: ConversationId, needed: &Needed<'_>) -> Result<Known> {
    let mut stored = Vec::new();
    for batch in batches(needed.messages.iter().map(|id| id.uuid())) {
        let with_ids = message::Entity::find()
            .filter(message::Column::Id.is_in(batch))
            .filter(message::Column::ConversationId.eq(conversation.uuid()));
        stored.extend(with_ids.all(tx).await?);
    }
    let client_ids = needed.client_ids.iter();
    for batch in batches(client_ids.map(|(author, id)| (author.uuid(), id.as_str()))) {
        // Each is looked up by itself: joined, a planner that takes this conversation for a common one might read
        // all of it instead.
        let id_of_asked = Query::select()
            .column(message::Column::Id)
            .from(message::Entity)
            .and_where(Expr::col(message::Column::ConversationId).eq(conversation.uuid()))
            .and_where(Expr::col(message::Column::AuthorId).eq(part(1)))
            .and_where(Expr::col(message::Column::ClientId).eq(part(2)))
            .and_where(Expr::col(message::Column::ClientId).is_not_null())
            .take();
        let ids = Query::select().expr(Expr::from(id_of_asked)).from(table(batch)).take();
        let with_client_ids = message::Entity::find().filter(message::Column::Id.in_subquery(ids));
        stored.extend(with_client_ids.all(tx).await?);
    }
    let messages = stored.into_iter().map(Stored::try_from).collect::<Result<_>>()?;
    Ok(Known { messages, reactions: reactions::existing(tx, &needed.reactions).await? })
}

async fn store(tx: &Tx, conversation: ConversationId, plan: &Plan) -> Result<()> {
    if plan.is_empty() {
        return Ok(());
    }
    if !plan.births.is_empty() {
        let rows = plan.births.iter().map(|birth| message::Model::new(&birth.message, birth.fingerprint));
        let rows = rows.map(message::Model::into_active_model);
        message::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    if !plan.changes.is_empty() {
        change(tx, &plan.changes).await?;
    }
    reactions::store(tx, plan).await?;
    let head = log_head::Model::of(conversation, plan.head).into_active_model().reset_all();
    log_head::Entity::update(head).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes what of a message can change.
async fn change(tx: &Tx, messages: &[Message]) -> Result<()> {
    use message::{CHANGING, Column, Entity};
    let rows = messages.iter().map(|message| {
        let row = message::Model::new(message, None);
        let values = [Column::Id].into_iter().chain(CHANGING).map(|column| row.get(column));
        ValueTuple::Many(values.collect())
    });
    let statement = Query::update()
        .table(Entity)
        .values(CHANGING.into_iter().zip(2..).map(|(column, number)| (column, part(number))))
        .from(table(rows.collect()))
        .and_where(Expr::col((Entity, Column::Id)).eq(part(1)))
        .take();
    tx.execute(&statement).await?;
    Ok(())
}

fn committed(before: Head, plan: Plan) -> Committed {
    let births = plan.births.into_iter().map(|birth| birth.message);
    Committed {
        before: before.revision,
        head: plan.head,
        written: plan.written,
        changed: births.chain(plan.changes).collect(),
    }
}
