//! Messages that people bring before the moderators.

use super::Sql;
use super::entity::report::{Column, Entity, Model};
use crate::error::Result;
use crate::store::reports::{Report, Reports};
use async_trait::async_trait;
use sea_orm::QuerySelect as _;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait as _, IntoActiveModel as _, QueryOrder as _};

#[async_trait]
impl Reports for Sql {
    async fn put(&self, report: &Report) -> Result<()> {
        let again = OnConflict::columns([Column::MessageId, Column::ById])
            .update_columns([Column::Reason, Column::At])
            .to_owned();
        let row = Model::from(report).into_active_model();
        Entity::insert(row).on_conflict(again).exec_without_returning(&self.writer).await?;
        Ok(())
    }

    async fn latest(&self, limit: u32) -> Result<Vec<Report>> {
        let rows = Entity::find().order_by_desc(Column::At).order_by_desc(Column::MessageId).limit(u64::from(limit));
        Ok(rows.all(&self.reader).await?.into_iter().map(Report::from).collect())
    }
}
