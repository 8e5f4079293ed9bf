//! Which conversations a person sees, who is in them, and how direct ones begin.

use super::Chat;
use super::access::{Act, Standing, Viewer, apart, no_such_conversation};
use crate::domain::batch::Head;
use crate::domain::contact::Contact;
use crate::domain::conversation::{
    ActivityPlace, Conversation, ConversationKind, Member, MemberPlace, MembershipState, Pair,
};
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Revision;
use crate::domain::page::{Page, Window};
use crate::domain::user::Username;
use crate::error::{Code, Error, Result};
use crate::store::conversations::{Admission, FirstMembers, NewDirect, Opened};
use crate::store::log::UnreadBy;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A conversation, or the direct one with a person, which need not have begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversationRef {
    /// This one.
    Conversation(ConversationId),
    /// The one with this person.
    Person(UserId),
}

/// How a person is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// By id.
    Id(UserId),
    /// By username.
    Username(Username),
    /// By an email or a mobile number that they have proven.
    Contact(Contact),
}

/// A conversation as one person sees it, and where its log ended when it was looked at: before any of its messages was
/// read, so that whoever goes on from that revision misses none.
#[derive(Clone, Debug)]
pub struct ConversationState {
    /// The conversation.
    pub conversation: Conversation,
    /// The person's membership.
    pub member: Option<Member>,
    /// Its log's end, or why it is not known: what is not of the log stands without it.
    pub head: Result<Head>,
}

/// Which of one's conversations a list is of; `None` is all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Those of this kind.
    pub kind: Option<ConversationKind>,
    /// Those in which anything is unread, or nothing.
    pub has_unread: Option<bool>,
}

impl Chat {
    /// Finds or begins the direct conversation with a person. `NOT_FOUND` or `INVALID_INPUT` on the field that names them; `BLOCKED`
    /// where it would have to begin and one of the two blocks the other.
    pub async fn open_conversation(&self, viewer: &Viewer, with: Person) -> Result<ConversationState> {
        let (field, user) = match with {
            Person::Id(id) => ("id", self.person(id).await?),
            Person::Username(name) => ("username", self.user_by_username(&name).await?),
            Person::Contact(contact) => (contact.field(), self.user_by_contact(&contact).await?),
        };
        let user = user.ok_or_else(|| no_such_person(field))?;
        let conversation = match self.begun(viewer, user.id).await? {
            Some(begun) => begun,
            None => self.begin(viewer, user.id, field).await?,
        };
        self.conversation_of(viewer, conversation).await
    }

    /// The conversation, if the viewer may see it.
    pub async fn conversation(&self, viewer: &Viewer, id: ConversationId) -> Result<Option<ConversationState>> {
        Ok(self.conversations_seen(&[(id, viewer.user)]).await?.remove(&(id, viewer.user)))
    }

    /// The same of a conversation whose log's end is known.
    pub(super) async fn conversation_at(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        head: Head,
    ) -> Result<Option<ConversationState>> {
        let member = self.conversations.memberships(&[(id, viewer.user)]).await?.pop();
        let found = self.conversations.find(&[id]).await?.pop();
        let state = found.map(|conversation| ConversationState { conversation, member, head: Ok(head) });
        Ok(state.filter(|state| state.standing().sees(Act::SeeFace)))
    }

    /// Those of the conversations that these people may see, each for each.
    pub async fn conversations_seen(
        &self,
        by: &[(ConversationId, UserId)],
    ) -> Result<HashMap<(ConversationId, UserId), ConversationState>> {
        let members = self.conversations.memberships(by).await?;
        let members: HashMap<_, _> =
            members.into_iter().map(|member| ((member.conversation, member.user), member)).collect();
        let asked: HashSet<_> = by.iter().map(|(conversation, _)| *conversation).collect();
        let found = self.conversations.find(&asked.into_iter().collect::<Vec<_>>()).await?;
        let found: HashMap<_, _> =
            self.with_heads(found).await.into_iter().map(|(found, head)| (found.id, (found, head))).collect();
        let seen = |by: &(ConversationId, UserId)| {
            let (conversation, head) = found.get(&by.0)?.clone();
            let state = ConversationState { conversation, member: members.get(by).cloned(), head };
            state.standing().sees(Act::SeeFace).then_some((*by, state))
        };
        Ok(by.iter().filter_map(seen).collect())
    }

    /// The conversation that a reference means, if it has begun and the viewer may see it.
    pub async fn referred(&self, viewer: &Viewer, to: ConversationRef) -> Result<Option<ConversationState>> {
        match to {
            ConversationRef::Conversation(id) => self.conversation(viewer, id).await,
            ConversationRef::Person(user) => Ok(self.direct_conversations(viewer, &[user]).await?.pop()),
        }
    }

