//! Who is what in a group, and what becomes of it when they go.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::groups::people;
use serde_json::{Value, json};

on_every_backend! {
    an_owner_who_leaves_hands_over_and_the_last_to_leave_ends_the_group
    an_owner_gives_roles_and_an_admin_rules_members
    a_direct_conversation_is_no_group
    what_was_left_is_gone_for_the_one_who_left_it
    notices_are_no_messages_of_anybodys
}

async fn an_owner_who_leaves_hands_over_and_the_last_to_leave_ends_the_group(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd, dan, eve] = people(&node, ["ada", "bob", "cyd", "dan", "eve"]).await;
    let group = ada.group("pond", &[]).await;
    // Not in the order of their accounts.
    for person in [&eve, &cyd, &dan, &bob] {
        ada.add(&group, &[person]).await;
    }
    for person in [&dan, &bob] {
        ada.set_role(&group, person, "ADMIN").await;
    }
    ada.leave(&group).await;
    assert_eq!(dan.roles_in(&group).await, ["bob ADMIN", "cyd MEMBER", "dan OWNER", "eve MEMBER"]);
    dan.leave(&group).await;
    assert_eq!(bob.roles_in(&group).await, ["bob OWNER", "cyd MEMBER", "eve MEMBER"]);
    bob.leave(&group).await;
    assert_eq!(eve.roles_in(&group).await, ["cyd MEMBER", "eve OWNER"], "she came before cyd");
    // One who is invited is no heir.
    eve.invite(&group, &[&ada]).await;
    cyd.leave(&group).await;
    let told = eve.notices_in(&group).await;
    let kept = told.iter().skip_while(|notice| *notice != "MEMBER_LEFT ada ada");
    assert_eq!(
        kept.collect::<Vec<_>>(),
        [
            "MEMBER_LEFT ada ada",
            "ROLE_CHANGED ada dan OWNER",
            "MEMBER_LEFT dan dan",
            "ROLE_CHANGED dan bob OWNER",
            "MEMBER_LEFT bob bob",
            "ROLE_CHANGED bob eve OWNER",
            "MEMBER_INVITED eve ada",
            "MEMBER_LEFT cyd cyd",
        ]
    );
    eve.leave(&group).await;
    for person in [&ada, &eve] {
        assert_eq!(person.sees(&group, "id").await, Value::Null);
    }
    assert_eq!(
        ada.is_refused("joinConversation", json!({ "conversationId": group })).await,
        "NOT_FOUND input.conversationId"
    );
}

async fn an_owner_gives_roles_and_an_admin_rules_members(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd, dan] = people(&node, ["ada", "bob", "cyd", "dan"]).await;
    let group = ada.group("pond", &[&bob, &cyd, &dan]).await;
    ada.set_role(&group, &bob, "ADMIN").await;
    ada.set_role(&group, &cyd, "ADMIN").await;
    let on = |person: &Person| json!({ "conversationId": group, "userId": person.id });
    for person in [&ada, &cyd] {
        assert_eq!(bob.is_refused("removeMember", on(person)).await, "NOT_ALLOWED input.userId");
    }
    assert_eq!(bob.is_refused("removeMember", on(&bob)).await, "INVALID_INPUT input.userId");
    bob.remove(&group, &dan).await;
    ada.set_role(&group, &cyd, "MEMBER").await;
    bob.remove(&group, &cyd).await;

    ada.set_role(&group, &bob, "OWNER").await;
    assert_eq!(bob.roles_in(&group).await, ["ada ADMIN", "bob OWNER"], "a group has one owner");
    let told = bob.notices_in(&group).await;
    assert_eq!(told[told.len() - 2..], ["ROLE_CHANGED ada bob OWNER", "ROLE_CHANGED ada ada ADMIN"]);
}

async fn a_direct_conversation_is_no_group(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd] = people(&node, ["ada", "bob", "cyd"]).await;
    let conversation = ada.open(&bob).await;
    for (mutation, input) in [
        ("updateConversation", json!({ "conversationId": conversation, "name": "pond" })),
        ("deleteConversation", json!({ "conversationId": conversation })),
        ("leaveConversation", json!({ "conversationId": conversation })),
        ("addMembers", json!({ "conversationId": conversation, "userIds": [cyd.id] })),
        ("inviteMembers", json!({ "conversationId": conversation, "userIds": [cyd.id] })),
        ("removeMember", json!({ "conversationId": conversation, "userId": bob.id })),
        ("setRole", json!({ "conversationId": conversation, "userId": bob.id, "role": "ADMIN" })),
    ] {
        assert_eq!(ada.is_refused(mutation, input.clone()).await, "NOT_ALLOWED input.conversationId", "{mutation}");
        assert_eq!(cyd.is_refused(mutation, input).await, "NOT_FOUND input.conversationId", "{mutation}");
    }
    let seen = ada.sees(&conversation, "kind visibility name description avatarUrl revision memberCount").await;
    let expected = json!({ "kind": "DIRECT", "visibility": "PRIVATE", "name": null, "description": null,
        "avatarUrl": null, "revision": 0, "memberCount": 2 });
    assert_eq!(seen, expected, "its beginning has no notice");
}

