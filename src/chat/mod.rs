//! What one may do. Each operation reads top to bottom: permit, build, store, ring, return. Nothing here knows of
//! GraphQL or of sockets, nor which stores it speaks to.

mod access;
mod accounts;
mod changes;
mod conversations;
mod heartbeat;
mod marks;
mod messages;
mod passwords;
mod receipts;
mod sessions;
mod tokens;
mod typing;

pub use access::{Viewer, no_such_conversation};
pub use accounts::{LoginAttempt, Registration, SignedIn};
pub use conversations::{ConversationRef, ConversationState, Person};
pub use heartbeat::Heartbeat;
pub use messages::{MessagePage, Sent};
pub use passwords::Passwords;
pub use receipts::UpTo;
pub use tokens::{TokenPair, TokenSettings, Tokens};
pub use typing::LAPSE as TYPING_LAPSE;

use crate::bus::Bus;
use crate::domain::clock::Clock;
use crate::domain::event::{Ring, Topic};
use crate::domain::secret::Key;
use crate::store::group::GroupCommit;
use crate::store::questions::Together;
use crate::store::{Accounts, Conversations, LogReads, LogStore, MessageLog, Sessions};
use std::sync::Arc;

/// What a chat is put together from.
pub struct Parts {
    /// People's accounts.
    pub accounts: Arc<dyn Accounts>,
    /// Their sign-ins.
    pub sessions: Arc<dyn Sessions>,
    /// Conversations and members.
    pub conversations: Arc<dyn Conversations>,
    /// The message log.
    pub log: Arc<dyn LogStore>,
    /// How processes hear of each other.
    pub bus: Arc<dyn Bus>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Signs and checks tokens.
    pub tokens: Tokens,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Makes the fingerprints of drafts.
    pub draft_key: Key,
}

/// The chat: every operation is a method.
pub struct Chat {
    accounts: Arc<dyn Accounts>,
    sessions: Arc<dyn Sessions>,
    sessions_by_id: Together<sessions::SessionById>,
    conversations: Arc<dyn Conversations>,
    log: MessageLog,
    marks: GroupCommit<marks::Mover>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
    passwords: Passwords,
    typing: typing::Board,
    draft_key: Key,
}

impl Chat {
    /// A chat over these parts.
    pub fn new(parts: Parts) -> Self {
        let bell_bus = Arc::clone(&parts.bus);
        let log = MessageLog::new(parts.log, move |bell| {
            bell_bus.publish(Topic::Conversation(bell.conversation), Arc::new(Ring::Log(bell)));
        });
        let marks = GroupCommit::new(marks::Mover::new(Arc::clone(&parts.conversations), Arc::clone(&parts.bus)));
        Self {
            accounts: parts.accounts,
            sessions_by_id: Together::new(sessions::SessionById(Arc::clone(&parts.sessions))),
            sessions: parts.sessions,
            conversations: parts.conversations,
            log,
            marks,
            bus: parts.bus,
            clock: parts.clock,
            tokens: parts.tokens,
            passwords: parts.passwords,
            typing: typing::Board::default(),
            draft_key: parts.draft_key,
        }
    }

    /// The log for reading.
    pub fn log(&self) -> &dyn LogReads {
        self.log.read()
    }

    /// Where conversations and members are kept.
    pub fn conversations(&self) -> &dyn Conversations {
        &*self.conversations
    }

    /// Where sign-ins are kept.
    pub fn sessions(&self) -> &dyn Sessions {
        &*self.sessions
    }

    /// How processes hear of each other.
    pub fn bus(&self) -> &dyn Bus {
        &*self.bus
    }

    /// Where the time comes from.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Waits until all that was promised is written. Nothing may be asked of the chat afterwards.
    pub async fn close(&self) {
        self.log.close().await;
        self.marks.close().await;
        self.sessions_by_id.close().await;
    }
}
