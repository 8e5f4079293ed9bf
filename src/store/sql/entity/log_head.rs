//! The table `log_heads`.

use super::revision;
use crate::domain::batch::Head;
use crate::domain::ids::ConversationId;
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_heads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    pub revision: i64,
    pub last_seq: i64,
    pub active_at: Option<DateTimeUtc>,
    /// Whether the log was erased, for ever.
    pub is_erased: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// That conversation's head.
    pub fn of(conversation: ConversationId, head: Head) -> Self {
        Self {
            conversation_id: conversation.uuid(),
            revision: head.revision.number(),
            last_seq: head.last_seq.number(),
            active_at: head.active_at.map(Into::into),
            is_erased: false,
        }
    }
}

impl TryFrom<Model> for Head {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            revision: revision("log_heads.revision", row.revision)?,
            last_seq: revision("log_heads.last_seq", row.last_seq)?,
            active_at: row.active_at.map(Into::into),
        })
    }
}
