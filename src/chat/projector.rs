//! Looks through the logs for what concerns somebody, and makes notifications of it: at once after each commit of this
//! node's, and by a regular look where that did not go well or a node was killed in between. Where it stands in each log
//! is moved in the transaction that makes the notifications: none is lost, and none made twice.

use super::Chat;
use crate::domain::batch::Head;
use crate::domain::conversation::Conversation;
use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::message::{Message, Revision};
use crate::domain::notification::Context;
use crate::error::{Code, Result};
use crate::store::notifications::Step;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Logs that are looked through together, and that are read at a time.
const AT_ONCE: usize = 16;
const READS: usize = 4;
/// Messages of one log that are looked through in one go.
const CHUNK: u32 = 100;
/// Logs that may wait to be looked through; of more than that the regular look finds the rest.
const MAX_DUE: usize = 100_000;
/// How long to wait before a store that is away is asked again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// Conversations that the regular look asks for at once, and how long it rests before it asks for more.
const PAGE: u32 = 500;
const PAGE_PAUSE: Duration = Duration::from_millis(100);
/// How long it rests when it has looked at all: what a killed node has left is made after that at the latest, and the
/// time that the look itself takes.
const ROUND_PAUSE: Duration = Duration::from_secs(10);
/// How long a chat that is closed looks through what was written last; another node, or the next start, finds the rest.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// The logs that are to be looked through.
#[derive(Default)]
pub(super) struct Due {
    logs: Mutex<Logs>,
    woken: Notify,
}

/// In the order in which they came: else those that never rest would keep others waiting.
#[derive(Default)]
struct Logs {
    queue: VecDeque<ConversationId>,
    queued: HashSet<ConversationId>,
}

impl Due {
    /// A log has grown. Never blocks.
    pub(super) fn add(&self, log: ConversationId) {
        self.add_all([log]);
    }

    fn add_all(&self, logs: impl IntoIterator<Item = ConversationId>) {
        let mut due = self.logs();
        for log in logs {
            if due.queue.len() < MAX_DUE && due.queued.insert(log) {
                due.queue.push_back(log);
            }
        }
        drop(due);
        self.woken.notify_one();
    }

    fn take(&self) -> Vec<ConversationId> {
        let mut due = self.logs();
        let Logs { queue, queued } = &mut *due;
        let some: Vec<_> = queue.drain(..AT_ONCE.min(queue.len())).collect();
        for log in &some {
            queued.remove(log);
        }
        some
    }

    fn logs(&self) -> MutexGuard<'_, Logs> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chat {
    /// Begins at their ends the logs that stood before there were notifications: what was said then concerns nobody any
    /// more. To be called before the first log is looked through.
    pub async fn begin_projections(&self) -> Result<()> {
        loop {
            let unbegun = self.notifications.unbegun(PAGE).await?;
            if unbegun.is_empty() {
                return Ok(());
            }
            let heads = self.log().heads(&unbegun).await?;
            let end = |id: &ConversationId| (*id, heads.get(id).copied().unwrap_or_default().revision);
            self.notifications.begin(&unbegun.iter().map(end).collect::<Vec<_>>()).await?;
        }
    }

    /// Looks through the logs as they grow, until it is told to stop.
    pub async fn project(self: Arc<Self>, stop: CancellationToken) {
        let work = async {
            loop {
                self.due.woken.notified().await;
                while !self.project_due().await {
                    sleep(RETRY_PAUSE).await;
                }
            }
        };
        stop.run_until_cancelled(work).await;
    }

    /// Looks regularly for logs that were not looked through to their ends, until it is told to stop.
    pub async fn sweep_projections(self: Arc<Self>, stop: CancellationToken) {
        let rounds = async {
            loop {
                if let Err(error) = self.sweep().await {
                    warn!(%error, "cannot look for what nobody was notified of");
                }
                sleep(ROUND_PAUSE).await;
            }
        };
        stop.run_until_cancelled(rounds).await;
    }

    async fn sweep(&self) -> Result<()> {
        let mut after = None;
        loop {
            let ids = self.conversations.ids(after, PAGE).await?;
            let Some(last) = ids.last() else { return Ok(()) };
            after = Some(*last);
            let positions = self.notifications.positions(&ids).await?;
            let heads = self.log().heads(&ids).await?;
            let is_behind = |(id, position): &(ConversationId, Revision)| {
                heads.get(id).is_some_and(|head| head.revision > *position)
            };
            self.due.add_all(positions.into_iter().filter(is_behind).map(|(id, _)| id));
            sleep(PAGE_PAUSE).await;
        }
    }

