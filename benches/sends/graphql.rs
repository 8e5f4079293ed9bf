//! Through GraphQL over HTTP, on a node of the real binary.

use super::SENDERS;
use super::bench::process::{cpu_seconds, pin};
use super::support::backend::Backend;
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
    let node = backend.node().await;
    pin(&[&node]).await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    for senders in SENDERS {
        let cpu = cpu_seconds(node.pid());
        let (sent, seconds) = round(senders, &[&ada, &bob], &conversation).await;
        let cpu = (cpu_seconds(node.pid()) - cpu) / sent as f64 * 1e6;
        println!("{name:>17} {senders:>3} senders: {:>7.0}/s, {cpu:>5.0} µs each", sent as f64 / seconds);
    }
}

async fn round(senders: usize, people: &[&Person], conversation: &str) -> (u64, f64) {
    let count = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for sender in 0..senders {
        let (client, count) = (people[sender % people.len()].client.clone(), Arc::clone(&count));
        let conversation = conversation.to_owned();
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
    (count.load(Ordering::Relaxed), start.elapsed().as_secs_f64())
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
