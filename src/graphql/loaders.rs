//! What is read for many objects of a response at once. Nothing is kept: each batch reads anew.

use crate::chat::{Chat, ConversationState, Viewer};
use crate::domain::conversation::{Marks, Member};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Message;
use crate::domain::user::User;
use crate::error::{Error, Result};
use crate::store::conversations::ReadersOf;
use crate::store::log::UnreadBy;
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Reads in batches. Answers are `None` where there is no such thing, or none for the viewer.
pub struct Loaders(DataLoader<Batch>);

struct Batch {
    chat: Arc<Chat>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct ConversationKey(Viewer, ConversationId);
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct DirectKey(Viewer, UserId);
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct MemberKey(ConversationId, UserId);
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct FloorKey(ConversationId, UserId);
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct LatestKey(ConversationId);
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct MemberCountKey(ConversationId);

impl Loaders {
    /// Loaders over that chat.
    pub fn new(chat: Arc<Chat>) -> Self {
        Self(DataLoader::new(Batch { chat }, TokioSpawner::current(), TokioTimer::default()))
    }

    /// A person.
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.0.load_one(id).await
    }

    /// People, in the order of the ids; who is not there is left out.
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let mut found = self.0.load_many(ids.iter().copied()).await?;
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// A conversation that the viewer may see.
    pub async fn conversation(&self, viewer: &Viewer, id: ConversationId) -> Result<Option<ConversationState>> {
        self.0.load_one(ConversationKey(*viewer, id)).await
    }

    /// The viewer's direct conversation with a person.
    pub async fn direct_conversation(&self, viewer: &Viewer, with: UserId) -> Result<Option<ConversationState>> {
        self.0.load_one(DirectKey(*viewer, with)).await
    }

    /// A membership.
    pub async fn member(&self, conversation: ConversationId, user: UserId) -> Result<Option<Member>> {
        self.0.load_one(MemberKey(conversation, user)).await
    }

    /// How many members a conversation has.
    pub async fn member_count(&self, conversation: ConversationId) -> Result<u32> {
        Ok(self.0.load_one(MemberCountKey(conversation)).await?.unwrap_or_default())
    }

    /// The latest message of a conversation.
    pub async fn latest(&self, conversation: ConversationId) -> Result<Option<Message>> {
        self.0.load_one(LatestKey(conversation)).await
    }

    /// How much a member has not read.
    pub async fn unread(&self, of: UnreadBy) -> Result<u32> {
        Ok(self.0.load_one(of).await?.unwrap_or_default())
    }

    /// The least of the marks of a conversation's members, that one not counted.
    pub async fn floor(&self, conversation: ConversationId, except: UserId) -> Result<Option<Marks>> {
        self.0.load_one(FloorKey(conversation, except)).await
    }

    /// How many have read a message.
    pub async fn reader_count(&self, of: ReadersOf) -> Result<u32> {
        Ok(self.0.load_one(of).await?.unwrap_or_default())
    }
}

/// The keys of each viewer together.
fn by_viewer<K: Copy>(keys: &[K], viewer: impl Fn(K) -> Viewer) -> HashMap<Viewer, Vec<K>> {
    let mut grouped: HashMap<Viewer, Vec<K>> = HashMap::new();
    for key in keys {
        grouped.entry(viewer(*key)).or_default().push(*key);
    }
    grouped
}

fn keyed<K: Eq + Hash, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    values.into_iter().map(|value| (key(&value), value)).collect()
}

impl Loader<UserId> for Batch {
    type Value = User;
    type Error = Error;

    async fn load(&self, keys: &[UserId]) -> Result<HashMap<UserId, User>> {
        Ok(keyed(self.chat.users(keys).await?, |user| user.id))
    }
}

impl Loader<ConversationKey> for Batch {
    type Value = ConversationState;
    type Error = Error;

    async fn load(&self, keys: &[ConversationKey]) -> Result<HashMap<ConversationKey, ConversationState>> {
        let mut found = HashMap::new();
        for (viewer, keys) in by_viewer(keys, |key| key.0) {
            let ids: Vec<_> = keys.iter().map(|key| key.1).collect();
            let states = self.chat.conversations_by_id(&viewer, &ids).await?;
            found.extend(keyed(states, |state| ConversationKey(viewer, state.conversation.id)));
        }
        Ok(found)
    }
}

impl Loader<DirectKey> for Batch {
    type Value = ConversationState;
    type Error = Error;

    async fn load(&self, keys: &[DirectKey]) -> Result<HashMap<DirectKey, ConversationState>> {
        let mut found = HashMap::new();
        for (viewer, keys) in by_viewer(keys, |key| key.0) {
            let with: Vec<_> = keys.iter().map(|key| key.1).collect();
            for state in self.chat.direct_conversations(&viewer, &with).await? {
                let peer = state.conversation.pair.and_then(|pair| pair.other(viewer.user));
                found.extend(peer.map(|peer| (DirectKey(viewer, peer), state)));
            }
        }
        Ok(found)
    }
}

impl Loader<MemberKey> for Batch {
    type Value = Member;
    type Error = Error;

    async fn load(&self, keys: &[MemberKey]) -> Result<HashMap<MemberKey, Member>> {
        let of: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let members = self.chat.conversations().memberships(&of).await?;
        Ok(keyed(members, |member| MemberKey(member.conversation, member.user)))
    }
}

impl Loader<MemberCountKey> for Batch {
    type Value = u32;
    type Error = Error;

    async fn load(&self, keys: &[MemberCountKey]) -> Result<HashMap<MemberCountKey, u32>> {
        let of: Vec<_> = keys.iter().map(|key| key.0).collect();
        let counts = self.chat.conversations().member_counts(&of).await?;
        Ok(counts.into_iter().map(|(id, count)| (MemberCountKey(id), count)).collect())
    }
}

impl Loader<LatestKey> for Batch {
    type Value = Message;
    type Error = Error;

    async fn load(&self, keys: &[LatestKey]) -> Result<HashMap<LatestKey, Message>> {
        let of: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(keyed(self.chat.log().latest(&of).await?, |message| LatestKey(message.conversation)))
    }
}

impl Loader<UnreadBy> for Batch {
    type Value = u32;
    type Error = Error;

    async fn load(&self, keys: &[UnreadBy]) -> Result<HashMap<UnreadBy, u32>> {
        self.chat.log().unread(keys).await
    }
}

impl Loader<FloorKey> for Batch {
    type Value = Marks;
    type Error = Error;

    async fn load(&self, keys: &[FloorKey]) -> Result<HashMap<FloorKey, Marks>> {
        let of: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let floors = self.chat.conversations().mark_floors(&of).await?;
        Ok(floors.into_iter().map(|((conversation, user), marks)| (FloorKey(conversation, user), marks)).collect())
    }
}

impl Loader<ReadersOf> for Batch {
    type Value = u32;
    type Error = Error;

    async fn load(&self, keys: &[ReadersOf]) -> Result<HashMap<ReadersOf, u32>> {
        self.chat.conversations().reader_counts(keys).await
    }
}
