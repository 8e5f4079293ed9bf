//! Typing.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::socket::{PATIENCE, Socket};
use crate::support::stores::url_of;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};

on_every_backend! {
    typing_is_heard_ends_with_the_message_and_lapses
    who_types_is_seen_on_every_node_where_nobody_listens
    a_blocker_does_not_see_the_blocked_one_type_in_a_group
}

async fn set_typing(person: &Person, conversation: &str, is_typing: bool) -> Value {
    let query = "mutation($input: SetTypingInput!) { setTyping(input: $input) {
        conversation { typing { displayName } } errors { code } } }";
    let input = json!({ "conversationId": conversation, "isTyping": is_typing });
    person.client.field("setTyping", query, json!({ "input": input })).await
}

async fn typing_is_heard_ends_with_the_message_and_lapses(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut socket = Socket::of(&ada).await;
    let query = "subscription($id: ID!) { typingChanged(conversationId: $id) {
        user { displayName } isTyping isSimulated typing { displayName } conversation { id } at } }";
    socket.subscribe(query, json!({ "id": conversation })).await;
    // There is no word that a subscription has begun: the state is changed until a change is heard.
    let mut is_typing = false;
    let first = loop {
        is_typing = !is_typing;
        set_typing(&bob, &conversation, is_typing).await;
        if let Some(frame) = socket.frame_within(Duration::from_millis(200)).await {
            break frame["payload"]["data"]["typingChanged"].clone();
        }
    };
    assert_eq!((&first["isTyping"], &first["user"]["displayName"]), (&json!(true), &json!("bob")), "{first}");
    assert_eq!(first["typing"], json!([{ "displayName": "bob" }]));
    assert_eq!(first["isSimulated"], false);

    let said = set_typing(&bob, &conversation, true).await;
    assert_eq!(said["conversation"]["typing"], json!([{ "displayName": "bob" }]));
    bob.send(&conversation, "there").await;
    let ended = socket.next().await["typingChanged"].clone();
    assert_eq!((&ended["isTyping"], &ended["typing"]), (&json!(false), &json!([])), "a repeated start is no news");

    set_typing(&bob, &conversation, true).await;
    assert_eq!(socket.next().await["typingChanged"]["isTyping"], true);
    assert_eq!(socket.next().await["typingChanged"]["isTyping"], false, "it lapses by itself");
    let look = "query($id: ID!) { conversation(id: $id) { typing { id } } }";
    assert_eq!(ada.client.field("conversation", look, json!({ "id": conversation })).await["typing"], json!([]));
}

async fn typing(person: &Person, conversation: &str) -> Value {
    let look = "query($id: ID!) { conversation(id: $id) { typing { displayName } } }";
    person.client.field("conversation", look, json!({ "id": conversation })).await["typing"].take()
}

/// Returns once a person sees that.
async fn comes_to_see(person: &Person, conversation: &str, who: &Value) {
    let look = async {
        while typing(person, conversation).await != *who {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("{who} in time"));
}

async fn who_types_is_seen_on_every_node_where_nobody_listens(backend: Backend) {
    let Some(nats) = url_of("TEST_NATS_URL") else { return };
    let backend = backend.with("NATS_URL", nats);
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&other, "bob").await);
    let conversation = ada.open(&bob).await;
    // Until each has heard of the other node, what is told may be lost.
    let seen = async {
        while typing(&ada, &conversation).await == json!([]) {
            set_typing(&bob, &conversation, false).await;
            set_typing(&bob, &conversation, true).await;
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, seen).await.expect("it is seen");
    assert_eq!(typing(&bob.at(&one), &conversation).await, json!([{ "displayName": "bob" }]));
    bob.at(&one).send(&conversation, "there").await;
    for node in [&one, &other] {
        comes_to_see(&ada.at(node), &conversation, &json!([])).await;
    }
    set_typing(&bob, &conversation, true).await;
    comes_to_see(&ada, &conversation, &json!([{ "displayName": "bob" }])).await;
    comes_to_see(&ada, &conversation, &json!([])).await;
}

async fn a_blocker_does_not_see_the_blocked_one_type_in_a_group(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, dan] = [
        Person::register(&node, "ada").await,
        Person::register(&node, "bob").await,
        Person::register(&node, "dan").await,
    ];
    let query = "mutation($ids: [ID!]) { createGroup(input: { name: \"Pond\", memberIds: $ids }) {
        conversation { id } errors { code field } } }";
    let payload = ada.client.field("createGroup", query, json!({ "ids": [bob.id, dan.id] })).await;
    let group = payload["conversation"]["id"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned();
    let query = "mutation($id: ID!) { setBlocked(input: { userId: $id, isBlocked: true }) { errors { message } } }";
    ada.client.data(query, json!({ "id": bob.id })).await;

    let mut socket = Socket::of(&ada).await;
    let query = "subscription($id: ID!) { typingChanged(conversationId: $id) {
        user { displayName } isTyping typing { displayName } } }";
    socket.subscribe(query, json!({ "id": group })).await;
    let mut is_typing = false;
    let first = loop {
        is_typing = !is_typing;
        set_typing(&bob, &group, true).await;
        set_typing(&dan, &group, is_typing).await;
        if let Some(frame) = socket.frame_within(Duration::from_millis(200)).await {
            break frame["payload"]["data"]["typingChanged"].clone();
        }
    };
    let alone = json!({ "user": { "displayName": "dan" }, "isTyping": true, "typing": [{ "displayName": "dan" }] });
    assert_eq!(first, alone);
    assert_eq!(typing(&ada, &group).await, json!([{ "displayName": "dan" }]));
    assert_eq!(typing(&dan, &group).await.as_array().unwrap().len(), 2, "others see both");
}
