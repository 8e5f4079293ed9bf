//! What is owed to the message log.

use super::batches::batches;
use super::conversations::each;
use super::entity::conversation;
use super::entity::outbox::{Column, Entity, Model};
use super::groups::{active_also, is_public};
use super::{Sql, Tx};
use crate::domain::clock::Timestamp;
use crate::domain::ids::ConversationId;
use crate::error::Result;
use crate::store::outbox::{Debt, DebtPlace, Outbox};
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};

#[async_trait]
impl Outbox for Sql {
    async fn owing(&self, limit: u32) -> Result<Vec<ConversationId>> {
        let longest = Entity::find()
            .select_only()
            .column(Column::ConversationId)
            .group_by(Column::ConversationId)
            .order_by_asc(Column::At.min())
            .order_by_asc(Column::ConversationId)
            .limit(u64::from(limit));
        let ids: Vec<Uuid> = longest.into_tuple().all(&self.reader).await?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    async fn debts(&self, conversation: ConversationId, limit: u32) -> Result<Vec<Debt>> {
        let owed = Entity::find()
            .filter(Column::ConversationId.eq(conversation.uuid()))
            .order_by_asc(Column::Version)
            .order_by_asc(Column::Number)
            .limit(u64::from(limit));
        each(owed.all(&self.reader).await?)
    }

    async fn settle(&self, conversation: ConversationId, up_to: DebtPlace, at: Timestamp) -> Result<()> {
        use conversation::Column as Conversations;
        let place = [Column::Version, Column::Number].map(Expr::col);
        let paid = Entity::delete_many()
            .filter(Column::ConversationId.eq(conversation.uuid()))
            .filter(Expr::tuple(place).lte(Expr::tuple([up_to.version.0.into(), up_to.number.into()])));
        let active = conversation::Entity::update_many()
            .col_expr(Conversations::ActiveAt, active_also(DateTimeUtc::from(at)))
            .filter(Conversations::Id.eq(conversation.uuid()))
            .filter(is_public());
        self.transaction(async |tx| {
            active.exec(tx).await?;
            paid.exec(tx).await?;
            Ok(())
        })
        .await
    }
}

/// Writes down what is owed.
pub(super) async fn owe(tx: &Tx, debts: &[Debt]) -> Result<()> {
    let rows = debts.iter().map(Model::try_from).collect::<Result<Vec<_>>>()?;
    for batch in batches(rows) {
        // Only what a batch says twice is there.
        let twice = OnConflict::new().do_nothing().to_owned();
        let rows = batch.into_iter().map(Model::into_active_model);
        Entity::insert_many(rows).on_conflict(twice).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Nothing is owed any more.
pub(super) async fn forgive(tx: &Tx, conversation: ConversationId) -> Result<()> {
    Entity::delete_many().filter(Column::ConversationId.eq(conversation.uuid())).exec(tx).await?;
    Ok(())
}
