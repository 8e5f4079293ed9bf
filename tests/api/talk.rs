//! The story of a room goes on: a thread, reactions by three at once, an edit, a deletion while another reacts, a pin, and a
//! search, by people on two nodes.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::events::{EVENTS, Happening, next_event};
use crate::support::groups;
use crate::support::socket::Socket;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;

on_every_backend! {
    a_room_talks
}

async fn a_room_talks(backend: Backend) {
    let nodes = [backend.node().await, backend.node().await];
    let ada = Person::register(&nodes[0], "ada").await;
    let [bob, cyd] = [Person::register(&nodes[1], "bob").await, Person::register(&nodes[0], "cyd").await];
    let dan = Person::register(&nodes[1], "dan").await;
    let room = ada.create_group(json!({ "name": "The pond", "memberIds": [bob.id, cyd.id, dan.id] })).await;
    let mut socket = Socket::of(&dan).await;
    socket.subscribe(EVENTS, json!({ "after": [], "only": ["MESSAGE"] })).await;

    let question = ada.send(&room, "What is it that croaks at night?").await["id"].clone();
    // A thread: an answer, and an answer to that.
    let answer = say(&bob, &room, json!({ "text": "Natterjack toads, Bufo calamita.", "replyToId": question })).await;
    say(&cyd, &room, json!({ "text": "Epidalea, these days.", "replyToId": answer, "mentionIds": [bob.id] })).await;
    // Three at once, on two nodes.
    let reactions = [(&ada, "🐸"), (&cyd, "🐸"), (&dan, "👍")];
    join_all(reactions.map(|(person, emoji)| react(person, &answer, emoji))).await;
    bob.does("editMessage", json!({ "messageId": answer, "text": "Natterjack toads, Epidalea calamita." })).await;
    // One is deleted while others react: either comes first, and nothing of it is left.
    let slip = dan.send(&room, "my password is natterjack").await["id"].clone();
    let react_to_slip = json!({ "messageId": slip, "emoji": "😱", "isOn": true });
    let (deleted, _, _) = tokio::join!(
        dan.mutate("deleteMessage", "message { deletedAt }", json!({ "messageId": slip })),
        ada.mutate("setReaction", "", react_to_slip.clone()),
        bob.mutate("setReaction", "", react_to_slip),
    );
    assert!(deleted["message"]["deletedAt"].is_string(), "{deleted}");
    ada.does("setPinned", json!({ "messageId": answer, "isPinned": true })).await;
    ada.send(&room, "That is settled.").await;

    let mut shown = json!({ "room": lines(&cyd.sees(&room, ROOM).await["messages"]["nodes"]) });
    shown["pinned"] =
        lines(&cyd.sees(&room, &ROOM.replace("messages", "pinnedMessages")).await["pinnedMessages"]["nodes"]);
    for words in ["natterjack", "toad epid", "bufo", "\"password\" -is", "ÇROAKS"] {
        let found = cyd.client.field("searchMessages", SEARCH, json!({ "text": words })).await;
        shown["found"][words] = lines(&found["nodes"]);
    }
    let stranger = Person::register(&nodes[0], "eve").await;
    let found = stranger.client.field("searchMessages", SEARCH, json!({ "text": "natterjack" })).await;
    assert_eq!(found["nodes"], json!([]), "who is not in the room finds nothing of it");

    // What was told on the way is what is shown now, whatever was told in between.
    let mut told = BTreeMap::new();
    loop {
        let event = next_event(&mut socket).await;
        let is_last = event["message"]["text"] == "That is settled.";
        note(&mut told, &event);
        if is_last {
            break;
        }
    }
    let fresh = dan.sees(&room, "messages(first: 100) { nodes { id revision } }").await;
    let fresh: BTreeMap<_, _> = fresh["messages"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| (message["id"].to_string(), message["revision"].as_i64().unwrap()))
        .collect();
    assert_eq!(told, fresh);
    assert_shown!("a_room_talks", shown);
}

/// Keeps, by id, the highest revision that was told.
fn note(told: &mut BTreeMap<String, i64>, event: &Happening) {
    let message = &event["message"];
    if let Some(revision) = message["revision"].as_i64() {
        let known = told.entry(message["id"].to_string()).or_default();
        *known = revision.max(*known);
    }
}

async fn say(person: &Person, room: &str, mut input: Value) -> Value {
    input["to"] = json!({ "conversationId": room });
    let payload = person.mutate("sendMessage", "message { id }", input).await;
    assert_eq!(payload["errors"], json!([]), "{payload}");
    payload["message"]["id"].clone()
}

async fn react(person: &Person, message: &Value, emoji: &str) {
    person.does("setReaction", json!({ "messageId": message, "emoji": emoji, "isOn": true })).await;
}

const ROOM: &str = "messages(first: 100) { nodes { text isPinned editedAt deletedAt replyCount author { displayName }
    replyTo { author { displayName } } mentions { displayName }
    reactions { emoji count users { displayName } }
    notice { kind actor { displayName } subject { displayName } role name message { author { displayName } } } } }";

const SEARCH: &str = "query($text: String!) { searchMessages(text: $text, first: 10) { nodes { text
    isPinned editedAt deletedAt replyCount author { displayName } replyTo { author { displayName } } mentions { displayName }
    reactions { emoji count users { displayName } }
    notice { kind actor { displayName } subject { displayName } role name message { author { displayName } } } } } }";

/// A line for each message.
fn lines(messages: &Value) -> Value {
    messages.as_array().unwrap().iter().map(line).collect()
}

fn line(message: &Value) -> String {
    let name = |person: &Value| person["displayName"].as_str().unwrap().to_owned();
    if !message["notice"].is_null() {
        let of = &message["notice"]["message"]["author"];
        let of = if of.is_null() { String::new() } else { format!(" of {}", name(of)) };
        return format!("{}{of}", groups::told(&message["notice"]));
    }
    let mut parts = vec![format!("{}: {}", name(&message["author"]), message["text"].as_str().unwrap_or("†"))];
    if !message["replyTo"].is_null() {
        parts.push(format!("↩ {}", name(&message["replyTo"]["author"])));
    }
    parts.extend(message["mentions"].as_array().unwrap().iter().map(|person| format!("@{}", name(person))));
    let mut reactions: Vec<_> = message["reactions"].as_array().unwrap().iter().map(reaction).collect();
    // Which of several at once came first is not for a story to say.
    reactions.sort();
    parts.extend(reactions.iter().map(|reaction| format!("[{reaction}]")));
    let is_so = |field: &str| !matches!(message[field], Value::Null | Value::Bool(false));
    let words = [("editedAt", "(edited)"), ("isPinned", "(pinned)")].into_iter();
    parts.extend(words.filter(|(field, _)| is_so(field)).map(|(_, word)| word.to_owned()));
    if let Some(count @ 1..) = message["replyCount"].as_i64() {
        parts.push(format!("({count} answers)"));
    }
    parts.join(" ")
}

fn reaction(reaction: &Value) -> String {
    let mut people: Vec<_> = reaction["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["displayName"].as_str().unwrap().to_owned())
        .collect();
    people.sort();
    format!("{} {} {}", reaction["emoji"].as_str().unwrap(), reaction["count"], people.join(" "))
}
