//! The message log as the rest of the house sees it: group commit in front of a [`LogStore`].
//!
//! One writer per conversation and process commits what is waiting as one batch; all that comes meanwhile is the next
//! batch. So a busy conversation pays for one transaction, and one wait for the disk, per batch and not per message.

use super::log::{Committed, LogReads, LogStore, MAX_BATCH};
use crate::domain::batch::{Attempt, Write, Written};
use crate::domain::event::Bell;
use crate::domain::ids::ConversationId;
use crate::domain::message::{Amendment, NewMessage};
use crate::error::{Code, Error, Result};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::task::TaskTracker;
use tracing::{error, warn};

/// Writes that may wait for one conversation; one more is refused as `UNAVAILABLE`.
const MAX_WAITING: usize = 4_096;
/// Bytes of text in one commit, beyond which the rest waits for the next: far below MongoDB's 48 MB a message.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
/// How long a batch may take, all its tries together, before its writes are answered with `UNAVAILABLE`.
const COMMIT_LIMIT: Duration = Duration::from_secs(5);
/// How long to wait before a try is made again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Called with every growth of a log that this process has committed, in the order of the commits.
type OnCommit = dyn Fn(Bell) + Send + Sync;

/// A message log with one writer per conversation. Cheap to clone; all clones share the writers.
#[derive(Clone)]
pub struct MessageLog {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn LogStore>,
    on_commit: Box<OnCommit>,
    /// The conversations that are being written to. A writer takes its entry away when nothing is left to do.
    queues: Mutex<HashMap<ConversationId, VecDeque<Waiting>>>,
    writers: TaskTracker,
}

struct Waiting {
    write: Write,
    /// The caller may have gone away: the write is done all the same.
    answer: oneshot::Sender<Result<Written>>,
}

impl MessageLog {
    /// A log in that store. `on_commit` must not block.
    pub fn new(store: Arc<dyn LogStore>, on_commit: impl Fn(Bell) + Send + Sync + 'static) -> Self {
        let on_commit = Box::new(on_commit);
        let inner = Inner {
            store,
            on_commit,
            queues: Mutex::default(),
            writers: TaskTracker::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The log for reading.
    pub fn read(&self) -> &dyn LogReads {
        &*self.inner.store
    }

    /// Appends a message, or finds the one that was stored under its client id. Durable once answered.
    pub async fn append(&self, message: NewMessage) -> Result<Written> {
        self.write(message.conversation, Write::Append(message)).await
    }

    /// Changes a message of that conversation. Durable once answered.
    pub async fn amend(&self, conversation: ConversationId, amendment: Amendment) -> Result<Written> {
        self.write(conversation, Write::Amend(amendment)).await
    }

    /// Waits until all that was queued is written. Nothing may be written afterwards.
    pub async fn close(&self) {
        self.inner.writers.close();
        self.inner.writers.wait().await;
    }

    async fn write(&self, conversation: ConversationId, write: Write) -> Result<Written> {
        let (answer, answered) = oneshot::channel();
        self.queue(conversation, Waiting { write, answer })?;
        answered
            .await
            .map_err(|_| Error::internal("a writer ended without an answer"))?
    }

    fn queue(&self, conversation: ConversationId, waiting: Waiting) -> Result<()> {
        let mut queues = self.inner.queues.lock().unwrap_or_else(PoisonError::into_inner);
        match queues.entry(conversation) {
            Entry::Occupied(queue) if queue.get().len() >= MAX_WAITING => Err(Error::unavailable(
                "the message log",
                "too many writes wait for one conversation",
            )),
            Entry::Occupied(mut queue) => {
                queue.get_mut().push_back(waiting);
                Ok(())
            }
            Entry::Vacant(entry) => {
                entry.insert(VecDeque::from([waiting]));
                let inner = Arc::clone(&self.inner);
                self.inner.writers.spawn(async move { inner.drain(conversation).await });
                Ok(())
            }
        }
    }
}

impl Inner {
    /// Commits batch after batch until nothing waits.
    async fn drain(&self, conversation: ConversationId) {
        while let Some(batch) = self.next_batch(conversation) {
            let (writes, answers): (Vec<_>, Vec<_>) =
                batch.into_iter().map(|waiting| (waiting.write, waiting.answer)).unzip();
            match self.commit(conversation, &writes).await {
                Ok(committed) => self.answer(conversation, committed, answers),
                Err(error) => refuse(conversation, &error, answers),
            }
        }
    }

    fn next_batch(&self, conversation: ConversationId) -> Option<Vec<Waiting>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.get_mut(&conversation)?;
        let mut bytes = 0;
        let fitting = queue.iter().take(MAX_BATCH).take_while(|waiting| {
            let fits = bytes < MAX_BATCH_BYTES;
            bytes += waiting.write.text_bytes();
            fits
        });
        let count = fitting.count();
        if count == 0 {
            queues.remove(&conversation);
            return None;
        }
        Some(queue.drain(..count).collect())
    }

    /// Commits, and tries again while the store is away: a commit whose answer was lost is found by its messages' ids.
    async fn commit(&self, conversation: ConversationId, writes: &[Write]) -> Result<Committed> {
        let deadline = Instant::now() + COMMIT_LIMIT;
        let mut attempt = Attempt::First;
        loop {
            let outcome = timeout_at(deadline, self.store.commit(conversation, writes, attempt)).await;
            let error = match outcome {
                Ok(Err(error)) if error.code() == Code::Unavailable => error,
                Ok(settled) => return settled,
                Err(elapsed) => return Err(Error::unavailable("the message log", elapsed)),
            };
            if Instant::now() + RETRY_PAUSE >= deadline {
                return Err(error);
            }
            warn!(%conversation, %error, "commit is tried again");
            sleep(RETRY_PAUSE).await;
            attempt = Attempt::Again;
        }
    }

    fn answer(
        &self,
        conversation: ConversationId,
        committed: Committed,
        answers: Vec<oneshot::Sender<Result<Written>>>,
    ) {
        let Committed {
            before,
            head,
            written,
            changed,
        } = committed;
        if head.revision > before {
            (self.on_commit)(Bell::new(conversation, before.next(), head.revision, changed));
        }
        for (answer, written) in answers.into_iter().zip(written) {
            // A caller that has gone away needs no answer.
            let _ = answer.send(Ok(written));
        }
    }
}

fn refuse(conversation: ConversationId, error: &Error, answers: Vec<oneshot::Sender<Result<Written>>>) {
    error!(%conversation, %error, writes = answers.len(), "commit failed");
    for answer in answers {
        let told = match error.code() {
            Code::Unavailable => Error::unavailable("the message log", error.to_string()),
            _ => Error::internal(error.to_string()),
        };
        let _ = answer.send(Err(told));
    }
}
