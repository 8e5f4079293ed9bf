//! What is read of the log. Everything is read from the primary, as a majority has it, and by an index.

use super::MongoLog;
use super::documents::{HeadDocument, MessageDocument, conversation_key, conversation_of, message_key, user_key};
use super::failures::within;
use crate::domain::batch::Head;
use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::message::{Message, Revision};
use crate::domain::page::{Page, Take, Window};
use crate::domain::rules::MAX_UNREAD;
use crate::error::Result;
use crate::store::LogReads;
use crate::store::log::UnreadBy;
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
const READ_LIMIT: Duration = Duration::from_secs(5);

/// Documents in one answer of the server's, as far as 16 MB hold them; by itself it would give 101.
const MAX_BATCH_SIZE: u32 = 10_000;

/// How much one person has not read of one conversation.
#[derive(Deserialize)]
struct UnreadDocument {
    conversation: Uuid,
    user: Uuid,
    after: i64,
    count: i32,
}

#[async_trait]
impl LogReads for MongoLog {
    async fn heads(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Head>> {
        let heads = self.head_documents(of).await?.into_iter();
        heads.map(|head| Ok((conversation_of(head.conversation), head.try_into()?))).collect()
    }

    async fn page(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>> {
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
        let mut filter = doc! { "conversation": conversation_key(conversation) };
        if !seq.is_empty() {
            filter.insert("seq", seq);
        }
        let read = self.messages.find(filter).sort(doc! { "seq": order });
        let messages = self.list(read, window.take.limit().saturating_add(1)).await?;
        Ok(Page::of_read(window, messages))
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
}

impl MongoLog {
    async fn head_documents(&self, of: &[ConversationId]) -> Result<Vec<HeadDocument>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = of.iter().copied().map(conversation_key).collect();
        let find = self.heads.find(doc! { "_id": { "$in": ids } }).batch_size(MAX_BATCH_SIZE);
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
        let read = read.limit(limit.into()).batch_size(limit.min(MAX_BATCH_SIZE));
        let documents = within(READ_LIMIT, async { all(read.await?).await }).await?;
        documents.into_iter().map(Message::try_from).collect()
    }
}

async fn all<D: DeserializeOwned + Send + Sync>(cursor: Cursor<D>) -> Result<Vec<D>> {
    Ok(cursor.try_collect().await?)
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
