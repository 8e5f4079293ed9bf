//! The message log as the rest of the house sees it: one writer per conversation and process in front of a
//! [`LogStore`], which gathers what is waiting, commits it as one batch and rings.

use super::group::{Commit, GroupCommit};
use super::log::{Committed, LogReads, LogStore, MAX_BATCH};
use crate::domain::batch::{Attempt, Write, Written};
use crate::domain::event::Bell;
use crate::domain::ids::ConversationId;
use crate::domain::message::{Amendment, NewMessage};
use crate::error::{Code, Error, Result};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::warn;

/// How long a batch may take before its writes are answered with `UNAVAILABLE`: a store that is busy is waited for.
const COMMIT_LIMIT: Duration = Duration::from_secs(5);
/// How long after a batch has begun it is tried again where the store is away. Clients are to be told so within 2 s.
const AWAY_LIMIT: Duration = Duration::from_millis(1_500);
/// How long to wait before a try is made again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// A message log with one writer per conversation. Cheap to clone; all clones share the writers.
#[derive(Clone)]
pub struct MessageLog {
    writers: GroupCommit<Writer>,
}

impl MessageLog {
    /// A log in that store. `on_commit` is called with every growth of a log that this process has committed, in the
    /// order of the commits, and must not block.
    pub fn new(store: Arc<dyn LogStore>, on_commit: impl Fn(Bell) + Send + Sync + 'static) -> Self {
        Self { writers: GroupCommit::new(Writer { store, on_commit: Box::new(on_commit) }) }
    }

    /// The log for reading.
    pub fn read(&self) -> &dyn LogReads {
        &*self.writers.committer().store
    }

    /// Appends a message, or finds the one that was stored under its client id. Durable once answered.
    pub async fn append(&self, message: NewMessage) -> Result<Written> {
        self.writers.submit(message.conversation, Write::Append(message)).await
    }

    /// Appends messages to that conversation's log, as neighbours in their order, or finds those that were stored under
    /// their client ids. Where it fails, a number of them from the first on may be stored, and none behind one that is
    /// not: sent again under the same client ids, they go on where they broke off.
    pub async fn append_all(&self, conversation: ConversationId, messages: Vec<NewMessage>) -> Result<Vec<Written>> {
        self.writers.submit_all(conversation, messages.into_iter().map(Write::Append)).await
    }

    /// Changes a message of that conversation. Durable once answered.
    pub async fn amend(&self, conversation: ConversationId, amendment: Amendment) -> Result<Written> {
        self.writers.submit(conversation, Write::Amend(amendment)).await
    }

    /// Erases a conversation's log, for ever: see [`LogStore::erase`]. Nobody is rung: there is nothing to be read.
    pub async fn erase(&self, conversation: ConversationId) -> Result<()> {
        self.writers.committer().store.erase(conversation).await
    }

    /// Waits until all that was queued is written. What comes afterwards is refused as `UNAVAILABLE`.
    pub async fn close(&self) {
        self.writers.close().await;
    }
}

struct Writer {
    store: Arc<dyn LogStore>,
    on_commit: Box<dyn Fn(Bell) + Send + Sync>,
}

#[async_trait]
impl Commit for Writer {
    type Key = ConversationId;
    type Job = Write;
    type Answer = Written;

    const STORE: &'static str = "the message log";
    const MAX_BATCH: usize = MAX_BATCH;
    /// Of texts, each word of which is an entry of an index: a batch of nothing else takes seconds, and must stay below
    /// [`COMMIT_LIMIT`]. Far below the 48 MB that MongoDB takes in one message.
    const MAX_BATCH_BYTES: usize = 1024 * 1024;

    fn bytes(write: &Write) -> usize {
        write.bytes()
    }

    async fn commit(&self, conversation: ConversationId, writes: Vec<Write>) -> Result<Vec<Written>> {
        let (committed, attempt) = self.store_batch(conversation, &writes).await?;
        let Committed { before, head, written, changed } = committed;
        if head.revision > before {
            (self.on_commit)(Bell::new(conversation, before.next(), head.revision, changed));
        } else if attempt == Attempt::Again {
            // The try whose answer was lost may have stored it, and has not rung.
            (self.on_commit)(Bell::without_messages(conversation, head.revision));
        }
        Ok(written)
    }
}

impl Writer {
    /// Commits, and tries again while the store is away: a commit whose answer was lost is found by its messages' ids.
    async fn store_batch(&self, conversation: ConversationId, writes: &[Write]) -> Result<(Committed, Attempt)> {
        let began = Instant::now();
        let mut deadline = began + COMMIT_LIMIT;
        let mut attempt = Attempt::First;
        loop {
            let outcome = timeout_at(deadline, self.store.commit(conversation, writes, attempt)).await;
            let error = match outcome {
                Ok(Err(error)) if error.code() == Code::Unavailable => error,
                Ok(settled) => return settled.map(|committed| (committed, attempt)),
                Err(elapsed) => return Err(Error::unavailable(Self::STORE, elapsed)),
            };
            // It is not busy but away.
            deadline = began + AWAY_LIMIT;
            if Instant::now() + RETRY_PAUSE >= deadline {
                return Err(error);
            }
            warn!(%conversation, %error, "commit is tried again");
            sleep(RETRY_PAUSE).await;
            attempt = Attempt::Again;
        }
    }
}
