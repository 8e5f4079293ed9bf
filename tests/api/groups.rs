//! Groups: making them, and whom they take in.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::groups::{ids, people, refusal};
use serde_json::{Value, json};

on_every_backend! {
    a_group_is_there_for_its_members_and_those_who_are_invited
    whatever_is_done_twice_is_done_once
    input_that_makes_no_sense_is_named
    a_group_has_a_size
    nobody_is_brought_together_with_those_they_block
}

const GROUP: &str = "id kind visibility title name description avatarUrl peer { id } createdBy { displayName }
    revision memberCount unreadCount lastMessage { seq } viewerMembership { ...member }
    members(first: 10) { nodes { ...member } } invited: members(state: INVITED, first: 10) { nodes { ...member } }
    messages(last: 10) { nodes { seq revision kind text author { displayName } notice {
        kind actor { displayName } subject { displayName } role name } } }";

const MEMBER: &str = "fragment member on Member {
    user { displayName } role state joinedAt invitedBy { displayName } isMuted deliveredSeq readSeq }";

async fn shown(person: &Person, group: &str) -> Value {
    let query = format!("query($id: ID!) {{ conversation(id: $id) {{ {GROUP} }} }} {MEMBER}");
    person.client.field("conversation", &query, json!({ "id": group })).await
}

async fn a_group_is_there_for_its_members_and_those_who_are_invited(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd, eve] = people(&node, ["ada", "bob", "cyd", "eve"]).await;
    let group = ada.create_group(json!({
        "name": "  The pond ",
        "description": "Frogs,\nand toads.",
        "avatarUrl": "https://example.org/pond.png",
        "memberIds": [bob.id, bob.id, ada.id],
        "inviteIds": [cyd.id, bob.id],
    }));
    let group = group.await;
    bob.send(&group, "hello").await;
    assert_shown!("a_group_of_its_owners", shown(&ada, &group).await);
    assert_shown!("a_group_of_somebodys_who_is_invited", shown(&cyd, &group).await);
    assert_eq!(shown(&eve, &group).await, Value::Null);

    let change = json!({ "conversationId": group, "visibility": "PUBLIC", "description": null, "avatarUrl": null });
    ada.does("updateConversation", change).await;
    assert_shown!("a_group_of_a_visitors", shown(&eve, &group).await);
    let own = "{ viewer { conversations(first: 10) { nodes { id } } } }";
    for (person, count) in [(&ada, 1), (&bob, 1), (&cyd, 1), (&eve, 0)] {
        let viewer = person.client.field("viewer", own, json!({})).await;
        assert_eq!(viewer["conversations"]["nodes"].as_array().unwrap().len(), count);
    }
}

async fn whatever_is_done_twice_is_done_once(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd, dan] = people(&node, ["ada", "bob", "cyd", "dan"]).await;
    let group = ada.create_group(json!({ "name": "pond", "visibility": "PUBLIC" })).await;
    let to = |more: Value| {
        let mut input = json!({ "conversationId": group });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let told = [
        (&bob, "joinConversation", to(json!({})), Some("MEMBER_JOINED bob bob")),
        (&ada, "inviteMembers", to(json!({ "userIds": ids(&[&cyd, &bob]) })), Some("MEMBER_INVITED ada cyd")),
        (&cyd, "joinConversation", to(json!({})), Some("MEMBER_JOINED cyd cyd")),
        (&ada, "addMembers", to(json!({ "userIds": ids(&[&dan, &bob]) })), Some("MEMBER_JOINED ada dan")),
        (&ada, "inviteMembers", to(json!({ "userIds": ids(&[&dan]) })), None),
        (&ada, "setRole", to(json!({ "userId": bob.id, "role": "ADMIN" })), Some("ROLE_CHANGED ada bob ADMIN")),
        (&bob, "removeMember", to(json!({ "userId": dan.id })), Some("MEMBER_REMOVED bob dan")),
        (&bob, "setMuted", to(json!({ "isMuted": true })), None),
        (&bob, "setMuted", to(json!({ "isMuted": false })), None),
        (&bob, "updateConversation", to(json!({ "name": "lake" })), Some("CONVERSATION_CHANGED bob lake")),
        (&bob, "updateConversation", to(json!({ "description": "deep" })), Some("CONVERSATION_CHANGED bob")),
        (&bob, "updateConversation", to(json!({})), None),
        (&cyd, "leaveConversation", to(json!({})), Some("MEMBER_LEFT cyd cyd")),
        (&ada, "inviteMembers", to(json!({ "userIds": ids(&[&cyd]) })), Some("MEMBER_INVITED ada cyd")),
        (&cyd, "leaveConversation", to(json!({})), Some("MEMBER_LEFT cyd cyd")),
    ];
    let mut notices = vec!["CONVERSATION_CREATED ada pond".to_owned()];
    for (person, mutation, input, notice) in told {
        notices.extend(notice.map(str::to_owned));
        for _ in 0..2 {
            person.does(mutation, input.clone()).await;
            assert_eq!(ada.notices_in(&group).await, notices, "after {mutation} {input}");
        }
    }
    assert_eq!(ada.roles_in(&group).await, ["ada OWNER", "bob ADMIN"]);

    ada.does("deleteConversation", to(json!({}))).await;
    assert_eq!(ada.is_refused("deleteConversation", to(json!({}))).await, "NOT_FOUND input.conversationId");
    for person in [&ada, &bob, &cyd] {
        assert_eq!(person.sees(&group, "id").await, Value::Null);
    }
    // Who has left hears no more of it, and has still left.
    cyd.leave(&group).await;
}

