//! The table `members`.

use super::{corrupt, revision};
use crate::domain::conversation::{Marks, MarksVersion, Member, MembershipState, Role};
use crate::domain::ids::UserId;
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    pub role: String,
    pub delivered_seq: i64,
    pub read_seq: i64,
    pub read_at: Option<DateTimeUtc>,
    /// That of the conversation when these marks last moved.
    pub marks_version: i64,
    pub state: String,
    pub invited_by: Option<Uuid>,
    pub is_muted: bool,
    pub joined_seq: i64,
    pub joined_at: Option<DateTimeUtc>,
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
    /// The row of that membership, whose marks last moved under that version.
    pub fn new(member: &Member, marks_version: MarksVersion) -> Self {
        Self {
            conversation_id: member.conversation.uuid(),
            user_id: member.user.uuid(),
            role: member.role.name().to_owned(),
            delivered_seq: member.marks.delivered_seq.number(),
            read_seq: member.marks.read_seq.number(),
            read_at: member.read_at.map(Into::into),
            marks_version: marks_version.0,
            state: member.state.name().to_owned(),
            invited_by: member.invited_by.map(UserId::uuid),
            is_muted: member.is_muted,
            joined_seq: member.joined_seq.number(),
            joined_at: member.joined_at.map(Into::into),
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
            state: MembershipState::named(&row.state).ok_or_else(|| corrupt("members.state", &row.state))?,
            joined_at: row.joined_at.map(Into::into),
            invited_by: row.invited_by.map(Into::into),
            is_muted: row.is_muted,
            joined_seq: revision("members.joined_seq", row.joined_seq)?,
            marks,
            read_at: row.read_at.map(Into::into),
        })
    }
}
