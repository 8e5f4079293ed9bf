//! Deleting one's account: what is left of it, for whom, and that nothing else is.

use crate::support::backend::{Backend, Node, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person};
use crate::support::dump;
use crate::support::groups::{ids, people};
use crate::support::make;
use crate::support::socket::{PATIENCE, Socket};
use natterjack::store::Accounts as _;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};

on_every_backend! {
    whoever_deletes_their_account_is_shut_out_at_once
    an_account_is_not_deleted_without_the_password
    the_messages_stay_under_deleted_user_and_the_other_reads_on
    nobody_finds_one_whose_account_is_gone
    groups_are_handed_over_and_empty_ones_go
    those_who_share_a_conversation_hear_of_it_on_every_node
    what_a_killed_node_has_left_is_finished
    nothing_personal_is_left_in_any_store
}

async fn delete(person: &Person) {
    person.does("deleteAccount", json!({ "password": PASSWORD })).await;
}

async fn whoever_deletes_their_account_is_shut_out_at_once(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let (mut here, mut there) = (Socket::of(&ada).await, Socket::of(&ada.at(&other)).await);
    let payload = ada
        .mutate(
            "deleteAccount",
            "viewer { id user { displayName isDeleted username } email }",
            json!({ "password": PASSWORD }),
        )
        .await;
    let user = json!({ "displayName": "Deleted User", "isDeleted": true, "username": null });
    assert_eq!(payload, json!({ "viewer": { "id": ada.id, "user": user, "email": null }, "errors": [] }));
    assert_eq!(here.close_code().await, 4403);
    assert_eq!(there.close_code().await, 4403);
    for person in [&ada, &ada.at(&other)] {
        assert_eq!(person.client.refusal("{ viewer { id } }", json!({})).await.0, "UNAUTHENTICATED");
    }
    let refresh = "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) { errors { code } } }";
    let refreshed = ada.client.field("refreshSession", refresh, json!({ "token": ada.refresh_token })).await;
    assert_eq!(refreshed["errors"], json!([{ "code": "WRONG_CREDENTIALS" }]));
    let login = "mutation($input: LoginInput!) { login(input: $input) { errors { code } } }";
    let input = json!({ "input": { "password": { "login": "ada", "password": PASSWORD } } });
    let login = Client::new(&one).field("login", login, input).await;
    assert_eq!(login["errors"], json!([{ "code": "WRONG_CREDENTIALS" }]));
    // The name is free again, and leads to nobody's past.
    let again = Person::register(&other, "ada").await;
    assert_ne!(again.id, ada.id);
}

async fn an_account_is_not_deleted_without_the_password(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    for (input, refused) in [
        (json!({ "password": "wrong horse battery" }), "WRONG_CREDENTIALS input.password"),
        (json!({}), "INVALID_INPUT input.password"),
        (json!({ "code": "123456" }), "INVALID_INPUT input.password"),
        (json!({ "password": PASSWORD, "code": "123456" }), "INVALID_INPUT input.code"),
    ] {
        assert_eq!(ada.is_refused("deleteAccount", input.clone()).await, refused, "{input}");
    }
    let seen = ada.client.data("{ viewer { user { username isDeleted } } }", json!({})).await;
    assert_eq!(seen["viewer"]["user"], json!({ "username": "ada", "isDeleted": false }));
}

const PEER: &str =
    "title memberCount peer { id username displayName avatarUrl about isDeleted presence { isOnline lastSeenAt } }
    members(first: 9) { nodes { user { displayName } } } viewerMembership { role }
    messages(first: 9) { nodes { text author { id displayName isDeleted } mentions { displayName }
        reactions { emoji count users { displayName } } } }";

