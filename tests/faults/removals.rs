//! Whoever is removed from a group hears nothing that is sent afterwards, on another node, whatever the bus does.

use crate::chance::Chance;
use crate::nats::RoughNetwork;
use crate::stage::{Stage, until};
use crate::support::backend::{Backend, is_long_run};
use crate::support::client::Person;
use crate::support::socket::Socket;
use crate::support::stores::url_of;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;

/// Messages that are sent while one is out.
const SENT: usize = 5;

const EVENTS: &str = "subscription { events(after: []) {
    ... on MessageAdded { message { text } }
    ... on MembershipChanged { membership { state } } } }";
const MESSAGES: &str = "subscription($id: ID!) { messageAdded(conversationId: $id, afterSeq: 0) { text } }";

/// Somebody who listens on one node, by all that they can.
struct Ear {
    person: Person,
    heard: Arc<Mutex<Vec<String>>>,
    tasks: JoinSet<()>,
}

impl Ear {
    async fn of(person: Person) -> Self {
        let mut ear = Self { person, heard: Arc::default(), tasks: JoinSet::new() };
        ear.subscribe(EVENTS, json!({})).await;
        ear
    }

    /// One subscription more, until it ends.
    async fn subscribe(&mut self, query: &str, variables: Value) {
        let mut socket = Socket::of(&self.person).await;
        socket.subscribe(query, variables).await;
        let heard = Arc::clone(&self.heard);
        self.tasks.spawn(async move {
            while let Ok(frame) = socket.hear().await {
                let data = &frame["payload"]["data"];
                let event = if data["events"].is_null() { &data["messageAdded"] } else { &data["events"] };
                let text = event["message"]["text"].as_str().or(event["text"].as_str());
                let is_out = event.get("membership").is_some_and(Value::is_null);
                let told = text.or(is_out.then_some("out"));
                heard.lock().unwrap().extend(told.map(str::to_owned));
            }
        });
    }

    fn count(&self, text: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|heard| *heard == text).count()
    }

    fn has(&self, text: &str) -> bool {
        self.count(text) > 0
    }
}

async fn hears_nothing_that_is_sent_afterwards(stage: &Stage) {
    let rounds = if is_long_run() { 100 } else { 3 };
    let (ada, group) = (stage.people[0].at(stage.node(0)), stage.group());
    let [mut eve, dan] =
        [Ear::of(stage.people[4].at(stage.node(1))).await, Ear::of(stage.people[3].at(stage.node(1))).await];
    for round in 0..rounds {
        ada.add(group, &[&eve.person]).await;
        eve.subscribe(MESSAGES, json!({ "id": group })).await;
        let inside = format!("inside {round}");
        ada.send(group, &inside).await;
        // By both of the subscriptions.
        until("she hears what is said while she is in", async || eve.count(&inside) >= 2).await;

        let outside: Vec<_> = (0..SENT).map(|n| format!("outside {round}.{n}")).collect();
        ada.remove(group, &eve.person).await;
        join_all(outside.iter().map(|text| ada.send(group, text))).await;
        until("the others on her node hear it", async || outside.iter().all(|text| dan.has(text))).await;
        until("she hears that she is out", async || eve.count("out") == round + 1).await;
        let heard = eve.heard.lock().unwrap().clone();
        assert!(!outside.iter().any(|text| heard.contains(text)), "{heard:?} in round {round}");
        assert_eq!(eve.person.sees(group, "id").await, Value::Null);
        // Who comes in again reads what was said meanwhile: at the beginning of the next round.
        if round > 0 {
            let before = format!("outside {}.0", round - 1);
            assert!(eve.has(&before), "the one added reads what was before: {heard:?}");
        }
    }
}

/// By a bus that has its faults, and after a while loses all that holds that text.
async fn by_a_rough_bus(backend: Option<Backend>, lost: Option<&'static str>) {
    let (Some(server), Some(backend)) = (url_of("TEST_NATS_URL"), backend) else { return };
    let mut chance = Chance::of_test();
    let network = RoughNetwork::before(&server, chance.fork()).await;
    let stage = Stage::set_by(chance, backend.with("NATS_URL", network.url()), 2).await;
    if let Some(text) = lost {
        network.lose(text);
    }
    hears_nothing_that_is_sent_afterwards(&stage).await;
    assert!(network.faults()[0] > 0, "something has been lost");
}

#[tokio::test]
async fn by_a_bus_that_is_cut_one_who_is_removed_hears_nothing_more() {
    by_a_rough_bus(Backend::postgres().await, Some("")).await;
}

#[tokio::test]
async fn by_a_bus_that_loses_repeats_and_reorders_one_who_is_removed_hears_nothing_more() {
    by_a_rough_bus(Backend::mongodb().await, None).await;
}

/// Only what is said tells then that others may hear it than before.
#[tokio::test]
async fn by_a_bus_that_tells_nothing_of_members_one_who_is_removed_hears_nothing_more() {
    by_a_rough_bus(Backend::mongodb().await, Some("{\"members\"")).await;
}
