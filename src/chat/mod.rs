//! What one may do. Each operation reads top to bottom: permit, build, store, ring, return. Nothing here knows of
//! GraphQL or of sockets, nor which stores it speaks to.

mod access;
mod accounts;
mod ambience;
mod attendance;
mod blocks;
mod changes;
mod codes;
mod conversations;
mod couriers;
mod credentials;
mod debts;
mod departures;
mod groups;
mod heartbeat;
mod identities;
mod issuers;
mod keys;
mod limits;
mod marks;
mod messages;
mod moderation;
mod notifications;
mod passwords;
mod people;
mod profiles;
mod projector;
mod push;
mod receipts;
mod references;
mod regularly;
mod reports;
mod search;
mod sessions;
mod tokens;
mod typing;
mod uses;

pub use access::{Act, Standing, Verdict, Viewer, no_such_conversation};
pub use accounts::{LoginAttempt, Registration, SignedIn};
pub use ambience::{Ambience, Dice, Moment, Phantom};
pub use attendance::Attendance;
pub use codes::{CodeAttempt, CodeSent};
pub use conversations::{ConversationFilter, ConversationRef, ConversationState, Person};
pub use couriers::{CodeCarrier, Delivery, Letter, Undelivered};
pub use credentials::{Identification, PasswordChange};
pub use groups::{GroupDraft, Way};
pub use heartbeat::Heartbeat;
pub use identities::ExternalLogin;
pub use issuers::{Issuer, Issuers, KeySource, Trust};
pub use keys::{Keyring, SigningKey};
pub use limits::Limits;
pub use messages::{MessagePage, Sent, Slice};
pub use passwords::Passwords;
pub use people::Sight;
pub use push::{POST_LIMIT, PushBody, PushGateway, PushSettings};
pub use receipts::UpTo;
pub use tokens::{TokenPair, TokenSettings, Tokens};
pub use typing::LAPSE as TYPING_LAPSE;

use crate::bus::Bus;
use crate::domain::clock::Clock;
use crate::domain::event::{Ring, Topic};
use crate::domain::secret::Key;
use crate::measures::LogMeasures;
use crate::store::group::GroupCommit;
use crate::store::questions::Together;
use crate::store::{
    Accounts, Blocks, Codes, Conversations, Groups, Identities, LogReads, LogStore, MessageLog, Notifications, Outbox,
    Presence, Pushes, Reports, Sessions,
};
use std::sync::Arc;

/// What a chat is put together from.
pub struct Parts {
    /// People's accounts.
    pub accounts: Arc<dyn Accounts>,
    /// Their sign-ins.
    pub sessions: Arc<dyn Sessions>,
    /// The codes that were sent to them.
    pub codes: Arc<dyn Codes>,
    /// Who the people of trusted issuers are here.
    pub identities: Arc<dyn Identities>,
    /// Conversations and members.
    pub conversations: Arc<dyn Conversations>,
    /// Who comes into groups and goes out.
    pub groups: Arc<dyn Groups>,
    /// Who blocks whom.
    pub blocks: Arc<dyn Blocks>,
    /// Who is online.
    pub presence: Arc<dyn Presence>,
    /// What the log is owed.
    pub outbox: Arc<dyn Outbox>,
    /// What people are notified of.
    pub notifications: Arc<dyn Notifications>,
    /// Which of it is still to be posted.
    pub pushes: Arc<dyn Pushes>,
    /// What is brought before the moderators.
    pub reports: Arc<dyn Reports>,
    /// The message log.
    pub log: Arc<dyn LogStore>,
    /// Counts what is written to it.
    pub log_measures: LogMeasures,
    /// How processes hear of each other.
    pub bus: Arc<dyn Bus>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Signs and checks tokens.
    pub tokens: Tokens,
    /// Whose tokens count beside its own.
    pub issuers: Issuers,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Counts guesses.
    pub limits: Limits,
    /// Makes the hashes of codes: of a secret that the database does not hold.
    pub code_key: Key,
    /// How codes come to whom they are for.
    pub delivery: Delivery,
    /// Makes the fingerprints of drafts.
    pub draft_key: Key,
    /// People who may be in a group, those who are invited among them.
    pub max_group_size: u32,
    /// Whether and when notifications are posted to where the operator wants them.
    pub push: Option<PushSettings>,
    /// The effects that are on, if any.
    pub ambience: Option<Ambience>,
}

