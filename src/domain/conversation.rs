//! Conversations and who is in them.

use super::clock::Timestamp;
use super::group::GroupFace;
use super::ids::{ConversationId, UserId};
use super::message::{MembershipVersion, Revision};
use super::page::Cursor;
use serde::{Deserialize, Serialize};

/// What kind of conversation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConversationKind {
    /// Two people, for ever.
    Direct,
    /// Any number of people, who come and go.
    Group,
}

impl ConversationKind {
    /// Its name in the stores and in GraphQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "DIRECT",
            Self::Group => "GROUP",
        }
    }
}

/// Between whom a conversation is, and what goes with that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Between {
    /// These two, for ever.
    Pair(Pair),
    /// A group that shows itself so.
    Group(GroupFace),
}

/// Two different people, in the one order in which a store keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    low: UserId,
    high: UserId,
}

impl Pair {
    /// The pair of these two, whichever comes first; `None` where they are the same person.
    pub fn new(one: UserId, other: UserId) -> Option<Self> {
        (one != other).then(|| Self { low: one.min(other), high: one.max(other) })
    }

    /// The lower id.
    pub fn low(self) -> UserId {
        self.low
    }

    /// The higher id.
    pub fn high(self) -> UserId {
        self.high
    }

    /// The one who is not `user`; `None` where `user` is neither.
    pub fn other(self, user: UserId) -> Option<UserId> {
        match user {
            user if user == self.low => Some(self.high),
            user if user == self.high => Some(self.low),
            _ => None,
        }
    }
}

/// Counts the moves of a conversation's marks, in the SQL database: one for all that move at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MarksVersion(pub i64);

impl MarksVersion {
    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Counts the changes of one person's memberships, in the SQL database: the conversations come into and gone out of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MembershipsVersion(pub i64);

/// A conversation, without its members and its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Unique in the whole server.
    pub id: ConversationId,
    /// Between whom it is.
    pub between: Between,
    /// Who began it.
    pub created_by: UserId,
    /// When it began.
    pub created_at: Timestamp,
    /// Raised with every change of its members and of its face.
    pub membership_version: MembershipVersion,
    /// How many people have joined it.
    pub member_count: u32,
    /// How many more are invited.
    pub invited_count: u32,
}

impl Conversation {
    /// What kind it is of.
    pub fn kind(&self) -> ConversationKind {
        match self.between {
            Between::Pair(_) => ConversationKind::Direct,
            Between::Group(_) => ConversationKind::Group,
        }
    }

    /// The two people of a direct conversation.
    pub fn pair(&self) -> Option<Pair> {
        match self.between {
            Between::Pair(pair) => Some(pair),
            Between::Group(_) => None,
        }
    }

    /// How a group shows itself.
    pub fn face(&self) -> Option<&GroupFace> {
        match &self.between {
            Between::Pair(_) => None,
            Between::Group(face) => Some(face),
        }
    }
}

/// What a member may do: more with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Reads and writes.
    Member,
    /// Also says who is in the group, and how it shows itself.
    Admin,
    /// Also gives roles and may delete the group. Each group has one.
    Owner,
}

impl Role {
    /// Its name in the stores and in GraphQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "MEMBER",
            Self::Admin => "ADMIN",
            Self::Owner => "OWNER",
        }
    }

    /// The role of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner].into_iter().find(|role| role.name() == name)
    }
}

/// Whether a person is in a conversation already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MembershipState {
    /// May come in, and has not.
    Invited,
    /// Is in.
    Joined,
}

impl MembershipState {
    /// Its name in the stores and in GraphQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "INVITED",
            Self::Joined => "JOINED",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Invited, Self::Joined].into_iter().find(|state| state.name() == name)
    }
}

/// How far a member has come in the log. Both only rise, and what is read has been delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Up to here messages have reached one of the member's devices.
    pub delivered_seq: Revision,
    /// Up to here the member has read.
    pub read_seq: Revision,
}

impl Marks {
    /// These marks moved forward to `to`, where they are not there already.
    #[must_use]
    pub fn advanced(self, to: Self) -> Self {
        let read_seq = self.read_seq.max(to.read_seq);
        Self { delivered_seq: self.delivered_seq.max(to.delivered_seq).max(read_seq), read_seq }
    }
}

/// One person in one conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The conversation.
    pub conversation: ConversationId,
    /// The person.
    pub user: UserId,
    /// What the person may do there.
    pub role: Role,
    /// Whether the person is in already.
    pub state: MembershipState,
    /// Since when; `None` for one who is invited.
    pub joined_at: Option<Timestamp>,
    /// Who let the person in or invited them, where that was somebody else.
    pub invited_by: Option<UserId>,
    /// Whether the person wants no notifications of it.
    pub is_muted: bool,
    /// Where the log ended when the person came in. What stands up to there counts as read, though nobody knows whether
    /// it was.
    pub joined_seq: Revision,
    /// How far the person has come.
    pub marks: Marks,
    /// When the read mark last moved.
    pub read_at: Option<Timestamp>,
}

