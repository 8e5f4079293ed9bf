//! What is read of the log. Everything is read from the primary, as a majority has it, and by an index.

use super::MongoLog;
use super::documents::{HeadDocument, MessageDocument, conversation_key, conversation_of, message_key, user_key};
use super::failures::within;
use crate::domain::batch::{Head, Stored};
use crate::domain::emoji::Emoji;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{ClientId, Message, Reaction, Revision};
use crate::domain::page::{Page, Take, Window};
use crate::domain::rules::MAX_UNREAD;
use crate::domain::words::{SearchPlace, SearchTerms};
use crate::error::Result;
use crate::store::LogReads;
use crate::store::log::{ReactionsBy, ReactorsOf, RepliesTo, UnreadBy};
use crate::store::search;
use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use mongodb::Cursor;
use mongodb::action::Find;
use mongodb::bson::{Bson, Document, Uuid, doc};
use mongodb::options::ReadConcern;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::time::Duration;

/// How long a read may take.
pub(super) const READ_LIMIT: Duration = Duration::from_secs(5);

/// Documents in one answer of the server's, as far as 16 MB hold them; by itself it would give 101.
pub(super) const MAX_BATCH_SIZE: u32 = 10_000;

/// How much one person has not read of one conversation.
#[derive(Deserialize)]
struct UnreadDocument {
    conversation: Uuid,
    user: Uuid,
    after: i64,
    count: i32,
}

/// How many messages answer one.
#[derive(Deserialize)]
struct RepliesDocument {
    message: Uuid,
    count: i32,
}

