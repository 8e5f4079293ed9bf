//! Notifications: what concerns each person, and up to where each log has been looked through for it.

use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, MessageId, NotificationId, UserId};
use crate::domain::message::Revision;
use crate::domain::notification::{NewNotification, Notification, NotificationPlace, NotificationsVersion};
use crate::domain::page::{Page, Window};
use crate::error::Result;
use async_trait::async_trait;
use std::collections::HashMap;

/// One log looked through from one revision to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whose log.
    pub conversation: ConversationId,
    /// Where it stood.
    pub from: Revision,
    /// Where it stands then.
    pub to: Revision,
    /// Whom what was found concerns.
    pub made: Vec<NewNotification>,
    /// Messages that are tombstones: nobody need hear of them.
    pub gone: Vec<MessageId>,
}

/// How a person stands with their notifications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The version of which this is true.
    pub version: NotificationsVersion,
    /// How many are not seen, counted up to [`MAX_UNSEEN`](crate::domain::rules::MAX_UNSEEN).
    pub unseen: u32,
}

/// What an operator tells people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// By what it is known again when it is made again.
    pub id: String,
    /// What it says.
    pub text: String,
    /// When it was first made.
    pub at: Timestamp,
}

/// Notifications, and what is made of the logs.
///
/// A person's are those of conversations that the person is in, or is invited to and notified of just that, and those
/// that come from no conversation. One counts as seen once it was marked so, or once the person's read mark has come to
/// where it stands. Each has a place among the person's, which is the version that it made; none shows before the
/// one below it, so that whoever knows a version finds all that was made after it.
#[async_trait]
pub trait Notifications: Send + Sync {
    /// Up to where each of these logs was looked through; nothing for those that are still to be begun.
    async fn positions(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Revision>>;

    /// Conversations that stood before there were notifications and whose positions are still to be begun, `limit` at
    /// the most.
    async fn unbegun(&self, limit: u32) -> Result<Vec<ConversationId>>;

    /// Begins positions there, where they are still to be begun.
    async fn begin(&self, at: &[(ConversationId, Revision)]) -> Result<()>;

    /// Makes the notifications of these steps and moves the positions, in one transaction; whose notifications are other
    /// than before. A step from where its log does not stand any more is passed over, as is one of a conversation that is
    /// gone.
    ///
    /// Of the notifications those are made that reach their person then
    /// ([`reaches`](crate::domain::notification::NotificationKind::reaches)), are not by one whom a block keeps apart
    /// from that person, and have a cause of which the person has none yet. Those about messages that are gone go.
    async fn project(&self, steps: &[Step]) -> Result<Vec<UserId>>;

    /// Keeps an announcement under its id, or finds the one that is kept there already.
    async fn announce(&self, announcement: &Announcement) -> Result<Announcement>;

    /// The ids of all people who have an account, `limit` at the most, from the one after `after` on.
    async fn people(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserId>>;

    /// Makes these notifications, which come from no conversation, in one transaction, but for those of whose cause the
    /// person has one, and those of people who have no account; whose notifications are other than before.
    async fn make(&self, new: &[NewNotification]) -> Result<Vec<UserId>>;

    /// A person's notifications, the latest first.
    async fn page(&self, of: UserId, window: &Window<NotificationPlace>) -> Result<Page<Notification>>;

    /// Those of the notifications that these people have.
    async fn find(&self, of: &[(NotificationId, UserId)]) -> Result<Vec<Notification>>;

    /// A person's notifications that were made after the one version and not after the other, the earliest first, `limit`
    /// at the most.
    async fn between(
        &self,
        of: UserId,
        after: NotificationsVersion,
        to: NotificationsVersion,
        limit: u32,
    ) -> Result<Vec<Notification>>;

    /// How these people stand with their notifications: all of one moment.
    async fn standings(&self, of: &[UserId]) -> Result<HashMap<UserId, Standing>>;

    /// The versions alone.
    async fn versions(&self, of: &[UserId]) -> Result<HashMap<UserId, NotificationsVersion>>;

    /// Marks a person's notifications as seen, all or those up to that place; whether any was not marked before.
    async fn mark_seen(&self, of: UserId, up_to: Option<NotificationPlace>, at: Timestamp) -> Result<bool>;
}