async fn input_that_makes_no_sense_is_named(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd] = people(&node, ["ada", "bob", "cyd"]).await;
    let group = ada.group("pond", &[&bob]).await;
    let nobody = format!("usr_{}", "0".repeat(32));
    let crowd = vec![bob.id.clone(); 1_001];
    let mut named = Vec::new();
    for (mutation, input) in [
        ("createGroup", json!({ "name": " " })),
        ("createGroup", json!({ "name": "a\nb" })),
        ("createGroup", json!({ "name": "n".repeat(101) })),
        ("createGroup", json!({ "name": "pond", "description": "d".repeat(1_001) })),
        ("createGroup", json!({ "name": "pond", "avatarUrl": "javascript:alert(1)" })),
        ("createGroup", json!({ "name": "pond", "memberIds": ["nonsense"] })),
        ("createGroup", json!({ "name": "pond", "memberIds": [nobody] })),
        ("createGroup", json!({ "name": "pond", "memberIds": crowd })),
        ("createGroup", json!({ "name": "pond", "inviteIds": [group] })),
        ("createGroup", json!({ "name": "pond", "inviteIds": [nobody] })),
        ("createGroup", json!({ "name": "pond", "inviteIds": crowd })),
        ("updateConversation", json!({ "conversationId": "nonsense", "name": "lake" })),
        ("updateConversation", json!({ "conversationId": group, "name": "" })),
        ("updateConversation", json!({ "conversationId": group, "description": "\0" })),
        ("updateConversation", json!({ "conversationId": group, "avatarUrl": "ftp://example.org" })),
        ("addMembers", json!({ "conversationId": "nonsense", "userIds": [cyd.id] })),
        ("addMembers", json!({ "conversationId": group, "userIds": ["nonsense"] })),
        ("addMembers", json!({ "conversationId": group, "userIds": [cyd.id, nobody] })),
        ("addMembers", json!({ "conversationId": group, "userIds": crowd })),
        ("inviteMembers", json!({ "conversationId": group, "userIds": [cyd.id, nobody] })),
        ("inviteMembers", json!({ "conversationId": group, "userIds": crowd })),
        ("removeMember", json!({ "conversationId": group, "userId": "nonsense" })),
        ("removeMember", json!({ "conversationId": group, "userId": nobody })),
        ("removeMember", json!({ "conversationId": group, "userId": ada.id })),
        ("setRole", json!({ "conversationId": group, "userId": "nonsense", "role": "ADMIN" })),
        ("setRole", json!({ "conversationId": group, "userId": nobody, "role": "ADMIN" })),
        ("setRole", json!({ "conversationId": group, "userId": cyd.id, "role": "ADMIN" })),
        ("setRole", json!({ "conversationId": group, "userId": ada.id, "role": "MEMBER" })),
        ("joinConversation", json!({ "conversationId": "nonsense" })),
        ("leaveConversation", json!({ "conversationId": "nonsense" })),
        ("deleteConversation", json!({ "conversationId": "nonsense" })),
        ("setMuted", json!({ "conversationId": "nonsense", "isMuted": true })),
        ("setBlocked", json!({ "userId": "nonsense", "isBlocked": true })),
        ("setBlocked", json!({ "userId": nobody, "isBlocked": true })),
        ("setBlocked", json!({ "userId": ada.id, "isBlocked": true })),
    ] {
        let refused = ada.mutate(mutation, "", input).await;
        let why = refusal(&refused).unwrap_or_else(|| panic!("{mutation} was not refused"));
        named.push(format!("{mutation}: {why}: {}", refused["errors"][0]["message"].as_str().unwrap()));
    }
    assert_shown!("not_made", named);
    assert_eq!(ada.roles_in(&group).await, ["ada OWNER", "bob MEMBER"], "all or nothing");
    let (code, field) = ada.client.refusal("{ publicConversations(first: -1) { nodes { id } } }", json!({})).await;
    assert_eq!((code.as_str(), field), ("INVALID_INPUT", json!(["first"])));
    let matching = json!({ "matching": "m".repeat(101) });
    let query = "query($matching: String) { publicConversations(matching: $matching, first: 1) { nodes { id } } }";
    let (code, field) = ada.client.refusal(query, matching).await;
    assert_eq!((code.as_str(), field), ("INVALID_INPUT", json!(["matching"])));
}

