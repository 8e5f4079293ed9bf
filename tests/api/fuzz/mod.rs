//! Documents made from the schema, with values that suit nobody: whatever comes, the server makes no mistake of its own.

use crate::support::backend::{Backend, Node, is_long_run};
use crate::support::client::Person;
use crate::support::python;
use crate::support::socket::{PATIENCE, Socket};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// What would end the fuzzing.
const SPARED: [&str; 3] = ["logout", "logoutEverywhere", "deleteAccount"];

/// For each of the root fields.
fn examples() -> u32 {
    if is_long_run() { 300 } else { 10 }
}

#[tokio::test]
async fn no_document_of_the_schema_brings_the_server_to_a_mistake_on_postgres_alone() {
    fuzz(Backend::postgres().await).await;
}

#[tokio::test]
async fn no_document_of_the_schema_brings_the_server_to_a_mistake_on_mongodb() {
    if is_long_run() {
        fuzz(Backend::mongodb().await).await;
    }
}

#[tokio::test]
async fn no_document_of_the_schema_brings_the_server_to_a_mistake_on_sqlite() {
    if is_long_run() {
        fuzz(Backend::sqlite().await).await;
    }
}

async fn fuzz(backend: Option<Backend>) {
    let Some(backend) = backend else { return };
    let seed =
        std::env::var_os("NATTERJACK_TEST_SEED").and_then(|seed| seed.to_str()?.parse::<u64>().ok()).unwrap_or(1);
    // However long it takes.
    let backend = backend.with("NATTERJACK_ACCESS_TOKEN_TTL", "1d");
    let (node, log) = backend.logging_node().await;
    let mut reading = JoinSet::new();
    reading.spawn(log.rest());
    let people = [Person::register(&node, "ada").await, Person::register(&node, "bob").await];
    let Some(told) = told_by_fuzzer(&node, &people, seed).await else { return };
    assert_eq!(told["mistakes"], json!([]), "seed {seed}");
    assert!(told["answers"]["none"].as_u64() > Some(50), "not all is refused: {}", told["answers"]);
    listen(&people[0], told["subscriptions"].as_array().unwrap()).await;
    assert!(node.terminate().await, "the process lives, and ends well");
    let log = reading.join_next().await.unwrap().unwrap();
    let of_mistakes: Vec<_> = log.iter().filter(|line| line.contains("ERROR") || line.contains("panicked")).collect();
    assert!(of_mistakes.is_empty(), "seed {seed}: {of_mistakes:?}");
}

async fn told_by_fuzzer(node: &Node, [ada, bob]: &[Person; 2], seed: u64) -> Option<Value> {
    let task = json!({
        "url": format!("{}/graphql", node.url),
        "token": ada.client.token,
        "fitting": fitting(ada, bob).await,
        "spared": SPARED,
        "examples": examples(),
        "seed": seed,
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/fuzz/fuzz.py");
    let output = python::run(&script, REQUIREMENTS, &task.to_string(), Duration::from_hours(1)).await?;
    let told = serde_json::from_slice(&output.stdout);
    Some(told.unwrap_or_else(|_| panic!("seed {seed}: {}", String::from_utf8_lossy(&output.stderr))))
}

/// Values that fit, by the names of the inputs that they fit.
async fn fitting(ada: &Person, bob: &Person) -> Value {
    let mut conversations = vec![ada.open(bob).await];
    for (owner, member) in [(ada, bob), (ada, bob), (ada, bob), (bob, ada)] {
        conversations.push(owner.group("pond", &[member]).await);
    }
    let mut messages = Vec::new();
    for conversation in &conversations {
        for person in [ada, bob] {
            messages.push(person.send(conversation, "A message about ponds, @ada").await["id"].clone());
        }
    }
    let query = "query($id: ID!) { history(of: { conversationId: $id }, last: 2) { edges { cursor } } }";
    let history = ada.client.field("history", query, json!({ "id": conversations[0] })).await;
    let cursors: Vec<_> = history["edges"].as_array().unwrap().iter().map(|edge| &edge["cursor"]).collect();
    let people = [&ada.id, &bob.id];
    json!({
        "conversationId": conversations, "conversationIds": conversations,
        "messageId": messages, "replyToId": messages, "aroundId": messages,
        "userId": people, "userIds": people, "memberIds": people, "inviteIds": people, "mentionIds": people,
        "id": [ada.id, bob.id, conversations[0], messages[0]], "ids": [ada.id, conversations[0], messages[0]],
        "after": cursors, "before": cursors, "first": [1, 10], "last": [2, 100], "matching": ["ada", "pond"],
        "text": ["hello", "hello @ada"], "name": ["pond"], "emoji": ["👍", "❤️"],
        "url": ["https://example.org/a.png"], "avatarUrl": ["https://example.org/a.png"], "contentType": ["image/png"],
        "username": ["ada", "cyn"], "email": ["ada@example.org"], "mobileNumber": ["+49 1512 3456789"],
        "currentPassword": ["correct horse battery"], "newPassword": ["another horse battery"], "code": ["123456"],
        "byteSize": [1_000], "revision": [0, 1], "afterSeq": [0, 1],
    })
}

/// So many at once: a socket takes 256.
const AT_ONCE: usize = 200;

/// Begins the subscriptions, and does other things meanwhile.
async fn listen(person: &Person, subscriptions: &[Value]) {
    for some in subscriptions.chunks(AT_ONCE) {
        let mut socket = Socket::of(person).await;
        for subscription in some {
            socket.subscribe(subscription[0].as_str().unwrap(), subscription[1].clone()).await;
        }
        for _ in 0..20 {
            let id = socket.subscribe("{ viewer { user { displayName } } }", json!({})).await;
            let hearing = async { while !is_answer_to(&id, &socket.hear().await.expect("the socket is open")) {} };
            timeout(PATIENCE, hearing).await.expect("an answer in time");
        }
    }
}

/// Whether that is the last of the operation; be it or not, no mistake of the server's is in it.
fn is_answer_to(id: &str, frame: &Value) -> bool {
    for code in ["INTERNAL", "UNAVAILABLE"] {
        assert!(!frame.to_string().contains(&format!(r#""code":"{code}""#)), "{frame}");
    }
    frame["id"] == id && frame["type"] == "complete"
}
