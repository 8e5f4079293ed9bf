//! Conversations, their members and how far these have read.

use crate::domain::clock::Timestamp;
use crate::domain::conversation::{
    Conversation, Marks, MarksMove, MarksVersion, Member, MemberPlace, MembershipState, MembershipsVersion, Pair,
};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::{MembershipVersion, Revision};
use crate::domain::page::{Page, Window};
use crate::error::Result;
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};

/// A direct conversation to begin, where the pair has none.
#[derive(Clone, Copy, Debug)]
pub struct NewDirect {
    /// Chosen before it is stored.
    pub id: ConversationId,
    /// The two people.
    pub pair: Pair,
    /// The one of them who begins it.
    pub created_by: UserId,
    /// When, by the server's clock.
    pub created_at: Timestamp,
}

/// The direct conversation of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// As it stands.
    pub conversation: Conversation,
    /// Whether it has begun just now; otherwise it was found.
    pub is_new: bool,
}

/// What of a conversation has changed, beside its log, can be told by these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Raised with every change of its members and of its face.
    pub members: MembershipVersion,
    /// Raised with every move of its members' marks.
    pub marks: MarksVersion,
}

/// The marks of one conversation have moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarksAdvanced {
    /// Which conversation's.
    pub conversation: ConversationId,
    /// The number of this move: one above that of the move before.
    pub version: MarksVersion,
    /// The members whose marks have moved, as they now are.
    pub members: Vec<Member>,
}

/// What has become of a conversation's marks after some version of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarksSince {
    /// Of which version this is true.
    pub version: MarksVersion,
    /// The members whose marks have moved, as they now are.
    pub members: Vec<Member>,
}

/// What is known of one person who wants to do something in a conversation: all of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The conversation.
    pub conversation: Conversation,
    /// The person's membership.
    pub member: Option<Member>,
    /// Whether either of the two in a direct conversation blocks the other.
    pub is_blocked: bool,
}

/// The first few members of a conversation, in the order of [`MemberPlace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FirstMembers {
    /// Whose.
    pub conversation: ConversationId,
    /// In which state.
    pub state: MembershipState,
    /// At most so many.
    pub limit: u32,
}

/// Who of some people may hear a conversation, as of one version of its members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// Of which version this is true.
    pub version: MembershipVersion,
    /// Those who may.
    pub members: HashSet<UserId>,
}

/// Which readers of a message are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReadersOf {
    /// The message's conversation.
    pub conversation: ConversationId,
    /// Its author, who does not count.
    pub author: UserId,
    /// Its place.
    pub seq: Revision,
}

/// Conversations and members. Where it says members, those who are invited do not count, unless it says so.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Finds the direct conversation of the pair, or begins it with both as members, which raises the version of the
    /// memberships of both by one. Atomic: of any number at once all get the same one, and for one of them it is new.
    /// `NOT_FOUND` where it would begin with one who has no account any more.
    async fn open_direct(&self, new: &NewDirect) -> Result<Opened>;

    /// The conversation and what the person is to it; `None` where there is no such conversation.
    async fn admission(&self, conversation: ConversationId, user: UserId) -> Result<Option<Admission>>;

    /// All conversations there are, by id, `limit` at the most, from the one after `after` on.
    async fn ids(&self, after: Option<ConversationId>, limit: u32) -> Result<Vec<ConversationId>>;

    /// Those of the conversations that exist.
    async fn find(&self, ids: &[ConversationId]) -> Result<Vec<Conversation>>;

    /// The direct conversations of those pairs that have one.
    async fn find_direct(&self, pairs: &[Pair]) -> Result<Vec<Conversation>>;

    /// All conversations that one person is in or invited to, each with that person's membership.
    async fn of_member(&self, user: UserId) -> Result<Vec<(Conversation, Member)>>;

    /// All memberships of these people.
    async fn memberships_of(&self, users: &[UserId]) -> Result<Vec<Member>>;

    /// In which conversations those of these people were whose accounts are gone, when they went.
    async fn left_by_deleted(&self, users: &[UserId]) -> Result<Vec<(UserId, ConversationId)>>;

    /// Those of the memberships that exist.
    async fn memberships(&self, of: &[(ConversationId, UserId)]) -> Result<Vec<Member>>;

    /// The members of one conversation in that state, in the order of [`MemberPlace`].
    async fn member_page(
        &self,
        conversation: ConversationId,
        state: MembershipState,
        window: &Window<MemberPlace>,
    ) -> Result<Page<Member>>;

    /// The first members of many conversations, each list in the order of [`MemberPlace`]; nothing where there are none.
    async fn first_members(&self, of: &[FirstMembers]) -> Result<HashMap<FirstMembers, Vec<Member>>>;

    /// Who of these people may hear the conversation, and as of which version: both of one moment. The default where
    /// there is no such conversation.
    async fn roster(&self, conversation: ConversationId, among: &[UserId]) -> Result<Roster>;

    /// The versions of those conversations that exist.
    async fn versions(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Versions>>;

    /// The versions of the memberships of those people who exist. Whoever has read a person's version and then their
    /// conversations has these at least as new.
    async fn memberships_versions(&self, of: &[UserId]) -> Result<HashMap<UserId, MembershipsVersion>>;

    /// Moves marks forward, each membership's at most once, in one transaction; what would move one back, or a member
    /// who is not there, is passed over. A read mark takes the delivered mark with it. Where the member has sent what
    /// stands there, the conversation was active then.
    ///
    /// Answers the conversations in which a mark has moved, in the order of their ids. In each of them the version of the
    /// marks is raised by one, so that versions are dense, and none shows before the one below it.
    async fn advance_marks(&self, moves: &[MarksMove]) -> Result<Vec<MarksAdvanced>>;

    /// Whose marks have moved after that version, and as of which version that is true: both of one moment. The default
    /// where there is no such conversation.
    async fn marks_since(&self, conversation: ConversationId, after: MarksVersion) -> Result<MarksSince>;

    /// For each conversation and person the least of the *other* members' marks; nothing where there are no others.
    async fn mark_floors(&self, of: &[(ConversationId, UserId)]) -> Result<HashMap<(ConversationId, UserId), Marks>>;

    /// The first few to have read a message, the earliest to move their mark first.
    async fn readers(&self, of: ReadersOf, limit: u32) -> Result<Vec<Member>>;

    /// How many have read each message; also of those that nobody has, 0.
    async fn reader_counts(&self, of: &[ReadersOf]) -> Result<HashMap<ReadersOf, u32>>;
}
