//! Notifications that are still to be posted to where the operator wants them: written in the transaction that makes
//! them, and taken off once that has gone well.

use crate::domain::clock::Timestamp;
use crate::domain::ids::NotificationId;
use crate::domain::notification::Notification;
use crate::error::Result;
use async_trait::async_trait;

/// One that is to be posted now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Of which notification.
    pub id: NotificationId,
    /// The notification, as its person has it now; `None` where it has gone.
    pub notification: Option<Notification>,
    /// When the push was made.
    pub made_at: Timestamp,
    /// How often it was tried, this time among them.
    pub attempts: u32,
}

/// The pushes.
#[async_trait]
pub trait Pushes: Send + Sync {
    /// Takes those that are due at `now`, `limit` at the most, those first that are due longest. Until `until` no other
    /// node is given them: who has not taken them off or put them off by then may have been killed.
    async fn take(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<Push>>;

    /// Takes these off: they were posted, or need not be.
    async fn done(&self, of: &[NotificationId]) -> Result<()>;

    /// Puts these off to that time.
    async fn put_off(&self, of: &[NotificationId], to: Timestamp) -> Result<()>;
}
