//! Stores and buses that are killed and come back, under nodes that stay.

use crate::crashes::with_bus;
use crate::parts::{Away, stand};
use crate::sender::{Outcome, PATIENCE};
use crate::stage::{Load, Stage, until};
use crate::support::backend::{Backend, is_long_run};
use crate::support::client::Person;
use crate::support::mongo;
use crate::support::services::{OwnServer, Service};
use crate::support::socket::Socket;
use crate::support::stores;
use serde_json::{Value, json};
use std::ops::Range;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How soon one is told that a store is away, and how soon after its return everything goes on.
const TOLD_WITHIN: Duration = Duration::from_secs(2);
const BACK_WITHIN: Duration = Duration::from_secs(5);

const SEND: &str = "mutation($id: ID!, $text: String!) {
    sendMessage(input: { to: { conversationId: $id }, text: $text, clientId: $text }) { message { seq } } }";
const READ: &str = "query($id: ID!) { history(of: { conversationId: $id }, last: 10) { nodes { text } } }";

#[tokio::test]
async fn postgres_alone() {
    let Some(server) = OwnServer::start(Service::Postgres).await else { return };
    let database = stores::postgres_database_on(server.url().to_owned()).await;
    outlives_a_store(Backend::new(Some(database), None), &server, Away::Database).await;
}

#[tokio::test]
async fn postgres_beside_mongodb() {
    let Some(server) = OwnServer::start(Service::Postgres).await else { return };
    let Some(log) = mongo::empty().await else { return };
    let database = stores::postgres_database_on(server.url().to_owned()).await;
    outlives_a_store(with_bus(Backend::new(Some(database), Some(log))), &server, Away::Database).await;
}

#[tokio::test]
async fn mongodb_beside_postgres() {
    let Some(server) = OwnServer::start(Service::MongoDb).await else { return };
    let Some(database) = stores::postgres_database().await else { return };
    let log = mongo::empty_on(server.url().to_owned()).await;
    outlives_a_store(with_bus(Backend::new(Some(database), Some(log))), &server, Away::Log).await;
}

fn rounds() -> usize {
    if is_long_run() { 20 } else { 1 }
}

async fn outlives_a_store(backend: Backend, server: &OwnServer, store: Away) {
    let mut stage = Stage::set(backend, 1).await;
    let mut load = stage.load();
    let person = stage.people[0].at(stage.node(0));
    let conversation = stage.conversations[0].clone();
    let message = person.send(&conversation, "before").await["id"].as_str().unwrap().to_owned();
    let mut socket = Socket::of(&person).await;
    for round in 0..rounds() {
        load.runs(20).await;
        server.kill().await;
        let away = Instant::now();
        while_away(&person, &mut socket, &conversation, round).await;
        stand(store, &person, &conversation, &message).await;
        // Everybody has been told more than once.
        until("senders are told", async || load.tries(away..Instant::now(), &Outcome::Unavailable) >= 20).await;
        let restarting = Instant::now();
        server.restart().await;
        let back = Instant::now();
        goes_on(&mut load, &mut socket, &conversation, round).await;
        assert!(back.elapsed() < BACK_WITHIN, "{:?}", back.elapsed());
        told_in_time(&load, away..restarting);
    }
    let ended = load.end(&stage).await;
    let stays = &ended.followers[0];
    assert_eq!((stays.opened(), stays.ended()), (1, 0), "an open subscription lives through it");
}

/// What one is told over HTTP and on a socket that was open before.
async fn while_away(person: &Person, socket: &mut Socket, conversation: &str, round: usize) {
    let text = format!("while away, {round}");
    for (query, variables) in
        [(SEND, json!({ "id": conversation, "text": text })), (READ, json!({ "id": conversation }))]
    {
        let began = Instant::now();
        let (response, frame) =
            tokio::join!(person.client.run(query, variables.clone()), on_socket(socket, query, variables));
        assert!(began.elapsed() < TOLD_WITHIN, "{:?}", began.elapsed());
        for answer in [response, frame] {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
        }
    }
}

/// The response to an operation that is no subscription.
async fn on_socket(socket: &mut Socket, query: &str, variables: Value) -> Value {
    let id = socket.subscribe(query, variables).await;
    let mut frame = timeout(PATIENCE, socket.frame()).await.expect("an answer in time");
    assert_eq!((&frame["type"], &frame["id"]), (&json!("next"), &json!(id)), "{frame}");
    assert_eq!(socket.frame().await["type"], "complete");
    frame["payload"].take()
}

/// Both senders and readers, without anybody's help.
async fn goes_on(load: &mut Load, socket: &mut Socket, conversation: &str, round: usize) {
    load.runs(10).await;
    let sent = on_socket(socket, SEND, json!({ "id": conversation, "text": format!("back again, {round}") })).await;
    assert_eq!(sent.get("errors"), None, "{sent}");
    let read = on_socket(socket, READ, json!({ "id": conversation })).await;
    assert_eq!(read.get("errors"), None, "{read}");
}

/// All that was tried while the store was away was answered with `UNAVAILABLE`, and soon; what was under way when it
/// went was answered as soon.
fn told_in_time(load: &Load, away: Range<Instant>) {
    for attempt in load.records.attempts(away.start - PATIENCE..away.end) {
        let answered = attempt.began + attempt.took;
        let waited = answered.saturating_duration_since(attempt.began.max(away.start));
        assert!(waited < TOLD_WITHIN, "{attempt:?} of {away:?}");
        // One that was under way as the store went or came back may have met it.
        let is_within = away.start <= attempt.began && answered < away.end;
        assert!(!is_within || attempt.outcome == Outcome::Unavailable, "{attempt:?} of {away:?}");
    }
}

#[tokio::test]
async fn nats_between_two_nodes() {
    let Some(server) = OwnServer::start(Service::Nats).await else { return };
    let Some(backend) = Backend::mongodb().await else { return };
    let mut stage = Stage::set(backend.with("NATS_URL", server.url()), 2).await;
    let load = stage.load();
    for _ in 0..rounds() {
        load.runs(20).await;
        let began = Instant::now();
        server.kill().await;
        load.runs(100).await;
        server.restart().await;
        load.runs(20).await;
        let attempts = load.records.attempts(began..Instant::now());
        assert!(attempts.iter().all(|attempt| attempt.outcome == Outcome::Acknowledged), "{attempts:?}");
    }
    let ended = load.end(&stage).await;
    assert!(ended.followers[..2].iter().all(|stays| (stays.opened(), stays.ended()) == (1, 0)));
}
