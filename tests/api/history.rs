//! Reading back.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use serde_json::{Value, json};

on_every_backend! {
    pages_of_history_go_both_ways_and_do_not_move
    history_with_a_person_need_not_have_begun
}

const HISTORY: &str = "query($of: ConversationRef!, $first: Int, $after: String, $last: Int, $before: String) {
    history(of: $of, first: $first, after: $after, last: $last, before: $before) {
        nodes { seq text } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } revision } }";

fn seqs(page: &Value) -> Vec<i64> {
    page["nodes"].as_array().unwrap().iter().map(|node| node["seq"].as_i64().unwrap()).collect()
}

async fn pages_of_history_go_both_ways_and_do_not_move(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    for n in 1..=7 {
        ada.send(&conversation, &n.to_string()).await;
    }
    let page = async |mut variables: Value| {
        variables["of"] = json!({ "conversationId": conversation });
        bob.client.field("history", HISTORY, variables).await
    };
    let newest = page(json!({ "last": 3 })).await;
    assert_eq!((seqs(&newest), &newest["revision"]), (vec![5, 6, 7], &json!(7)));
    assert_eq!(newest["pageInfo"]["hasPreviousPage"], true);
    ada.send(&conversation, "8").await;
    let older = page(json!({ "last": 3, "before": newest["pageInfo"]["startCursor"] })).await;
    assert_eq!(seqs(&older), [2, 3, 4]);
    let newer = page(json!({ "first": 3, "after": newest["pageInfo"]["endCursor"] })).await;
    assert_eq!((seqs(&newer), &newer["revision"]), (vec![8], &json!(8)));
    assert_eq!(newer["pageInfo"]["hasNextPage"], false);
    let oldest = page(json!({ "first": 2 })).await;
    assert_eq!(seqs(&oldest), [1, 2]);
    assert_eq!(seqs(&page(json!({ "first": 0 })).await), [0; 0]);

    let variables = json!({ "of": { "conversationId": conversation }, "first": 101 });
    assert_eq!(bob.client.refusal(HISTORY, variables).await, ("INVALID_INPUT".to_owned(), json!(["first"])));
    let huge = json!({ "of": { "conversationId": conversation }, "first": 3_000_000_000_u32 });
    assert_eq!(bob.client.refusal(HISTORY, huge).await.0, "INVALID_INPUT");
}

async fn history_with_a_person_need_not_have_begun(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let with =
        async |id: &str| ada.client.field("history", HISTORY, json!({ "of": { "userId": id }, "last": 5 })).await;
    assert_eq!(with(&bob.id).await["nodes"], json!([]));
    assert_eq!(with("usr_00000000000000000000000000000001").await, Value::Null);
    let conversation = ada.open(&bob).await;
    bob.send(&conversation, "here I am").await;
    assert_eq!(seqs(&with(&bob.id).await), [1]);
}
