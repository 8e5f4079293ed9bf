//! What is read for many objects at once, of one response and of many. Nothing is kept: each batch reads anew. A lone
//! question is asked at once, since an event that waits for others to ask with is late; those that come meanwhile are the
//! next batch.

use crate::chat::{Chat, ConversationState, Viewer};
use crate::domain::conversation::{Marks, Member};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Message;
use crate::domain::user::User;
use crate::error::Result;
use crate::store::conversations::ReadersOf;
use crate::store::log::UnreadBy;
use crate::store::questions::{Question, Together};
use async_trait::async_trait;
use futures_util::future::try_join_all;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Reads in batches. Answers are `None` where there is no such thing, or none for the viewer.
pub struct Loaders {
    users: Together<Users>,
    conversations: Together<Conversations>,
    directs: Together<Directs>,
    members: Together<Members>,
    member_counts: Together<MemberCounts>,
    latest: Together<Latest>,
    unread: Together<Unread>,
    floors: Together<Floors>,
    reader_counts: Together<ReaderCounts>,
}

impl Loaders {
    /// Loaders over that chat.
    pub fn new(chat: &Arc<Chat>) -> Self {
        let chat = || Arc::clone(chat);
        Self {
            users: Together::new(Users(chat())),
            conversations: Together::new(Conversations(chat())),
            directs: Together::new(Directs(chat())),
            members: Together::new(Members(chat())),
            member_counts: Together::new(MemberCounts(chat())),
            latest: Together::new(Latest(chat())),
            unread: Together::new(Unread(chat())),
            floors: Together::new(Floors(chat())),
            reader_counts: Together::new(ReaderCounts(chat())),
        }
    }

    /// A person.
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.users.ask(id).await
    }

    /// People, in the order of the ids; who is not there is left out.
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let found = try_join_all(ids.iter().map(|id| self.users.ask(*id))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// A conversation that the viewer may see.
    pub async fn conversation(&self, viewer: &Viewer, id: ConversationId) -> Result<Option<ConversationState>> {
        self.conversations.ask((id, viewer.user)).await
    }

    /// The viewer's direct conversation with a person.
    pub async fn direct_conversation(&self, viewer: &Viewer, with: UserId) -> Result<Option<ConversationState>> {
        self.directs.ask((*viewer, with)).await
    }

    /// A membership.
    pub async fn member(&self, conversation: ConversationId, user: UserId) -> Result<Option<Member>> {
        self.members.ask((conversation, user)).await
    }

    /// How many members a conversation has.
    pub async fn member_count(&self, conversation: ConversationId) -> Result<u32> {
        self.member_counts.ask(conversation).await
    }

    /// The latest message of a conversation.
    pub async fn latest(&self, conversation: ConversationId) -> Result<Option<Message>> {
        self.latest.ask(conversation).await
    }

    /// How much a member has not read.
    pub async fn unread(&self, of: UnreadBy) -> Result<u32> {
        self.unread.ask(of).await
    }

    /// The least of the marks of a conversation's members, that one not counted.
    pub async fn floor(&self, conversation: ConversationId, except: UserId) -> Result<Option<Marks>> {
        self.floors.ask((conversation, except)).await
    }

    /// How many have read a message.
    pub async fn reader_count(&self, of: ReadersOf) -> Result<u32> {
        self.reader_counts.ask(of).await
    }
}

fn keyed<K: Eq + Hash, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, Option<V>> {
    values.into_iter().map(|value| (key(&value), Some(value))).collect()
}

fn some<K: Eq + Hash, V>(values: HashMap<K, V>) -> HashMap<K, Option<V>> {
    values.into_iter().map(|(key, value)| (key, Some(value))).collect()
}

struct Users(Arc<Chat>);

#[async_trait]
impl Question for Users {
    type About = UserId;
    type Answer = Option<User>;

    async fn ask(&self, about: &[UserId]) -> Result<HashMap<UserId, Option<User>>> {
        Ok(keyed(self.0.users(about).await?, |user| user.id))
    }
}

struct Conversations(Arc<Chat>);

#[async_trait]
impl Question for Conversations {
    type About = (ConversationId, UserId);
    type Answer = Option<ConversationState>;

    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, Self::Answer>> {
        Ok(some(self.0.conversations_seen(about).await?))
    }
}

struct Directs(Arc<Chat>);

#[async_trait]
impl Question for Directs {
    type About = (Viewer, UserId);
    type Answer = Option<ConversationState>;

    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, Self::Answer>> {
        let mut with: HashMap<Viewer, Vec<UserId>> = HashMap::new();
        for (viewer, user) in about {
            with.entry(*viewer).or_default().push(*user);
        }
        let mut found = HashMap::new();
        for (viewer, users) in with {
            for state in self.0.direct_conversations(&viewer, &users).await? {
                let peer = state.conversation.pair.and_then(|pair| pair.other(viewer.user));
                found.extend(peer.map(|peer| ((viewer, peer), Some(state))));
            }
        }
        Ok(found)
    }
}

struct Members(Arc<Chat>);

#[async_trait]
impl Question for Members {
    type About = (ConversationId, UserId);
    type Answer = Option<Member>;

    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, Self::Answer>> {
        let members = self.0.conversations().memberships(about).await?;
        Ok(keyed(members, |member| (member.conversation, member.user)))
    }
}

struct MemberCounts(Arc<Chat>);

#[async_trait]
impl Question for MemberCounts {
    type About = ConversationId;
    type Answer = u32;

    async fn ask(&self, about: &[ConversationId]) -> Result<HashMap<ConversationId, u32>> {
        self.0.conversations().member_counts(about).await
    }
}

struct Latest(Arc<Chat>);

#[async_trait]
impl Question for Latest {
    type About = ConversationId;
    type Answer = Option<Message>;

    async fn ask(&self, about: &[ConversationId]) -> Result<HashMap<ConversationId, Option<Message>>> {
        Ok(keyed(self.0.log().latest(about).await?, |message| message.conversation))
    }
}

struct Unread(Arc<Chat>);

#[async_trait]
impl Question for Unread {
    type About = UnreadBy;
    type Answer = u32;

    async fn ask(&self, about: &[UnreadBy]) -> Result<HashMap<UnreadBy, u32>> {
        self.0.log().unread(about).await
    }
}

struct Floors(Arc<Chat>);

#[async_trait]
impl Question for Floors {
    type About = (ConversationId, UserId);
    type Answer = Option<Marks>;

    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, Self::Answer>> {
        Ok(some(self.0.conversations().mark_floors(about).await?))
    }
}

struct ReaderCounts(Arc<Chat>);

#[async_trait]
impl Question for ReaderCounts {
    type About = ReadersOf;
    type Answer = u32;

    async fn ask(&self, about: &[ReadersOf]) -> Result<HashMap<ReadersOf, u32>> {
        self.0.conversations().reader_counts(about).await
    }
}
