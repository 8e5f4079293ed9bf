//! What a topic passes on to its listeners.

use crate::domain::clock::Timestamp;
use crate::domain::event::ReceiptMoved;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Message;
use std::collections::HashSet;
use std::sync::Arc;

/// One thing that happened in a conversation. Cheap to clone: all listeners share what is in it.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// The log has grown, and here is all of it.
    Grown(Arc<Growth>),
    /// The log has grown by more than is passed on: to be read there.
    Behind,
    /// The members have changed.
    Members(Arc<Review>),
    /// A member's marks have moved.
    Receipt(ReceiptMoved),
    /// Somebody has begun to type, or has stopped.
    Typing(TypingChange),
}

/// All that a log has gained between two revisions.
#[derive(Debug)]
pub(super) struct Growth {
    /// The messages that bear these numbers, by `seq`.
    pub(super) by_seq: Vec<Arc<Message>>,
}

impl Growth {
    pub(super) fn new(mut messages: Vec<Message>) -> Self {
        messages.sort_by_key(|message| message.seq);
        Self { by_seq: messages.into_iter().map(Arc::new).collect() }
    }
}

/// Who of the listeners are members still. One who began to listen after it was asked for is not in `asked`.
#[derive(Debug)]
pub(super) struct Review {
    pub(super) asked: HashSet<UserId>,
    pub(super) members: HashSet<UserId>,
}

/// Somebody has begun to type, or has stopped or lapsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypingChange {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// Whether the person types.
    pub is_typing: bool,
    /// When.
    pub at: Timestamp,
    /// All who type now.
    pub typing: Vec<UserId>,
}