impl Member {
    /// One who comes in then, where the log ends at `end`.
    pub fn joined(conversation: ConversationId, user: UserId, role: Role, at: Timestamp, end: Revision) -> Self {
        Self {
            conversation,
            user,
            role,
            state: MembershipState::Joined,
            joined_at: Some(at),
            invited_by: None,
            is_muted: false,
            joined_seq: end,
            marks: Marks { delivered_seq: end, read_seq: end },
            read_at: None,
        }
    }

    /// One who is invited by somebody.
    pub fn invited(conversation: ConversationId, user: UserId, by: UserId) -> Self {
        Self {
            conversation,
            user,
            role: Role::Member,
            state: MembershipState::Invited,
            joined_at: None,
            invited_by: Some(by),
            is_muted: false,
            joined_seq: Revision::ZERO,
            marks: Marks::default(),
            read_at: None,
        }
    }

    /// Whether the person is in.
    pub fn has_joined(&self) -> bool {
        self.state == MembershipState::Joined
    }
}

/// A member's marks to be moved forward to `marks`, where they are not there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarksMove {
    /// The conversation.
    pub conversation: ConversationId,
    /// The member.
    pub user: UserId,
    /// Where the marks shall be at least.
    pub marks: Marks,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Whether the member has sent what stands there: the conversation was active then.
    pub is_sent: bool,
}

/// A conversation's place among a person's: the latest activity first, then the latest begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityPlace {
    /// When the latest message was sent, or the conversation begun.
    pub active_at: Timestamp,
    /// Tells apart what happened in the same millisecond.
    pub conversation: ConversationId,
}

impl Ord for ActivityPlace {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Backwards: the list begins with the latest.
        (other.active_at, other.conversation).cmp(&(self.active_at, self.conversation))
    }
}

impl PartialOrd for ActivityPlace {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Cursor for ActivityPlace {
    const KIND: &str = "activity";

    fn to_text(&self) -> String {
        format!("{}:{}", self.active_at.unix_millis(), self.conversation)
    }

    fn from_text(text: &str) -> Option<Self> {
        let (millis, id) = text.split_once(':')?;
        let active_at = Timestamp::from_unix_millis(millis.parse().ok()?)?;
        Some(Self { active_at, conversation: id.parse().ok()? })
    }
}

/// A member's place among the members of a conversation: by person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberPlace(pub UserId);

impl Cursor for MemberPlace {
    const KIND: &str = "member";

    fn to_text(&self) -> String {
        self.0.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

/// How far a message has come with the other members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageStatus {
    /// It is stored.
    Sent,
    /// It has reached a device of every other member.
    Delivered,
    /// Every other member has read it.
    Read,
}

impl MessageStatus {
    /// The status of the message at `seq`, where `floor` is the least of the other members' marks; there may be no others.
    pub fn of(seq: Revision, floor: Option<Marks>) -> Self {
        match floor {
            Some(floor) if floor.read_seq >= seq => Self::Read,
            Some(floor) if floor.delivered_seq >= seq => Self::Delivered,
            _ => Self::Sent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId::from(Uuid::from_u128(n))
    }

    #[test]
    fn a_pair_is_the_same_from_both_sides_and_never_one_person() {
        assert_eq!(Pair::new(user(1), user(2)), Pair::new(user(2), user(1)));
        assert_eq!(Pair::new(user(1), user(1)), None);
        assert_eq!(Pair::new(user(1), user(2)).unwrap().other(user(1)), Some(user(2)));
        assert_eq!(Pair::new(user(1), user(2)).unwrap().other(user(3)), None);
    }

    #[test]
    fn a_list_of_conversations_begins_with_the_latest() {
        let place = |millis, id| ActivityPlace {
            active_at: Timestamp::from_unix_millis(millis).unwrap(),
            conversation: ConversationId::from(Uuid::from_u128(id)),
        };
        assert!(place(2, 1) < place(1, 2));
        assert!(place(1, 2) < place(1, 1));
        assert_eq!(ActivityPlace::from_text(&place(-5, 1).to_text()), Some(place(-5, 1)));
        let millis = |text: &str| text.replacen("-5:", "-300000000000000:", 1);
        assert_eq!(ActivityPlace::from_text(&millis(&place(-5, 1).to_text())), None, "no store has such a moment");
    }

    #[test]
    fn marks_only_rise_and_what_is_read_has_been_delivered() {
        let marks = |delivered, read| Marks {
            delivered_seq: Revision::new(delivered).unwrap(),
            read_seq: Revision::new(read).unwrap(),
        };
        assert_eq!(marks(5, 3).advanced(marks(4, 2)), marks(5, 3));
        assert_eq!(marks(5, 3).advanced(marks(0, 7)), marks(7, 7));
        assert_eq!(marks(5, 3).advanced(marks(9, 0)), marks(9, 3));
    }

    #[test]
    fn a_message_is_read_once_the_slowest_has_read_it() {
        let at = |n| Revision::new(n).unwrap();
        let floor = Marks { delivered_seq: at(5), read_seq: at(3) };
        assert_eq!(MessageStatus::of(at(3), Some(floor)), MessageStatus::Read);
        assert_eq!(MessageStatus::of(at(4), Some(floor)), MessageStatus::Delivered);
        assert_eq!(MessageStatus::of(at(6), Some(floor)), MessageStatus::Sent);
        assert_eq!(MessageStatus::of(at(1), None), MessageStatus::Sent);
    }
}