async fn what_was_left_is_gone_for_the_one_who_left_it(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd, dan] = people(&node, ["ada", "bob", "cyd", "dan"]).await;
    let group = ada.group("pond", &[&bob, &cyd]).await;
    ada.invite(&group, &[&dan]).await;
    let said = bob.send(&group, "hello").await;
    ada.remove(&group, &bob).await;
    cyd.leave(&group).await;
    dan.leave(&group).await;
    let query = "query($id: ID!, $message: ID!) { conversation(id: $id) { id } history(of: { conversationId: $id }, last: 1) {
        nodes { id } } nodes(ids: [$id, $message]) { id } viewer { conversations(first: 1) { nodes { id } } unreadCount } }";
    for person in [&bob, &cyd, &dan] {
        let seen = person.client.data(query, json!({ "id": group, "message": said["id"] })).await;
        let nothing = json!({ "conversation": null, "history": null, "nodes": [null, null],
            "viewer": { "conversations": { "nodes": [] }, "unreadCount": 0 } });
        assert_eq!(seen, nothing);
        let to = json!({ "to": { "conversationId": group }, "text": "hello?" });
        assert_eq!(person.is_refused("sendMessage", to).await, "NOT_FOUND input.to.conversationId");
        assert_eq!(
            person.is_refused("joinConversation", json!({ "conversationId": group })).await,
            "NOT_FOUND input.conversationId"
        );
    }
    for mutation in ["editMessage", "deleteMessage"] {
        let mut input = json!({ "messageId": said["id"] });
        if mutation == "editMessage" {
            input["text"] = "hello again".into();
        }
        assert_eq!(bob.is_refused(mutation, input).await, "NOT_FOUND input.messageId");
    }
    let seen = ada.sees(&group, "memberCount messages(last: 1) { nodes { notice { kind } } }").await;
    assert_eq!(seen["memberCount"], 1);
    // Who comes back reads all that was said, and none of it is new.
    ada.send(&group, "still here").await;
    ada.add(&group, &[&bob]).await;
    let seen = bob.sees(&group, "unreadCount viewerMembership { role } messages(first: 100) { nodes { text } }").await;
    assert_eq!((&seen["unreadCount"], &seen["viewerMembership"]["role"]), (&json!(0), &json!("MEMBER")));
    let texts: Vec<_> =
        seen["messages"]["nodes"].as_array().unwrap().iter().filter_map(|node| node["text"].as_str()).collect();
    assert_eq!(texts, ["hello", "still here"]);
}

async fn notices_are_no_messages_of_anybodys(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd] = people(&node, ["ada", "bob", "cyd"]).await;
    let group = ada.group("pond", &[&bob]).await;
    ada.add(&group, &[&cyd]).await;
    let fields = "unreadCount lastMessage { id kind text author { id } clientId editedAt notice { kind } }
        messages(first: 10) { nodes { id kind text author { id } clientId notice { kind } } }";
    let seen = bob.sees(&group, fields).await;
    assert_eq!(seen["unreadCount"], 0);
    let notice = &seen["lastMessage"];
    assert_eq!((&notice["kind"], &notice["notice"]["kind"]), (&json!("SYSTEM"), &json!("MEMBER_JOINED")));
    for notice in seen["messages"]["nodes"].as_array().unwrap() {
        for field in ["text", "author", "clientId"] {
            assert_eq!(notice[field], Value::Null, "{notice}");
        }
    }
    for person in [&ada, &bob] {
        let edit = json!({ "messageId": notice["id"], "text": "nobody came" });
        assert_eq!(person.is_refused("editMessage", edit).await, "NOT_ALLOWED input.messageId");
        let delete = json!({ "messageId": notice["id"] });
        assert_eq!(person.is_refused("deleteMessage", delete).await, "NOT_ALLOWED input.messageId");
    }
    ada.send(&group, "welcome").await;
    let query = "{ viewer { unreadCount conversations(first: 1) { nodes { unreadCount } } } }";
    let viewer = bob.client.field("viewer", query, json!({})).await;
    assert_eq!(viewer, json!({ "unreadCount": 1, "conversations": { "nodes": [{ "unreadCount": 1 }] } }));
}