async fn the_messages_stay_under_deleted_user_and_the_other_reads_on(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "from ada").await;
    let bobs = bob.send(&conversation, "from bob").await;
    let mention = json!({ "to": { "conversationId": conversation }, "text": "@ada", "mentionIds": [ada.id] });
    bob.does("sendMessage", mention.clone()).await;
    ada.does("setReaction", json!({ "messageId": bobs["id"], "emoji": "🐸", "isOn": true })).await;
    delete(&ada).await;

    let gone = json!({ "displayName": "Deleted User" });
    let author = json!({ "id": ada.id, "displayName": "Deleted User", "isDeleted": true });
    let bob_is = json!({ "id": bob.id, "displayName": "bob", "isDeleted": false });
    let seen = bob.sees(&conversation, PEER).await;
    let expected = json!({
        "title": "Deleted User",
        "memberCount": 1,
        "peer": { "id": ada.id, "username": null, "displayName": "Deleted User", "avatarUrl": null, "about": null,
            "isDeleted": true, "presence": { "isOnline": false, "lastSeenAt": null } },
        "members": { "nodes": [{ "user": { "displayName": "bob" } }] },
        "viewerMembership": { "role": "MEMBER" },
        "messages": { "nodes": [
            { "text": "from ada", "author": author, "mentions": [], "reactions": [] },
            { "text": "from bob", "author": bob_is, "mentions": [],
                "reactions": [{ "emoji": "🐸", "count": 1, "users": [gone] }] },
            { "text": "@ada", "author": bob_is, "mentions": [gone], "reactions": [] },
        ] },
    });
    assert_eq!(seen, expected);
    // Who names the conversation is told that nobody is there to hear; who names the person, that there is none.
    let to = |to: Value| json!({ "to": to, "text": "are you there?" });
    let said = bob.is_refused("sendMessage", to(json!({ "conversationId": conversation }))).await;
    assert_eq!(said, "NOT_ALLOWED input.to.conversationId");
    assert_eq!(bob.is_refused("sendMessage", to(json!({ "userId": ada.id }))).await, "NOT_FOUND input.to.userId");
    let history = "query($id: ID!) { history(of: { userId: $id }, last: 9) { nodes { text } } }";
    let read = bob.client.field("history", history, json!({ "id": ada.id })).await;
    assert_eq!(read["nodes"].as_array().unwrap().len(), 3);
    bob.mark_read(&conversation).await;
    delete(&bob).await;
    assert_eq!(left_in_log(&backend, "from ada").await, Vec::<String>::new(), "nobody is left to read it");
}

/// What the stores hold that has this text, once there is nothing owed to the log.
async fn left_in_log(backend: &Backend, text: &str) -> Vec<String> {
    let paid = async {
        while backend.owed().await > 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, paid).await.expect("what is owed is paid");
    let all = everything(backend).await;
    all.lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
}

/// All that both stores hold.
async fn everything(backend: &Backend) -> String {
    let mut all = dump::rows(&backend.database_url()).await;
    if let Some(log) = backend.raw_log().await {
        all.push_str(&dump::documents(&log).await);
    }
    all
}

async fn nobody_finds_one_whose_account_is_gone(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd] = people(&node, ["ada", "bob", "cyd"]).await;
    ada.open(&bob).await;
    let group = bob.group("pond", &[&ada, &cyd]).await;
    bob.set_blocked(&ada, true).await;
    delete(&ada).await;
    let query = "query($id: ID!) {
        users(first: 9) { nodes { username } }
        matching: users(matching: \"ada\", first: 9) { nodes { username } }
        deleted: users(matching: \"deleted\", first: 9) { nodes { username } }
        user(by: { username: \"ada\" }) { id }
        byId: user(by: { id: $id }) { displayName isDeleted isBlockedByViewer }
        viewer { blockedUsers(first: 9) { nodes { id } } } }";
    let found = bob.client.data(query, json!({ "id": ada.id })).await;
    let expected = json!({
        "users": { "nodes": [{ "username": "cyd" }] },
        "matching": { "nodes": [] },
        "deleted": { "nodes": [] },
        "user": null,
        "byId": { "displayName": "Deleted User", "isDeleted": true, "isBlockedByViewer": false },
        "viewer": { "blockedUsers": { "nodes": [] } },
    });
    assert_eq!(found, expected);
    let with = |more: Value| {
        let mut input = json!({ "conversationId": group });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let users = json!({ "userIds": [ada.id] });
    let mention = json!({ "to": { "conversationId": group }, "text": "@ada", "mentionIds": [ada.id] });
    for (mutation, input, refused) in [
        ("sendMessage", mention, "NOT_FOUND input.mentionIds"),
        ("addMembers", with(users.clone()), "NOT_FOUND input.userIds"),
        ("inviteMembers", with(users), "NOT_FOUND input.userIds"),
        ("createGroup", json!({ "name": "lake", "memberIds": [ada.id] }), "NOT_FOUND input.memberIds"),
        ("openConversation", json!({ "with": { "id": ada.id } }), "NOT_FOUND input.with.id"),
        ("setBlocked", json!({ "userId": ada.id, "isBlocked": true }), "NOT_FOUND input.userId"),
    ] {
        assert_eq!(bob.is_refused(mutation, input).await, refused, "{mutation}");
    }
    let search = "{ searchMessages(text: \"deleted\", first: 9) { nodes { id } } }";
    assert_eq!(bob.client.field("searchMessages", search, json!({})).await["nodes"], json!([]));
}

async fn groups_are_handed_over_and_empty_ones_go(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cyd, dan] = people(&node, ["ada", "bob", "cyd", "dan"]).await;
    let owned = ada.group("owned", &[&bob, &cyd]).await;
    ada.set_role(&owned, &cyd, "ADMIN").await;
    let joined = bob.group("joined", &[&ada]).await;
    let alone = ada.create_group(json!({ "name": "alone", "inviteIds": ids(&[&dan]) })).await;
    let invited = bob.create_group(json!({ "name": "invited", "inviteIds": ids(&[&ada]) })).await;
    delete(&ada).await;
    assert_eq!(bob.roles_in(&owned).await, ["bob MEMBER", "cyd OWNER"]);
    let told = bob.notices_in(&owned).await;
    assert_eq!(
        told[told.len() - 2..],
        ["MEMBER_LEFT Deleted User Deleted User", "ROLE_CHANGED Deleted User cyd OWNER"]
    );
    assert!(!told.iter().any(|notice| notice.contains("ada")), "{told:?}");
    assert_eq!(bob.roles_in(&joined).await, ["bob OWNER"]);
    let seen = bob.sees(&invited, "memberCount members(state: INVITED, first: 9) { nodes { id } }").await;
    assert_eq!(seen, json!({ "memberCount": 1, "members": { "nodes": [] } }));
    assert_eq!(dan.sees(&alone, "id").await, Value::Null, "nobody was in it");
    assert_eq!(left_in_log(&backend, "\"name\":\"alone\"").await, Vec::<String>::new());
}

const EVENTS: &str = "subscription { events(after: []) { __typename
    ... on UserChanged { user { id displayName isDeleted } }
    ... on PresenceChanged { user { id } presence { isOnline lastSeenAt } }
    ... on ConversationChanged { conversation { id memberCount } }
    ... on MembershipChanged { conversationId membership { role } }
    ... on MessageAdded { message { notice { kind subject { displayName } } } } } }";

