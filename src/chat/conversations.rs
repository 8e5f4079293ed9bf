//! Direct conversations: how they begin, and which of them a person has.

use super::Chat;
use super::access::{Viewer, no_such_conversation};
use crate::domain::batch::Head;
use crate::domain::conversation::{ActivityPlace, Conversation, Member, MemberPlace, Pair};
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Revision;
use crate::domain::page::{Page, Window};
use crate::domain::user::Username;
use crate::error::{Error, Result};
use crate::store::conversations::{NewDirect, Opened};
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
}

/// A conversation and where its log ended when it was looked at: before any of its messages was read, so that whoever
/// goes on from that revision misses none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationState {
    /// The conversation.
    pub conversation: Conversation,
    /// Its log's end.
    pub head: Head,
}

impl Chat {
    /// Finds or begins the direct conversation with a person. `NOT_FOUND` or `INVALID_INPUT` on `id` or `username`.
    pub async fn open_conversation(&self, viewer: &Viewer, with: Person) -> Result<ConversationState> {
        let (field, user) = match with {
            Person::Id(id) => ("id", self.accounts.find(&[id]).await?.pop()),
            Person::Username(name) => ("username", self.user_by_username(&name).await?),
        };
        let user = user.ok_or_else(|| no_such_person(field))?;
        let conversation = self.begin(viewer, user.id, field).await?;
        Ok(ConversationState { head: self.head(conversation.id).await?, conversation })
    }

    /// The conversation, if the viewer may see it.
    pub async fn conversation(&self, viewer: &Viewer, id: ConversationId) -> Result<Option<ConversationState>> {
        Ok(self.conversations_seen(&[(id, viewer.user)]).await?.remove(&(id, viewer.user)))
    }

    /// Those of the conversations that these people may see, each for each.
    pub async fn conversations_seen(
        &self,
        by: &[(ConversationId, UserId)],
    ) -> Result<HashMap<(ConversationId, UserId), ConversationState>> {
        let members = self.conversations.memberships(by).await?;
        let seen: HashSet<_> = members.iter().map(|member| member.conversation).collect();
        let found = self.conversations.find(&seen.into_iter().collect::<Vec<_>>()).await?;
        let states = self.with_heads(found).await?;
        let states: HashMap<_, _> = states.into_iter().map(|state| (state.conversation.id, state)).collect();
        let seen = |member: &Member| {
            let state = states.get(&member.conversation)?.clone();
            Some(((member.conversation, member.user), state))
        };
        Ok(members.iter().filter_map(seen).collect())
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
        self.with_heads(self.conversations.find_direct(&pairs).await?).await
    }

    /// The viewer's conversations, the latest active first.
    pub async fn conversation_page(
        &self,
        viewer: &Viewer,
        window: &Window<ActivityPlace>,
    ) -> Result<Page<(ActivityPlace, ConversationState)>> {
        let conversations = self.conversations.of_member(viewer.user).await?;
        let states = self.with_heads(conversations.into_iter().map(|(conversation, _)| conversation).collect()).await?;
        let mut placed: Vec<_> = states.into_iter().map(|state| (state.place(), state)).collect();
        placed.sort_by_key(|(place, _)| *place);
        Ok(Page::of_sorted(window, placed, |(place, _)| *place))
    }

    /// The members of a conversation. `NOT_FOUND` on `conversationId` for anyone but them.
    pub async fn members(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        window: &Window<MemberPlace>,
    ) -> Result<Page<Member>> {
        self.admit(viewer, conversation).await?;
        self.conversations.member_page(conversation, window).await
    }

    /// What the viewer has not read, over all conversations.
    pub async fn unread_total(&self, viewer: &Viewer) -> Result<u32> {
        let memberships = self.conversations.of_member(viewer.user).await?;
        let ids: Vec<_> = memberships.iter().map(|(conversation, _)| conversation.id).collect();
        let heads = self.log().heads(&ids).await?;
        let has_news = |member: &&Member| {
            heads.get(&member.conversation).is_some_and(|head| head.last_seq > member.marks.read_seq)
        };
        let wanted: Vec<_> = memberships.iter().map(|(_, member)| member).filter(has_news).map(UnreadBy::of).collect();
        let counts = self.log().unread(&wanted).await?;
        Ok(counts.values().fold(0, |total, count| total.saturating_add(*count)))
    }

    /// Lets the viewer into what a reference means, beginning a direct conversation where there is none.
    pub(super) async fn open(&self, viewer: &Viewer, to: ConversationRef) -> Result<Conversation> {
        match to {
            ConversationRef::Conversation(id) => self.admit(viewer, id).await,
            ConversationRef::Person(user) => {
                if let Some(begun) = self.begun(viewer, user).await? {
                    return Ok(begun);
                }
                if self.accounts.find(&[user]).await?.is_empty() {
                    return Err(no_such_person("userId"));
                }
                self.begin(viewer, user, "userId").await
            }
        }
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

    async fn begun(&self, viewer: &Viewer, with: UserId) -> Result<Option<Conversation>> {
        let Some(pair) = Pair::new(viewer.user, with) else {
            return Ok(None);
        };
        let Some(found) = self.conversations.find_direct(&[pair]).await?.pop() else {
            return Ok(None);
        };
        self.admit(viewer, found.id).await.map(Some)
    }

    async fn begin(&self, viewer: &Viewer, with: UserId, field: &'static str) -> Result<Conversation> {
        let alone = || Error::invalid(field, "one cannot have a conversation with oneself");
        let pair = Pair::new(viewer.user, with).ok_or_else(alone)?;
        let now = self.clock.now();
        let new = NewDirect { id: ConversationId::new(now), pair, created_by: viewer.user, created_at: now };
        let Opened { conversation, is_new } = self.conversations.open_direct(&new).await?;
        if is_new {
            self.tell_memberships([pair.low(), pair.high()]);
        }
        self.admit(viewer, conversation.id).await
    }

    /// Tells that the conversations of these people have changed.
    fn tell_memberships(&self, of: impl IntoIterator<Item = UserId>) {
        for user in of {
            self.bus.publish(Topic::Person(user), Arc::new(Ring::Memberships(user)));
        }
    }

    async fn with_heads(&self, conversations: Vec<Conversation>) -> Result<Vec<ConversationState>> {
        let ids: Vec<_> = conversations.iter().map(|conversation| conversation.id).collect();
        let heads = self.log().heads(&ids).await?;
        let with_head = |conversation: Conversation| {
            let head = heads.get(&conversation.id).copied().unwrap_or_default();
            ConversationState { conversation, head }
        };
        Ok(conversations.into_iter().map(with_head).collect())
    }
}

impl ConversationState {
    fn place(&self) -> ActivityPlace {
        let active_at = self.head.active_at.unwrap_or(self.conversation.created_at);
        ActivityPlace { active_at, conversation: self.conversation.id }
    }
}

impl UnreadBy {
    /// What this member has not read.
    pub fn of(member: &Member) -> Self {
        Self { conversation: member.conversation, user: member.user, after: member.marks.read_seq }
    }
}

/// The answer for a person who is not there.
fn no_such_person(field: &'static str) -> Error {
    Error::not_found(field, "there is no such person")
}
