//! At `MessageLog::append`: group commit against one commit per message, in turns.

use super::SENDERS;
use super::bench::figures::Spread;
use super::support::{mongo, stores};
use natterjack::domain::batch::{Attempt, Write};
use natterjack::domain::clock::{Clock as _, SystemClock};
use natterjack::domain::ids::{ConversationId, MessageId, UserId};
use natterjack::domain::message::{Body, ClientId, Draft, MembershipVersion, MessageText, NewMessage};
use natterjack::domain::secret::Key;
use natterjack::store::{LogStore, MessageLog};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Rounds of each way.
const ROUNDS: usize = 3;
/// How long a round takes.
const ROUND: Duration = Duration::from_secs(2);

pub(crate) async fn run() {
    println!("at MessageLog::append: acknowledged sends per second into one conversation, medians of {ROUNDS} rounds");
    let sqlite = stores::sqlite().await;
    backend("sqlite", Arc::new((*sqlite).clone())).await;
    if let Some(postgres) = stores::postgres().await {
        backend("postgres", Arc::new((*postgres).clone())).await;
    }
    if let Some(mongo) = mongo::mongodb().await {
        backend("mongodb", Arc::new((*mongo).clone())).await;
    }
}

async fn backend(name: &str, store: Arc<dyn LogStore>) {
    for senders in SENDERS {
        let (mut grouped, mut single) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            grouped.push(round(senders, &Way::Grouped(MessageLog::new(Arc::clone(&store), drop))).await);
            single.push(round(senders, &Way::Single(Arc::clone(&store), Arc::default())).await);
        }
        let (grouped, single) = (Spread::of(grouped).median, Spread::of(single).median);
        println!(
            "{name:>17} {senders:>3} senders: group commit {grouped:>8.0}/s, one commit each {single:>7.0}/s, ratio {:>5.2}",
            grouped / single
        );
    }
}

#[derive(Clone)]
enum Way {
    Grouped(MessageLog),
    /// One after the other: writers that contend for the head only lose by it.
    Single(Arc<dyn LogStore>, Arc<Mutex<()>>),
}

impl Way {
    async fn append(&self, message: NewMessage) {
        match self {
            Self::Grouped(log) => drop(log.append(message).await.unwrap()),
            Self::Single(store, turn) => {
                let _turn = turn.lock().await;
                let conversation = message.conversation;
                let writes = [Write::Append(message)];
                store.commit(conversation, &writes, Attempt::First).await.unwrap();
            }
        }
    }
}

/// Sends per second of one round, into a conversation of its own.
async fn round(senders: usize, way: &Way) -> f64 {
    let conversation = ConversationId::new(SystemClock.now());
    let count = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..senders {
        let (way, count) = (way.clone(), Arc::clone(&count));
        tasks.spawn(async move {
            let author = UserId::new(SystemClock.now());
            while start.elapsed() < ROUND {
                way.append(message(conversation, author)).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    count.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
}

fn message(conversation: ConversationId, author: UserId) -> NewMessage {
    let now = SystemClock.now();
    let id = MessageId::new(now);
    let text = "A message of about the length that people send to each other.".to_owned();
    let text = MessageText::parse(text).unwrap();
    let body = Body::Draft(Draft { client_id: Some(ClientId::parse(id.to_string()).unwrap()), ..Draft::of_text(text) });
    NewMessage {
        id,
        conversation,
        author,
        fingerprint: body.fingerprint(&Key::from([0; 64])),
        body,
        created_at: now,
        membership_version: MembershipVersion(1),
    }
}