    /// What is due still, for a while.
    pub(super) async fn finish_projections(&self) {
        if timeout(CLOSE_LIMIT, self.project_due()).await.is_err() {
            warn!("notifications of what was written last are made later");
        }
    }

    /// Looks through all that is due; whether the stores were there for it.
    async fn project_due(&self) -> bool {
        loop {
            let some = self.due.take();
            if some.is_empty() {
                return true;
            }
            let Err(error) = self.project_some(&some).await else { continue };
            if error.code() == Code::Unavailable {
                warn!(%error, "notifications wait for a store");
                self.due.add_all(some);
                return false;
            }
            // One log that cannot be looked through must not keep the others waiting.
            for log in some {
                if let Err(error) = self.project_some(&[log]).await {
                    warn!(conversation = %log, %error, "a log cannot be looked through");
                }
            }
        }
    }

    async fn project_some(&self, some: &[ConversationId]) -> Result<()> {
        // Before the logs are read: there is nothing up to a head that was read before that is not found then.
        let heads = self.log().heads(some).await?;
        let positions = self.notifications.positions(some).await?;
        let behind = |log: Conversation| {
            let (after, head) = (*positions.get(&log.id)?, *heads.get(&log.id)?);
            (head.revision > after).then(|| self.step(log, after, head))
        };
        let found = self.conversations.find(some).await?.into_iter().filter_map(behind);
        let steps: Vec<Step> = stream::iter(found).buffer_unordered(READS).try_collect().await?;
        if steps.is_empty() {
            return Ok(());
        }
        self.tell_notified(self.notifications.project(&steps).await?);
        let is_behind = |step: &&Step| heads.get(&step.conversation).is_some_and(|head| head.revision > step.to);
        self.due.add_all(steps.iter().filter(is_behind).map(|step| step.conversation));
        Ok(())
    }

    async fn step(&self, log: Conversation, after: Revision, head: Head) -> Result<Step> {
        let messages = self.log().since(log.id, after, CHUNK).await?;
        let is_all = messages.len() < CHUNK as usize;
        let last = messages.last().map_or(after, |message| message.revision);
        let to = if is_all { last.max(head.revision) } else { last };
        let context = self.context(&log, after, &messages).await?;
        let mut made: Vec<_> = messages.iter().flat_map(|message| context.concerned(message)).collect();
        self.plan_pushes(&mut made).await;
        let is_gone = |message: &&Message| message.deleted_at.is_some();
        let gone = messages.iter().filter(is_gone).map(|message| message.id).collect();
        Ok(Step { conversation: log.id, from: after, to, made, gone })
    }

    async fn context(&self, log: &Conversation, after: Revision, messages: &[Message]) -> Result<Context> {
        let born = messages.iter().filter(|message| message.seq > after);
        let answered: BTreeSet<MessageId> = born.filter_map(|message| message.reply_to).collect();
        let answered = if answered.is_empty() {
            Vec::new()
        } else {
            self.log().find(&answered.into_iter().collect::<Vec<_>>()).await?
        };
        let authors: HashMap<_, _> = answered.into_iter().map(|message| (message.id, message.author)).collect();
        let reacted = messages.iter().filter(|message| !message.reactions.is_empty());
        let reacted: Vec<MessageId> = reacted.map(|message| message.id).collect();
        let reactions = self.log().reactions_since(log.id, &reacted, after).await?;
        Ok(Context { after, pair: log.pair(), authors, reactions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn logs_are_taken_as_they_have_come_however_often_others_grow() {
        let due = Due::default();
        let log = |n: usize| ConversationId::from(Uuid::from_u128(n as u128));
        let busy: Vec<_> = (0..AT_ONCE).map(log).collect();
        due.add_all(busy.clone());
        due.add(log(1_000));
        for _ in 0..3 {
            due.add_all(busy.clone());
        }
        assert_eq!(due.take(), busy);
        due.add_all(busy.clone());
        assert_eq!(due.take()[0], log(1_000));
        assert_eq!(due.take(), busy[AT_ONCE - 1..]);
        assert_eq!(due.take(), []);
    }
}
