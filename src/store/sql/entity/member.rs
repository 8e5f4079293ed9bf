//! The table `members`.

use super::{corrupt, revision};
use crate::domain::clock::Timestamp;
use crate::domain::conversation::{Marks, Member, Role};
use crate::domain::ids::{ConversationId, UserId};
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    pub role: String,
    pub joined_at: DateTimeUtc,
    pub delivered_seq: i64,
    pub read_seq: i64,
    pub read_at: Option<DateTimeUtc>,
    /// That of the conversation when these marks last moved.
    pub marks_version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::conversation::Entity",
        from = "Column::ConversationId",
        to = "super::conversation::Column::Id"
    )]
    Conversation,
}

impl Related<super::conversation::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Conversation.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// One who has just come in.
    pub fn joined(conversation: ConversationId, user: UserId, role: Role, at: Timestamp) -> Self {
        Self {
            conversation_id: conversation.uuid(),
            user_id: user.uuid(),
            role: role.name().to_owned(),
            joined_at: at.into(),
            delivered_seq: 0,
            read_seq: 0,
            read_at: None,
            marks_version: 0,
        }
    }
}

impl TryFrom<Model> for Member {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let marks = Marks {
            delivered_seq: revision("members.delivered_seq", row.delivered_seq)?,
            read_seq: revision("members.read_seq", row.read_seq)?,
        };
        Ok(Self {
            conversation: row.conversation_id.into(),
            user: row.user_id.into(),
            role: Role::named(&row.role).ok_or_else(|| corrupt("members.role", &row.role))?,
            joined_at: row.joined_at.into(),
            marks,
            read_at: row.read_at.map(Into::into),
        })
    }
}
