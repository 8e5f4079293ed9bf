//! Direct conversations.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use serde_json::{Value, json};

on_every_backend! {
    a_direct_conversation_is_the_same_from_both_sides
    twenty_who_begin_it_at_once_begin_one
    nobody_talks_to_oneself_or_to_nobody
    a_stranger_sees_no_conversation
    ones_conversations_begin_with_the_latest_active
}

const OPEN: &str = "mutation($with: UserLookup!) { openConversation(input: { with: $with }) {
    conversation { id kind title revision memberCount unreadCount createdAt lastMessage { id } typing { id }
        peer { displayName } createdBy { displayName }
        viewerMembership { user { displayName } readSeq deliveredSeq }
        members(first: 5) { nodes { id user { displayName } joinedAt readSeq deliveredSeq } } }
    errors { code message field } } }";

async fn open(person: &Person, with: Value) -> Value {
    person.client.field("openConversation", OPEN, json!({ "with": with })).await
}

async fn a_direct_conversation_is_the_same_from_both_sides(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let opened = open(&ada, json!({ "id": bob.id })).await;
    assert_shown!("opened", &opened);
    assert_eq!(open(&ada, json!({ "username": "BOB" })).await, opened);
    let from_bob = open(&bob, json!({ "username": "ada" })).await;
    assert_eq!(from_bob["conversation"]["id"], opened["conversation"]["id"]);
    assert_eq!(from_bob["conversation"]["title"], "ada");
}

async fn twenty_who_begin_it_at_once_begin_one(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&one, "bob").await);
    let bob_there = bob.at(&other);
    let all = (0..20).map(async |n| if n % 2 == 0 { ada.open(&bob).await } else { bob_there.open(&ada).await });
    let ids = futures_util::future::join_all(all).await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

async fn nobody_talks_to_oneself_or_to_nobody(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let mut told = Vec::new();
    for with in [json!({ "id": ada.id }), json!({ "username": "nobody" }), json!({ "id": "nonsense" })] {
        told.push(open(&ada, with).await["errors"].clone());
    }
    assert_shown!("not_opened", told);
}

async fn a_stranger_sees_no_conversation(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let eve = Person::register(&node, "eve").await;
    let conversation = ada.open(&bob).await;
    let message = ada.send(&conversation, "between us").await;

    let query = "query($id: ID!) { conversation(id: $id) { id } history(of: { conversationId: $id }, last: 1) { nodes { id } } }";
    for id in [conversation.as_str(), "nonsense"] {
        let seen = eve.client.data(query, json!({ "id": id })).await;
        assert_eq!(seen, json!({ "conversation": null, "history": null }));
    }
    for (name, input) in [
        ("sendMessage", json!({ "to": { "conversationId": conversation }, "text": "me too" })),
        ("markRead", json!({ "conversationId": conversation })),
        ("markDelivered", json!({ "conversationId": conversation, "messageId": message["id"] })),
        ("setTyping", json!({ "conversationId": conversation, "isTyping": true })),
    ] {
        let kind = format!(
            "{}Input",
            if name.starts_with("mark") {
                "Mark"
            } else if name == "setTyping" {
                "SetTyping"
            } else {
                "SendMessage"
            }
        );
        let mutation = format!("mutation($input: {kind}!) {{ {name}(input: $input) {{ errors {{ code field }} }} }}");
        let errors = eve.client.field(name, &mutation, json!({ "input": input })).await["errors"].clone();
        assert_eq!(errors[0]["code"], "NOT_FOUND", "{name}");
        assert_eq!(errors[0]["field"].as_array().unwrap().last().unwrap(), "conversationId", "{name}");
    }
    let total = "{ viewer { conversations(first: 5) { nodes { id } } unreadCount } }";
    let own = eve.client.data(total, json!({})).await;
    assert_eq!(own, json!({ "viewer": { "conversations": { "nodes": [] }, "unreadCount": 0 } }));
}

async fn ones_conversations_begin_with_the_latest_active(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let mut others = Vec::new();
    for name in ["bob", "eve", "joe"] {
        let other = Person::register(&node, name).await;
        let conversation = ada.open(&other).await;
        others.push((other, conversation));
    }
    let query = "query($first: Int, $after: String, $last: Int) { viewer { conversations(first: $first, after: $after, last: $last) {
        nodes { title unreadCount lastMessage { text } } pageInfo { hasNextPage hasPreviousPage endCursor } } unreadCount } }";
    let page = async |variables: Value| ada.client.field("viewer", query, variables).await;
    let titles = |viewer: &Value| -> Vec<String> {
        let nodes = viewer["conversations"]["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&page(json!({ "first": 5 })).await), ["joe", "eve", "bob"]);

    others[0].0.send(&others[0].1, "first").await;
    others[1].0.send(&others[1].1, "second").await;
    others[1].0.send(&others[1].1, "third").await;
    let all = page(json!({ "first": 5 })).await;
    assert_shown!("latest_active_first", &all["conversations"]["nodes"]);
    assert_eq!(all["unreadCount"], 3);

    let first = page(json!({ "first": 1 })).await;
    assert_eq!(titles(&first), ["eve"]);
    let rest = page(json!({ "first": 5, "after": first["conversations"]["pageInfo"]["endCursor"] })).await;
    assert_eq!(titles(&rest), ["bob", "joe"]);
    assert_eq!(titles(&page(json!({ "last": 1 })).await), ["joe"]);
}
