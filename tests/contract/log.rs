//! [`LogStore`](natterjack::store::LogStore), and the [`MessageLog`] in front of it: no number is given twice, no reader
//! is left a hole, and what was sent twice is stored once, on however many nodes.

mod erasure;
mod loss;
mod notices;
mod numbers;
mod pins;
mod queue;
mod reactions;
mod reads;
mod repeats;
mod search;
mod stalled;
mod threads;
mod tombstones;

use crate::support::messages::message;
use crate::support::{mongo, stores};
use natterjack::domain::batch::{Attempt, Write, Written};
use natterjack::domain::ids::{ConversationId, UserId};
use natterjack::domain::message::{Amendment, Message, NewMessage, Revision};
use natterjack::store::log::Committed;
use natterjack::store::{LogReads, LogStore, MessageLog};
use std::any::Any;
use std::sync::Arc;

/// Makes each of these functions a test on SQLite, on Postgres and on MongoDB. They take [`Nodes`].
macro_rules! on_each_log {
    ($($fact:ident)+) => {
        crate::log::on_each_log!(@ sqlite: $($fact)+);
        crate::log::on_each_log!(@ postgres: $($fact)+);
        crate::log::on_each_log!(@ mongodb: $($fact)+);
    };
    (@ $kind:ident: $($fact:ident)+) => {
        mod $kind {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $fact() {
                if let Some(nodes) = crate::log::Nodes::$kind().await {
                    super::$fact(nodes).await;
                }
            })+
        }
    };
}
use on_each_log;

/// Two nodes' handles on one database.
struct Nodes {
    here: Arc<dyn LogStore>,
    there: Arc<dyn LogStore>,
    /// Removes the database at the end.
    database: Box<dyn Any + Send + Sync>,
}

impl Nodes {
    async fn sqlite() -> Option<Self> {
        Some(Self::of_sql(stores::sqlite().await).await)
    }

    async fn postgres() -> Option<Self> {
        Some(Self::of_sql(stores::postgres().await?).await)
    }

    async fn of_sql(sql: stores::TestSql) -> Self {
        Self {
            here: Arc::new(sql.open_again().await),
            there: Arc::new(sql.open_again().await),
            database: Box::new(sql),
        }
    }

    async fn mongodb() -> Option<Self> {
        let mongo = mongo::mongodb().await?;
        Some(Self {
            here: Arc::new(mongo.open_again().await),
            there: Arc::new(mongo.open_again().await),
            database: Box::new(mongo),
        })
    }

    /// The two nodes' writers, which nobody listens to.
    fn logs(&self) -> [MessageLog; 2] {
        [&self.here, &self.there].map(|store| MessageLog::new(Arc::clone(store), |_| ()))
    }
}

async fn commit(store: &dyn LogStore, conversation: ConversationId, writes: &[Write]) -> Committed {
    store.commit(conversation, writes, Attempt::First).await.unwrap()
}

/// Stores one message and answers with it.
async fn append(store: &dyn LogStore, new: NewMessage) -> Message {
    let conversation = new.conversation;
    let mut committed = commit(store, conversation, &[Write::Append(new)]).await;
    match committed.written.pop() {
        Some(Written::Appended(message)) => message,
        other => panic!("{other:?}"),
    }
}

/// Stores that many messages of one person, in one batch.
async fn append_many(store: &dyn LogStore, conversation: ConversationId, author: UserId, count: usize) -> Vec<Message> {
    let writes: Vec<_> = (1..=count).map(|n| Write::Append(message(conversation, author, n.to_string()))).collect();
    commit(store, conversation, &writes).await.changed
}

/// Changes one message, which is there.
async fn amend(store: &dyn LogStore, conversation: ConversationId, amendment: Amendment) -> Message {
    let mut committed = commit(store, conversation, &[Write::Amend(amendment)]).await;
    match committed.written.pop() {
        Some(Written::Amended(message)) => message,
        other => panic!("{other:?}"),
    }
}

/// The whole log, by revision.
async fn whole(store: &dyn LogReads, conversation: ConversationId) -> Vec<Message> {
    store.since(conversation, Revision::ZERO, 10_000).await.unwrap()
}

async fn head_number(store: &dyn LogReads, conversation: ConversationId) -> i64 {
    let heads = store.heads(&[conversation]).await.unwrap();
    heads.get(&conversation).copied().unwrap_or_default().revision.number()
}

fn seqs(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.seq.number()).collect()
}

fn revisions(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.revision.number()).collect()
}
