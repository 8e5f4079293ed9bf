//! What processes tell each other over the bus. None of it is the truth: what matters of it stands in a store, and
//! who has missed it reads it there.

use super::clock::Timestamp;
use super::conversation::{MarksVersion, Member};
use super::ids::{ConversationId, SessionId, UserId};
use super::message::{MembershipVersion, Message, Revision};
use serde::{Deserialize, Serialize};

/// What a process listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// All that happens in one conversation.
    Conversation(ConversationId),
    /// What concerns one person, wherever it happens.
    Person(UserId),
    /// Sessions that end, and people who are not let in any more.
    Sessions,
    /// What others see of people, and whether they are online.
    People,
    /// Who types, wherever it is.
    Typing,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ring {
    /// A log has grown.
    Log(Bell),
    /// Marks of members have moved.
    Receipts(ReceiptsMoved),
    /// A member types, or has stopped.
    Typing(TypingMoved),
    /// A conversation's members or its face have changed.
    Members(MembersChanged),
    /// The conversations that this person is in, or what the person is there, have changed.
    Memberships(UserId),
    /// What this person is notified of has changed.
    Notifications(UserId),
    /// These sessions have ended.
    SessionsEnded(Vec<SessionId>),
    /// This person is not let in any more, with or without a session.
    ShutOut(UserId),
    /// Some people have come online or gone, or show themselves otherwise: who, stands in the database.
    People,
    /// Whom this person blocks has changed.
    Blocks(UserId),
    /// Whether these two see each other may have changed.
    Apart(UserId, UserId),
}

/// A conversation's log has gone from one revision to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bell {
    /// Whose log.
    pub conversation: ConversationId,
    /// The first number that was given.
    pub from: Revision,
    /// The last number that was given.
    pub to: Revision,
    /// The latest members that a writer saw.
    pub membership_version: MembershipVersion,
    /// The messages that bear these numbers, by revision, each in the state that the last of its changes left; `None`
    /// where they are too big to be carried.
    pub messages: Option<Vec<Message>>,
}

impl Bell {
    /// Bytes that a bell may about carry: 64 KiB. NATS takes 1 MiB unless told otherwise.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// The bell for that growth, with the messages while they are small.
    pub fn new(conversation: ConversationId, from: Revision, to: Revision, mut messages: Vec<Message>) -> Self {
        /// What a message about takes beside what its writers chose.
        const FRAME: usize = 512;
        let bytes: usize = messages.iter().map(|message| FRAME + message.bytes()).sum();
        let membership_version = messages.iter().map(|message| message.membership_version).max().unwrap_or_default();
        messages.sort_by_key(|message| message.revision);
        let messages = (bytes <= Self::MAX_BYTES).then_some(messages);
        Self { conversation, from, to, membership_version, messages }
    }
}

impl Bell {
    /// How many revisions were given.
    pub fn changes(&self) -> u64 {
        u64::try_from(self.to.number() - self.from.number() + 1).unwrap_or_default()
    }

    /// The bell of a log that now ends there, for those who have not heard how it came to.
    pub fn without_messages(conversation: ConversationId, to: Revision) -> Self {
        Self { conversation, from: to, to, membership_version: MembershipVersion::default(), messages: None }
    }
}

/// A conversation's members or its face have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MembersChanged {
    /// Which conversation's.
    pub conversation: ConversationId,
    /// The version that this has made.
    pub version: MembershipVersion,
}

/// The marks of one conversation have moved to their next version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptsMoved {
    /// In which conversation.
    pub conversation: ConversationId,
    /// The number of this move.
    pub version: MarksVersion,
    /// All that have moved with it.
    pub moved: Vec<ReceiptMoved>,
}

/// A member's marks, as they now are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptMoved {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Whose marks.
    pub user: UserId,
    /// Up to here messages have reached one of the person's devices.
    pub delivered_seq: Revision,
    /// Up to here the person has read.
    pub read_seq: Revision,
    /// When they moved.
    pub at: Timestamp,
}

impl ReceiptMoved {
    /// That this member's marks moved then to where they are.
    pub fn of(member: &Member, at: Timestamp) -> Self {
        Self {
            conversation: member.conversation,
            user: member.user,
            delivered_seq: member.marks.delivered_seq,
            read_seq: member.marks.read_seq,
            at,
        }
    }
}

/// Somebody has begun to type, goes on typing, or has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypingMoved {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// Whether the person types.
    pub is_typing: bool,
    /// When, by the server's clock.
    pub at: Timestamp,
}
