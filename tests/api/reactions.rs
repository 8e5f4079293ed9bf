//! Reacting to messages, and pinning them.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::events::{EVENTS, next_of};
use crate::support::socket::Socket;
use futures_util::future::join_all;
use serde_json::{Value, json};

on_every_backend! {
    reactions_are_told_with_their_people
    three_who_react_at_once_on_two_nodes_are_all_counted
    what_is_no_emoji_or_no_message_is_refused
    a_pin_is_told_by_a_notice_and_in_the_list
    in_a_group_those_who_run_it_pin
    changes_are_told_by_their_kinds
}

const REACT: &str = "mutation($input: SetReactionInput!) { setReaction(input: $input) {
    message { id revision reactions { emoji count isByViewer users { displayName } } } errors { code message field } } }";
const PIN: &str = "mutation($input: SetPinnedInput!) { setPinned(input: $input) {
    message { id revision isPinned } errors { code message field } } }";

async fn react(person: &Person, message: &Value, emoji: &str, is_on: bool) -> Value {
    let input = json!({ "messageId": message["id"], "emoji": emoji, "isOn": is_on });
    person.client.field("setReaction", REACT, json!({ "input": input })).await
}

async fn pin(person: &Person, message: &Value, is_pinned: bool) -> Value {
    let input = json!({ "messageId": message["id"], "isPinned": is_pinned });
    person.client.field("setPinned", PIN, json!({ "input": input })).await
}

async fn reactions_are_told_with_their_people(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let message = ada.send(&conversation, "hello").await;
    react(&bob, &message, "👍🏽", true).await;
    react(&ada, &message, "❤", true).await;
    let reacted = react(&bob, &message, "❤️", true).await;
    assert_shown!("reacted", &reacted);
    assert_eq!(react(&bob, &message, "❤️", true).await, reacted, "it is there already");

    let history = "query($id: ID!) { history(of: { conversationId: $id }, last: 9) { nodes {
        reactions { emoji count isByViewer users(first: 1) { displayName } } } } }";
    let seen = ada.client.field("history", history, json!({ "id": conversation })).await;
    assert_shown!("reacted_history", seen);
    let taken_back = react(&bob, &message, "👍🏽", false).await;
    assert_eq!(taken_back["message"]["reactions"].as_array().unwrap().len(), 1);
    assert_eq!(react(&bob, &message, "👍🏽", false).await, taken_back);
}

async fn three_who_react_at_once_on_two_nodes_are_all_counted(backend: Backend) {
    let nodes = [backend.node().await, backend.node().await];
    let ada = Person::register(&nodes[0], "ada").await;
    let (bob, carol) = (Person::register(&nodes[1], "bob").await, Person::register(&nodes[0], "carol").await);
    let group = ada.group("toads", &[&bob, &carol]).await;
    let message = ada.send(&group, "hello").await;
    let people = [&ada, &bob, &carol];
    let emoji = ["👍", "❤️", "🐸"];
    let all = people.iter().flat_map(|person| emoji.map(|emoji| react(person, &message, emoji, true)));
    let deleting = join_all(all).await;
    assert!(deleting.iter().all(|payload| payload["errors"] == json!([])), "{deleting:?}");

    let seen = react(&bob, &message, "👍", true).await["message"]["reactions"].take();
    let counts: Vec<_> = seen.as_array().unwrap().iter().map(|one| one["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [3, 3, 3], "{seen}");
    let names = |one: &Value| {
        let mut names: Vec<_> =
            one["users"].as_array().unwrap().iter().map(|user| user["displayName"].to_string()).collect();
        names.sort_unstable();
        names
    };
    assert!(seen.as_array().unwrap().iter().all(|one| names(one) == ["\"ada\"", "\"bob\"", "\"carol\""]), "{seen}");

    // A deletion while they react: nothing of them is left, whoever came first.
    let id = message["id"].as_str().unwrap();
    let reacting = join_all(people.iter().map(|person| react(person, &message, "🦎", true)));
    let (answers, gone) = tokio::join!(reacting, ada.delete(id));
    assert!(gone["deletedAt"].is_string());
    let is_fit = |payload: &Value| payload["errors"] == json!([]) || payload["errors"][0]["code"] == "CONFLICT";
    assert!(answers.iter().all(is_fit), "{answers:?}");
    let left = react(&carol, &message, "👍", false).await;
    assert_eq!((&left["errors"], &left["message"]["reactions"]), (&json!([]), &json!([])));
}

async fn what_is_no_emoji_or_no_message_is_refused(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let carol = Person::register(&node, "carol").await;
    let conversation = ada.open(&bob).await;
    let message = ada.send(&conversation, "hello").await;
    let mut told = Vec::new();
    for other in ["", "a", "1", "👍👍", ":+1:"] {
        told.push(react(&bob, &message, other, true).await["errors"].take());
    }
    told.push(react(&carol, &message, "👍", true).await["errors"].take());
    told.push(pin(&carol, &message, true).await["errors"].take());
    ada.delete(message["id"].as_str().unwrap()).await;
    told.push(react(&bob, &message, "👍", true).await["errors"].take());
    told.push(pin(&bob, &message, true).await["errors"].take());
    assert_shown!("not_reacted", told);
}

const PINNED: &str = "query($id: ID!, $first: Int, $after: String, $last: Int) { conversation(id: $id) {
    pinnedMessages(first: $first, after: $after, last: $last) {
        nodes { seq text } pageInfo { hasNextPage hasPreviousPage endCursor } revision } } }";

