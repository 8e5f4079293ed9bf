//! What a conversation's log tells of itself.

use super::caller::ContextExt as _;
use super::errors::{Result, nullable};
use super::eyes::Eyes;
use super::member::Role;
use super::message::Message;
use super::user::User;
use crate::domain::ids::UserId;
use crate::domain::notice as domain;
use async_graphql::{Context, Enum, Object};

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::NoticeKind")]
pub enum NoticeKind {
    /// The group was made.
    ConversationCreated,
    /// It shows itself otherwise; `name` is there where that has changed.
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

/// What a system message tells, as the viewer sees it.
pub struct SystemNotice {
    eyes: Eyes,
    notice: domain::Notice,
}

impl SystemNotice {
    /// That notice in the eyes of a member.
    pub fn new(eyes: impl Into<Eyes>, notice: domain::Notice) -> Self {
        Self { eyes: eyes.into(), notice }
    }

    async fn person(&self, ctx: &Context<'_>, id: Option<UserId>) -> Option<Result<User>> {
        let user = ctx.loaders().user(id?).await;
        nullable(user.map(|user| user.map(|user| User::new(self.eyes, user))))
    }
}

/// What a system message tells.
#[Object]
impl SystemNotice {
    /// What has happened.
    #[graphql(tag = "for all")]
    async fn kind(&self) -> NoticeKind {
        self.notice.kind.into()
    }

    /// Who did it.
    #[graphql(tag = "for all")]
    async fn actor(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        self.person(ctx, self.notice.actor).await
    }

    /// To whom.
    #[graphql(tag = "for all")]
    async fn subject(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        self.person(ctx, self.notice.subject).await
    }

    /// The message that was pinned.
    #[graphql(tag = "for viewer")]
    async fn message(&self, ctx: &Context<'_>) -> Option<Result<Message>> {
        let id = self.notice.message?;
        let message = async { ctx.loaders().message(self.eyes.viewer()?, id).await };
        nullable(message.await.map(|message| message.map(|message| Message::new(self.eyes, message.into()))))
    }

    /// The role that the person then had.
    #[graphql(tag = "for all")]
    async fn role(&self) -> Option<Role> {
        self.notice.role.map(Into::into)
    }

    /// The name that the group then had.
    #[graphql(tag = "for all")]
    async fn name(&self) -> Option<&str> {
        self.notice.name.as_deref()
    }
}