    /// Those of the direct conversations with these people that have begun.
    pub async fn direct_conversations(&self, viewer: &Viewer, with: &[UserId]) -> Result<Vec<ConversationState>> {
        let pairs: Vec<_> = with.iter().filter_map(|user| Pair::new(viewer.user, *user)).collect();
        self.states(viewer, self.conversations.find_direct(&pairs).await?).await
    }

    /// Of a person's [own conversations](Self::own_conversations) those that pass, the latest active first.
    pub async fn conversation_page<'a>(
        &self,
        own: &'a [ConversationState],
        filter: ConversationFilter,
        window: &Window<ActivityPlace>,
    ) -> Result<Page<(ActivityPlace, &'a ConversationState)>> {
        let mut states: Vec<_> = own.iter().collect();
        states.retain(|state| filter.kind.is_none_or(|kind| state.conversation.kind() == kind));
        if let Some(has_unread) = filter.has_unread {
            let unread = self.unread(states.iter().copied()).await?;
            states.retain(|state| unread.contains_key(&state.conversation.id) == has_unread);
        }
        let mut placed: Vec<_> = states.into_iter().map(|state| (state.place(), state)).collect();
        placed.sort_by_key(|(place, _)| *place);
        Ok(Page::of_sorted(window, placed, |(place, _)| *place))
    }

    /// The people who are in a conversation, or who are invited. None for one who may not see them; `NOT_FOUND` on
    /// `conversationId` where the conversation is not there for the viewer.
    pub async fn members(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        state: MembershipState,
        window: &Window<MemberPlace>,
    ) -> Result<Page<Member>> {
        let admission = self.permit(viewer, conversation, Act::SeeMembers).await?;
        if !admission.standing().sees(Act::SeeMembers) {
            return Ok(Page::empty());
        }
        self.conversations.member_page(conversation, state, window).await
    }

    /// The first members of many conversations. Whether they may be seen is the caller's to ask before.
    pub async fn first_members(&self, of: &[FirstMembers]) -> Result<HashMap<FirstMembers, Vec<Member>>> {
        self.conversations.first_members(of).await
    }

    /// What a person has not read, over all of their [own conversations](Self::own_conversations) that are not muted.
    pub async fn unread_total(&self, own: &[ConversationState]) -> Result<u32> {
        let is_loud = |state: &&ConversationState| state.member.as_ref().is_some_and(|member| !member.is_muted);
        let counts = self.unread(own.iter().filter(is_loud)).await?;
        Ok(counts.values().fold(0, |total, count| total.saturating_add(*count)))
    }

    /// How much is unread of those of the conversations of which anything is.
    async fn unread<'a>(
        &self,
        of: impl Iterator<Item = &'a ConversationState>,
    ) -> Result<HashMap<ConversationId, u32>> {
        let wanted: Vec<_> = of.filter(|state| state.may_have_news()).filter_map(ConversationState::unread).collect();
        let counts = self.log().unread(&wanted).await?;
        let unread = counts.into_iter().filter(|(_, count)| *count > 0);
        Ok(unread.map(|(by, count)| (by.conversation, count)).collect())
    }

    /// All conversations that a person is in or invited to.
    pub async fn own_conversations(&self, person: UserId) -> Result<Vec<ConversationState>> {
        let (conversations, members): (Vec<_>, Vec<_>) =
            self.conversations.of_member(person).await?.into_iter().unzip();
        let states = self.with_heads(conversations).await.into_iter().zip(members);
        // Their order, and what of them is unread, are the logs' to tell.
        let state = |((conversation, head), member)| {
            Ok(ConversationState { conversation, member: Some(member), head: Ok(head?) })
        };
        states.map(state).collect()
    }

    /// The conversations as the viewer sees them, in their order.
    pub(super) async fn states(
        &self,
        viewer: &Viewer,
        conversations: Vec<Conversation>,
    ) -> Result<Vec<ConversationState>> {
        let by: Vec<_> = conversations.iter().map(|conversation| (conversation.id, viewer.user)).collect();
        let members = self.conversations.memberships(&by).await?.into_iter();
        let mut members: HashMap<_, _> = members.map(|member| (member.conversation, member)).collect();
        let states = self.with_heads(conversations).await.into_iter();
        let state = |(conversation, head): (Conversation, Result<Head>)| {
            let member = members.remove(&conversation.id);
            ConversationState { conversation, member, head }
        };
        Ok(states.map(state).collect())
    }

    /// Lets the viewer do that in what a reference means, beginning a direct conversation where there is none.
    pub(super) async fn open(&self, viewer: &Viewer, to: ConversationRef, act: Act) -> Result<Admission> {
        let user = match to {
            ConversationRef::Conversation(id) => return self.permit(viewer, id, act).await,
            ConversationRef::Person(user) => user,
        };
        let conversation = match self.begun(viewer, user).await? {
            Some(begun) => begun,
            None if self.person(user).await?.is_none() => return Err(no_such_person("userId")),
            None => self.begin(viewer, user, "userId").await?,
        };
        let admission = self.conversations.admission(conversation, viewer.user).await?;
        let admission = admission.ok_or_else(|| no_such_person("userId"))?;
        // Who names the conversation is told that it stands; who names the person, that nobody is there.
        if admission.standing() == Standing::Alone {
            return Err(no_such_person("userId"));
        }
        admission.standing().may(act).map_err(|error| error.said_of("userId"))?;
        Ok(admission)
    }

    pub(super) async fn conversation_of(&self, viewer: &Viewer, id: ConversationId) -> Result<ConversationState> {
        self.conversation(viewer, id).await?.ok_or_else(no_such_conversation)
    }

    /// Where a conversation's log ends now.
    pub async fn revision(&self, conversation: ConversationId) -> Result<Revision> {
        Ok(self.head(conversation).await?.revision)
    }

    pub(super) async fn head(&self, conversation: ConversationId) -> Result<Head> {
        Ok(self.log().heads(&[conversation]).await?.remove(&conversation).unwrap_or_default())
    }

    async fn begun(&self, viewer: &Viewer, with: UserId) -> Result<Option<ConversationId>> {
        let Some(pair) = Pair::new(viewer.user, with) else { return Ok(None) };
        Ok(self.conversations.find_direct(&[pair]).await?.pop().map(|found| found.id))
    }

    async fn begin(&self, viewer: &Viewer, with: UserId, field: &'static str) -> Result<ConversationId> {
        let alone = || Error::invalid(field, "one cannot have a conversation with oneself");
        let pair = Pair::new(viewer.user, with).ok_or_else(alone)?;
        if !self.blocks.apart(viewer.user, &[with]).await?.is_empty() {
            return Err(apart(field));
        }
        let now = self.clock.now();
        let new = NewDirect { id: ConversationId::new(now), pair, created_by: viewer.user, created_at: now };
        let opened = self.conversations.open_direct(&new).await;
        // They have gone since they were looked up.
        let gone = |error: Error| if error.code() == Code::NotFound { no_such_person(field) } else { error };
        let Opened { conversation, is_new } = opened.map_err(gone)?;
        if is_new {
            self.tell_memberships([pair.low(), pair.high()]);
        }
        Ok(conversation.id)
    }

    /// Tells that the conversations of these people, or what they are there, have changed.
    pub(super) fn tell_memberships(&self, of: impl IntoIterator<Item = UserId>) {
        for user in of {
            self.bus.publish(Topic::Person(user), Arc::new(Ring::Memberships(user)));
        }
    }

    async fn with_heads(&self, conversations: Vec<Conversation>) -> Vec<(Conversation, Result<Head>)> {
        let ids: Vec<_> = conversations.iter().map(|conversation| conversation.id).collect();
        let heads = self.log().heads(&ids).await;
        let with_head = |conversation: Conversation| {
            let head = heads.as_ref().map(|heads| heads.get(&conversation.id).copied().unwrap_or_default());
            (conversation, head.map_err(Error::clone))
        };
        conversations.into_iter().map(with_head).collect()
    }
}

impl ConversationState {
    /// What the person is to the conversation, apart from blocks.
    pub fn standing(&self) -> Standing {
        Standing::of(&self.conversation, self.member.as_ref())
    }

    /// What of it the person has not read; `None` for one who does not read it.
    pub fn unread(&self) -> Option<UnreadBy> {
        self.member.as_ref().filter(|member| member.has_joined()).map(UnreadBy::of)
    }

    fn may_have_news(&self) -> bool {
        let Ok(head) = &self.head else { return false };
        self.member.as_ref().is_some_and(|member| head.last_seq > member.marks.read_seq)
    }

    fn place(&self) -> ActivityPlace {
        let active_at = self.head.as_ref().ok().and_then(|head| head.active_at);
        let active_at = active_at.unwrap_or(self.conversation.created_at);
        ActivityPlace { active_at, conversation: self.conversation.id }
    }
}

impl UnreadBy {
    fn of(member: &Member) -> Self {
        Self { conversation: member.conversation, user: member.user, after: member.marks.read_seq }
    }
}

/// The answer for a person who is not there.
pub(super) fn no_such_person(field: &'static str) -> Error {
    Error::not_found(field, "there is no such person")
}
