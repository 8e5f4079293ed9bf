//! Sending.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use serde_json::{Value, json};

on_every_backend! {
    a_message_to_a_person_begins_the_conversation
    a_message_that_cannot_be_is_refused
    a_client_id_is_stored_once
    fifty_sends_of_one_client_id_on_two_nodes_are_one_message
}

const SEND: &str = "mutation($input: SendMessageInput!) { sendMessage(input: $input) {
    message { id seq revision kind text clientId createdAt status readByCount readBy { user { displayName } }
        author { displayName } conversation { title revision unreadCount } }
    edge { cursor node { seq } } isRepeat errors { code message field } } }";

async fn send(person: &Person, input: Value) -> Value {
    person.client.field("sendMessage", SEND, json!({ "input": input })).await
}

async fn a_message_to_a_person_begins_the_conversation(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let sent = send(&ada, json!({ "to": { "userId": bob.id }, "text": "Hello, 😀!\n" })).await;
    assert_shown!("sent", sent);
    let answer = send(&bob, json!({ "to": { "conversationId": bob.open(&ada).await }, "text": "Hi" })).await;
    assert_eq!(answer["message"]["seq"], 2);
    let again = send(&ada, json!({ "to": { "userId": bob.id }, "text": "Well?" })).await;
    assert_eq!(again["message"]["seq"], 3);
}

async fn a_message_that_cannot_be_is_refused(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let to = json!({ "userId": bob.id });
    let mut told = Vec::new();
    for input in [
        json!({ "to": to }),
        json!({ "to": to, "text": " \n " }),
        json!({ "to": to, "text": "é".repeat(20_001) }),
        json!({ "to": to, "text": "a\u{0}b" }),
        json!({ "to": to, "text": "a", "clientId": "" }),
        json!({ "to": to, "text": "a", "clientId": "x".repeat(129) }),
        json!({ "to": { "userId": ada.id }, "text": "a" }),
        json!({ "to": { "userId": "usr_00000000000000000000000000000001" }, "text": "a" }),
        json!({ "to": { "userId": "nonsense" }, "text": "a" }),
        json!({ "to": { "conversationId": "nonsense" }, "text": "a" }),
    ] {
        let payload = send(&ada, input).await;
        assert_eq!((&payload["message"], &payload["edge"]), (&Value::Null, &Value::Null));
        told.push(payload["errors"].clone());
    }
    assert_shown!("not_sent", told);
    let longest = send(&ada, json!({ "to": to, "text": "é".repeat(20_000) })).await;
    assert_eq!(longest["message"]["seq"], 1, "nothing that was refused took a number");
    let response = ada.client.run(SEND, json!({ "input": { "to": {}, "text": "a" } })).await;
    assert!(response["errors"].is_array() && response.get("data").is_none_or(Value::is_null), "{response}");
}

async fn a_client_id_is_stored_once(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let first = ada.send_as(&conversation, "hello", Some("1")).await;
    let repeat = ada.send_as(&conversation, "hello", Some("1")).await;
    assert_eq!(repeat["message"], first["message"]);
    assert_eq!((&first["isRepeat"], &repeat["isRepeat"]), (&json!(false), &json!(true)));

    let other_text = ada.send_as(&conversation, "goodbye", Some("1")).await;
    assert_eq!(other_text["errors"][0]["code"], "CONFLICT");
    assert_eq!(other_text["errors"][0]["field"], json!(["input", "clientId"]));
    let other_author = bob.send_as(&conversation, "hello", Some("1")).await;
    assert_eq!((&other_author["isRepeat"], &other_author["message"]["seq"]), (&json!(false), &json!(2)));

    let seen = "query($id: ID!) { history(of: { conversationId: $id }, first: 9) { nodes { seq clientId } } }";
    let history = bob.client.field("history", seen, json!({ "id": conversation })).await;
    assert_eq!(history["nodes"], json!([{ "seq": 1, "clientId": null }, { "seq": 2, "clientId": "1" }]));
}

async fn fifty_sends_of_one_client_id_on_two_nodes_are_one_message(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&one, "bob").await);
    let conversation = ada.open(&bob).await;
    let ways = [ada.clone(), ada.at(&other)];
    let all = (0..50).map(|n| ways[n % 2].send_as(&conversation, "once", Some("same")));
    let payloads = futures_util::future::join_all(all).await;
    assert!(payloads.iter().all(|payload| payload["message"] == payloads[0]["message"]), "{payloads:#?}");
    assert_eq!(payloads.iter().filter(|payload| payload["isRepeat"] == false).count(), 1);
}
