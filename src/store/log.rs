//! The message log: what a store of it promises.
//!
//! A conversation's log has one head. A commit raises it and writes the messages that bear the new numbers, in one
//! transaction that is durable before it is answered. Commits of one conversation therefore happen one after the
//! other, on however many nodes: no number is given twice, none becomes visible before the one below it, and none is
//! ever given again. Whoever has read up to a revision has missed nothing below it.

use crate::domain::batch::{Attempt, Head, Write, Written};
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{Message, Revision};
use crate::domain::page::{Page, Window};
use crate::error::Result;
use async_trait::async_trait;
use std::collections::HashMap;

/// What a commit has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The head's revision before.
    pub before: Revision,
    /// The head now; the same revision where no write changed anything.
    pub head: Head,
    /// The answer to each write, in their order.
    pub written: Vec<Written>,
    /// The messages that bear the new numbers, each in its final state.
    pub changed: Vec<Message>,
}

/// What of one conversation is unread by one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnreadBy {
    /// The conversation.
    pub conversation: ConversationId,
    /// The person, whose own messages do not count.
    pub user: UserId,
    /// The person's read mark.
    pub after: Revision,
}

/// A log that can be read.
#[async_trait]
pub trait LogReads: Send + Sync {
    /// The heads of those conversations that were written to.
    async fn heads(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Head>>;

    /// Messages by `seq`. The pages do not move: a message never leaves its place and none comes in between.
    async fn page(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>>;

    /// The messages whose revision is above `after`, by revision, `limit` at the most: each changed message once, as
    /// it now is. Reading on from the last one's revision skips nothing.
    async fn since(&self, conversation: ConversationId, after: Revision, limit: u32) -> Result<Vec<Message>>;

    /// Those of the messages that exist.
    async fn find(&self, ids: &[MessageId]) -> Result<Vec<Message>>;

    /// The latest message, by `seq`, of each conversation that has one.
    async fn latest(&self, of: &[ConversationId]) -> Result<Vec<Message>>;

    /// How many messages by others, tombstones not among them, come after each mark; counted up to
    /// [`MAX_UNREAD`](crate::domain::rules::MAX_UNREAD). Each mark has its answer, also where that is 0.
    async fn unread(&self, of: &[UnreadBy]) -> Result<HashMap<UnreadBy, u32>>;
}

/// A log that can be read and written.
#[async_trait]
pub trait LogStore: LogReads {
    /// Commits the writes, in their order, as one transaction. It does what
    /// [`batch::plan`](crate::domain::batch::plan) says for what stands in the log once the head is held. Sending is
    /// idempotent by (conversation, author, client id), for ever. Where it fails with `UNAVAILABLE`, it may have been
    /// stored: [`Attempt::Again`] finds out. All writes are of this conversation, at most [`MAX_BATCH`] of them.
    async fn commit(&self, conversation: ConversationId, writes: &[Write], attempt: Attempt) -> Result<Committed>;

    /// Raises the heads of these conversations by so much, also of those that were not written to: numbers that were
    /// given before a backup was restored are then not given again. Each by itself; repeated, it raises again.
    async fn raise(&self, of: &[ConversationId], by: u32) -> Result<()>;
}

/// Writes in one commit. Keeps a statement below SQLite's limit of 32,766 parameters.
pub const MAX_BATCH: usize = 256;
