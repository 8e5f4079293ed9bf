//! Reading back.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use serde_json::{Value, json};

on_every_backend! {
    pages_of_history_go_both_ways_and_do_not_move
    history_with_a_person_need_not_have_begun
    a_page_may_be_about_a_message
}

const HISTORY: &str =
    "query($of: ConversationRef!, $first: Int, $after: String, $last: Int, $before: String, $aroundId: ID) {
    history(of: $of, first: $first, after: $after, last: $last, before: $before, aroundId: $aroundId) {
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

async fn a_page_may_be_about_a_message(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut ids = Vec::new();
    for n in 1..=9 {
        ids.push(ada.send(&conversation, &n.to_string()).await["id"].clone());
    }
    let about = |n: usize, mut arguments: Value| {
        arguments["of"] = json!({ "conversationId": conversation });
        arguments["aroundId"] = ids[n - 1].clone();
        arguments
    };
    for (n, arguments, expected, previous, next) in [
        (5, json!({ "first": 4 }), vec![3, 4, 5, 6], true, true),
        (5, json!({ "last": 5 }), vec![3, 4, 5, 6, 7], true, true),
        (1, json!({ "first": 4 }), vec![1, 2], false, true),
        (9, json!({ "first": 4 }), vec![7, 8, 9], true, false),
        (5, json!({ "first": 100 }), (1..=9).collect(), false, false),
        (5, json!({ "first": 1 }), vec![5], true, true),
        (5, json!({ "first": 0 }), vec![], true, true),
    ] {
        let page = bob.client.field("history", HISTORY, about(n, arguments)).await;
        assert_eq!(seqs(&page), expected);
        let info = &page["pageInfo"];
        assert_eq!((&info["hasPreviousPage"], &info["hasNextPage"]), (&json!(previous), &json!(next)), "{n}: {page}");
    }
    // From either end of it the pages go on.
    let page = bob.client.field("history", HISTORY, about(5, json!({ "first": 4 }))).await;
    let of = json!({ "conversationId": conversation });
    let older = json!({ "of": of, "last": 9, "before": page["pageInfo"]["startCursor"] });
    assert_eq!(seqs(&bob.client.field("history", HISTORY, older).await), [1, 2]);
    let newer = json!({ "of": of, "first": 9, "after": page["pageInfo"]["endCursor"] });
    assert_eq!(seqs(&bob.client.field("history", HISTORY, newer).await), [7, 8, 9]);

    let cursor = &page["pageInfo"]["endCursor"];
    for (arguments, code, field) in [
        (json!({}), "INVALID_INPUT", "first"),
        (json!({ "first": 1, "last": 1 }), "INVALID_INPUT", "last"),
        (json!({ "first": -1 }), "INVALID_INPUT", "first"),
        (json!({ "first": 1, "after": cursor }), "INVALID_INPUT", "aroundId"),
    ] {
        let refusal = bob.client.refusal(HISTORY, about(5, arguments)).await;
        assert_eq!(refusal, (code.to_owned(), json!([field])));
    }
    let elsewhere = Person::register(&node, "carol").await;
    let theirs = elsewhere.send(&elsewhere.open(&ada).await, "elsewhere").await;
    for id in [&theirs["id"], &json!("nonsense")] {
        let refusal = bob.client.refusal(HISTORY, json!({ "of": of, "first": 1, "aroundId": id })).await;
        assert_eq!(refusal, ("NOT_FOUND".to_owned(), json!(["aroundId"])));
    }
}