async fn a_group_has_a_size(backend: Backend) {
    let backend = backend.with("NATTERJACK_MAX_GROUP_SIZE", "3");
    let node = backend.node().await;
    let [ada, bob, cyd, dan] = people(&node, ["ada", "bob", "cyd", "dan"]).await;
    let server = ada.client.field("server", "{ server { limits { maxGroupSize } } }", json!({})).await;
    assert_eq!(server["limits"]["maxGroupSize"], 3);
    for input in [
        json!({ "name": "pond", "memberIds": ids(&[&bob, &cyd, &dan]) }),
        json!({ "name": "pond", "memberIds": ids(&[&bob]), "inviteIds": ids(&[&cyd, &dan]) }),
    ] {
        assert_eq!(ada.is_refused("createGroup", input).await, "INVALID_INPUT input.memberIds");
    }
    let group = ada.create_group(json!({ "name": "pond", "visibility": "PUBLIC" })).await;
    let to = |people: &[&Person]| json!({ "conversationId": group, "userIds": ids(people) });
    assert_eq!(ada.is_refused("addMembers", to(&[&bob, &cyd, &dan])).await, "INVALID_INPUT input.userIds");
    ada.add(&group, &[&bob]).await;
    ada.invite(&group, &[&cyd]).await;
    for mutation in ["addMembers", "inviteMembers"] {
        assert_eq!(ada.is_refused(mutation, to(&[&dan])).await, "INVALID_INPUT input.userIds");
    }
    let join = json!({ "conversationId": group });
    assert_eq!(dan.is_refused("joinConversation", join.clone()).await, "NOT_ALLOWED input.conversationId");
    // Those who count already count once.
    ada.add(&group, &[&bob, &cyd]).await;
    cyd.join(&group).await;
    bob.leave(&group).await;
    dan.join(&group).await;
    assert_eq!(ada.roles_in(&group).await, ["ada OWNER", "cyd MEMBER", "dan MEMBER"]);
}

async fn nobody_is_brought_together_with_those_they_block(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd] = people(&node, ["ada", "bob", "cyd"]).await;
    let group = ada.create_group(json!({ "name": "pond", "visibility": "PUBLIC" })).await;
    ada.set_blocked(&bob, true).await;
    cyd.set_blocked(&ada, true).await;
    for person in [&bob, &cyd] {
        let to = json!({ "conversationId": group, "userIds": [person.id] });
        for mutation in ["addMembers", "inviteMembers"] {
            assert_eq!(ada.is_refused(mutation, to.clone()).await, "BLOCKED input.userIds");
        }
        for (field, input) in [
            ("memberIds", json!({ "name": "lake", "memberIds": [person.id] })),
            ("inviteIds", json!({ "name": "lake", "inviteIds": [person.id] })),
        ] {
            assert_eq!(ada.is_refused("createGroup", input).await, format!("BLOCKED input.{field}"));
        }
        // Whoever wants to come in of their own accord may, and there is spoken with.
        person.join(&group).await;
        person.send(&group, "hello").await;
    }
    ada.set_blocked(&bob, false).await;
    bob.leave(&group).await;
    ada.add(&group, &[&bob]).await;
}
