//! One whole session, from registering to reading a thousand messages back: the same answers on every backend.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::socket::Socket;
use futures_util::future::join_all;
use serde_json::{Value, json};

on_every_backend! {
    two_people_talk_and_read_a_thousand_messages_back
}

async fn two_people_talk_and_read_a_thousand_messages_back(backend: Backend) {
    const MESSAGES: usize = 1_000;
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut socket = Socket::of(&bob).await;
    let added = "subscription($id: ID!) { messageAdded(conversationId: $id, afterSeq: 0) {
        seq revision text status author { displayName } } }";
    socket.subscribe(added, json!({ "id": conversation })).await;
    ada.send(&conversation, "Can you hear me?").await;
    assert_shown!("heard", socket.next().await);

    let read = "mutation($id: ID!) { markRead(input: { conversationId: $id }) {
        conversation { unreadCount revision lastMessage { text status readBy { user { displayName } readSeq at } } } errors { code } } }";
    assert_shown!("read", bob.client.data(read, json!({ "id": conversation })).await);

    let people = [&ada, &bob];
    for batch in (1..MESSAGES).collect::<Vec<_>>().chunks(37) {
        let sends = batch.iter().map(|n| people[n % 2].send(&conversation, "and so on"));
        join_all(sends).await;
    }
    let page = "query($id: ID!, $before: String) { history(of: { conversationId: $id }, last: 100, before: $before) {
        nodes { seq } pageInfo { hasPreviousPage startCursor } revision } }";
    let (mut before, mut seqs) = (Value::Null, Vec::new());
    loop {
        let history = ada.client.field("history", page, json!({ "id": conversation, "before": before })).await;
        assert_eq!(history["revision"], MESSAGES);
        let mut older: Vec<_> =
            history["nodes"].as_array().unwrap().iter().map(|node| node["seq"].as_u64().unwrap()).collect();
        older.append(&mut seqs);
        seqs = older;
        before = history["pageInfo"]["startCursor"].clone();
        if history["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(seqs, (1..=MESSAGES as u64).collect::<Vec<_>>());
    for seq in 2..=MESSAGES {
        assert_eq!(socket.next().await["messageAdded"]["seq"], seq);
    }
}
