//! How a batch becomes part of the log: in one transaction that changes the conversation's head, tried until it has been
//! alone with it.

use super::documents::{MessageDocument, conversation_key};
use super::failures::{is_duplicate, within};
use super::reactions::ReactionDocument;
use super::transaction::{Failure, Transaction};
use super::{MongoLog, abandoned};
use crate::domain::batch::{Attempt, Write};
use crate::domain::ids::ConversationId;
use crate::error::Result;
use crate::store::LogStore;
use crate::store::log::{Committed, MAX_ERASED};
use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, warn};

/// How long a commit may take, all its tries together.
const COMMIT_LIMIT: Duration = Duration::from_millis(4_500);
/// For how long a commit is tried again of which others are faster.
const RETRY_LIMIT: Duration = Duration::from_secs(4);
/// After how long one that is tried again looks for transactions that were abandoned, and how long until the next look:
/// one may be younger than what counts as abandoned.
const TIDY_AFTER: Duration = Duration::from_secs(1);
const TIDY_AGAIN: Duration = Duration::from_millis(500);
/// The longest pause before the second try; it doubles with each further one, up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const MAX_PAUSE: Duration = Duration::from_millis(50);

/// How a try goes about it.
#[derive(Clone, Copy)]
enum Way {
    /// Nothing is looked up, since the batch only bears messages, all new as far as we know.
    Trusting,
    /// What stands in the log is looked up first.
    Looking(Attempt),
}

impl Way {
    fn of(writes: &[Write], attempt: Attempt) -> Self {
        let only_births = !writes.is_empty() && writes.iter().all(|write| matches!(write, Write::Append(_)));
        if only_births && attempt == Attempt::First { Self::Trusting } else { Self::Looking(attempt) }
    }
}

#[async_trait]
impl LogStore for MongoLog {
    async fn commit(&self, conversation: ConversationId, writes: &[Write], attempt: Attempt) -> Result<Committed> {
        within(COMMIT_LIMIT, self.commit_in_tries(conversation, writes, attempt)).await
    }

    async fn raise(&self, of: &[ConversationId], by: u32) -> Result<()> {
        for conversation in of {
            within(COMMIT_LIMIT, self.raise_head(*conversation, by)).await?;
        }
        Ok(())
    }

    async fn erase(&self, conversation: ConversationId) -> Result<()> {
        within(COMMIT_LIMIT, self.mark_erased(conversation)).await?;
        for collection in [ReactionDocument::COLLECTION, MessageDocument::COLLECTION] {
            while within(COMMIT_LIMIT, self.erase_some(collection, conversation)).await? {}
        }
        Ok(())
    }
}

impl MongoLog {
    async fn raise_head(&self, conversation: ConversationId, by: u32) -> Result<()> {
        let by_id = doc! { "_id": conversation_key(conversation) };
        let raise = doc! {
            "$inc": { "revision": i64::from(by) },
            "$setOnInsert": { "lastSeq": 0_i64, "activeAt": null, "lastMessage": null },
        };
        self.heads.update_one(by_id, raise).upsert(true).await?;
        Ok(())
    }

    /// Waits for the transaction that has changed the head, and ends it where it was abandoned.
    async fn mark_erased(&self, conversation: ConversationId) -> Result<()> {
        let mark = doc! {
            "$set": { "isErased": true, "activeAt": null, "lastMessage": null },
            "$setOnInsert": { "revision": 0_i64, "lastSeq": 0_i64 },
        };
        loop {
            let by_id = doc! { "_id": conversation_key(conversation) };
            let update = self.heads.update_one(by_id, mark.clone()).upsert(true);
            match timeout(TIDY_AFTER, async { update.await }).await {
                // Somebody else has made the head meanwhile.
                Ok(Err(error)) if is_duplicate(&error) => {}
                Ok(outcome) => return outcome.map(drop).map_err(Into::into),
                Err(_) => self.end_abandoned().await,
            }
        }
    }

    /// Removes the first of what a collection holds of a log; whether there may be more.
    async fn erase_some(&self, collection: &str, conversation: ConversationId) -> Result<bool> {
        let collection = self.database.collection::<Document>(collection);
        let of_it = doc! { "conversation": conversation_key(conversation) };
        let first =
            collection.find(of_it).projection(doc! { "_id": 1 }).limit(MAX_ERASED.into()).batch_size(MAX_ERASED);
        let first: Vec<Document> = first.await?.try_collect().await?;
        let ids: Vec<_> = first.into_iter().filter_map(|mut document| document.remove("_id")).collect();
        let is_last = ids.len() < MAX_ERASED as usize;
        if !ids.is_empty() {
            collection.delete_many(doc! { "_id": { "$in": ids } }).await?;
        }
        Ok(!is_last)
    }

    async fn commit_in_tries(
        &self,
        conversation: ConversationId,
        writes: &[Write],
        attempt: Attempt,
    ) -> Result<Committed> {
        let began = Instant::now();
        let deadline = began + RETRY_LIMIT;
        let mut way = Way::of(writes, attempt);
        let mut longest_pause = FIRST_PAUSE;
        let mut next_tidying = began + TIDY_AFTER;
        loop {
            let error = match self.commit_once(conversation, writes, way).await {
                Ok(committed) => return Ok(committed),
                // Whoever asks knows how long a server that is away may be tried, and that it may have stored it.
                Err(Failure::Final(error) | Failure::Away(error)) => return Err(error),
                Err(Failure::Known) => {
                    way = Way::Looking(attempt);
                    continue;
                }
                Err(Failure::Lost(error)) => {
                    way = Way::Looking(Attempt::Again);
                    error
                }
                Err(Failure::Raced(error)) => error,
            };
            // At random, so that two who got in each other's way do not do so again.
            let pause = rand::random_range(Duration::ZERO..=longest_pause);
            longest_pause = (longest_pause * 2).min(MAX_PAUSE);
            let left = deadline.saturating_duration_since(Instant::now() + pause);
            if left.is_zero() {
                return Err(error);
            }
            debug!(%conversation, %error, "commit is tried again");
            if Instant::now() >= next_tidying {
                self.end_abandoned().await;
                next_tidying = Instant::now() + TIDY_AGAIN;
            }
            sleep(pause).await;
        }
    }

    async fn commit_once(
        &self,
        conversation: ConversationId,
        writes: &[Write],
        way: Way,
    ) -> Result<Committed, Failure> {
        let mut transaction = Transaction::begin(self, conversation).await?;
        match way {
            Way::Trusting => transaction.commit_trusting(writes).await,
            Way::Looking(attempt) => transaction.commit_looking(writes, attempt).await,
        }
    }

    async fn end_abandoned(&self) {
        match abandoned::end(self.database.client()).await {
            Ok(0) => {}
            Ok(count) => warn!(count, "ended transactions that somebody had left open"),
            Err(error) => warn!(%error, "cannot end transactions that are left open"),
        }
    }
}
