//! The message log, written: one commit is one transaction behind the head's lock.

use super::asked::{part, table};
use super::batches::batches;
use super::entity::{log_head, message};
use super::insert::insert_if_new;
use super::{Sql, Tx};
use crate::domain::batch::{self, Attempt, Head, Needed, Plan, Stored, Write};
use crate::domain::ids::ConversationId;
use crate::domain::message::{Message, Revision};
use crate::error::{Error, Result};
use crate::store::log::{Committed, LogStore};
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr};
use sea_orm::sea_query::{ExprTrait as _, OnConflict, Query};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _};
use sea_orm::{QueryFilter as _, QuerySelect as _};

#[async_trait]
impl LogStore for Sql {
    async fn commit(&self, conversation: ConversationId, writes: &[Write], attempt: Attempt) -> Result<Committed> {
        let needed = batch::needed(writes, attempt);
        self.transaction(async |tx| {
            let before = hold_head(tx, conversation).await?;
            let stored = read(tx, conversation, &needed).await?;
            let plan = batch::plan(before, stored, writes);
            store(tx, conversation, &plan).await?;
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
}

/// The head, which nobody else can raise until the transaction ends.
async fn hold_head(tx: &Tx, conversation: ConversationId) -> Result<Head> {
    let head = || log_head::Entity::find_by_id(conversation.uuid()).lock_exclusive().one(tx);
    if let Some(row) = head().await? {
        return row.try_into();
    }
    // The first write of all. Of several at once, one makes the row and the others wait for it here.
    insert_if_new(tx, log_head::Model::of(conversation, Head::default())).await?;
    let row = head().await?;
    row.ok_or_else(|| Error::internal("the log's head is gone"))?.try_into()
}

/// What the plan depends on.
async fn read(tx: &Tx, conversation: ConversationId, needed: &Needed<'_>) -> Result<Vec<Stored>> {
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
    stored.into_iter().map(Stored::try_from).collect()
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
    let head = log_head::Model::of(conversation, plan.head).into_active_model().reset_all();
    log_head::Entity::update(head).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes what of a message can change.
async fn change(tx: &Tx, messages: &[Message]) -> Result<()> {
    use message::{Column, Entity};
    let rows = messages.iter().map(|message| {
        let (id, revision, version) = (message.id.uuid(), message.revision.number(), message.membership_version.0);
        let edited_at = message.edited_at.map(DateTimeUtc::from);
        let deleted_at = message.deleted_at.map(DateTimeUtc::from);
        (id, revision, message.text.clone(), edited_at, deleted_at, version)
    });
    let statement = Query::update()
        .table(Entity)
        .values([
            (Column::Revision, part(2)),
            (Column::Text, part(3)),
            (Column::EditedAt, part(4)),
            (Column::DeletedAt, part(5)),
            (Column::MembershipVersion, part(6)),
        ])
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
