//! What concerns the viewer: reading it, marking it as seen, and hearing of it.

use super::caller::ContextExt as _;
use super::conversation::Conversation;
use super::errors::{Result, answer, nullable};
use super::eyes::Eyes;
use super::message::Message;
use super::profile::ViewerPayload;
use super::scalars::{DateTime, named};
use super::user::User;
use crate::domain::clock::Timestamp;
use crate::domain::notification as domain;
use async_graphql::{Context, Enum, ID, InputObject, Object};

/// Why a person is notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::NotificationKind")]
pub enum NotificationKind {
    /// Somebody wrote to them alone.
    DirectMessage,
    /// A message mentions them.
    Mention,
    /// A message answers one of theirs.
    Reply,
    /// Somebody reacted to a message of theirs.
    Reaction,
    /// They were invited to a group.
    Invitation,
    /// The operator tells them something.
    Announcement,
}

/// Something that the viewer is notified of.
#[derive(Clone)]
pub struct Notification {
    eyes: Eyes,
    notification: domain::Notification,
}

impl Notification {
    /// That one, of the viewer's.
    pub fn new(eyes: impl Into<Eyes>, notification: domain::Notification) -> Self {
        Self { eyes: eyes.into(), notification }
    }
}

/// Made for what concerns one person; seen once marked so, or once the read mark passes its message.
#[Object]
impl Notification {
    /// Unique in the whole server; never changes.
    #[graphql(tag = "for all")]
    pub async fn id(&self) -> ID {
        self.notification.id.into()
    }

    /// Why.
    #[graphql(tag = "for all")]
    async fn kind(&self) -> NotificationKind {
        self.notification.kind.into()
    }

    /// Who has done it; null for an announcement.
    #[graphql(tag = "for all")]
    async fn actor(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        Some(User::load(ctx, self.eyes, self.notification.actor?).await)
    }

    /// Where; null for an announcement.
    #[graphql(tag = "for viewer")]
    async fn conversation(&self, ctx: &Context<'_>) -> Option<Result<Conversation>> {
        let id = self.notification.conversation?;
        let found = async { ctx.loaders().conversation(self.eyes.viewer()?, id).await };
        nullable(found.await.map(|found| found.map(|state| Conversation::new(self.eyes, state))))
    }

    /// What it is about: the message that was sent or reacted to; null for an announcement, and where the viewer may not
    /// read it, as with an invitation.
    #[graphql(tag = "for viewer")]
    async fn message(&self, ctx: &Context<'_>) -> Option<Result<Message>> {
        let id = self.notification.message?;
        let found = async { ctx.loaders().message(self.eyes.viewer()?, id).await };
        nullable(found.await.map(|found| found.map(|message| Message::new(self.eyes, message.into()))))
    }

    /// What an announcement says; null for other kinds, of which the message tells.
    #[graphql(tag = "for all")]
    async fn text(&self) -> Option<&str> {
        self.notification.text.as_deref()
    }

    /// When it happened.
    #[graphql(tag = "for all")]
    async fn created_at(&self) -> DateTime {
        self.notification.created_at.into()
    }

    /// When the viewer marked it as seen; or, where the read mark has passed it, when that mark last moved.
    #[graphql(tag = "for all")]
    async fn seen_at(&self) -> Option<DateTime> {
        self.notification.seen_at.map(Into::into)
    }
}

/// Something that the viewer is notified of.
pub struct NotificationAdded {
    at: DateTime,
    notification: Notification,
}

impl NotificationAdded {
    /// That one, found then.
    pub fn new(eyes: impl Into<Eyes>, notification: domain::Notification, at: Timestamp) -> Self {
        Self { at: at.into(), notification: Notification::new(eyes, notification) }
    }
}

/// Something new that the viewer is notified of.
#[Object]
impl NotificationAdded {
    /// When that was found.
    #[graphql(tag = "for viewer")]
    pub async fn at(&self) -> DateTime {
        self.at
    }

    /// What it is.
    #[graphql(tag = "for viewer")]
    async fn notification(&self) -> &Notification {
        &self.notification
    }
}

/// The viewer has seen notifications.
pub struct NotificationsSeen {
    at: DateTime,
    unseen: u32,
}

impl NotificationsSeen {
    /// So many are not seen, as was found then.
    pub fn new(unseen: u32, at: Timestamp) -> Self {
        Self { at: at.into(), unseen }
    }
}

/// The viewer has seen notifications, on this or another device, or some have gone with their messages or conversations.
#[Object]
impl NotificationsSeen {
    /// When that was found.
    #[graphql(tag = "for viewer")]
    pub async fn at(&self) -> DateTime {
        self.at
    }

    /// How many are not seen now, counted up to 1,000.
    #[graphql(tag = "for viewer")]
    async fn unseen_notification_count(&self) -> u32 {
        self.unseen
    }
}

/// Which notifications are seen.
#[derive(InputObject)]
pub struct MarkNotificationsSeenInput {
    /// This one and all before it in time; without it, all.
    up_to_id: Option<ID>,
}

/// Marking notifications as seen.
#[derive(Default)]
pub struct NotificationMutation;

#[Object]
impl NotificationMutation {
    /// Marks notifications of the viewer's as seen.
    async fn mark_notifications_seen(
        &self,
        ctx: &Context<'_>,
        input: MarkNotificationsSeenInput,
    ) -> Option<Result<ViewerPayload>> {
        let marked = async {
            let viewer = ctx.viewer()?;
            let up_to = input.up_to_id.map(|id| named("upToId", &id)).transpose()?;
            ctx.chat().mark_notifications_seen(&viewer, up_to).await?;
            Ok(ViewerPayload::new(&viewer))
        };
        answer(marked.await)
    }
}
