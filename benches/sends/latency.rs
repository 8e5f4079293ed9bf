//! From a send to its event on a subscriber's socket, at a steady rate that no backend is near its limit at.

use super::bench::figures::Times;
use super::bench::process::pin;
use super::support::backend::Backend;
use super::support::client::Person;
use super::support::socket::Socket;
use serde_json::json;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Sends a second.
const RATE: u32 = 50;
/// Sends in all.
const SENDS: u32 = 500;

pub(crate) async fn run(name: &str, backend: Option<Backend>) {
    let Some(backend) = backend else { return };
    let node = backend.node().await;
    pin(&[&node]).await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut socket = Socket::of(&bob).await;
    let query =
        "subscription($id: ID!) { messageAdded(conversationId: $id, afterSeq: 0) { seq text author { displayName } } }";
    socket.subscribe(query, json!({ "id": conversation })).await;

    let start = Instant::now() + Duration::from_millis(100);
    let mut sends = JoinSet::new();
    for n in 0..SENDS {
        let (ada, conversation) = (ada.clone(), conversation.clone());
        sends.spawn(async move {
            // The intended moment counts: a send that is held up by the one before it is late.
            sleep_until(start + Duration::from_secs(1) * n / RATE).await;
            ada.send(&conversation, &n.to_string()).await;
        });
    }
    let mut latencies = Times::new();
    for _ in 0..SENDS {
        let event = socket.next().await;
        let n: u32 = event["messageAdded"]["text"].as_str().unwrap().parse().unwrap();
        let intended = start + Duration::from_secs(1) * n / RATE;
        latencies.record(intended.elapsed());
    }
    while let Some(sent) = sends.join_next().await {
        sent.unwrap();
    }
    println!(
        "{name:>17} {RATE}/s, {SENDS} delivered: p50 {:>6.2}, p99 {:>6.2}, worst {:>6.2}",
        latencies.millis(0.5),
        latencies.millis(0.99),
        latencies.millis(1.0)
    );
}
