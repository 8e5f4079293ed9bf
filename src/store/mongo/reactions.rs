//! Who reacts to messages, and how: kept apart from the messages, which only count them.

use super::MongoLog;
use super::documents::{conversation_key, message_key, user_key};
use super::failures::within;
use super::reads::{MAX_BATCH_SIZE, READ_LIMIT, all};
use crate::domain::emoji::Emoji;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{Reaction, Revision};
use crate::error::Result;
use crate::store::log::{ReactionsBy, ReactorsOf};
use mongodb::bson::{Bson, Document, Uuid, doc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One person's reaction to one message.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReactionDocument {
    conversation: Uuid,
    message: Uuid,
    user: Uuid,
    emoji: String,
    /// That of the change with which it came.
    revision: i64,
}

impl ReactionDocument {
    pub(super) const COLLECTION: &str = "reactions";

    pub(super) fn new(conversation: Uuid, reaction: &Reaction, came_with: Revision) -> Self {
        Self {
            conversation,
            message: message_key(reaction.message),
            user: user_key(reaction.user),
            emoji: reaction.emoji.as_str().to_owned(),
            revision: came_with.number(),
        }
    }

    /// By what that reaction is found.
    pub(super) fn filter(conversation: Uuid, reaction: &Reaction) -> Document {
        let (message, user) = (message_key(reaction.message), user_key(reaction.user));
        doc! { "conversation": conversation, "message": message, "user": user, "emoji": reaction.emoji.as_str() }
    }
}

impl From<ReactionDocument> for Reaction {
    fn from(document: ReactionDocument) -> Self {
        let uuid = |binary: Uuid| uuid::Uuid::from_bytes(binary.bytes());
        Self {
            message: MessageId::from(uuid(document.message)),
            user: UserId::from(uuid(document.user)),
            emoji: Emoji::from_stored(document.emoji),
        }
    }
}

/// Those who react to one of the messages asked about with one emoji.
#[derive(Deserialize)]
struct ReactorsDocument {
    number: i32,
    reactors: Vec<ReactionDocument>,
}

impl MongoLog {
    /// [`LogReads::reactors`](crate::store::LogReads::reactors).
    pub(super) async fn find_reactors(&self, of: &[ReactorsOf]) -> Result<HashMap<ReactorsOf, Vec<UserId>>> {
        let Some(most) = of.iter().map(|of| of.limit).max().filter(|most| *most > 0) else {
            return Ok(HashMap::new());
        };
        let asked = of.iter().zip(0_i32..).map(|(of, number)| {
            let (conversation, message) = (conversation_key(of.conversation), message_key(of.message));
            Bson::from(doc! {
                "number": number, "conversation": conversation, "message": message, "emoji": of.emoji.as_str(),
            })
        });
        let is_of_asked = ["conversation", "message", "emoji"]
            .map(|field| Bson::from(doc! { "$eq": [format!("${field}"), format!("$${field}")] }));
        let first = doc! { "$lookup": {
            "from": ReactionDocument::COLLECTION,
            "let": { "conversation": "$conversation", "message": "$message", "emoji": "$emoji" },
            "pipeline": [
                { "$match": { "$expr": { "$and": is_of_asked.to_vec() } } },
                { "$sort": { "revision": 1 } },
                { "$limit": i64::from(most) },
            ],
            "as": "reactors",
        } };
        let pipeline = [doc! { "$documents": asked.collect::<Vec<_>>() }, first];
        let read = async {
            let found = self.database.aggregate(pipeline).batch_size(MAX_BATCH_SIZE);
            all(found.with_type::<ReactorsDocument>().await?).await
        };
        let mut reactors = HashMap::with_capacity(of.len());
        for ReactorsDocument { number, reactors: found } in within(READ_LIMIT, read).await? {
            let Some(of) = usize::try_from(number).ok().and_then(|number| of.get(number)) else { continue };
            let users = found.into_iter().take(of.limit as usize).map(|document| Reaction::from(document).user);
            let users: Vec<_> = users.collect();
            if !users.is_empty() {
                reactors.insert(of.clone(), users);
            }
        }
        Ok(reactors)
    }

    /// [`LogReads::reactions_since`](crate::store::LogReads::reactions_since).
    pub(super) async fn find_reactions_since(
        &self,
        conversation: ConversationId,
        to: &[MessageId],
        after: Revision,
    ) -> Result<Vec<Reaction>> {
        if to.is_empty() {
            return Ok(Vec::new());
        }
        let messages: Vec<_> = to.iter().map(|id| message_key(*id)).collect();
        let later = doc! {
            "conversation": conversation_key(conversation),
            "revision": { "$gt": after.number() },
            "message": { "$in": messages },
        };
        let find = self.reactions.find(later).batch_size(MAX_BATCH_SIZE);
        let found = within(READ_LIMIT, async { all(find.await?).await }).await?;
        Ok(found.into_iter().map(Reaction::from).collect())
    }

    /// [`LogReads::reactions_by`](crate::store::LogReads::reactions_by).
    pub(super) async fn find_reactions_by(&self, of: &[ReactionsBy]) -> Result<HashMap<ReactionsBy, Vec<Emoji>>> {
        if of.is_empty() {
            return Ok(HashMap::new());
        }
        let alternatives = of.iter().map(|of| {
            let (conversation, message) = (conversation_key(of.conversation), message_key(of.message));
            doc! { "conversation": conversation, "message": message, "user": user_key(of.user) }
        });
        let find = self.reactions.find(doc! { "$or": alternatives.collect::<Vec<_>>() }).batch_size(MAX_BATCH_SIZE);
        let found = within(READ_LIMIT, async { all(find.await?).await }).await?;
        let mut by: HashMap<(MessageId, UserId), Vec<Emoji>> = HashMap::new();
        for Reaction { message, user, emoji } in found.into_iter().map(Reaction::from) {
            by.entry((message, user)).or_default().push(emoji);
        }
        let emoji_of = |of: &ReactionsBy| Some((*of, by.get(&(of.message, of.user))?.clone()));
        Ok(of.iter().filter_map(emoji_of).collect())
    }
}
