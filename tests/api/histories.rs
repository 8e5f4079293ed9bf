//! An old snapshot with the events on top of it is what a new query says, whatever has happened in between.

use crate::support::backend::{Backend, Node, is_long_run, on_every_backend};
use crate::support::client::Person;
use crate::support::events::{EVENTS, Happening};
use crate::support::socket::{PATIENCE, Socket};
use crate::support::stores::url_of;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

on_every_backend! {
    a_snapshot_and_the_events_since_are_what_a_new_query_says
}

/// One thing that somebody does. Numbers choose among what there is, modulo how much there is.
#[derive(Clone, Debug)]
enum Step {
    /// The conversation of a pair of the three begins, where it has not.
    Open(usize),
    Send {
        by: usize,
        pair: usize,
    },
    Edit {
        message: usize,
        text: u8,
    },
    Delete {
        message: usize,
    },
    Read {
        by: usize,
        message: usize,
    },
    Deliver {
        by: usize,
        message: usize,
    },
    Type {
        by: usize,
        pair: usize,
        is_typing: bool,
    },
    /// The watcher takes its snapshot, where it has none.
    Look,
    /// The watcher's socket breaks; it comes back to the other node.
    Cut,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let number = || any::<u8>().prop_map(usize::from);
    let step = prop_oneof![
        1 => number().prop_map(Step::Open),
        6 => (number(), number()).prop_map(|(by, pair)| Step::Send { by, pair }),
        3 => (number(), any::<u8>()).prop_map(|(message, text)| Step::Edit { message, text }),
        2 => number().prop_map(|message| Step::Delete { message }),
        3 => (number(), number()).prop_map(|(by, message)| Step::Read { by, message }),
        1 => (number(), number()).prop_map(|(by, message)| Step::Deliver { by, message }),
        1 => (number(), number(), any::<bool>()).prop_map(|(by, pair, is_typing)| Step::Type { by, pair, is_typing }),
        2 => Just(Step::Look),
        1 => Just(Step::Cut),
    ];
    vec(step, 5..60)
}

/// The three pairs that three people make.
const PAIRS: [[usize; 2]; 3] = [[0, 1], [0, 2], [1, 2]];
/// Which of the three people watches.
const WATCHER: usize = 0;

/// What a client has of one conversation.
#[derive(Clone, Debug, Default, PartialEq)]
struct Copy {
    /// By id, each with its revision.
    messages: BTreeMap<String, (i64, Value)>,
    /// By person: delivered, read.
    marks: BTreeMap<String, (i64, i64)>,
}

impl Copy {
    fn keep(&mut self, message: &Value) {
        let (id, revision) = (text(&message["id"]), message["revision"].as_i64().unwrap());
        if self.messages.get(&id).is_none_or(|(known, _)| *known < revision) {
            self.messages.insert(id, (revision, message.clone()));
        }
    }

    fn mark(&mut self, user: &Value, marks: &Value) {
        let [delivered, read] = ["deliveredSeq", "readSeq"].map(|mark| marks[mark].as_i64().unwrap());
        let known = self.marks.entry(text(user)).or_default();
        *known = (known.0.max(delivered), known.1.max(read));
    }

    fn mark_all(&mut self, conversation: &Value) {
        for member in conversation["members"]["nodes"].as_array().unwrap() {
            self.mark(&member["user"]["id"], member);
        }
    }
}

/// All that a client has, and up to where.
#[derive(Clone, Debug, Default, PartialEq)]
struct Replica {
    copies: BTreeMap<String, Copy>,
    positions: BTreeMap<String, i64>,
}

