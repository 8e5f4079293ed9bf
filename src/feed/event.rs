//! What follows from being in conversations: the events that a client is told, and which of them it wants.

use super::item::TypingChange;
use super::rendition::{Renditions, Shared};
use super::stand::Stand;
use crate::domain::clock::Timestamp;
use crate::domain::conversation::Member;
use crate::domain::event::ReceiptMoved;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::{Message, Revision};
use crate::domain::notification::Notification;
use crate::domain::presence::Presence;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// One thing that a client is told. `position` is up to where the client then has everything of that conversation.
#[derive(Clone, Debug)]
pub enum Event {
    /// A message was sent or changed; it brings the client to its revision.
    Message {
        /// As it now is.
        message: Shared<Arc<Message>>,
        /// Whether it comes from the log, which does not tell what its latest change was.
        is_replay: bool,
    },
    /// A member's marks have moved.
    Receipt {
        /// Whose, and where they are.
        receipt: Shared<ReceiptMoved>,
        /// Where the client stands, if that is known.
        position: Option<Revision>,
    },
    /// Somebody has begun to type, or has stopped.
    Typing {
        /// Who.
        change: Shared<TypingChange>,
        /// Where the client stands, if that is known.
        position: Option<Revision>,
    },
    /// The conversation's members or its face have changed.
    Conversation(Place),
    /// The viewer has come into a conversation, is invited, or is something else there than before.
    Membership {
        /// What the viewer now is there.
        member: Member,
        /// Where the client stands. All of a conversation that the viewer has just come into follows.
        position: Revision,
        /// When that was found.
        at: Timestamp,
    },
    /// The viewer is in that conversation no more, or never was.
    Left {
        /// Which.
        conversation: ConversationId,
        /// When that was found.
        at: Timestamp,
    },
    /// What the client takes for a conversation that the viewer is in is none.
    NeverThere {
        /// By what the client names it.
        id: String,
        /// When that was found.
        at: Timestamp,
    },
    /// Somebody has come online or gone.
    Presence(Shared<PresenceTurn>),
    /// Somebody shows themselves otherwise, or the viewer's block of them is set or ended.
    User(Shared<ProfileTurn>),
    /// The viewer is notified of something.
    Notified {
        /// Of what.
        notification: Notification,
        /// When that was found.
        at: Timestamp,
    },
    /// The viewer has seen notifications, or some have gone.
    NotificationsSeen {
        /// How many are not seen.
        unseen: u32,
        /// When that was found.
        at: Timestamp,
    },
    /// The client has all of that conversation, and what follows is live.
    Synced(Place),
    /// More was missed than is replayed, or the log is not the one that the client has read: the conversation is to be
    /// fetched anew.
    ResyncNeeded(Place),
    /// The token that the subscription stands on runs out then.
    SessionExpiring {
        /// When it runs out.
        expires_at: Timestamp,
        /// When this was said.
        at: Timestamp,
    },
}

/// Where a conversation stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub conversation: ConversationId,
    /// Up to where.
    pub position: Revision,
    /// When.
    pub at: Timestamp,
}

/// Somebody has come online or gone, as one who hears of it may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresenceTurn {
    /// Who.
    pub user: UserId,
    /// How the person is now.
    pub presence: Presence,
    /// When that was found.
    pub at: Timestamp,
}

/// Somebody shows themselves otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileTurn {
    /// Who.
    pub user: UserId,
    /// When that was found.
    pub at: Timestamp,
}

/// The kinds of events that a client may choose among. Those that say where it stands come always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Messages sent and changed.
    Message,
    /// Marks that move.
    Receipt,
    /// Who types.
    Typing,
    /// Who comes online and goes.
    Presence,
    /// How people show themselves, and whom the viewer blocks.
    User,
    /// Members and faces of conversations.
    Conversation,
    /// Conversations that the viewer comes into or goes out of, and what the viewer is there.
    Membership,
    /// What the viewer is notified of.
    Notification,
}

impl Event {
    /// Where the client stands after it, in which conversation; `None` where it says nothing of that.
    pub(super) fn position(&self) -> Option<(ConversationId, Revision)> {
        match self {
            Self::Message { message, .. } => Some((message.conversation, message.revision)),
            Self::Synced(place) | Self::ResyncNeeded(place) => Some((place.conversation, place.position)),
            _ => None,
        }
    }

    /// How it comes out for all who hear of it; `None` for one that is the viewer's alone.
    pub fn renditions(&self) -> Option<&Renditions> {
        match self {
            Self::Message { message, .. } => Some(message.renditions()),
            Self::Receipt { receipt, .. } => Some(receipt.renditions()),
            Self::Typing { change, .. } => Some(change.renditions()),
            Self::Presence(turn) => Some(turn.renditions()),
            Self::User(turn) => Some(turn.renditions()),
            _ => None,
        }
    }

    /// What kind it is of; `None` for those that come always.
    pub fn kind(&self) -> Option<EventKind> {
        match self {
            Self::Message { .. } => Some(EventKind::Message),
            Self::Receipt { .. } => Some(EventKind::Receipt),
            Self::Typing { .. } => Some(EventKind::Typing),
            Self::Presence(_) => Some(EventKind::Presence),
            Self::User(_) => Some(EventKind::User),
            Self::Conversation(_) => Some(EventKind::Conversation),
            Self::Membership { .. } | Self::Left { .. } | Self::NeverThere { .. } => Some(EventKind::Membership),
            Self::Notified { .. } | Self::NotificationsSeen { .. } => Some(EventKind::Notification),
            Self::Synced(_) | Self::ResyncNeeded(_) | Self::SessionExpiring { .. } => None,
        }
    }
}

/// What a client wants to be told.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Where it stands in each conversation that it knows; `None` where it begins now.
    pub after: Option<HashMap<ConversationId, Revision>>,
    /// Of which conversations; `None` for all.
    pub conversations: Option<HashSet<ConversationId>>,
    /// Of which kinds; `None` for all.
    pub kinds: Option<HashSet<EventKind>>,
    /// To be kept up with what the client is told, where that matters.
    pub stand: Option<Stand>,
}

impl Wanted {
    pub(super) fn holds(&self, event: &Event) -> bool {
        event.kind().is_none_or(|kind| self.holds_kind(kind))
    }

    /// Whether events of that kind are wanted.
    pub fn holds_kind(&self, kind: EventKind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }

    /// Whether moves of marks matter: also one's own, by which notifications are seen.
    pub(super) fn needs_receipts(&self) -> bool {
        self.holds_kind(EventKind::Receipt) || self.holds_kind(EventKind::Notification)
    }

    pub(super) fn holds_conversation(&self, conversation: ConversationId) -> bool {
        self.conversations.as_ref().is_none_or(|conversations| conversations.contains(&conversation))
    }
}
