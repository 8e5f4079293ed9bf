//! What a topic passes on to its listeners.

use super::event::Event;
use super::herald::Heralds;
use super::rendition::Shared;
use crate::domain::clock::Timestamp;
use crate::domain::conversation::MarksVersion;
use crate::domain::event::{ReceiptMoved, ReceiptsMoved};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::{MembershipVersion, Message, Revision};
use std::collections::HashSet;
use std::sync::Arc;

/// One thing that happened in a conversation. Cheap to clone: all listeners share what is in it.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// The log has grown, and here is all of it.
    Grown(Arc<Growth>),
    /// The log has grown by more than is passed on: to be read there.
    Behind,
    /// The members have changed, or how the conversation shows itself; or they were asked for again.
    Members(Arc<Review>),
    /// Members' marks have moved.
    Receipts(Arc<Moves>),
    /// Somebody has begun to type, or has stopped.
    Typing(Shared<TypingChange>),
    /// Nothing more will be passed on.
    Ended,
}

impl Item {
    /// What listeners are told of it.
    pub(super) fn events(&self) -> Vec<Event> {
        let message = |message: &Shared<Arc<Message>>| Event::Message { message: message.clone(), is_replay: false };
        let receipt = |receipt: &Shared<ReceiptMoved>| Event::Receipt { receipt: receipt.clone(), position: None };
        match self {
            Self::Grown(growth) => growth.by_revision().map(message).collect(),
            Self::Receipts(moves) => moves.moved.iter().map(receipt).collect(),
            Self::Typing(change) => vec![Event::Typing { change: change.clone(), position: None }],
            Self::Behind | Self::Members(_) | Self::Ended => Vec::new(),
        }
    }
}

/// All that a log has gained between two revisions: the messages that bear these numbers.
#[derive(Debug)]
pub(super) struct Growth {
    /// Who has everything up to here has no hole before it.
    pub(super) after: Revision,
    by_revision: Vec<Shared<Arc<Message>>>,
    /// Where that is another order.
    by_seq: Option<Vec<Shared<Arc<Message>>>>,
}

impl Growth {
    pub(super) fn new(after: Revision, messages: Vec<Message>, heralds: &Arc<Heralds>) -> Self {
        let shared = |message| Shared::in_topic(Arc::new(message), heralds);
        let mut by_revision: Vec<_> = messages.into_iter().map(shared).collect();
        by_revision.sort_by_key(|message| message.revision);
        let by_seq = (!by_revision.is_sorted_by_key(|message| message.seq)).then(|| {
            let mut by_seq = by_revision.clone();
            by_seq.sort_by_key(|message| message.seq);
            by_seq
        });
        Self { after, by_revision, by_seq }
    }

    /// In the order of their latest changes.
    pub(super) fn by_revision(&self) -> impl Iterator<Item = &Shared<Arc<Message>>> {
        self.by_revision.iter()
    }

    /// In the order of their places.
    pub(super) fn by_seq(&self) -> impl Iterator<Item = &Shared<Arc<Message>>> {
        self.by_seq.as_ref().unwrap_or(&self.by_revision).iter()
    }
}

/// Members' marks that have moved together.
#[derive(Clone, Debug)]
pub(super) struct Moves {
    /// The number of this move.
    pub(super) version: MarksVersion,
    pub(super) moved: Vec<Shared<ReceiptMoved>>,
}

impl Moves {
    pub(super) fn new(ReceiptsMoved { version, moved, .. }: ReceiptsMoved, heralds: &Arc<Heralds>) -> Self {
        Self { version, moved: moved.into_iter().map(|receipt| Shared::in_topic(receipt, heralds)).collect() }
    }
}

/// Who of the listeners were members still when that was asked. Of anybody else it is to be asked again.
#[derive(Debug)]
pub(super) struct Review {
    /// Of which version this is true.
    pub(super) version: MembershipVersion,
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
    /// Whether an effect of ambience has made it up.
    pub is_simulated: bool,
}
