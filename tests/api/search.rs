//! Finding messages again by their words.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::{Client, Person};
use serde_json::{Value, json};
use std::time::Duration;

on_every_backend! {
    people_of_several_languages_find_what_was_said
    what_is_edited_deleted_or_no_longer_ones_own_is_not_found
    what_was_found_comes_in_pages_both_ways
    a_search_that_cannot_be_made_is_refused
}

const SEARCH: &str = "query($text: String!, $in: ID, $first: Int, $after: String, $last: Int, $before: String) {
    searchMessages(text: $text, conversationId: $in, first: $first, after: $after, last: $last, before: $before) {
        nodes { text seq author { displayName } conversation { id } } edges { node { text } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } revision } }";

async fn search(person: &Person, variables: Value) -> Value {
    person.client.field("searchMessages", SEARCH, variables).await
}

fn texts(page: &Value) -> Vec<&str> {
    page["nodes"].as_array().unwrap().iter().map(|node| node["text"].as_str().unwrap()).collect()
}

/// What is sent in one millisecond has an order, but none that is known beforehand.
async fn another_millisecond() {
    tokio::time::sleep(Duration::from_millis(2)).await;
}

async fn people_of_several_languages_find_what_was_said(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let (eve, mai) = (Person::register(&node, "eve").await, Person::register(&node, "mai").await);
    let (with_bob, with_mai) = (ada.open(&bob).await, ada.open(&mai).await);
    let elsewhere = bob.open(&eve).await;
    ada.send(&with_bob, "Grüße aus der Straße, where the toads sing").await;
    bob.send(&with_bob, "Где поют жабы? «Ёлка»").await;
    another_millisecond().await;
    mai.send(&with_mai, "東京タワーで蛙を見た。Toads!").await;
    ada.send(&with_mai, "l'été à Paris: 100% de crapauds").await;
    eve.send(&elsewhere, "a toad that is none of ada's business").await;

    let mut found = search(&ada, json!({ "text": "toad", "first": 10 })).await;
    let cursors = ["startCursor", "endCursor"].map(|end| found["pageInfo"][end].take());
    assert!(cursors.iter().all(Value::is_string) && cursors[0] != cursors[1], "{cursors:?}");
    assert_shown!("found", found);
    assert_eq!(texts(&search(&ada, json!({ "text": "toad", "first": 10, "in": with_bob })).await).len(), 1);
    for (person, text, count) in [
        (&ada, "GRUSSE strasse", 1),
        (&bob, "елка ЖАБ", 1),
        (&mai, "タワー 蛙", 1),
        (&mai, "見", 1),
        (&ada, "ete 100%", 1),
        (&ada, "toads sing paris", 0),
        (&bob, "toad", 2),
        (&eve, "toad", 1),
        (&eve, "Straße", 0),
        (&mai, "oad", 0),
        (&ada, "-\"'%_$\\(.*) 🐸", 0),
        (&ada, "", 0),
    ] {
        let page = search(person, json!({ "text": text, "first": 10 })).await;
        assert_eq!(texts(&page).len(), count, "{text}: {page}");
    }
}

