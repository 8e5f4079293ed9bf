//! What a conversation's log tells of itself: who came and went, and what has become of the group.

use super::conversation::Role;
use super::extras::to_json;
use super::ids::{MessageId, UserId};
use serde::{Deserialize, Serialize};

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoticeKind {
    /// The group was made.
    ConversationCreated,
    /// It shows itself otherwise.
    ConversationChanged,
    /// Somebody was invited.
    MemberInvited,
    /// Somebody came in, or was let in by another.
    MemberJoined,
    /// Somebody left, or declined an invitation.
    MemberLeft,
    /// Somebody was removed by another.
    MemberRemoved,
    /// Somebody has another role.
    RoleChanged,
    /// A message was pinned.
    MessagePinned,
}

/// What a system message tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// What has happened.
    pub kind: NoticeKind,
    /// Who did it.
    pub actor: Option<UserId>,
    /// To whom.
    pub subject: Option<UserId>,
    /// The role that the person has now.
    pub role: Option<Role>,
    /// The name that the group has now.
    pub name: Option<String>,
    /// The message that was pinned.
    pub message: Option<MessageId>,
}

impl Notice {
    /// That somebody did this.
    pub fn by(actor: UserId, kind: NoticeKind) -> Self {
        Self { kind, actor: Some(actor), subject: None, role: None, name: None, message: None }
    }

    /// The same, done to that person.
    #[must_use]
    pub fn to(self, subject: UserId) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// The same, after which the person has that role.
    #[must_use]
    pub fn with_role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }

    /// The same, after which the group has that name.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The notice as the stores keep it.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        /// Four ids with their names.
        const FRAME: usize = 256;
        FRAME + self.name.as_ref().map_or(0, String::len)
    }
}
