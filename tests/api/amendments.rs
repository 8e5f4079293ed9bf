//! Editing and deleting.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::HashSet;

on_every_backend! {
    an_edited_message_keeps_its_place
    a_text_that_cannot_be_sent_cannot_be_edited_to
    a_deleted_message_leaves_a_tombstone
    only_its_author_changes_a_message
    edits_on_two_nodes_at_once_have_numbers_of_their_own
    of_edits_and_deletions_on_two_nodes_at_once_the_deletion_is_the_last
}

const EDIT: &str = "mutation($input: EditMessageInput!) { editMessage(input: $input) {
    message { id seq revision text createdAt editedAt deletedAt conversation { revision } }
    errors { code message field } } }";
const DELETE: &str = "mutation($input: MessageIdInput!) { deleteMessage(input: $input) {
    message { id seq revision text createdAt editedAt deletedAt conversation { revision } }
    errors { code message field } } }";
const HISTORY: &str = "query($id: ID!) { history(of: { conversationId: $id }, first: 9) {
    revision nodes { id seq revision text editedAt deletedAt clientId author { displayName } } } }";

async fn edit(person: &Person, message: &Value, text: &str) -> Value {
    let input = json!({ "messageId": message["id"], "text": text });
    person.client.field("editMessage", EDIT, json!({ "input": input })).await
}

async fn delete(person: &Person, message: &Value) -> Value {
    person.client.field("deleteMessage", DELETE, json!({ "input": { "messageId": message["id"] } })).await
}

async fn history(person: &Person, conversation: &str) -> Value {
    person.client.field("history", HISTORY, json!({ "id": conversation })).await
}

fn revision(payload: &Value) -> usize {
    let number = payload["message"]["revision"].as_u64().unwrap_or_else(|| panic!("{payload}"));
    usize::try_from(number).unwrap()
}

async fn an_edited_message_keeps_its_place(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let first = ada.send(&conversation, "helo").await;
    ada.send(&conversation, "and more").await;
    let edited = edit(&ada, &first, "hello").await;
    assert_shown!("edited", &edited);

    let again = edit(&ada, &first, "hello").await;
    assert_eq!(again, edited, "the same words take no number");
    let seen = history(&bob, &conversation).await;
    assert_shown!("edited_history", seen);
    assert_eq!(revision(&edit(&ada, &first, "Hello!").await), 4);
}

async fn a_text_that_cannot_be_sent_cannot_be_edited_to(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let message = ada.send(&conversation, "hello").await;
    for text in ["", " \n ", "a\u{0}b", &"é".repeat(20_001)] {
        let refused = edit(&ada, &message, text).await;
        assert_eq!(refused["message"], Value::Null);
        assert_eq!(refused["errors"][0]["code"], "INVALID_INPUT");
        assert_eq!(refused["errors"][0]["field"], json!(["input", "text"]));
    }
    assert_eq!(history(&bob, &conversation).await["nodes"][0]["text"], "hello");
    assert_eq!(revision(&edit(&ada, &message, &"é".repeat(20_000)).await), 2);
}

async fn a_deleted_message_leaves_a_tombstone(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let message = ada.send_as(&conversation, "wrong window", Some("1")).await["message"].clone();
    ada.send(&conversation, "sorry").await;
    let unread = "query($id: ID!) { conversation(id: $id) { unreadCount } }";
    let unread =
        async || bob.client.field("conversation", unread, json!({ "id": conversation })).await["unreadCount"].take();
    assert_eq!(unread().await, 2);

    let deleted = delete(&ada, &message).await;
    assert_shown!("deleted", &deleted);
    assert_eq!(delete(&ada, &message).await, deleted, "deleted twice is deleted once");
    let refused = edit(&ada, &message, "no, here").await;
    assert_shown!("edit_of_a_tombstone", refused);
    assert_shown!("deleted_history", history(&bob, &conversation).await);
    assert_eq!(unread().await, 1);

    let repeat = ada.send_as(&conversation, "wrong window", Some("1")).await;
    assert_eq!((&repeat["isRepeat"], &repeat["message"]["text"]), (&json!(true), &Value::Null));
    let other = ada.send_as(&conversation, "another window", Some("1")).await;
    assert_eq!(other["errors"][0]["code"], "CONFLICT");
}

