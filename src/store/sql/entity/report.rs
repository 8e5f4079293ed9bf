//! The table `reports`.

use crate::store::reports::Report;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub by_id: Uuid,
    pub conversation_id: Uuid,
    pub author_id: Uuid,
    pub reason: String,
    pub text: Option<String>,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Report> for Model {
    fn from(report: &Report) -> Self {
        Self {
            message_id: report.message.uuid(),
            by_id: report.by.uuid(),
            conversation_id: report.conversation.uuid(),
            author_id: report.author.uuid(),
            reason: report.reason.clone(),
            text: report.text.clone(),
            at: report.at.into(),
        }
    }
}

impl From<Model> for Report {
    fn from(row: Model) -> Self {
        Self {
            message: row.message_id.into(),
            conversation: row.conversation_id.into(),
            author: row.author_id.into(),
            by: row.by_id.into(),
            reason: row.reason,
            text: row.text,
            at: row.at.into(),
        }
    }
}
