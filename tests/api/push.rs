//! Notifications that nobody has seen, posted to a webhook: a real HTTP server in this process, which fails now and then.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::socket::{PATIENCE, Socket};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

on_every_backend! {
    who_is_offline_is_told_at_once
    what_is_not_seen_in_time_is_posted_with_a_signature
    a_receiver_that_fails_and_hangs_gets_all_of_them_in_the_end
    what_a_killed_node_has_not_posted_is_posted_by_another
    of_two_nodes_one_posts_each
}

const SECRET: &str = "a secret that the receiver shares, too";

/// What the receiver does with the post of that number, counted from 1.
type Behaviour = fn(usize) -> Fate;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Taken,
    Failed,
    /// Never answered.
    Hung,
}

/// A webhook that notes what it is given.
struct Receiver {
    url: String,
    noted: Arc<Mutex<Noted>>,
    /// How many different ones it has taken.
    taken: watch::Receiver<usize>,
    _server: JoinSet<()>,
}

#[derive(Default)]
struct Noted {
    posts: usize,
    /// By id: the latest body, and how often it was taken.
    taken: BTreeMap<String, (Value, usize)>,
    complaints: Vec<String>,
}

impl Receiver {
    async fn new(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/push", listener.local_addr().unwrap());
        let (noted, (count, taken)) = (Arc::new(Mutex::new(Noted::default())), watch::channel(0));
        let (book, count) = (Arc::clone(&noted), Arc::new(count));
        let handler = move |headers: HeaderMap, body: Bytes| {
            let (book, count) = (Arc::clone(&book), Arc::clone(&count));
            async move {
                let fate = note(&mut book.lock().unwrap(), behaviour, &headers, &body);
                match fate {
                    Fate::Hung => std::future::pending().await,
                    Fate::Failed => StatusCode::SERVICE_UNAVAILABLE,
                    Fate::Taken => {
                        count.send_replace(book.lock().unwrap().taken.len());
                        StatusCode::NO_CONTENT
                    }
                }
            }
        };
        let serve = axum::serve(listener, Router::new().route("/push", post(handler)));
        let mut server = JoinSet::new();
        server.spawn(async move { serve.await.unwrap() });
        Self { url, noted, taken, _server: server }
    }

    /// The settings of nodes that post here.
    fn on(&self, backend: Backend, after: &str) -> Backend {
        backend
            .with("NATTERJACK_PUSH_URL", self.url.clone())
            .with("NATTERJACK_PUSH_SECRET", SECRET)
            .with("NATTERJACK_PUSH_AFTER", after)
    }

    /// What it has taken, by id, once that is so many: each body and how often it was taken.
    async fn taken(&mut self, count: usize) -> BTreeMap<String, (Value, usize)> {
        let enough = timeout(PATIENCE * 2, self.taken.wait_for(|taken| *taken >= count)).await.is_ok();
        assert!(enough, "{count} in time, and not {}", *self.taken.borrow());
        let noted = self.noted.lock().unwrap();
        assert_eq!(noted.complaints, [] as [&str; 0]);
        assert_eq!(noted.taken.len(), count);
        noted.taken.clone()
    }
}

fn note(noted: &mut Noted, behaviour: Behaviour, headers: &HeaderMap, body: &[u8]) -> Fate {
    noted.posts += 1;
    let fate = behaviour(noted.posts);
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, seconds) = (header("webhook-id"), header("webhook-timestamp"));
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let mac = mac.chain_update(format!("{id}.{seconds}.")).chain_update(body).finalize();
    let body: Value = serde_json::from_slice(body).unwrap();
    if header("webhook-signature") != format!("v1,{}", STANDARD.encode(mac.into_bytes())) || body["id"] != id {
        noted.complaints.push(format!("{headers:?} {body}"));
    }
    if fate == Fate::Taken {
        let (latest, count) = noted.taken.entry(id.to_owned()).or_default();
        (*latest, *count) = (body, *count + 1);
    }
    fate
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
    let backend = receiver.on(backend, "1h");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "are you there?").await;
    assert_eq!(texts(&receiver.taken(1).await), ["are you there?".to_owned()].into());
}

async fn what_is_not_seen_in_time_is_posted_with_a_signature(backend: Backend) {
    let mut receiver = Receiver::new(|_| Fate::Taken).await;
    let backend = receiver.on(backend, "2s");
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
    let backend = receiver.on(backend, "1s");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let sent: BTreeSet<_> = (0..30).map(|n| n.to_string()).collect();
    join_all(sent.iter().map(|text| ada.send(&conversation, text))).await;
    let taken = receiver.taken(30).await;
    assert_eq!(texts(&taken), sent);
    assert!(taken.values().all(|(_, count)| *count == 1), "{taken:?}");
    assert!(receiver.noted.lock().unwrap().posts >= 39, "each that fails is posted again");
}

async fn what_a_killed_node_has_not_posted_is_posted_by_another(backend: Backend) {
    let mut receiver = Receiver::new(|_| Fate::Taken).await;
    let backend = receiver.on(backend, "3s");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let _socket = online(&bob).await;
    let conversation = ada.open(&bob).await;
    let sent: BTreeSet<_> = (0..10).map(|n| n.to_string()).collect();
    join_all(sent.iter().map(|text| ada.send(&conversation, text))).await;
    node.kill().await;
    assert_eq!(receiver.noted.lock().unwrap().posts, 0, "it was killed before");
    let _node = backend.node().await;
    assert_eq!(texts(&receiver.taken(10).await), sent);
}

async fn of_two_nodes_one_posts_each(backend: Backend) {
    let mut receiver = Receiver::new(|_| Fate::Taken).await;
    let backend = receiver.on(backend, "1s");
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
    let noted = receiver.noted.lock().unwrap();
    assert_eq!((noted.posts, noted.taken.len()), (100, 100));
}

#[tokio::test]
async fn a_webhook_without_a_secret_is_a_mistake_of_the_operators() {
    let backend = Backend::sqlite().await.unwrap().with("NATTERJACK_PUSH_URL", "http://localhost:1/");
    let output = timeout(Duration::from_secs(20), backend.command("serve").output()).await.unwrap().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("NATTERJACK_PUSH_SECRET"), "{said}");
}
