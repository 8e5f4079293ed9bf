//! Groups: who comes in and goes out, who may do what there, and how they show themselves. What is decided is decided
//! in `chat`, of what stands while nobody else can change it.

use crate::domain::clock::Timestamp;
use crate::domain::conversation::{ActivityPlace, Conversation, Member};
use crate::domain::group::GroupFace;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::notice::Notice;
use crate::domain::page::{Page, Window};
use crate::error::Result;
use async_trait::async_trait;
use std::collections::HashMap;

/// A group to be made.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// Chosen before it is stored.
    pub id: ConversationId,
    /// Who makes it.
    pub created_by: UserId,
    /// When, by the server's clock.
    pub created_at: Timestamp,
    /// How it shows itself.
    pub face: GroupFace,
    /// Who is in it and who is invited, each once.
    pub members: Vec<Member>,
    /// What its log is to tell of that, in this order.
    pub notices: Vec<Notice>,
}

/// What somebody who changes a group has to know of it.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Which group.
    pub conversation: ConversationId,
    /// Whose memberships.
    pub people: Vec<UserId>,
    /// Also this one's membership and, where it is the owner's, who would be the next: the longest-standing admin, else
    /// member; of several who came at once, the one of the lowest id.
    pub heir_of: Option<UserId>,
}

/// What stands while nobody else can change it.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The conversation.
    pub conversation: Conversation,
    /// The memberships asked for, as far as there are any.
    pub people: HashMap<UserId, Member>,
    /// Who would be the next owner, where that was asked of the owner and there is anybody.
    pub heir: Option<Member>,
    /// Those of the people asked for who were in it or invited once, and are no more.
    pub departed: Vec<UserId>,
}

/// What is to become of a group.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It changes so; nothing where it stands so already.
    Change(Change),
    /// It goes, with all its memberships, and so does its log.
    Delete,
}

/// A change of a group.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Memberships that are to be so, whether they are there or not. What is not named stays.
    pub put: Vec<Member>,
    /// People who are to be in it no more.
    pub gone: Vec<UserId>,
    /// How it is to show itself, where that changes.
    pub face: Option<GroupFace>,
    /// What its log is to tell of that, in this order.
    pub notices: Vec<Notice>,
}

/// A group after what was decided.
#[derive(Clone, Debug)]
pub enum Changed {
    /// It stands so; the people are those whose memberships have changed.
    Stands(Conversation, Vec<UserId>),
    /// It is gone, under a version of its own; the people are those who were in it or invited.
    Gone(Conversation, Vec<UserId>),
}

/// Decides what becomes of a group, of what stands. It is called within a transaction: quick, and maybe more than once.
pub type Decide<'a> = dyn Fn(&Scene) -> Result<Verdict> + Send + Sync + 'a;

/// Which public groups a list is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFilter {
    /// A folded text that their name holds, letter for letter; empty for all.
    pub matching: String,
}

/// Groups.
#[async_trait]
pub trait Groups: Send + Sync {
    /// Makes a group with its members, its notices owed to the log. Its version is 1; that of the memberships of each
    /// of its people is raised by one. `NOT_FOUND` where one of these has no account any more.
    async fn create(&self, new: &NewGroup) -> Result<Conversation>;

    /// Asks `decide` what becomes of a group and makes it so, in one transaction: nobody else changes its members, its
    /// face or their marks meanwhile. `None` where there is no such conversation; what `decide` fails with is passed on
    /// and changes nothing; so does `NOT_FOUND`, where one who would come in has no account any more.
    ///
    /// Where anything changes, the conversation's version is raised by one, that of the memberships of each person
    /// concerned too, and the notices are owed to the log under the new version. Where the group goes, what is owed
    /// is that its log be erased.
    async fn change(&self, ask: &Ask, at: Timestamp, decide: &Decide<'_>) -> Result<Option<Changed>>;

    /// Mutes a conversation for one person, or ends that; whether it was otherwise before. Raises the version of that
    /// person's memberships where it was, and nothing else. Nothing where there is no such membership.
    async fn set_muted(&self, conversation: ConversationId, user: UserId, is_muted: bool) -> Result<bool>;

    /// Whether the person was in it or invited once and is no more; also where it is gone.
    async fn has_departed(&self, conversation: ConversationId, user: UserId) -> Result<bool>;

    /// Public groups, the most lately active first.
    async fn public_page(
        &self,
        filter: &GroupFilter,
        window: &Window<ActivityPlace>,
    ) -> Result<Page<(ActivityPlace, Conversation)>>;
}
