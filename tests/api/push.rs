//! Notifications that nobody has seen, posted to a webhook: a real HTTP server in this process, which fails now and then.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::receiver::{Fate, Receiver, SECRET};
use crate::support::socket::{PATIENCE, Socket};
use crate::support::tls::TlsListener;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::{sleep, timeout};

on_every_backend! {
    who_is_offline_is_told_at_once
    what_is_not_seen_in_time_is_posted_with_a_signature
    a_receiver_that_fails_and_hangs_gets_all_of_them_in_the_end
    what_a_killed_node_has_not_posted_is_posted_by_another
    of_two_nodes_one_posts_each
}

/// The settings of nodes that post there.
fn on(receiver: &Receiver, backend: Backend, after: &str) -> Backend {
    backend
        .with("NATTERJACK_PUSH_URL", receiver.url.clone())
        .with("NATTERJACK_PUSH_SECRET", SECRET)
        .with("NATTERJACK_PUSH_AFTER", after)
}

fn texts(taken: &BTreeMap<String, (Value, usize)>) -> BTreeSet<String> {
    taken.values().map(|(body, _)| body["text"].as_str().unwrap().to_owned()).collect()
}

/// Comes online, and stays so for as long as the socket is there.
async fn online(person: &Person) -> Socket {
    let socket = Socket::of(person).await;
    let query = "{ viewer { user { presence { isOnline } } } }";
    timeout(PATIENCE, async {
        while person.client.field("viewer", query, json!({})).await["user"]["presence"]["isOnline"] != json!(true) {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("online in time");
    socket
}

async fn who_is_offline_is_told_at_once(backend: Backend) {
    let mut receiver = Receiver::new(|_| Fate::Taken).await;
    let backend = on(&receiver, backend, "1h");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "are you there?").await;
    assert_eq!(texts(&receiver.taken(1).await), ["are you there?".to_owned()].into());
}

async fn what_is_not_seen_in_time_is_posted_with_a_signature(backend: Backend) {
    let mut receiver = Receiver::new(|_| Fate::Taken).await;
    let backend = on(&receiver, backend, "2s");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let _socket = online(&bob).await;
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "read at once").await;
    bob.mark_read(&conversation).await;
    let deleted = ada.send(&conversation, "thought better of").await;
    ada.delete(deleted["id"].as_str().unwrap()).await;
    let message = ada.send(&conversation, "first words").await;
    ada.edit(message["id"].as_str().unwrap(), "not read").await;
    // What is due earlier would have come before it, or with it.
    let taken = receiver.taken(1).await;
    let (id, (body, _)) = taken.first_key_value().unwrap();
    let expected = json!({
        "id": id,
        "kind": "DIRECT_MESSAGE",
        "userId": bob.id,
        "createdAt": body["createdAt"],
        "actor": { "id": ada.id, "displayName": "ada", "avatarUrl": null },
        "conversation": { "id": conversation, "name": null },
        "messageId": message["id"],
        "text": "not read",
        "unseenCount": 1,
    });
    assert_eq!(*body, expected);
    ada.send(&conversation, "the last").await;
    assert_eq!(texts(&receiver.taken(2).await), ["not read", "the last"].map(str::to_owned).into());
}

async fn a_receiver_that_fails_and_hangs_gets_all_of_them_in_the_end(backend: Backend) {
    let mut receiver = Receiver::new(|number| match number {
        2 => Fate::Hung,
        number if number <= 24 && number % 3 == 0 => Fate::Failed,
        _ => Fate::Taken,
    })
    .await;
    let backend = on(&receiver, backend, "1s");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let sent: BTreeSet<_> = (0..30).map(|n| n.to_string()).collect();
    join_all(sent.iter().map(|text| ada.send(&conversation, text))).await;
    let taken = receiver.taken(30).await;
    assert_eq!(texts(&taken), sent);
    assert!(taken.values().all(|(_, count)| *count == 1), "{taken:?}");
    assert!(receiver.posts() >= 39, "each that fails is posted again");
}

async fn what_a_killed_node_has_not_posted_is_posted_by_another(backend: Backend) {
    let mut receiver = Receiver::new(|_| Fate::Taken).await;
    let backend = on(&receiver, backend, "3s");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let _socket = online(&bob).await;
    let conversation = ada.open(&bob).await;
    let sent: BTreeSet<_> = (0..10).map(|n| n.to_string()).collect();
    join_all(sent.iter().map(|text| ada.send(&conversation, text))).await;
    node.kill().await;
    assert_eq!(receiver.posts(), 0, "it was killed before");
    let _node = backend.node().await;
    assert_eq!(texts(&receiver.taken(10).await), sent);
}

async fn of_two_nodes_one_posts_each(backend: Backend) {
    let mut receiver = Receiver::new(|_| Fate::Taken).await;
    let backend = on(&receiver, backend, "1s");
    let nodes = [backend.node().await, backend.node().await];
    let (ada, bob) = (Person::register(&nodes[0], "ada").await, Person::register(&nodes[0], "bob").await);
    let conversation = ada.open(&bob).await;
    let sent: BTreeSet<_> = (0..100).map(|n| n.to_string()).collect();
    join_all(sent.iter().zip(nodes.iter().cycle()).map(|(text, node)| {
        let ada = ada.at(node);
        let conversation = &conversation;
        async move { ada.send(conversation, text).await }
    }))
    .await;
    let taken = receiver.taken(100).await;
    assert_eq!(texts(&taken), sent);
    for node in nodes {
        assert!(node.terminate().await);
    }
    assert_eq!((receiver.posts(), receiver.taken(100).await.len()), (100, 100));
}

#[tokio::test]
async fn a_webhook_without_a_secret_is_a_mistake_of_the_operators() {
    let backend = Backend::sqlite().await.unwrap().with("NATTERJACK_PUSH_URL", "http://localhost:1/");
    let output = timeout(Duration::from_secs(20), backend.command("serve").output()).await.unwrap().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("NATTERJACK_PUSH_SECRET"), "{said}");
}

#[tokio::test]
async fn a_receiver_is_told_only_where_its_certificate_is_trusted() {
    let (trusted, stranger) = (TlsListener::bind().await, TlsListener::bind().await);
    let mut refused = stranger.refused();
    let certificate = trusted.certificate.clone();
    let mut trusted = Receiver::by_tls(trusted, |_| Fate::Taken);
    let stranger = Receiver::by_tls(stranger, |_| Fate::Taken);
    for is_trusted in [true, false] {
        let receiver = if is_trusted { &trusted } else { &stranger };
        let backend = on(receiver, Backend::sqlite().await.unwrap(), "1h");
        std::fs::create_dir_all(backend.data_folder()).unwrap();
        let file = backend.data_folder().join("trusted.pem");
        std::fs::write(&file, &certificate).unwrap();
        let backend = backend.with("SSL_CERT_FILE", file.display().to_string());
        let node = backend.node().await;
        let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
        ada.send(&ada.open(&bob).await, "are you there?").await;
        if is_trusted {
            assert_eq!(texts(&trusted.taken(1).await), ["are you there?".to_owned()].into());
        } else {
            // It was tried, and tried again.
            timeout(PATIENCE, refused.wait_for(|refused| *refused >= 2)).await.expect("tries in time").unwrap();
        }
    }
    assert_eq!(stranger.posts(), 0);
}