async fn only_its_author_changes_a_message(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let eve = Person::register(&node, "eve").await;
    let conversation = ada.open(&bob).await;
    let message = ada.send(&conversation, "mine").await;
    let nowhere = json!({ "id": "msg_00000000000000000000000000000001" });
    let mut told = Vec::new();
    for (person, message) in
        [(&bob, &message), (&eve, &message), (&ada, &nowhere), (&ada, &json!({ "id": "nonsense" }))]
    {
        told.push(edit(person, message, "not mine").await);
        told.push(delete(person, message).await);
    }
    assert_shown!("not_amended", told);
    let seen = history(&bob, &conversation).await;
    assert_eq!((&seen["revision"], &seen["nodes"][0]["text"]), (&json!(1), &json!("mine")));

    delete(&ada, &message).await;
    assert_eq!(edit(&bob, &message, "not mine").await["errors"][0]["code"], "NOT_ALLOWED");
    assert_eq!(delete(&bob, &message).await["errors"][0]["code"], "NOT_ALLOWED");
    let nobody = crate::support::client::Client::new(&node);
    let input = json!({ "input": { "messageId": message["id"] } });
    assert_eq!(nobody.refusal(DELETE, input).await.0, "UNAUTHENTICATED");
}

async fn edits_on_two_nodes_at_once_have_numbers_of_their_own(backend: Backend) {
    const EDITS: usize = 40;
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&one, "bob").await);
    let conversation = ada.open(&bob).await;
    let messages = [ada.send(&conversation, "first").await, ada.send(&conversation, "second").await];
    let ways = [ada.clone(), ada.at(&other)];
    let edits = (0..EDITS).map(async |n| {
        let text = format!("edit {n}");
        let edited = edit(&ways[n % 2], &messages[n / 2 % 2], &text).await;
        assert_eq!((&edited["errors"], &edited["message"]["text"]), (&json!([]), &json!(text)));
        (revision(&edited), edited["message"]["seq"].as_i64().unwrap(), text)
    });
    let mut edits = join_all(edits).await;
    edits.sort();
    let numbers: Vec<_> = edits.iter().map(|(revision, ..)| *revision).collect();
    assert_eq!(numbers, (3..3 + EDITS).collect::<Vec<_>>());

    let seen = history(&bob, &conversation).await;
    assert_eq!(history(&bob.at(&other), &conversation).await, seen);
    for node in seen["nodes"].as_array().unwrap() {
        let (revision, _, text) = edits.iter().rfind(|(_, seq, _)| node["seq"] == *seq).unwrap();
        assert_eq!((&node["revision"], &node["text"]), (&json!(revision), &json!(text)), "the last edit stands");
    }
}

async fn of_edits_and_deletions_on_two_nodes_at_once_the_deletion_is_the_last(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&one, "bob").await);
    let conversation = ada.open(&bob).await;
    let message = ada.send(&conversation, "first").await;
    let ways = [ada.clone(), ada.at(&other)];
    let changes = (0..40).map(async |n: usize| match n % 10 {
        4 => delete(&ways[n / 10 % 2], &message).await,
        _ => edit(&ways[n % 2], &message, &format!("edit {n}")).await,
    });
    let payloads = join_all(changes).await;
    let (done, refused): (Vec<&Value>, Vec<&Value>) =
        payloads.iter().partition(|payload| payload["errors"] == json!([]));
    for payload in &refused {
        assert_eq!(
            (&payload["errors"][0]["code"], &payload["errors"][0]["field"][1]),
            (&json!("CONFLICT"), &json!("messageId"))
        );
    }
    let (deleted, edited): (Vec<&Value>, Vec<&Value>) =
        done.iter().partition(|payload| payload["message"]["deletedAt"] != Value::Null);
    assert_eq!(deleted.len(), 4, "{payloads:#?}");
    assert!(deleted.iter().all(|payload| payload["message"]["text"] == Value::Null));
    let numbers: HashSet<_> = edited.iter().map(|payload| revision(payload)).collect();
    assert_eq!(numbers.len(), edited.len(), "each edit has a number of its own");
    let last = revision(deleted[0]);
    assert!(deleted.iter().all(|payload| revision(payload) == last), "deleted once");
    assert_eq!(last, 2 + edited.len(), "no number without a change");

    let seen = history(&bob, &conversation).await;
    assert_eq!(history(&bob.at(&other), &conversation).await, seen);
    assert_eq!((&seen["revision"], &seen["nodes"][0]["revision"]), (&json!(last), &json!(last)));
    assert_eq!(seen["nodes"][0]["deletedAt"], deleted[0]["message"]["deletedAt"]);
}