/// Events until each of these was there.
async fn hears(socket: &mut Socket, mut wanted: Vec<(&str, Value)>) {
    let hearing = async {
        while !wanted.is_empty() {
            let event = socket.next().await["events"].take();
            wanted.retain(|(pointer, value)| event.pointer(pointer) != Some(value));
        }
    };
    let heard = timeout(PATIENCE * 2, hearing).await;
    assert!(heard.is_ok(), "never heard: {wanted:?}");
}

/// One who listens, and hears already what becomes of people.
async fn listening(person: &Person) -> Socket {
    let mut socket = Socket::of(person).await;
    socket.subscribe(EVENTS, json!({})).await;
    for n in 0.. {
        person.does("updateProfile", json!({ "about": n.to_string() })).await;
        let own = async {
            loop {
                if socket.next().await["events"]["user"]["id"] == person.id.as_str() {
                    return;
                }
            }
        };
        if timeout(Duration::from_secs(3), own).await.is_ok() {
            break;
        }
    }
    socket
}

async fn those_who_share_a_conversation_hear_of_it_on_every_node(backend: Backend) {
    // No bus joins them: what is told is found by looks.
    let (one, other) = (backend.node().await, backend.node().await);
    let [ada, bob, cyd] = people(&one, ["ada", "bob", "cyd"]).await;
    let group = ada.group("pond", &[&bob]).await;
    let direct = ada.open(&cyd).await;
    let mut bobs = listening(&bob.at(&other)).await;
    let mut cyds = listening(&cyd).await;
    delete(&ada).await;
    let changed = json!({ "id": ada.id, "displayName": "Deleted User", "isDeleted": true });
    let of_bob = vec![
        ("/user", changed.clone()),
        ("/conversation", json!({ "id": group, "memberCount": 1 })),
        ("/membership/role", json!("OWNER")),
        ("/message/notice", json!({ "kind": "MEMBER_LEFT", "subject": { "displayName": "Deleted User" } })),
    ];
    let of_cyd = vec![("/user", changed), ("/conversation", json!({ "id": direct, "memberCount": 1 }))];
    tokio::join!(hears(&mut bobs, of_bob), hears(&mut cyds, of_cyd));
}

async fn what_a_killed_node_has_left_is_finished(backend: Backend) {
    const GROUPS: usize = 30;
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let direct = ada.open(&bob).await;
    let mut groups = Vec::new();
    for n in 0..GROUPS {
        groups.push(ada.group(&format!("group {n}"), &[&bob]).await);
    }
    node.kill().await;
    // As one that is killed right after the commit leaves it.
    let sql = backend.sql().await;
    assert!(sql.delete(ada.id.parse().unwrap(), make::now()).await.unwrap().is_some());
    sql.close().await.unwrap();

    let node = backend.node().await;
    let (ada, bob) = (ada.at(&node), bob.at(&node));
    assert_eq!(ada.client.refusal("{ viewer { id } }", json!({})).await.0, "UNAUTHENTICATED", "shut out at once");
    for group in &groups {
        let left = comes_to(&bob, group, "OWNER").await;
        assert_eq!(left["memberCount"], 1);
        let told = bob.notices_in(group).await;
        let ends = told.iter().filter(|notice| notice.contains("MEMBER_LEFT") || notice.contains("ROLE_CHANGED"));
        assert_eq!(ends.count(), 2, "{told:?}");
    }
    assert_eq!(bob.sees(&direct, "memberCount").await["memberCount"], 1);
}

