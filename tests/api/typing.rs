//! Typing.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::socket::Socket;
use serde_json::{Value, json};
use std::time::Duration;

on_every_backend! {
    typing_is_heard_ends_with_the_message_and_lapses
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
