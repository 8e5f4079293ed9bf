//! Read and delivered marks, and what follows from them.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::socket::Socket;
use serde_json::{Value, json};

on_every_backend! {
    marks_move_forward_only_and_tell_how_far_a_message_has_come
    sending_moves_the_senders_own_marks
    a_mark_beside_the_conversation_is_refused
    marks_are_heard_as_they_move
}

const LOOK: &str = "query($id: ID!) { conversation(id: $id) { unreadCount
    viewerMembership { readSeq deliveredSeq }
    messages(first: 10) { nodes { seq status readByCount readBy { user { displayName } readSeq } } } } }";

async fn mark(person: &Person, name: &str, conversation: &str, message: Option<&Value>) -> Value {
    let query = format!(
        "mutation($input: MarkInput!) {{ {name}(input: $input) {{
            conversation {{ unreadCount viewerMembership {{ readSeq deliveredSeq }} }} errors {{ code field }} }} }}"
    );
    let input = json!({ "conversationId": conversation, "messageId": message.map(|message| &message["id"]) });
    person.client.field(name, &query, json!({ "input": input })).await
}

fn statuses(look: &Value) -> Vec<(&str, i64)> {
    let nodes = look["messages"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| (node["status"].as_str().unwrap(), node["readByCount"].as_i64().unwrap())).collect()
}

async fn marks_move_forward_only_and_tell_how_far_a_message_has_come(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut messages = Vec::new();
    for n in 1..=3 {
        messages.push(ada.send(&conversation, &n.to_string()).await);
    }
    let look = async |person: &Person| person.client.field("conversation", LOOK, json!({ "id": conversation })).await;
    assert_eq!(look(&bob).await["unreadCount"], 3);
    assert_eq!(statuses(&look(&ada).await), [("SENT", 0), ("SENT", 0), ("SENT", 0)]);

    let delivered = mark(&bob, "markDelivered", &conversation, Some(&messages[1])).await;
    assert_eq!(delivered["conversation"]["viewerMembership"], json!({ "readSeq": 0, "deliveredSeq": 2 }));
    assert_eq!(statuses(&look(&ada).await), [("DELIVERED", 0), ("DELIVERED", 0), ("SENT", 0)]);

    let read = mark(&bob, "markRead", &conversation, Some(&messages[0])).await;
    assert_eq!(read["conversation"]["viewerMembership"], json!({ "readSeq": 1, "deliveredSeq": 2 }));
    assert_eq!(read["conversation"]["unreadCount"], 2);
    let seen = look(&ada).await;
    assert_eq!(statuses(&seen), [("READ", 1), ("DELIVERED", 0), ("SENT", 0)]);
    assert_eq!(seen["messages"]["nodes"][0]["readBy"], json!([{ "user": { "displayName": "bob" }, "readSeq": 1 }]));

    let all = mark(&bob, "markRead", &conversation, None).await;
    assert_eq!(all["conversation"]["viewerMembership"], json!({ "readSeq": 3, "deliveredSeq": 3 }));
    for (name, message) in [("markRead", &messages[0]), ("markDelivered", &messages[0])] {
        let back = mark(&bob, name, &conversation, Some(message)).await;
        assert_eq!(back["conversation"]["viewerMembership"], json!({ "readSeq": 3, "deliveredSeq": 3 }), "{name}");
    }
    assert_eq!(statuses(&look(&ada).await), [("READ", 1), ("READ", 1), ("READ", 1)]);
}

async fn sending_moves_the_senders_own_marks(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "question").await;
    bob.send(&conversation, "answer").await;
    let look = bob.client.field("conversation", LOOK, json!({ "id": conversation })).await;
    assert_eq!(look["unreadCount"], 0);
    assert_eq!(look["viewerMembership"], json!({ "readSeq": 2, "deliveredSeq": 2 }));
    assert_eq!(statuses(&look), [("READ", 1), ("SENT", 0)]);
}

async fn a_mark_beside_the_conversation_is_refused(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let eve = Person::register(&node, "eve").await;
    let elsewhere = ada.send(&ada.open(&eve).await, "elsewhere").await;
    let conversation = ada.open(&bob).await;
    for message in [elsewhere, json!({ "id": "nonsense" })] {
        let refused = mark(&ada, "markRead", &conversation, Some(&message)).await;
        assert_eq!(refused["errors"], json!([{ "code": "NOT_FOUND", "field": ["input", "messageId"] }]));
    }
    let empty = mark(&ada, "markRead", &conversation, None).await;
    assert_eq!(empty["conversation"]["viewerMembership"], json!({ "readSeq": 0, "deliveredSeq": 0 }));
}

async fn marks_are_heard_as_they_move(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut socket = Socket::of(&ada).await;
    let query = "subscription($id: ID!) { receiptChanged(conversationId: $id) {
        user { displayName } readSeq deliveredSeq conversation { id } at } }";
    socket.subscribe(query, json!({ "id": conversation })).await;
    // There is no word that a subscription has begun: a mark is moved until one of its moves is heard.
    let mut seq = 0;
    let heard = loop {
        seq += 1;
        let message = ada.send(&conversation, "again").await;
        mark(&bob, "markRead", &conversation, Some(&message)).await;
        if let Some(frame) = socket.frame_within(std::time::Duration::from_millis(200)).await {
            break frame;
        }
    };
    let mut receipt = heard["payload"]["data"]["receiptChanged"].clone();
    while receipt["user"]["displayName"] != "bob" {
        receipt = socket.next().await["receiptChanged"].clone();
    }
    assert_eq!((&receipt["readSeq"], &receipt["deliveredSeq"]), (&json!(seq), &json!(seq)), "{receipt}");
    assert_eq!(receipt["conversation"]["id"], json!(conversation));
}