/// The conversation, once the person is that in it and its log has been told so.
async fn comes_to(person: &Person, group: &str, role: &str) -> Value {
    let look = async {
        loop {
            let seen =
                person.sees(group, "memberCount viewerMembership { role } lastMessage { notice { kind } }").await;
            if seen["viewerMembership"]["role"] == role && seen["lastMessage"]["notice"]["kind"] == "ROLE_CHANGED" {
                return seen;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, look).await.expect("it comes to that")
}

/// Somebody of whom the stores hold all that they can.
async fn somebody(node: &Node) -> Person {
    let query = "mutation($input: RegisterInput!) { register(input: $input) {
        viewer { id } tokens { accessToken refreshToken } errors { code message field } } }";
    let input = json!({
        "username": "Secret.Toad", "displayName": "Secretive Toad", "email": "toad@secret.example",
        "avatarUrl": "https://secret.example/toad.png", "password": PASSWORD, "deviceName": "Secret telephone",
    });
    let client = Client::new(node);
    let payload = client.field("register", query, json!({ "input": input })).await;
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{payload}")).to_owned();
    let toad = Person {
        client: client.with_token(&text(&payload["tokens"]["accessToken"])),
        id: text(&payload["viewer"]["id"]),
        refresh_token: text(&payload["tokens"]["refreshToken"]),
    };
    toad.does("updateProfile", json!({ "about": "a secret hobby" })).await;
    toad
}

async fn nothing_personal_is_left_in_any_store(backend: Backend) {
    let node = backend.node().await;
    let toad = somebody(&node).await;
    let [bob, cyd] = people(&node, ["bob", "cyd"]).await;
    let direct = toad.open(&bob).await;
    let group = bob.group("pond", &[&toad, &cyd]).await;
    let rude = cyd.send(&group, "ribbit").await;
    toad.send(&direct, "words that stay").await;
    toad.does("reportMessage", json!({ "messageId": rude["id"], "reason": "a secret grudge" })).await;
    toad.does("setReaction", json!({ "messageId": rude["id"], "emoji": "🐸", "isOn": true })).await;
    toad.set_blocked(&cyd, true).await;
    toad.mark_read(&group).await;
    bob.does("sendMessage", json!({ "to": { "conversationId": group }, "text": "look", "mentionIds": [toad.id] }))
        .await;
    let _socket = Socket::of(&toad).await;
    // Until they are told of what was said, they have nothing that could be left.
    let notified = async {
        while toad.client.data("{ viewer { unseenNotificationCount } }", json!({})).await["viewer"]
            == json!({ "unseenNotificationCount": 0 })
        {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, notified).await.expect("they are notified");
    let secrets = ["secret", "$argon2id$"];
    let own_rows = ["blocks ", "notifications ", "presence ", "members ", "reports ", "pushes "];
    let id = uuid_of(&toad);
    let mine = |all: &str, table: &str| {
        let all = all.to_lowercase();
        all.lines().filter(|line| line.starts_with(table) && line.replace('-', "").contains(&id)).count()
    };
    let before = everything(&backend).await;
    assert!(before.to_lowercase().matches("secret").count() >= 7, "{before}");
    for table in ["blocks ", "notifications ", "members ", "reports "] {
        assert!(mine(&before, table) > 0, "{table}");
    }

    toad.does("deleteAccount", json!({ "password": PASSWORD })).await;
    let after = everything(&backend).await;
    let of_others = ["bob", "cyd"];
    for secret in secrets {
        let left = after
            .lines()
            .find(|line| line.to_lowercase().contains(secret) && !of_others.iter().any(|name| line.contains(name)));
        assert_eq!(left, None, "{secret}");
    }
    for table in own_rows {
        // What others were told of names them by their id.
        let left = if table == "notifications " { 0 } else { mine(&after, table) };
        assert_eq!(left, 0, "{table}");
    }
    assert!(after.contains("words that stay"));
}

/// The digits of a person's id, as both databases write it.
fn uuid_of(person: &Person) -> String {
    person.id.trim_start_matches("usr_").to_owned()
}
