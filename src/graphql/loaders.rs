//! What is read for many objects at once, of one response and of many. Nothing is kept: each batch reads anew. What the
//! items of a list ask at the same time is one question; what comes meanwhile is the next.

use super::message_questions::{ReactionsOfOne, Reactors, ReplyCounts};
use super::own::{Own, OwnConversations};
use crate::chat::{Chat, ConversationState, Sight, Viewer};
use crate::domain::conversation::{Marks, Member};
use crate::domain::emoji::Emoji;
use crate::domain::ids::{ConversationId, MessageId, NotificationId, UserId};
use crate::domain::message::Message;
use crate::domain::notification::Notification;
use crate::domain::presence::Presence;
use crate::domain::user::User;
use crate::error::Result;
use crate::store::blocks::Block;
use crate::store::conversations::{FirstMembers, ReadersOf};
use crate::store::log::{ReactionsBy, ReactorsOf, RepliesTo, UnreadBy};
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
    blocks: Together<Blocks>,
    first_members: Together<FirstOfMembers>,
    messages: Together<Messages>,
    reply_counts: Together<ReplyCounts>,
    reactors: Together<Reactors>,
    reactions_by: Together<ReactionsOfOne>,
    latest: Together<Latest>,
    unread: Together<Unread>,
    floors: Together<Floors>,
    reader_counts: Together<ReaderCounts>,
    presences: Together<Presences>,
    online: Together<OnlineMembers>,
    notifications: Together<Notifications>,
    own_conversations: OwnConversations,
}

impl Loaders {
    /// Loaders over that chat.
    pub fn new(chat: &Arc<Chat>) -> Self {
        let chat = || Arc::clone(chat);
        Self {
            users: Together::new(Users(chat())),
            conversations: Together::new(Conversations(chat())),
            directs: Together::new(Directs(chat())),
            blocks: Together::new(Blocks(chat())),
            first_members: Together::new(FirstOfMembers(chat())),
            messages: Together::new(Messages(chat())),
            reply_counts: Together::new(ReplyCounts(chat())),
            reactors: Together::new(Reactors(chat())),
            reactions_by: Together::new(ReactionsOfOne(chat())),
            latest: Together::new(Latest(chat())),
            unread: Together::new(Unread(chat())),
            floors: Together::new(Floors(chat())),
            reader_counts: Together::new(ReaderCounts(chat())),
            presences: Together::new(Presences(chat())),
            online: Together::new(OnlineMembers(chat())),
            notifications: Together::new(Notifications(chat())),
            own_conversations: OwnConversations::new(chat()),
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

    /// All conversations that the viewer is in or invited to.
    pub async fn own_conversations(&self, viewer: &Viewer) -> Result<Arc<Own>> {
        self.own_conversations.of(viewer.user).await
    }

    /// The viewer's direct conversation with a person.
    pub async fn direct_conversation(&self, viewer: &Viewer, with: UserId) -> Result<Option<ConversationState>> {
        self.directs.ask((*viewer, with)).await
    }

    /// Whether one person blocks another.
    pub async fn is_blocked(&self, block: Block) -> Result<bool> {
        self.blocks.ask(block).await
    }

    /// The first members of a conversation.
    pub async fn first_members(&self, of: FirstMembers) -> Result<Vec<Member>> {
        self.first_members.ask(of).await
    }

    /// A message that the viewer may read.
    pub async fn message(&self, viewer: &Viewer, id: MessageId) -> Result<Option<Message>> {
        self.messages.ask((id, viewer.user)).await
    }

    /// How many messages, tombstones not among them, answer one.
    pub async fn reply_count(&self, to: RepliesTo) -> Result<u32> {
        self.reply_counts.ask(to).await
    }

    /// Who react to a message with one emoji.
    pub async fn reactors(&self, of: ReactorsOf) -> Result<Vec<UserId>> {
        self.reactors.ask(of).await
    }

    /// What one person reacts to a message with.
    pub async fn reactions_by(&self, of: ReactionsBy) -> Result<Vec<Emoji>> {
        self.reactions_by.ask(of).await
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

    /// Whether a person is online in another's eyes.
    pub async fn presence(&self, of: Sight) -> Result<Presence> {
        self.presences.ask(of).await
    }

    /// How many of a conversation are online in the viewer's eyes.
    pub async fn online_members(&self, viewer: &Viewer, of: ConversationId) -> Result<u32> {
        self.online.ask((of, viewer.user)).await
    }

    /// How many have read a message.
    pub async fn reader_count(&self, of: ReadersOf) -> Result<u32> {
        self.reader_counts.ask(of).await
    }

    /// Something that the viewer is notified of.
    pub async fn notification(&self, viewer: &Viewer, id: NotificationId) -> Result<Option<Notification>> {
        self.notifications.ask((id, viewer.user)).await
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
                let peer = state.conversation.pair().and_then(|pair| pair.other(viewer.user));
                found.extend(peer.map(|peer| ((viewer, peer), Some(state))));
            }
        }
        Ok(found)
    }
}

struct Blocks(Arc<Chat>);

#[async_trait]
impl Question for Blocks {
    type About = Block;
    type Answer = bool;

    async fn ask(&self, about: &[Block]) -> Result<HashMap<Block, bool>> {
        Ok(self.0.blocks_among(about).await?.into_iter().map(|block| (block, true)).collect())
    }
}

struct FirstOfMembers(Arc<Chat>);

#[async_trait]
impl Question for FirstOfMembers {
    type About = FirstMembers;
    type Answer = Vec<Member>;

    async fn ask(&self, about: &[FirstMembers]) -> Result<HashMap<FirstMembers, Vec<Member>>> {
        self.0.first_members(about).await
    }
}

struct Messages(Arc<Chat>);

#[async_trait]
impl Question for Messages {
    type About = (MessageId, UserId);
    type Answer = Option<Message>;

    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, Self::Answer>> {
        Ok(some(self.0.messages_seen(about).await?))
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

struct Presences(Arc<Chat>);

#[async_trait]
impl Question for Presences {
    type About = Sight;
    type Answer = Presence;

    async fn ask(&self, about: &[Sight]) -> Result<HashMap<Sight, Presence>> {
        self.0.presences(about).await
    }
}

struct OnlineMembers(Arc<Chat>);

#[async_trait]
impl Question for OnlineMembers {
    type About = (ConversationId, UserId);
    type Answer = u32;

    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, u32>> {
        self.0.online_members(about).await
    }
}

struct Notifications(Arc<Chat>);

#[async_trait]
impl Question for Notifications {
    type About = (NotificationId, UserId);
    type Answer = Option<Notification>;

    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, Self::Answer>> {
        let found = self.0.notifications().find(about).await?;
        Ok(keyed(found, |notification| (notification.id, notification.user)))
    }
}
