//! What a node tells the others over NATS of what is no part of the log.

use crate::support::backend::{Backend, Node};
use crate::support::client::Person;
use crate::support::stores::url_of;
use async_nats::Client;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// A node on a bus, and an ear at the bus that hears all deployments.
async fn on_a_bus() -> Option<(Backend, Node, Client)> {
    let nats = url_of("TEST_NATS_URL")?;
    let ear = async_nats::connect(&nats).await.unwrap();
    let backend = Backend::sqlite().await.unwrap().with("NATS_URL", nats);
    let node = backend.node().await;
    Some((backend, node, ear))
}

/// Everything that is told of that person or conversation, in any deployment: ids are unique.
struct Told {
    ear: Client,
    id: String,
    heard: async_nats::Subscriber,
}

impl Told {
    async fn of(ear: &Client, id: &str) -> Self {
        let heard = ear.subscribe(format!("natterjack.*.{id}")).await.unwrap();
        // Once this is heard the server knows of the subscription; that all is written says nothing of that.
        ear.publish(format!("natterjack.begin.{id}"), "null".into()).await.unwrap();
        let mut told = Self { ear: ear.clone(), id: id.to_owned(), heard };
        assert_eq!(told.next().await, Value::Null);
        told
    }

    async fn next(&mut self) -> Value {
        let message = timeout(PATIENCE, self.heard.next()).await.expect("a ring in time").unwrap();
        serde_json::from_slice(&message.payload).unwrap()
    }

    /// All that was told before the node ended.
    async fn rest(mut self) -> Vec<Value> {
        // The server keeps the order: what the node has told comes before this.
        self.ear.publish(format!("natterjack.end.{}", self.id), "null".into()).await.unwrap();
        let mut rest = Vec::new();
        loop {
            match self.next().await {
                Value::Null => return rest,
                ring => rest.push(ring),
            }
        }
    }
}

#[tokio::test]
async fn both_people_are_told_once_of_a_conversation_that_begins() {
    let Some((_backend, node, ear)) = on_a_bus().await else { return };
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let told = [Told::of(&ear, &ada.id).await, Told::of(&ear, &bob.id).await];
    join_all((0..10).map(|n| if n % 2 == 0 { ada.open(&bob) } else { bob.open(&ada) })).await;
    assert!(node.terminate().await);
    for (told, person) in told.into_iter().zip([&ada, &bob]) {
        let rings = told.rest().await;
        assert_eq!(rings.len(), 1, "{rings:?}");
        let user = rings[0]["memberships"].as_str().unwrap().replace('-', "");
        assert_eq!(format!("usr_{user}"), person.id);
    }
}

#[tokio::test]
async fn moves_of_marks_are_told_with_their_version() {
    let Some((_backend, node, ear)) = on_a_bus().await else { return };
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let told = Told::of(&ear, &conversation).await;
    ada.send(&conversation, "hello").await;
    let read = "mutation($id: ID!) { markRead(input: { conversationId: $id }) { errors { code } } }";
    for _ in 0..2 {
        bob.client.field("markRead", read, json!({ "id": conversation })).await;
    }
    assert!(node.terminate().await);
    let rings = told.rest().await;
    let receipts: Vec<_> = rings.iter().filter_map(|ring| ring.get("receipts")).collect();
    assert_eq!(receipts.len(), 2, "what moves nothing is not told: {rings:?}");
    for (receipts, (version, person)) in receipts.iter().zip([(1, &ada), (2, &bob)]) {
        assert_eq!(receipts["version"], version);
        assert_eq!(receipts["moved"].as_array().unwrap().len(), 1);
        let moved = &receipts["moved"][0];
        assert_eq!(format!("usr_{}", moved["user"].as_str().unwrap().replace('-', "")), person.id);
        assert_eq!((&moved["deliveredSeq"], &moved["readSeq"]), (&json!(1), &json!(1)));
    }
}
