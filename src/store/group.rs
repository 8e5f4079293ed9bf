//! Group commit: jobs that come while a commit is under way wait, and are the next commit together.
//!
//! So many writers pay for one transaction, and one wait for the disk, per batch and not per job. A lone job is
//! committed at once. Jobs of different keys do not wait for each other.

use crate::error::{Code, Error, Result};
use async_trait::async_trait;
use std::collections::{HashMap, VecDeque};
use std::fmt::Display;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio_util::task::TaskTracker;
use tracing::{debug, error};

/// How a batch is committed.
#[async_trait]
pub trait Commit: Send + Sync + 'static {
    /// Jobs of one key are committed one batch after the other.
    type Key: Copy + Eq + Hash + Display + Send + Sync + 'static;
    /// One thing to be done.
    type Job: Send + 'static;
    /// What became of it.
    type Answer: Send + 'static;

    /// What is away when it fails, as a client may read it.
    const STORE: &'static str;
    /// Jobs in one batch, at most.
    const MAX_BATCH: usize;
    /// Bytes in one batch, beyond which no further job joins it.
    const MAX_BATCH_BYTES: usize;
    /// Jobs that may wait under one key; one more is refused as `UNAVAILABLE`.
    const MAX_WAITING: usize = 4_096;
    /// Whether a job is left undone whose caller has gone away.
    const IS_GIVEN_UP: bool = false;

    /// About how many bytes of a batch a job takes.
    fn bytes(job: &Self::Job) -> usize;

    /// Commits the jobs, in their order, and answers each, in the same order. It ends by itself, in a set time.
    async fn commit(&self, key: Self::Key, jobs: Vec<Self::Job>) -> Result<Vec<Self::Answer>>;
}

/// Gathers jobs into batches. Cheap to clone; all clones share the queues.
pub struct GroupCommit<C: Commit> {
    inner: Arc<Inner<C>>,
}

impl<C: Commit> Clone for GroupCommit<C> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

struct Inner<C: Commit> {
    committer: C,
    /// The keys with a batch under way or about to be. The task that commits takes the entry away when nothing waits.
    queues: Mutex<HashMap<C::Key, Queue<C>>>,
    /// Held while the answers of a batch are given.
    answering: Mutex<()>,
    tasks: TaskTracker,
}

/// The jobs that wait under one key.
struct Queue<C: Commit> {
    waiting: VecDeque<Waiting<C>>,
    /// Whether there is a task that commits them.
    is_drained: bool,
}

impl<C: Commit> Default for Queue<C> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), is_drained: false }
    }
}

struct Waiting<C: Commit> {
    job: C::Job,
    /// Whether it is not to be done where the one before it has failed.
    follows: bool,
    /// The caller may have gone away: the job is done all the same.
    answer: Answering<C>,
}

type Answering<C> = oneshot::Sender<Result<<C as Commit>::Answer>>;

impl<C: Commit> GroupCommit<C> {
    /// Batches for that committer.
    pub fn new(committer: C) -> Self {
        let (queues, answering) = (Mutex::default(), Mutex::default());
        let inner = Inner { committer, queues, answering, tasks: TaskTracker::new() };
        Self { inner: Arc::new(inner) }
    }

    /// How batches are committed here.
    pub fn committer(&self) -> &C {
        &self.inner.committer
    }

    /// Queues a job and waits until it is committed. It is done even if the wait is given up, unless it only asks. Where a
    /// batch fails as `UNAVAILABLE`, so does all that waits behind it, without having been tried.
    pub async fn submit(&self, key: C::Key, job: C::Job) -> Result<C::Answer> {
        let answered = self.queue_one(key, job)?;
        self.drain(key);
        answer(answered).await
    }

    /// The same, where all that one task submits at a time is to be one batch: that begins once the task has submitted all
    /// that it can before it has to wait. The job may be left undone where the wait is given up before that.
    pub async fn submit_with_others(&self, key: C::Key, job: C::Job) -> Result<C::Answer> {
        let answered = self.queue_one(key, job)?;
        // Each of the task's futures is polled up to here before the first of them goes on.
        yield_now().await;
        self.drain(key);
        let answer = answer(answered).await;
        // Nobody goes on before all have their answers: what they ask next is one batch again.
        drop(self.inner.answering.lock());
        answer
    }

    /// Queues jobs as neighbours, in their order, or none of them, and waits until all are committed. Where one fails, so
    /// do those behind it, without having been tried; whichever failed, the first failure is the answer.
    pub async fn submit_all(&self, key: C::Key, jobs: impl IntoIterator<Item = C::Job>) -> Result<Vec<C::Answer>> {
        let (mut waiting, mut answers) = (Vec::new(), Vec::new());
        for job in jobs {
            let (answer, answered) = oneshot::channel();
            waiting.push(Waiting { job, follows: !waiting.is_empty(), answer });
            answers.push(answered);
        }
        self.queue(key, waiting)?;
        self.drain(key);
        let mut done = Vec::with_capacity(answers.len());
        for answered in answers {
            done.push(answer(answered).await?);
        }
        Ok(done)
    }