/// The chat: every operation is a method.
pub struct Chat {
    accounts: Arc<dyn Accounts>,
    sessions: Arc<dyn Sessions>,
    sessions_by_id: Together<sessions::SessionById>,
    codes: codes::Codes,
    uses: uses::Uses,
    identities: Arc<dyn Identities>,
    identities_by_key: Together<identities::IdentityByKey>,
    conversations: Arc<dyn Conversations>,
    groups: Arc<dyn Groups>,
    blocks: Arc<dyn Blocks>,
    presence: Arc<dyn Presence>,
    outbox: Arc<dyn Outbox>,
    reports: Arc<dyn Reports>,
    notifications: Arc<dyn Notifications>,
    standings: Together<notifications::StandingOf>,
    pushes: Arc<dyn Pushes>,
    push: Option<PushSettings>,
    due: Arc<projector::Due>,
    debts: GroupCommit<debts::Payer>,
    log: MessageLog,
    marks: GroupCommit<marks::Mover>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
    issuers: Issuers,
    passwords: Passwords,
    limits: Limits,
    typing: typing::Board,
    draft_key: Key,
    max_group_size: u32,
    ambience: Option<Ambience>,
}

impl Chat {
    /// A chat over these parts.
    pub fn new(parts: Parts) -> Self {
        let bell_bus = Arc::clone(&parts.bus);
        let due = Arc::<projector::Due>::default();
        let grown = Arc::clone(&due);
        let log_measures = parts.log_measures;
        let log = MessageLog::new(parts.log, move |bell| {
            log_measures.count_commit(bell.changes());
            grown.add(bell.conversation);
            bell_bus.publish(Topic::Conversation(bell.conversation), Arc::new(Ring::Log(bell)));
        });
        let payer = debts::Payer::new(Arc::clone(&parts.outbox), log.clone(), parts.draft_key.clone());
        let marks = GroupCommit::new(marks::Mover::new(Arc::clone(&parts.conversations), Arc::clone(&parts.bus)));
        Self {
            accounts: parts.accounts,
            sessions_by_id: Together::new(sessions::SessionById(Arc::clone(&parts.sessions))),
            uses: uses::Uses::default(),
            sessions: parts.sessions,
            codes: codes::Codes {
                store: parts.codes,
                key: parts.code_key,
                couriers: couriers::Couriers::new(parts.delivery),
            },
            identities_by_key: Together::new(identities::IdentityByKey(Arc::clone(&parts.identities))),
            identities: parts.identities,
            conversations: parts.conversations,
            groups: parts.groups,
            blocks: parts.blocks,
            presence: parts.presence,
            outbox: parts.outbox,
            reports: parts.reports,
            standings: Together::new(notifications::StandingOf(Arc::clone(&parts.notifications))),
            notifications: parts.notifications,
            pushes: parts.pushes,
            push: parts.push,
            due,
            debts: GroupCommit::new(payer),
            log,
            marks,
            bus: parts.bus,
            clock: parts.clock,
            tokens: parts.tokens,
            issuers: parts.issuers,
            passwords: parts.passwords,
            limits: parts.limits,
            typing: typing::Board::default(),
            draft_key: parts.draft_key,
            max_group_size: parts.max_group_size,
            ambience: parts.ambience,
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

    /// People who may be in a group, those who are invited among them.
    pub fn max_group_size(&self) -> u32 {
        self.max_group_size
    }

    /// Waits until all that was promised is written. Nothing may be asked of the chat afterwards.
    pub async fn close(&self) {
        self.debts.close().await;
        self.log.close().await;
        self.marks.close().await;
        self.finish_projections().await;
        self.sessions_by_id.close().await;
        self.identities_by_key.close().await;
        self.standings.close().await;
        self.limits.close().await;
    }
}
