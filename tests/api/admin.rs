//! What an operator does from the command line, beside a node that runs.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::events::{EVENTS, next_of};
use crate::support::socket::Socket;
use serde_json::json;
use std::process::Output;

on_every_backend! {
    what_is_reported_is_listed_and_deleted
    who_is_suspended_is_out_until_they_are_restored
}

/// Runs `natterjack admin` with these arguments.
async fn admin(backend: &Backend, arguments: &[&str]) -> Output {
    backend.command("admin").args(arguments).output().await.unwrap()
}

/// The same, which goes well, and what it says.
async fn does(backend: &Backend, arguments: &[&str]) -> String {
    let output = admin(backend, arguments).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn what_is_reported_is_listed_and_deleted(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let message = bob.send(&conversation, "spam\nspam").await["id"].as_str().unwrap().to_owned();
    assert_eq!(does(&backend, &["reports"]).await, "");
    ada.does("reportMessage", json!({ "messageId": message, "reason": "It is spam." })).await;
    let listed = does(&backend, &["reports"]).await;
    for part in [message.as_str(), &ada.id, &bob.id, &conversation, r#"reason: "It is spam.""#, r#"text: "spam\nspam""#]
    {
        assert!(listed.contains(part), "{part} in {listed}");
    }
    assert_eq!(does(&backend, &["reports", "--limit", "0"]).await, "");

    let mut socket = Socket::of(&ada).await;
    socket.subscribe(EVENTS, json!({ "after": [], "only": ["MESSAGE"] })).await;
    next_of(&mut socket, "MessageAdded").await;
    next_of(&mut socket, "Synced").await;
    assert!(does(&backend, &["delete-message", &message]).await.contains(&message));
    let changed = next_of(&mut socket, "MessageChanged").await;
    assert_eq!((&changed["message"]["id"], &changed["message"]["text"]), (&json!(message), &json!(null)));
    // Harmless twice; and what is not there is said to be so.
    does(&backend, &["delete-message", &message]).await;
    let unknown = admin(&backend, &["delete-message", "msg_00000000000070008000000000000000"]).await;
    assert!(!unknown.status.success());
    assert_eq!(String::from_utf8(unknown.stderr).unwrap().trim_end(), "natterjack: there is no such message");
    assert!(does(&backend, &["reports"]).await.contains("spam"), "a report keeps what was reported");
}

async fn who_is_suspended_is_out_until_they_are_restored(backend: Backend) {
    const LOGIN: &str = r#"mutation { login(input: { password: { login: "bob", password: "correct horse battery" } }) {
        viewer { id } errors { code message field } } }"#;
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    bob.send(&conversation, "I was here.").await;
    let mut socket = Socket::of(&bob).await;

    assert!(does(&backend, &["suspend", "bob"]).await.contains("sessions ended: 1"));
    assert_eq!(socket.close_code().await, 4403);
    let refused = bob.client.run("{ viewer { id } }", json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused}");
    let login = ada.client.field("login", LOGIN, json!({})).await;
    assert_eq!(login["errors"][0]["code"], "NOT_ALLOWED", "{login}");
    let standing = ada.sees(&conversation, "lastMessage { text author { displayName } }").await;
    assert_eq!(standing["lastMessage"]["text"], "I was here.");
    assert!(does(&backend, &["suspend", &bob.id]).await.contains("sessions ended: 0"));

    does(&backend, &["restore", "bob"]).await;
    let login = ada.client.field("login", LOGIN, json!({})).await;
    assert_eq!(login["viewer"]["id"], bob.id.as_str(), "{login}");
    assert!(!admin(&backend, &["suspend", "nobody"]).await.status.success());
}