impl Replica {
    /// What a query says.
    async fn of(person: &Person) -> Self {
        let query = "{ viewer { conversations(first: 100) { nodes { id
            messages(last: 100) { revision nodes { id seq revision text author { displayName } editedAt deletedAt } }
            members(first: 100) { nodes { user { id } deliveredSeq readSeq } } } } } }";
        let mut replica = Self::default();
        let viewer = person.client.field("viewer", query, json!({})).await;
        for conversation in viewer["conversations"]["nodes"].as_array().unwrap() {
            let id = text(&conversation["id"]);
            let copy = replica.copies.entry(id.clone()).or_default();
            copy.mark_all(conversation);
            for message in conversation["messages"]["nodes"].as_array().unwrap() {
                copy.keep(message);
            }
            replica.positions.insert(id, conversation["messages"]["revision"].as_i64().unwrap());
        }
        replica
    }

    fn after(&self) -> Value {
        let position = |(id, revision)| json!({ "conversationId": id, "revision": revision });
        json!({ "after": self.positions.iter().map(position).collect::<Vec<_>>() })
    }

    /// What a client does with an event.
    fn apply(&mut self, event: &Happening) -> Result<(), TestCaseError> {
        let id = event.conversation().to_owned();
        match event.kind() {
            "MessageAdded" | "MessageChanged" => {
                let (position, revision) = (self.positions.entry(id.clone()).or_default(), &event["revision"]);
                if revision.as_i64().is_none_or(|revision| revision <= *position) {
                    return Err(TestCaseError::fail(format!("{event:?} comes at {position}")));
                }
                *position = revision.as_i64().unwrap();
                self.copies.entry(id).or_default().keep(&event["message"]);
            }
            "ReceiptChanged" => self.copies.entry(id).or_default().mark(&event["user"]["id"], event),
            "Synced" => {
                let position = self.positions.entry(id.clone()).or_default();
                *position = event["revision"].as_i64().unwrap().max(*position);
                self.copies.entry(id).or_default().mark_all(&event["conversation"]);
            }
            "TypingChanged" | "MembershipChanged" => {}
            other => return Err(TestCaseError::fail(format!("nobody expects {other} here: {event:?}"))),
        }
        Ok(())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Two nodes, and three people who are new to them.
struct World {
    nodes: Arc<[Node; 2]>,
    people: Vec<Person>,
    conversations: BTreeMap<usize, String>,
    /// Each with the pair that has it and its author.
    messages: Vec<(usize, usize, String)>,
    replica: Option<Replica>,
    socket: Option<Socket>,
    sockets: usize,
}

impl World {
    async fn new(nodes: &Arc<[Node; 2]>, number: usize) -> Self {
        let mut people = Vec::new();
        for name in ["ada", "bob", "cyd"] {
            people.push(Person::register(&nodes[0], &format!("{name}{number}")).await);
        }
        Self {
            nodes: Arc::clone(nodes),
            people,
            conversations: BTreeMap::new(),
            messages: Vec::new(),
            replica: None,
            socket: None,
            sockets: 0,
        }
    }

    async fn play(&mut self, steps: &[Step]) -> Result<(), TestCaseError> {
        for step in steps {
            self.step(step).await;
            // Takes what has come, and does not wait for what may.
            while let Some(event) = self.event_before(Instant::now()).await {
                self.replica.as_mut().unwrap().apply(&event)?;
            }
        }
        self.step(&Step::Look).await;
        let deadline = Instant::now() + PATIENCE;
        let fresh = Replica::of(&self.people[WATCHER]).await;
        while self.replica.as_ref().unwrap().copies != fresh.copies {
            let Some(event) = self.event_before(deadline).await else {
                let replica = self.replica.take();
                return Err(TestCaseError::fail(format!("a client has {replica:#?}\na query says {fresh:#?}")));
            };
            self.replica.as_mut().unwrap().apply(&event)?;
        }
        Ok(())
    }

    async fn event_before(&mut self, deadline: Instant) -> Option<Happening> {
        let socket = self.socket.as_mut()?;
        let frame = timeout_at(deadline, socket.frame()).await.ok()?;
        Some(Happening::of(frame))
    }

    async fn step(&mut self, step: &Step) {
        match *step {
            Step::Open(pair) => {
                self.conversation(pair % 3).await;
            }
            Step::Send { by, pair } => {
                let conversation = self.conversation(pair % 3).await;
                let by = PAIRS[pair % 3][by % 2];
                let message = self.people[by].send(&conversation, &format!("{}", self.messages.len())).await;
                self.messages.push((pair % 3, by, text(&message["id"])));
            }
            Step::Edit { message, text } => {
                if let Some((_, by, id)) = self.message(message) {
                    // A tombstone stays one.
                    self.people[by].try_to_edit(&id, &format!("edited {text}")).await;
                }
            }
            Step::Delete { message } => {
                if let Some((_, by, id)) = self.message(message) {
                    self.people[by].delete(&id).await;
                }
            }
            Step::Read { by, message } => self.mark("markRead", by, message).await,
            Step::Deliver { by, message } => self.mark("markDelivered", by, message).await,
            Step::Type { by, pair, is_typing } => {
                let conversation = self.conversation(pair % 3).await;
                self.people[PAIRS[pair % 3][by % 2]].set_typing(&conversation, is_typing).await;
            }
            Step::Look if self.replica.is_none() => {
                self.replica = Some(Replica::of(&self.people[WATCHER]).await);
                self.subscribe().await;
            }
            Step::Cut if self.replica.is_some() => self.subscribe().await,
            Step::Look | Step::Cut => {}
        }
    }

    async fn subscribe(&mut self) {
        self.sockets += 1;
        let mut socket = Socket::of(&self.people[WATCHER].at(&self.nodes[self.sockets % 2])).await;
        socket.subscribe(EVENTS, self.replica.as_ref().unwrap().after()).await;
        self.socket = Some(socket);
    }

    async fn conversation(&mut self, pair: usize) -> String {
        if !self.conversations.contains_key(&pair) {
            let [one, other] = PAIRS[pair];
            let id = self.people[one].open(&self.people[other]).await;
            self.conversations.insert(pair, id);
        }
        self.conversations[&pair].clone()
    }

    fn message(&self, number: usize) -> Option<(usize, usize, String)> {
        self.messages.get(number % self.messages.len().max(1)).cloned()
    }

    async fn mark(&self, mutation: &str, by: usize, message: usize) {
        let Some((pair, _, message)) = self.message(message) else { return };
        let input = json!({ "conversationId": self.conversations[&pair], "messageId": message });
        self.people[PAIRS[pair][by % 2]].mark(mutation, input).await;
    }
}

async fn a_snapshot_and_the_events_since_are_what_a_new_query_says(backend: Backend) {
    let Some(nats) = url_of("TEST_NATS_URL") else { return };
    let backend = backend.with("NATS_URL", nats);
    let nodes = Arc::new([backend.node().await, backend.node().await]);
    let cases = if is_long_run() { 200 } else { 12 };
    let runtime = Handle::current();
    // Shrinking a history runs it again: not for long.
    let config = Config { cases, max_shrink_iters: 30, failure_persistence: None, ..Config::default() };
    let checked = tokio::task::spawn_blocking(move || {
        let played = AtomicUsize::new(0);
        TestRunner::new(config).run(&steps(), |steps| {
            runtime.block_on(async {
                let mut world = World::new(&nodes, played.fetch_add(1, Ordering::Relaxed)).await;
                world.play(&steps).await
            })
        })
    });
    if let Err(failure) = checked.await.unwrap() {
        panic!("{failure}");
    }
}
