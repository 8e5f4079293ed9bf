//! Messages that people bring before the operator's moderators.

use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::error::Result;
use async_trait::async_trait;

/// One person's report of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The message.
    pub message: MessageId,
    /// Where it stands.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub author: UserId,
    /// Who reports it.
    pub by: UserId,
    /// Why.
    pub reason: String,
    /// What it said when it was first reported by this person: it may be edited or deleted since.
    pub text: Option<String>,
    /// When it was last reported by this person.
    pub at: Timestamp,
}

/// The reports.
#[async_trait]
pub trait Reports: Send + Sync {
    /// Keeps a report. One person reports a message once: again, only the reason and the time are replaced.
    async fn put(&self, report: &Report) -> Result<()>;

    /// The reports of all messages, the latest first, `limit` at the most.
    async fn latest(&self, limit: u32) -> Result<Vec<Report>>;
}
