//! Two people, one of whom wants nothing to do with the other.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use serde_json::{Value, json};

on_every_backend! {
    blocks_are_seen_by_the_one_who_sets_them
    two_who_are_apart_send_each_other_nothing
}

async fn blocks_are_seen_by_the_one_who_sets_them(backend: Backend) {
    let node = backend.node().await;
    let mut people = Vec::new();
    for name in ["ada", "dan", "cyd", "bob"] {
        people.push(Person::register(&node, name).await);
    }
    let ada = &people[0];
    let fields = "user { displayName isBlockedByViewer }";
    for person in &people[1..] {
        let input = json!({ "userId": person.id, "isBlocked": true });
        let first = ada.mutate("setBlocked", fields, input.clone()).await;
        assert_eq!(first["user"]["isBlockedByViewer"], true);
        assert_eq!(ada.mutate("setBlocked", fields, input).await, first, "twice is once");
    }
    for _ in 0..2 {
        ada.set_blocked(&people[2], false).await;
    }
    let query = "query($first: Int, $after: String) { viewer { blockedUsers(first: $first, after: $after) {
        nodes { displayName isBlockedByViewer } pageInfo { hasNextPage endCursor } } } }";
    let page = async |person: &Person, variables: Value| {
        person.client.field("viewer", query, variables).await["blockedUsers"].clone()
    };
    let blocked = |name: &str| json!({ "displayName": name, "isBlockedByViewer": true });
    assert_eq!(page(ada, json!({ "first": 5 })).await["nodes"], json!([blocked("bob"), blocked("dan")]));
    let first = page(ada, json!({ "first": 1 })).await;
    assert_eq!((&first["nodes"], &first["pageInfo"]["hasNextPage"]), (&json!([blocked("bob")]), &json!(true)));
    let rest = page(ada, json!({ "first": 1, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!((&rest["nodes"], &rest["pageInfo"]["hasNextPage"]), (&json!([blocked("dan")]), &json!(false)));

    // Nobody learns of a block by others.
    assert_eq!(page(&people[1], json!({ "first": 5 })).await["nodes"], json!([]));
    let by = "query($id: ID!) { user(by: { id: $id }) { isBlockedByViewer } }";
    let seen = people[1].client.field("user", by, json!({ "id": ada.id })).await;
    assert_eq!(seen["isBlockedByViewer"], false);
}

async fn two_who_are_apart_send_each_other_nothing(backend: Backend) {
    let (node, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let cyd = Person::register(&node, "cyd").await;
    let conversation = ada.open(&bob).await;
    let said = ada.send(&conversation, "hello").await;
    ada.set_blocked(&bob, true).await;
    cyd.set_blocked(&ada, true).await;
    // Whichever of the two has blocked the other, and on whichever node.
    for person in [&ada, &bob, &bob.at(&other)] {
        let to = json!({ "to": { "conversationId": conversation }, "text": "hm" });
        assert_eq!(person.is_refused("sendMessage", to).await, "BLOCKED input.to.conversationId");
        let typing = json!({ "conversationId": conversation, "isTyping": true });
        assert_eq!(person.is_refused("setTyping", typing).await, "BLOCKED input.conversationId");
        let seen = person.sees(&conversation, "messages(last: 5) { nodes { text } }").await;
        assert_eq!(seen["messages"]["nodes"], json!([{ "text": "hello" }]), "what was said stands");
        assert_eq!(person.open(if person.id == ada.id { &bob } else { &ada }).await, conversation);
    }
    let to = json!({ "to": { "userId": bob.id }, "text": "hm" });
    assert_eq!(ada.is_refused("sendMessage", to).await, "BLOCKED input.to.userId");
    let edit = json!({ "messageId": said["id"], "text": "goodbye" });
    assert_eq!(ada.is_refused("editMessage", edit).await, "BLOCKED input.messageId");
    for (person, with) in [(&ada, &cyd), (&cyd, &ada)] {
        let open = json!({ "with": { "id": with.id } });
        assert_eq!(person.is_refused("openConversation", open).await, "BLOCKED input.with.id");
        let to = json!({ "to": { "userId": with.id }, "text": "hm" });
        assert_eq!(person.is_refused("sendMessage", to).await, "BLOCKED input.to.userId");
    }
    ada.delete(said["id"].as_str().unwrap()).await;
    bob.mark_read(&conversation).await;

    // A block that was set twice is ended once.
    ada.set_blocked(&bob, true).await;
    ada.set_blocked(&bob, false).await;
    bob.send(&conversation, "hello again").await;
}
