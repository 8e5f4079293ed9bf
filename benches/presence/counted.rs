//! What is counted: frames on sockets, messages on the bus.

use super::support::client::Person;
use super::support::crowd;
use super::support::socket::Socket;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// What the bus carries, counted until it is dropped.
pub(crate) struct Bus {
    all: Arc<AtomicUsize>,
    presence: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Bus {
    pub(crate) async fn listen(url: &str) -> Self {
        let client = async_nats::connect(url).await.unwrap();
        let mut told = client.subscribe("natterjack.>").await.unwrap();
        client.flush().await.unwrap();
        let (all, presence) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let counters = (Arc::clone(&all), Arc::clone(&presence));
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Some(message) = told.next().await {
                counters.0.fetch_add(1, Ordering::Relaxed);
                if message.subject.ends_with(".people") {
                    counters.1.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self { all, presence, _task: task }
    }
}

/// Sockets whose frames are counted.
pub(crate) struct Listeners {
    each: Vec<Listener>,
}

struct Listener {
    frames: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Listener {
    async fn new(person: &Person, query: &str, variables: Value) -> Self {
        let mut socket = Socket::of(person).await;
        socket.subscribe(query, variables).await;
        let frames = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&frames);
        let mut task = JoinSet::new();
        task.spawn(async move {
            while socket.hear().await.is_ok() {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { frames, _task: task }
    }

    fn frames(&self) -> usize {
        self.frames.load(Ordering::Relaxed)
    }
}

impl Listeners {
    /// One socket each for everybody who comes and goes, and for those people.
    pub(crate) async fn asking(person: &Person, some: &[String]) -> Self {
        const ASK: &str =
            "subscription($ids: [ID!]) { presenceChanged(userIds: $ids) { user { id } presence { isOnline } } }";
        let all = Listener::new(person, ASK, json!({ "ids": null })).await;
        Self { each: vec![Listener::new(person, ASK, json!({ "ids": some })).await, all] }
    }

    /// One for each of the people, who listens to all that happens in the group but to who comes and goes.
    pub(crate) async fn not_asking(people: &[Person], group: &str) -> Self {
        const LISTEN: &str = "subscription($ids: [ID!]) { events(conversationIds: $ids,
            only: [MESSAGE, RECEIPT, TYPING, CONVERSATION, MEMBERSHIP]) { __typename at } }";
        let listen = |person| Listener::new(person, LISTEN, json!({ "ids": [group] }));
        Self { each: crowd::in_order(people.iter().map(listen)).await }
    }

    /// Closes all; the frames that they were sent.
    pub(crate) fn close(self) -> usize {
        self.frames()
    }

    fn frames(&self) -> usize {
        self.each.iter().map(Listener::frames).sum()
    }
}

/// How much there was of everything, up to a moment.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) bus: usize,
    presence: usize,
    pub(crate) not_asking: usize,
    asks_some: usize,
    asks_all: usize,
}

impl Counts {
    pub(crate) fn of(bus: &Bus, asking: &Listeners, not_asking: Option<&Listeners>) -> Self {
        Self {
            bus: bus.all.load(Ordering::Relaxed),
            presence: bus.presence.load(Ordering::Relaxed),
            not_asking: not_asking.map_or(0, Listeners::frames),
            asks_some: asking.each[0].frames(),
            asks_all: asking.each[1].frames(),
        }
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            bus: self.bus - before.bus,
            presence: self.presence - before.presence,
            not_asking: self.not_asking - before.not_asking,
            asks_some: self.asks_some - before.asks_some,
            asks_all: self.asks_all - before.asks_all,
        }
    }

    pub(crate) fn show(&self, what: &str, people: usize, took: Duration, server: f64) {
        let Self { bus, presence, not_asking, asks_some, asks_all } = self;
        println!(
            "{people:>5} {what:>4} {:>7.1} {server:>9.1} {bus:>10} {presence:>14} {not_asking:>14} {asks_some:>12} {asks_all:>12}",
            took.as_secs_f64()
        );
    }
}