    /// Waits until all that was queued is committed. What is submitted afterwards is refused as `UNAVAILABLE`.
    pub async fn close(&self) {
        {
            // Behind the lock: what was queued before is waited for.
            let _queues = self.inner.queues.lock().unwrap_or_else(PoisonError::into_inner);
            self.inner.tasks.close();
        }
        self.inner.tasks.wait().await;
    }

    fn queue_one(&self, key: C::Key, job: C::Job) -> Result<oneshot::Receiver<Result<C::Answer>>> {
        let (answer, answered) = oneshot::channel();
        self.queue(key, vec![Waiting { job, follows: false, answer }])?;
        Ok(answered)
    }

    fn queue(&self, key: C::Key, waiting: Vec<Waiting<C>>) -> Result<()> {
        let mut queues = self.inner.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if self.inner.tasks.is_closed() {
            return Err(Error::unavailable(C::STORE, "it is closed"));
        }
        let already = queues.get(&key).map_or(0, |queue| queue.waiting.len());
        if already + waiting.len() > C::MAX_WAITING {
            return Err(Error::unavailable(C::STORE, "too many wait for it"));
        }
        queues.entry(key).or_default().waiting.extend(waiting);
        Ok(())
    }

    /// Has the key's jobs committed, if nobody does so already.
    fn drain(&self, key: C::Key) {
        let mut queues = self.inner.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = queues.get_mut(&key) else { return };
        if !std::mem::replace(&mut queue.is_drained, true) {
            let inner = Arc::clone(&self.inner);
            self.inner.tasks.spawn(async move { inner.drain(key).await });
        }
    }
}

async fn answer<T>(answered: oneshot::Receiver<Result<T>>) -> Result<T> {
    answered.await.map_err(|_| Error::internal("a batch ended without an answer"))?
}

impl<C: Commit> Inner<C> {
    async fn drain(&self, key: C::Key) {
        let _key = FreeOnPanic { inner: self, key };
        while let Some(batch) = self.next_batch(key) {
            let (jobs, answers): (Vec<_>, Vec<_>) =
                batch.into_iter().map(|waiting| (waiting.job, waiting.answer)).unzip();
            let count = jobs.len();
            match self.committer.commit(key, jobs).await {
                Ok(done) => {
                    let _answering = self.answering.lock().unwrap_or_else(PoisonError::into_inner);
                    for (answer, done) in answers.into_iter().zip(done) {
                        // A caller that has gone away needs no answer.
                        drop(answer.send(Ok(done)));
                    }
                }
                Err(error) => {
                    if error.is_the_users() {
                        debug!(%key, %error, count, "batch refused");
                    } else {
                        error!(%key, %error, count, "batch failed");
                    }
                    // What waited behind a store that is away has waited long enough.
                    let is_away = error.code() == Code::Unavailable;
                    let behind = self.take_waiting(key, |waiting| is_away || waiting.follows);
                    for answer in answers.into_iter().chain(behind) {
                        drop(answer.send(Err(error.clone())));
                    }
                }
            }
        }
    }

    /// Takes jobs out of the queue, up to the first that is not to go; those who are to be told what becomes of them.
    fn take_waiting(&self, key: C::Key, goes: impl Fn(&Waiting<C>) -> bool) -> Vec<Answering<C>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Queue { waiting: queue, .. }) = queues.get_mut(&key) else { return Vec::new() };
        let count = queue.iter().take_while(|waiting| goes(waiting)).count();
        queue.drain(..count).map(|waiting| waiting.answer).collect()
    }

    fn next_batch(&self, key: C::Key) -> Option<Vec<Waiting<C>>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = &mut queues.get_mut(&key)?.waiting;
        if C::IS_GIVEN_UP {
            queue.retain(|waiting| !waiting.answer.is_closed());
        }
        let mut bytes = 0;
        let fitting = queue.iter().take(C::MAX_BATCH).take_while(|waiting| {
            let fits = bytes < C::MAX_BATCH_BYTES;
            bytes += C::bytes(&waiting.job);
            fits
        });
        let count = fitting.count();
        if count == 0 {
            queues.remove(&key);
            return None;
        }
        Some(queue.drain(..count).collect())
    }
}

/// Lets go of a key whose commit panics, so that those who wait hear of it and the next are not kept waiting.
struct FreeOnPanic<'a, C: Commit> {
    inner: &'a Inner<C>,
    key: C::Key,
}

impl<C: Commit> Drop for FreeOnPanic<'_, C> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.inner.queues.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        }
    }
}
