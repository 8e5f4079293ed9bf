//! Conversations, their members and how far these have read.

use crate::domain::clock::Timestamp;
use crate::domain::conversation::{Conversation, Marks, MarksMove, Member, MemberPlace, Pair};
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

/// Conversations and members.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Finds the direct conversation of the pair, or begins it with both as members. Atomic: of any number at once
    /// all get the same one.
    async fn open_direct(&self, new: &NewDirect) -> Result<Conversation>;

    /// The conversation and the person's membership, both of one moment; `None` where either is not there.
    async fn admission(&self, conversation: ConversationId, user: UserId) -> Result<Option<(Conversation, Member)>>;

    /// Those of the conversations that exist.
    async fn find(&self, ids: &[ConversationId]) -> Result<Vec<Conversation>>;

    /// The direct conversations of those pairs that have one.
    async fn find_direct(&self, pairs: &[Pair]) -> Result<Vec<Conversation>>;

    /// All conversations of one person, each with that person's membership.
    async fn of_member(&self, user: UserId) -> Result<Vec<(Conversation, Member)>>;

    /// Those of the memberships that exist.
    async fn memberships(&self, of: &[(ConversationId, UserId)]) -> Result<Vec<Member>>;

    /// The members of one conversation in the order of [`MemberPlace`].
    async fn member_page(&self, conversation: ConversationId, window: &Window<MemberPlace>) -> Result<Page<Member>>;

    /// How many members each conversation has; nothing where there is no such conversation.
    async fn member_counts(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, u32>>;

    /// Who of these people may hear the conversation, and as of which version: both of one moment. The default where
    /// there is no such conversation.
    async fn roster(&self, conversation: ConversationId, among: &[UserId]) -> Result<Roster>;

    /// The versions of those conversations that exist.
    async fn membership_versions(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, MembershipVersion>>;

    /// Moves marks forward, each membership's at most once, in one transaction; what would move one back, or a member who is not there, is passed
    /// over. A read mark takes the delivered mark with it. Answers the memberships whose marks have moved, as they now are.
    async fn advance_marks(&self, moves: &[MarksMove]) -> Result<Vec<Member>>;

    /// For each conversation and person the least of the *other* members' marks; nothing where there are no others.
    async fn mark_floors(&self, of: &[(ConversationId, UserId)]) -> Result<HashMap<(ConversationId, UserId), Marks>>;

    /// The first few to have read a message, the earliest to move their mark first.
    async fn readers(&self, of: ReadersOf, limit: u32) -> Result<Vec<Member>>;

    /// How many have read each message; also of those that nobody has, 0.
    async fn reader_counts(&self, of: &[ReadersOf]) -> Result<HashMap<ReadersOf, u32>>;
}
