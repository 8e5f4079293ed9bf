//! Through GraphQL over HTTP, on a node of the real binary.

use super::SENDERS;
use super::bench::process::{cpu_seconds, pin};
use super::support::backend::{Backend, Node};
use super::support::client::{Client, Person};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long each number of senders sends.
const ROUND: Duration = Duration::from_secs(4);

pub(crate) async fn run(name: &str, backend: Option<Backend>) {
    let Some(backend) = backend else { return };
    let sending = Sending::on(backend).await;
    for senders in SENDERS {
        let Round { rate, cpu } = sending.round(senders).await;
        println!("{name:>17} {senders:>3} senders: {rate:>7.0}/s, {cpu:>5.0} µs each");
    }
}

/// A node, and two who talk there.
pub(crate) struct Sending {
    _backend: Backend,
    node: Node,
    people: [Person; 2],
    conversation: String,
}

/// What came of some seconds of it.
pub(crate) struct Round {
    /// Acknowledged sends in a second.
    pub(crate) rate: f64,
    /// CPU time of the server for each, in microseconds.
    pub(crate) cpu: f64,
}

impl Sending {
    pub(crate) async fn on(backend: Backend) -> Self {
        let node = backend.node().await;
        pin(&[&node]).await;
        let people = [Person::register(&node, "ada").await, Person::register(&node, "bob").await];
        let conversation = people[0].open(&people[1]).await;
        Self { _backend: backend, node, people, conversation }
    }

    /// So many send at once, each as soon as the last was acknowledged.
    pub(crate) async fn round(&self, senders: usize) -> Round {
        let count = Arc::new(AtomicU64::new(0));
        let cpu = cpu_seconds(self.node.pid());
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for sender in 0..senders {
            let (client, count) = (self.people[sender % self.people.len()].client.clone(), Arc::clone(&count));
            let conversation = self.conversation.clone();
            tasks.spawn(async move {
                while start.elapsed() < ROUND {
                    send(&client, &conversation).await;
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        let sent = count.load(Ordering::Relaxed) as f64;
        let cpu = (cpu_seconds(self.node.pid()) - cpu) / sent * 1e6;
        Round { rate: sent / start.elapsed().as_secs_f64(), cpu }
    }
}

/// Sends one message; panics where it is not acknowledged.
pub(crate) async fn send(client: &Client, conversation: &str) {
    const SEND: &str =
        "mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id seq } errors { message } } }";
    let text = "A message of about the length that people send to each other.";
    let input = json!({ "to": { "conversationId": conversation }, "text": text });
    let payload = client.field("sendMessage", SEND, json!({ "input": input })).await;
    assert!(payload["message"]["seq"].is_i64(), "{payload}");
}