async fn what_is_edited_deleted_or_no_longer_ones_own_is_not_found(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let eve = Person::register(&node, "eve").await;
    let group = change_group(&ada, "createGroup", json!({ "name": "Pond", "visibility": "PRIVATE" })).await;
    let membership = json!({ "conversationId": group, "userId": bob.id });
    change_group(&ada, "addMembers", json!({ "conversationId": group, "userIds": [bob.id] })).await;
    let message = ada.send(&group, "a green toad in the pond").await;
    let id = message["id"].as_str().unwrap();
    let found = async |person: &Person, text: &str| {
        texts(&search(person, json!({ "text": text, "first": 10 })).await).join("; ")
    };
    assert_eq!(found(&bob, "green toad").await, "a green toad in the pond");
    assert_eq!(found(&bob, "pond").await, "a green toad in the pond", "and no notice");
    ada.edit(id, "a green frog").await;
    assert_eq!(found(&bob, "toad").await, "");
    assert_eq!(found(&bob, "frog").await, "a green frog");

    let asked = json!({ "text": "frog", "first": 10, "in": group });
    assert_eq!(search(&eve, asked.clone()).await, json!(null));
    change_group(&ada, "inviteMembers", json!({ "conversationId": group, "userIds": [eve.id] })).await;
    assert_eq!(texts(&search(&eve, asked.clone()).await), [""; 0], "an invitation is not enough");
    assert_eq!(found(&eve, "frog").await, "");
    change_group(&eve, "joinConversation", json!({ "conversationId": group })).await;
    assert_eq!(texts(&search(&eve, asked.clone()).await), ["a green frog"]);
    assert_eq!(found(&eve, "frog").await, "a green frog", "what was said before");

    change_group(&ada, "removeMember", membership).await;
    assert_eq!(search(&bob, asked).await, json!(null));
    assert_eq!(found(&bob, "frog").await, "");
    ada.delete(id).await;
    assert_eq!(found(&eve, "green").await, "");
    assert_eq!(found(&ada, "frog").await, "");
}

/// Does that to a group, and gives its id.
async fn change_group(person: &Person, mutation: &str, input: Value) -> String {
    let kind = match mutation {
        "createGroup" => "CreateGroupInput",
        "removeMember" => "RemoveMemberInput",
        "joinConversation" => "ConversationIdInput",
        _ => "AddMembersInput",
    };
    let query = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ conversation {{ id }} errors {{ message }} }} }}"
    );
    let payload = person.client.field(mutation, &query, json!({ "input": input })).await;
    payload["conversation"]["id"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
}

async fn what_was_found_comes_in_pages_both_ways(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let eve = Person::register(&node, "eve").await;
    let conversations = [ada.open(&bob).await, ada.open(&eve).await];
    for n in 1..=7 {
        ada.send(&conversations[n % 2], &format!("toad {n}")).await;
        another_millisecond().await;
    }
    let newest = search(&ada, json!({ "text": "toad", "first": 3 })).await;
    assert_eq!(texts(&newest), ["toad 7", "toad 6", "toad 5"]);
    let info = &newest["pageInfo"];
    assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(true), &json!(false)));
    ada.send(&conversations[0], "toad 8").await;
    let older = search(&ada, json!({ "text": "toad", "first": 3, "after": info["endCursor"] })).await;
    assert_eq!(texts(&older), ["toad 4", "toad 3", "toad 2"]);
    let newer = search(&ada, json!({ "text": "toad", "last": 3, "before": info["startCursor"] })).await;
    assert_eq!(texts(&newer), ["toad 8"]);
    let oldest = search(&ada, json!({ "text": "toad", "last": 2 })).await;
    assert_eq!(texts(&oldest), ["toad 2", "toad 1"]);
    assert_eq!(oldest["pageInfo"]["hasPreviousPage"], true);
}

async fn a_search_that_cannot_be_made_is_refused(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    for (variables, field) in [
        (json!({ "text": "a".repeat(201), "first": 1 }), "text"),
        (json!({ "text": "a" }), "first"),
        (json!({ "text": "a", "first": 1, "last": 1 }), "last"),
        (json!({ "text": "a", "first": 101 }), "first"),
        (json!({ "text": "a", "first": 1, "after": "c2VxOjE" }), "after"),
    ] {
        assert_eq!(ada.client.refusal(SEARCH, variables).await, ("INVALID_INPUT".to_owned(), json!([field])));
    }
    for id in ["cnv_00000000000000000000000000000001", "nonsense"] {
        let nowhere = json!({ "text": "a", "first": 1, "in": id });
        assert_eq!(search(&ada, nowhere).await, json!(null));
    }
    let nobody = Client::new(&node);
    assert_eq!(nobody.refusal(SEARCH, json!({ "text": "a", "first": 1 })).await.0, "UNAUTHENTICATED");
}
