//! How a batch becomes part of the log: in one transaction that changes the conversation's head, tried until it has been
//! alone with it.

use super::failures::within;
use super::transaction::{Failure, Transaction};
use super::{MongoLog, abandoned};
use crate::domain::batch::{Attempt, Write};
use crate::domain::ids::ConversationId;
use crate::error::Result;
use crate::store::LogStore;
use crate::store::log::Committed;
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tracing::{debug, warn};

/// How long a commit may take, all its tries together.
const COMMIT_LIMIT: Duration = Duration::from_secs(4);
/// For how long a commit that does not come off is tried again.
const RETRY_LIMIT: Duration = Duration::from_secs(2);
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
}

impl MongoLog {
    async fn commit_in_tries(
        &self,
        conversation: ConversationId,
        writes: &[Write],
        attempt: Attempt,
    ) -> Result<Committed> {
        let deadline = Instant::now() + RETRY_LIMIT;
        let mut way = Way::of(writes, attempt);
        let mut longest_pause = FIRST_PAUSE;
        let mut has_tidied = false;
        loop {
            let error = match self.commit_once(conversation, writes, way).await {
                Ok(committed) => return Ok(committed),
                Err(Failure::Final(error)) => return Err(error),
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
            if left < RETRY_LIMIT / 2 && !has_tidied {
                has_tidied = true;
                self.end_abandoned().await;
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