#[async_trait]
impl LogReads for MongoLog {
    async fn heads(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Head>> {
        let heads = self.head_documents(of).await?.into_iter();
        heads.map(|head| Ok((conversation_of(head.conversation), head.try_into()?))).collect()
    }

    async fn page(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>> {
        self.by_place(doc! { "conversation": conversation_key(conversation) }, window).await
    }

    async fn pinned(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>> {
        // As the index has it: another way to say the same it would not be used for.
        let pinned = doc! { "conversation": conversation_key(conversation), "pinnedAt": { "$type": "date" } };
        self.by_place(pinned, window).await
    }

    async fn replies(&self, to: RepliesTo, window: &Window<Revision>) -> Result<Page<Message>> {
        let (conversation, message) = (conversation_key(to.conversation), message_key(to.message));
        self.by_place(doc! { "conversation": conversation, "replyTo": message }, window).await
    }

    async fn reply_counts(&self, to: &[RepliesTo]) -> Result<HashMap<RepliesTo, u32>> {
        if to.is_empty() {
            return Ok(HashMap::new());
        }
        let read = async {
            let counts = self.database.aggregate(replies_pipeline(to)).batch_size(MAX_BATCH_SIZE);
            all(counts.with_type::<RepliesDocument>().await?).await
        };
        let counts = within(READ_LIMIT, read).await?;
        let by_key: HashMap<_, _> = counts.into_iter().map(|replies| (replies.message, replies.count)).collect();
        let count = |to: &RepliesTo| {
            let count = by_key.get(&message_key(to.message)).copied().unwrap_or_default();
            (*to, u32::try_from(count).unwrap_or_default())
        };
        Ok(to.iter().map(count).collect())
    }

    async fn reactors(&self, of: &[ReactorsOf]) -> Result<HashMap<ReactorsOf, Vec<UserId>>> {
        self.find_reactors(of).await
    }

    async fn reactions_by(&self, of: &[ReactionsBy]) -> Result<HashMap<ReactionsBy, Vec<Emoji>>> {
        self.find_reactions_by(of).await
    }

    async fn reactions_since(
        &self,
        conversation: ConversationId,
        to: &[MessageId],
        after: Revision,
    ) -> Result<Vec<Reaction>> {
        self.find_reactions_since(conversation, to, after).await
    }

    async fn since(&self, conversation: ConversationId, after: Revision, limit: u32) -> Result<Vec<Message>> {
        let filter = doc! { "conversation": conversation_key(conversation), "revision": { "$gt": after.number() } };
        let read = self.messages.find(filter).sort(doc! { "revision": 1 });
        // All of one moment: a message that changes while it is read would else come twice.
        self.list(read.read_concern(ReadConcern::snapshot()), limit).await
    }

    async fn find(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let ids: Vec<_> = ids.iter().copied().map(message_key).collect();
        self.by_key(ids).await
    }

    async fn under(
        &self,
        conversation: ConversationId,
        author: UserId,
        client_id: &ClientId,
    ) -> Result<Option<Stored>> {
        let (conversation, author) = (conversation_key(conversation), user_key(author));
        let under = doc! { "conversation": conversation, "author": author, "clientId": client_id.as_str() };
        let found = within(READ_LIMIT, async { Ok(self.messages.find_one(under).await?) }).await?;
        found.map(Stored::try_from).transpose()
    }

    async fn latest(&self, of: &[ConversationId]) -> Result<Vec<Message>> {
        let heads = self.head_documents(of).await?;
        self.by_key(heads.into_iter().filter_map(|head| head.last_message).collect()).await
    }

    async fn unread(&self, of: &[UnreadBy]) -> Result<HashMap<UnreadBy, u32>> {
        if of.is_empty() {
            return Ok(HashMap::new());
        }
        let read = async {
            let counts = self.database.aggregate(unread_pipeline(of)).batch_size(MAX_BATCH_SIZE);
            all(counts.with_type::<UnreadDocument>().await?).await
        };
        let counts = within(READ_LIMIT, read).await?;
        let by_key: HashMap<_, _> =
            counts.into_iter().map(|unread| ((unread.conversation, unread.user, unread.after), unread.count)).collect();
        let count = |unread: &UnreadBy| {
            let count = by_key.get(&key_of(unread)).copied().unwrap_or_default();
            (*unread, u32::try_from(count).unwrap_or_default())
        };
        Ok(of.iter().map(count).collect())
    }

    async fn search(
        &self,
        of: &[ConversationId],
        terms: &SearchTerms,
        window: &Window<SearchPlace>,
    ) -> Result<Page<Message>> {
        search::search(self, of, terms, window).await
    }
}

impl MongoLog {
    async fn by_place(&self, mut of: Document, window: &Window<Revision>) -> Result<Page<Message>> {
        let order = match window.take {
            Take::First(_) => 1,
            Take::Last(_) => -1,
        };
        let mut seq = Document::new();
        if let Some(after) = window.after {
            seq.insert("$gt", after.number());
        }
        if let Some(before) = window.before {
            seq.insert("$lt", before.number());
        }
        if !seq.is_empty() {
            of.insert("seq", seq);
        }
        let read = self.messages.find(of).sort(doc! { "seq": order });
        let messages = self.list(read, window.take.limit().saturating_add(1)).await?;
        Ok(Page::of_read(window, messages))
    }

    async fn head_documents(&self, of: &[ConversationId]) -> Result<Vec<HeadDocument>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = of.iter().copied().map(conversation_key).collect();
        let not_erased = doc! { "_id": { "$in": ids }, "isErased": { "$ne": true } };
        let find = self.heads.find(not_erased).batch_size(MAX_BATCH_SIZE);
        within(READ_LIMIT, async { all(find.await?).await }).await
    }

    async fn by_key(&self, ids: Vec<Uuid>) -> Result<Vec<Message>> {
        let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let read = self.messages.find(doc! { "_id": { "$in": ids } });
        self.list(read, count).await
    }

    async fn list(&self, read: Find<'_, MessageDocument>, limit: u32) -> Result<Vec<Message>> {
        // For the server, a limit of 0 is none.
        if limit == 0 {
            return Ok(Vec::new());
        }
        let read =
            read.projection(MessageDocument::without_words()).limit(limit.into()).batch_size(limit.min(MAX_BATCH_SIZE));
        let documents = within(READ_LIMIT, async { all(read.await?).await }).await?;
        documents.into_iter().map(Message::try_from).collect()
    }
}

pub(super) async fn all<D: DeserializeOwned + Send + Sync>(cursor: Cursor<D>) -> Result<Vec<D>> {
    Ok(cursor.try_collect().await?)
}

/// One look into the index of replies for each of the messages, all in one round trip.
fn replies_pipeline(to: &[RepliesTo]) -> [Document; 3] {
    let asked = to.iter().map(|to| {
        Bson::from(doc! { "conversation": conversation_key(to.conversation), "message": message_key(to.message) })
    });
    let is_reply = doc! {
        "deletedAt": null,
        "replyTo": { "$exists": true },
        "$expr": { "$and": [
            { "$eq": ["$conversation", "$$conversation"] },
            { "$eq": ["$replyTo", "$$message"] },
        ] },
    };
    let count = doc! { "$lookup": {
        "from": MessageDocument::COLLECTION,
        "let": { "conversation": "$conversation", "message": "$message" },
        "pipeline": [{ "$match": is_reply }, { "$count": "count" }],
        "as": "replies",
    } };
    [
        doc! { "$documents": asked.collect::<Vec<_>>() },
        count,
        doc! { "$set": { "count": { "$ifNull": [{ "$first": "$replies.count" }, 0] } } },
    ]
}

fn key_of(unread: &UnreadBy) -> (Uuid, Uuid, i64) {
    (conversation_key(unread.conversation), user_key(unread.user), unread.after.number())
}

/// One look into the index of places for each of the marks, all in one round trip.
fn unread_pipeline(of: &[UnreadBy]) -> [Document; 3] {
    let marks = of.iter().map(|unread| {
        let (conversation, user, after) = key_of(unread);
        Bson::from(doc! { "conversation": conversation, "user": user, "after": after })
    });
    let is_unread = doc! {
        "deletedAt": null,
        "$expr": { "$and": [
            { "$eq": ["$conversation", "$$conversation"] },
            { "$gt": ["$seq", "$$after"] },
            { "$ne": ["$author", "$$user"] },
            { "$ne": ["$author", user_key(UserId::SYSTEM)] },
        ] },
    };
    let count = doc! { "$lookup": {
        "from": MessageDocument::COLLECTION,
        "let": { "conversation": "$conversation", "user": "$user", "after": "$after" },
        "pipeline": [{ "$match": is_unread }, { "$limit": MAX_UNREAD }, { "$count": "count" }],
        "as": "unread",
    } };
    [
        doc! { "$documents": marks.collect::<Vec<_>>() },
        count,
        doc! { "$set": { "count": { "$ifNull": [{ "$first": "$unread.count" }, 0] } } },
    ]
}
