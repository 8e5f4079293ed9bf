//! Several processes on one set of stores.

use crate::support::backend::{Backend, Node, is_long_run, on_every_backend};
use crate::support::client::Person;
use crate::support::socket::Socket;
use crate::support::stores::url_of;
use futures_util::future::join_all;
use serde_json::json;

on_every_backend! {
    two_processes_miss_nothing_even_without_a_bus
    many_senders_on_two_nodes_make_one_order_for_all
}

const ADDED: &str = "subscription($id: ID!) { messageAdded(conversationId: $id, afterSeq: 0) { seq text } }";

async fn subscribed(person: &Person, conversation: &str) -> Socket {
    let mut socket = Socket::of(person).await;
    socket.subscribe(ADDED, json!({ "id": conversation })).await;
    socket
}

async fn two_processes_miss_nothing_even_without_a_bus(backend: Backend) {
    const BURST: usize = 800;
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&one, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut socket = subscribed(&bob.at(&other), &conversation).await;
    for n in 1..=3 {
        ada.send(&conversation, &n.to_string()).await;
        assert_eq!(socket.next().await["messageAdded"]["seq"], n);
    }
    // More than a topic passes on at once: found by one look, and read from the log.
    for _ in 0..BURST / 40 {
        join_all((0..40).map(|_| ada.send(&conversation, "and on"))).await;
    }
    for n in 4..4 + BURST {
        assert_eq!(socket.next().await["messageAdded"]["seq"], n);
    }
}

/// 64 senders at once, half of them on each node, and a subscriber on either.
async fn many_senders_on_two_nodes_make_one_order_for_all(backend: Backend) {
    const SENDERS: usize = 64;
    // More than 10,000 messages in the long run.
    let each = if is_long_run() { 157 } else { 32 };
    let backend = match url_of("TEST_NATS_URL") {
        Some(url) => backend.with("NATS_URL", url),
        None => backend,
    };
    let nodes = [backend.node().await, backend.node().await];
    let (ada, bob) = (Person::register(&nodes[0], "ada").await, Person::register(&nodes[0], "bob").await);
    let conversation = ada.open(&bob).await;
    let on = |person: &Person, node: &Node| person.at(node);
    let mut sockets =
        join_all([subscribed(&on(&ada, &nodes[0]), &conversation), subscribed(&on(&bob, &nodes[1]), &conversation)])
            .await;

    let senders = (0..SENDERS).map(async |sender| {
        let person = on([&ada, &bob][sender / 2 % 2], &nodes[sender % 2]);
        for n in 0..each {
            let client_id = format!("{sender}-{n}");
            let payload = person.send_as(&conversation, &client_id, Some(&client_id)).await;
            assert_eq!(payload["errors"], json!([]));
        }
    });
    let read = sockets.iter_mut().map(async |socket| {
        let mut heard = Vec::new();
        for seq in 1..=SENDERS * each {
            let event = socket.next().await["messageAdded"].take();
            assert_eq!(event["seq"], seq, "each once, in order");
            heard.push(event["text"].as_str().unwrap().to_owned());
        }
        heard
    });
    let (_, heard) = futures_util::join!(join_all(senders), join_all(read));
    assert_eq!(heard[0], heard[1], "one order for all");
    let mut texts = heard.into_iter().next().unwrap();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), SENDERS * each, "each message once");
}
