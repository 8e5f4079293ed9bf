//! Which conversations there are: one's own, and those that all may find.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::groups::people;
use serde_json::{Value, json};

on_every_backend! {
    a_mute_is_its_owners_alone
    ones_conversations_are_filtered
    public_groups_are_found
}

async fn a_mute_is_its_owners_alone(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let group = ada.group("pond", &[&bob]).await;
    let direct = ada.open(&bob).await;
    bob.set_muted(&group, true).await;
    let fields = "viewerMembership { isMuted } members(first: 10) { nodes { isMuted } } unreadCount";
    let mutes = async |person: &Person| {
        let seen = person.sees(&group, fields).await;
        let mutes = seen["members"]["nodes"].as_array().unwrap().iter().map(|member| member["isMuted"].clone());
        (seen["viewerMembership"]["isMuted"].clone(), mutes.collect::<Vec<_>>())
    };
    assert_eq!(mutes(&ada).await, (json!(false), vec![json!(false), Value::Null]));
    assert_eq!(mutes(&bob).await, (json!(true), vec![Value::Null, json!(true)]));

    for conversation in [&group, &direct] {
        ada.send(conversation, "hello").await;
    }
    assert_eq!(bob.sees(&group, "unreadCount").await["unreadCount"], 1);
    let unread =
        async || bob.client.field("viewer", "{ viewer { unreadCount } }", json!({})).await["unreadCount"].clone();
    assert_eq!(unread().await, 1, "of the direct conversation alone");
    bob.set_muted(&group, false).await;
    assert_eq!(unread().await, 2);
    bob.set_muted(&direct, true).await;
    assert_eq!(unread().await, 1);
}

async fn ones_conversations_are_filtered(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd] = people(&node, ["ada", "bob", "cyd"]).await;
    let direct = bob.open(&ada).await;
    cyd.open(&ada).await;
    let pond = bob.group("pond", &[&ada]).await;
    bob.group("lake", &[&ada]).await;
    bob.create_group(json!({ "name": "sea", "inviteIds": [ada.id] })).await;
    for conversation in [&pond, &direct] {
        bob.send(conversation, "hello").await;
    }
    let query = "query($filter: ConversationFilter, $first: Int = 10, $after: String) { viewer {
        conversations(filter: $filter, first: $first, after: $after) {
            nodes { title } pageInfo { endCursor hasNextPage } } } }";
    let page = async |variables: Value| ada.client.field("viewer", query, variables).await["conversations"].clone();
    let titles = |page: &Value| -> Vec<String> {
        page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
    };
    for (filter, expected) in [
        (json!(null), &["bob", "pond", "sea", "lake", "cyd"][..]),
        (json!({}), &["bob", "pond", "sea", "lake", "cyd"]),
        (json!({ "kind": "DIRECT" }), &["bob", "cyd"]),
        (json!({ "kind": "GROUP" }), &["pond", "sea", "lake"]),
        (json!({ "hasUnread": true }), &["bob", "pond"]),
        (json!({ "hasUnread": false }), &["sea", "lake", "cyd"]),
        (json!({ "kind": "GROUP", "hasUnread": true }), &["pond"]),
        (json!({ "kind": "DIRECT", "hasUnread": false }), &["cyd"]),
    ] {
        assert_eq!(titles(&page(json!({ "filter": filter })).await), expected, "{filter}");
    }
    let filter = json!({ "kind": "GROUP" });
    let first = page(json!({ "filter": filter, "first": 2 })).await;
    assert_eq!((titles(&first), &first["pageInfo"]["hasNextPage"]), (vec!["pond".into(), "sea".into()], &json!(true)));
    let rest = page(json!({ "filter": filter, "first": 2, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!((titles(&rest), &rest["pageInfo"]["hasNextPage"]), (vec!["lake".into()], &json!(false)));
}

async fn public_groups_are_found(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let mut groups = Vec::new();
    for name in ["Étang", "The pond", "100% pond_life", "Lake"] {
        groups.push(ada.create_group(json!({ "name": name, "visibility": "PUBLIC" })).await);
    }
    ada.create_group(json!({ "name": "A pond of our own" })).await;
    let query = "query($matching: String, $first: Int, $after: String, $last: Int, $before: String) {
        publicConversations(matching: $matching, first: $first, after: $after, last: $last, before: $before) {
            nodes { title memberCount unreadCount lastMessage { id } viewerMembership { role }
                messages(first: 1) { nodes { id } } members(first: 1) { nodes { role } } typing { id } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let page = async |variables: Value| bob.client.field("publicConversations", query, variables).await;
    let titles = |page: &Value| -> Vec<String> {
        page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
    };
    let all = page(json!({ "first": 10 })).await;
    assert_eq!(titles(&all), ["Lake", "100% pond_life", "The pond", "Étang"]);
    for group in all["nodes"].as_array().unwrap() {
        let mut face = group.clone();
        face.as_object_mut().unwrap().remove("title");
        let nothing = json!({ "memberCount": 1, "unreadCount": 0, "lastMessage": null, "viewerMembership": null,
            "messages": { "nodes": [] }, "members": { "nodes": [] }, "typing": [] });
        assert_eq!(face, nothing, "what a visitor sees");
    }
    for (matching, expected) in [
        ("POND", &["100% pond_life", "The pond"][..]),
        ("etang", &["Étang"]),
        ("%", &["100% pond_life"]),
        ("_", &["100% pond_life"]),
        ("\\", &[]),
        ("", &["Lake", "100% pond_life", "The pond", "Étang"]),
    ] {
        assert_eq!(titles(&page(json!({ "matching": matching, "first": 10 })).await), expected, "{matching:?}");
    }

    ada.send(&groups[1], "hello").await;
    ada.send(&groups[0], "hello").await;
    let active = ["Étang", "The pond", "Lake", "100% pond_life"];
    assert_eq!(titles(&page(json!({ "first": 10 })).await), active);
    let first = page(json!({ "first": 3 })).await;
    assert_eq!(titles(&first), active[..3]);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let rest = page(json!({ "first": 3, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!((titles(&rest), &rest["pageInfo"]["hasNextPage"]), (vec![active[3].to_owned()], &json!(false)));
    let last = page(json!({ "last": 2 })).await;
    assert_eq!(
        (titles(&last), &last["pageInfo"]["hasPreviousPage"]),
        (active[2..].iter().map(|title| (*title).to_owned()).collect(), &json!(true))
    );
    let before = page(json!({ "last": 5, "before": last["pageInfo"]["startCursor"] })).await;
    assert_eq!(titles(&before), active[..2]);

    ada.does("updateConversation", json!({ "conversationId": groups[0], "visibility": "PRIVATE" })).await;
    ada.does("deleteConversation", json!({ "conversationId": groups[3] })).await;
    assert_eq!(titles(&page(json!({ "first": 10 })).await), ["The pond", "100% pond_life"]);
}
