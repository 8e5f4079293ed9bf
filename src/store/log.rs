//! The message log: what a store of it promises.
//!
//! A conversation's log has one head. A commit raises it and writes the messages that bear the new numbers, in one
//! transaction that is durable before it is answered. Commits of one conversation therefore happen one after the
//! other, on however many nodes: no number is given twice, none becomes visible before the one below it, and none is
//! ever given again. Whoever has read up to a revision has missed nothing below it.

use crate::domain::batch::{Attempt, Head, Stored, Write, Written};
use crate::domain::emoji::Emoji;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{ClientId, Message, Reaction, Revision};
use crate::domain::page::{Page, Window};
use crate::domain::words::{SearchPlace, SearchTerms};
use crate::error::{Error, Result};
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

/// A message that others may answer, and the log that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RepliesTo {
    /// Whose log.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
}

/// The first who react to a message with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReactorsOf {
    /// Whose log it stands in.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// With which emoji.
    pub emoji: Emoji,
    /// At most so many.
    pub limit: u32,
}

/// What one person reacts to a message with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReactionsBy {
    /// Whose log it stands in.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// The person.
    pub user: UserId,
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

    /// The message that this author has sent to this conversation under that client id.
    async fn under(&self, conversation: ConversationId, author: UserId, client_id: &ClientId)
    -> Result<Option<Stored>>;

    /// The latest message, by `seq`, of each conversation that has one.
    async fn latest(&self, of: &[ConversationId]) -> Result<Vec<Message>>;

    /// How many messages by others, neither notices nor tombstones, come after each mark; counted up to
    /// [`MAX_UNREAD`](crate::domain::rules::MAX_UNREAD). Each mark has its answer, also where that is 0.
    async fn unread(&self, of: &[UnreadBy]) -> Result<HashMap<UnreadBy, u32>>;

    /// The messages that are pinned, by `seq`.
    async fn pinned(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>>;

    /// The messages that answer that one, by `seq`, tombstones among them: its pages do not move either.
    async fn replies(&self, to: RepliesTo, window: &Window<Revision>) -> Result<Page<Message>>;

    /// How many messages, tombstones not among them, answer each of these; nothing where there are none.
    async fn reply_counts(&self, to: &[RepliesTo]) -> Result<HashMap<RepliesTo, u32>>;

    /// Who reacts, the earliest first; nothing where nobody does.
    async fn reactors(&self, of: &[ReactorsOf]) -> Result<HashMap<ReactorsOf, Vec<UserId>>>;

    /// The reactions that came to these messages of one conversation with changes above `after`, and stand, in no order.
    async fn reactions_since(
        &self,
        conversation: ConversationId,
        to: &[MessageId],
        after: Revision,
    ) -> Result<Vec<Reaction>>;

    /// With which emoji these people react to these messages, in no order; nothing where they do not.
    async fn reactions_by(&self, of: &[ReactionsBy]) -> Result<HashMap<ReactionsBy, Vec<Emoji>>>;

    /// The messages of these conversations that hold all of the terms, the newest first over all of them: neither
    /// tombstones nor notices, and each as its text now is. Strictly ordered, by id, which begins with the moment of
    /// sending: no message moves while others arrive. Without terms there are none.
    ///
    /// Not of one moment: a message that is changed while it is searched for may be found or not. Each word counts by its
    /// beginning, and at most [`MAX_WORDS`](crate::domain::words::MAX_WORDS) of a message count.
    async fn search(
        &self,
        of: &[ConversationId],
        terms: &SearchTerms,
        window: &Window<SearchPlace>,
    ) -> Result<Page<Message>>;
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

    /// Erases a conversation's log, for ever, also one that was never written to. From the moment when its head is
    /// marked, which a commit under way is waited for, every [`commit`](Self::commit) fails with [`erased`], on
    /// whichever node, and [`heads`](LogReads::heads) and [`latest`](LogReads::latest) know nothing of it. Then its
    /// messages go, a thousand at a time, and once this has returned none of them can be read. Repeated, it goes on
    /// where an earlier one was cut off.
    async fn erase(&self, conversation: ConversationId) -> Result<()>;
}

/// What a commit to an erased log fails with: `NOT_FOUND` on `conversationId`. Nothing of it is stored.
pub fn erased() -> Error {
    Error::not_found("conversationId", "there is no such conversation")
}

/// Messages of an erased log that go in one statement, so that none holds the store up for long.
pub const MAX_ERASED: u32 = 1_000;

/// Writes in one commit. Keeps a statement below SQLite's limit of 32,766 parameters.
pub const MAX_BATCH: usize = 256;
