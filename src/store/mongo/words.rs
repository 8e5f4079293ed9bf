//! The index of words: an array in each message, which its commit writes, and how it is read when messages are searched for.

use super::MongoLog;
use super::documents::{MessageDocument, conversation_key, message_key, message_of};
use super::failures::within;
use super::reads::{READ_LIMIT, all};
use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::words::EVERY_MESSAGE;
use crate::error::Result;
use crate::store::search::{Order, Span, WordIndex};
use async_trait::async_trait;
use mongodb::bson::{Document, Uuid, doc};
use mongodb::options::{FindOptions, Hint};
use serde::Deserialize;

/// The index over the conversation, the words and the message's id, by which those of one word are sorted.
pub(super) const INDEX: &str = "words";

#[derive(Deserialize)]
struct Id {
    #[serde(rename = "_id")]
    id: Uuid,
}

#[async_trait]
impl WordIndex for MongoLog {
    async fn some_holding(&self, of: &[ConversationId], beginning: &str, limit: usize) -> Result<Vec<MessageId>> {
        let mut filter = of_these(of);
        filter.insert("words", begins_with(beginning));
        self.ids(filter, FindOptions::default(), limit).await
    }

    async fn first_holding(
        &self,
        of: &[ConversationId],
        beginnings: &[String],
        span: Span,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let mut filter = of_these(of);
        match beginnings {
            [] => filter.insert("words", EVERY_MESSAGE),
            // Alone, it is answered by the index without a look at the messages.
            [one] => filter.insert("words", begins_with(one)),
            all => {
                let each: Vec<_> = all.iter().map(|one| doc! { "words": begins_with(one) }).collect();
                filter.insert("$and", each)
            }
        };
        if let Some(id) = within_span(span) {
            filter.insert("_id", id);
        }
        let order = match span.order {
            Order::NewestFirst => -1,
            Order::OldestFirst => 1,
        };
        let mut options = FindOptions::default();
        options.sort = Some(doc! { "_id": order });
        self.ids(filter, options, limit).await
    }
}

impl MongoLog {
    async fn ids(&self, filter: Document, mut options: FindOptions, limit: usize) -> Result<Vec<MessageId>> {
        options.projection = Some(doc! { "_id": 1 });
        options.hint = Some(Hint::Name(INDEX.to_owned()));
        options.limit = i64::try_from(limit).ok();
        // All in one answer, one more so that the server knows that it is the last.
        options.batch_size = u32::try_from(limit).ok().map(|limit| limit.saturating_add(1));
        let messages = self.database.collection::<Id>(MessageDocument::COLLECTION);
        let ids = within(READ_LIMIT, async { all(messages.find(filter).with_options(options).await?).await });
        Ok(ids.await?.into_iter().map(|found| message_of(found.id)).collect())
    }
}

fn of_these(conversations: &[ConversationId]) -> Document {
    let keys: Vec<_> = conversations.iter().copied().map(conversation_key).collect();
    doc! { "conversation": { "$in": keys } }
}

/// Words are letters and digits, none of which means anything else in a regular expression.
fn begins_with(beginning: &str) -> Document {
    doc! { "$regex": format!("^{beginning}") }
}

fn within_span(span: Span) -> Option<Document> {
    let mut bounds = Document::new();
    if let Some(id) = span.newer_than {
        bounds.insert("$gt", message_key(id));
    }
    if let Some(id) = span.older_than {
        bounds.insert("$lt", message_key(id));
    }
    (!bounds.is_empty()).then_some(bounds)
}
