//! What a conversation's log tells of itself.

use super::caller::ContextExt as _;
use super::errors::{Result, nullable};
use super::member::Role;
use super::message::Message;
use super::user::User;
use crate::chat::Viewer;
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
    viewer: Viewer,
    notice: domain::Notice,
}

impl SystemNotice {
    /// That notice in the eyes of a member.
    pub fn new(viewer: &Viewer, notice: domain::Notice) -> Self {
        Self { viewer: *viewer, notice }
    }

    async fn person(&self, ctx: &Context<'_>, id: Option<UserId>) -> Option<Result<User>> {
        let user = ctx.loaders().user(id?).await;
        nullable(user.map(|user| user.map(|user| User::new(&self.viewer, user))))
    }
}

/// What a system message tells.
#[Object]
impl SystemNotice {
    /// What has happened.
    async fn kind(&self) -> NoticeKind {
        self.notice.kind.into()
    }

    /// Who did it.
    async fn actor(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        self.person(ctx, self.notice.actor).await
    }

    /// To whom.
    async fn subject(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        self.person(ctx, self.notice.subject).await
    }

    /// The message that was pinned.
    async fn message(&self, ctx: &Context<'_>) -> Option<Result<Message>> {
        let message = ctx.loaders().message(&self.viewer, self.notice.message?).await;
        nullable(message.map(|message| message.map(|message| Message::new(&self.viewer, message.into()))))
    }

    /// The role that the person then had.
    async fn role(&self) -> Option<Role> {
        self.notice.role.map(Into::into)
    }

    /// The name that the group then had.
    async fn name(&self) -> Option<&str> {
        self.notice.name.as_deref()
    }
}