async fn a_pin_is_told_by_a_notice_and_in_the_list(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let messages = [ada.send(&conversation, "1").await, ada.send(&conversation, "2").await];
    let pinned = async |variables: Value| {
        let mut variables = variables;
        variables["id"] = json!(conversation);
        ada.client.field("conversation", PINNED, variables).await["pinnedMessages"].take()
    };
    assert_eq!(pin(&bob, &messages[1], true).await["message"]["isPinned"], true);
    let again = pin(&ada, &messages[1], true).await;
    assert_eq!(again["message"]["revision"], 3, "it is pinned already");
    pin(&ada, &messages[0], true).await;
    let history = "query($id: ID!) { history(of: { conversationId: $id }, last: 9) { nodes { seq kind text isPinned
        author { id } notice { kind actor { displayName } subject { id } message { seq text } } } } }";
    let told = ada.client.field("history", history, json!({ "id": conversation })).await;
    assert_shown!("pinned_history", told);
    assert_shown!("pinned", pinned(json!({ "first": 1 })).await);
    let cursor = pinned(json!({ "first": 1 })).await["pageInfo"]["endCursor"].take();
    assert_eq!(pinned(json!({ "first": 1, "after": cursor })).await["nodes"], json!([{ "seq": 2, "text": "2" }]));

    let unpinned = pin(&bob, &messages[1], false).await;
    assert_eq!(unpinned["message"]["isPinned"], false);
    assert_eq!(pinned(json!({ "last": 9 })).await["nodes"], json!([{ "seq": 1, "text": "1" }]));
    assert_eq!(pinned(json!({ "last": 9 })).await["revision"], unpinned["message"]["revision"]);
}

async fn in_a_group_those_who_run_it_pin(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let group = ada.group("toads", &[&bob]).await;
    let message = bob.send(&group, "hello").await;
    let refused = pin(&bob, &message, true).await;
    assert_eq!(refused["errors"][0]["code"], "NOT_ALLOWED");
    assert_eq!(refused["errors"][0]["field"], json!(["input", "messageId"]));
    assert_eq!(pin(&ada, &message, true).await["errors"], json!([]));
    assert_eq!(pin(&bob, &message, false).await["errors"][0]["code"], "NOT_ALLOWED");
    assert_eq!(react(&bob, &message, "👍", true).await["errors"], json!([]));
}

async fn changes_are_told_by_their_kinds(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let message = ada.send(&conversation, "hello").await;
    let id = message["id"].as_str().unwrap();
    let mut socket = Socket::of(&bob).await;
    socket.subscribe(EVENTS, json!({ "after": [{ "conversationId": conversation, "revision": 1 }] })).await;
    next_of(&mut socket, "Synced").await;

    let mut changed = async |kind: &str| {
        let event = next_of(&mut socket, "MessageChanged").await;
        assert_eq!((&event["change"], &event["message"]["id"]), (&json!(kind), &json!(id)));
    };
    ada.edit(id, "hello!").await;
    changed("EDITED").await;
    react(&bob, &message, "👍", true).await;
    changed("REACTED").await;
    react(&bob, &message, "👍", false).await;
    changed("REACTED").await;
    ada.edit(id, "hello?").await;
    changed("EDITED").await;
    pin(&bob, &message, true).await;
    changed("PINNED").await;
    let notice = next_of(&mut socket, "MessageAdded").await;
    assert_eq!((&notice["message"]["text"], &notice["message"]["author"]), (&Value::Null, &Value::Null));
    pin(&bob, &message, false).await;
    let event = next_of(&mut socket, "MessageChanged").await;
    assert_eq!(event["change"], "PINNED");
    ada.delete(id).await;
    assert_eq!(next_of(&mut socket, "MessageChanged").await["change"], "DELETED");
}
