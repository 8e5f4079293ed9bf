//! What people are notified of: made of the log, seen by reading or by marking, told as it happens.

use crate::support::backend::{Backend, Node, on_every_backend};
use crate::support::client::{Client, Person};
use crate::support::events::{EVENTS, next_notified};
use crate::support::socket::{PATIENCE, Socket};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};

on_every_backend! {
    a_direct_message_is_notified_of_until_it_is_read
    what_a_message_is_to_a_person_is_told_once
    a_reaction_is_notified_of_once_for_each_who_reacts
    an_invitation_is_notified_of_and_nothing_else_of_the_group
    what_is_marked_as_seen_is_seen_on_every_device
    a_deleted_message_takes_its_notification_with_it
    nobody_is_notified_by_one_whom_a_block_keeps_apart
    one_who_leaves_has_none_of_that_group
    notifications_of_others_are_nobody_elses
    an_announcement_reaches_everybody_once
    what_a_killed_node_has_left_is_notified_of_once
    what_was_said_before_there_were_notifications_concerns_nobody
}

const NOTIFICATIONS: &str = "{ viewer { unseenNotificationCount notifications(first: 100) { nodes {
    id kind text seenAt actor { username } conversation { id } message { id text } } } } }";

/// A person's notifications, the latest first.
async fn notifications(person: &Person) -> Vec<Value> {
    let viewer = person.client.field("viewer", NOTIFICATIONS, json!({})).await;
    viewer["notifications"]["nodes"].as_array().unwrap().clone()
}

async fn unseen(person: &Person) -> i64 {
    let viewer = person.client.field("viewer", NOTIFICATIONS, json!({})).await;
    viewer["unseenNotificationCount"].as_i64().unwrap()
}

/// The same once there are so many of them, unseen or seen.
async fn notified(person: &Person, count: usize) -> Vec<Value> {
    let found = timeout(PATIENCE, async {
        loop {
            let found = notifications(person).await;
            if found.len() >= count {
                return found;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    let found = found.await.unwrap_or_else(|_| panic!("{count} notifications in time"));
    assert_eq!(found.len(), count, "{found:?}");
    found
}

fn kinds(notifications: &[Value]) -> Vec<&str> {
    notifications.iter().map(|one| one["kind"].as_str().unwrap()).collect()
}

/// Hears what one person is notified of from now on.
async fn listening(person: &Person) -> Socket {
    let mut socket = Socket::of(person).await;
    socket.subscribe(EVENTS, json!({ "only": ["NOTIFICATION"], "after": [] })).await;
    socket
}

/// Hears everything, so that what is not told before the end will not be told.
async fn next_kind(socket: &mut Socket) -> String {
    next_notified(socket).await["notification"]["kind"].as_str().unwrap_or("seen").to_owned()
}

async fn next_unseen(socket: &mut Socket) -> Value {
    let event = next_notified(socket).await;
    assert_eq!(event.kind(), "NotificationsSeen", "{event:?}");
    event["unseenNotificationCount"].clone()
}

/// A group of these people, made by the first.
async fn group(people: &[&Person], invited: &[&Person]) -> String {
    let query =
        "mutation($input: CreateGroupInput!) { createGroup(input: $input) { conversation { id } errors { message } } }";
    let ids = |people: &[&Person]| people.iter().map(|person| person.id.clone()).collect::<Vec<_>>();
    let input = json!({ "name": "Pond", "memberIds": ids(&people[1..]), "inviteIds": ids(invited) });
    let payload = people[0].client.field("createGroup", query, json!({ "input": input })).await;
    payload["conversation"]["id"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
}

/// Does something that has to go well.
async fn done(person: &Person, mutation: &str, input_type: &str, input: Value) -> Value {
    let query = format!("mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ errors {{ message }} }} }}");
    let payload = person.client.field(mutation, &query, json!({ "input": input })).await;
    assert_eq!(payload["errors"], json!([]), "{mutation}");
    payload
}

async fn say(person: &Person, conversation: &str, text: &str, more: Value) -> String {
    let mut input = json!({ "to": { "conversationId": conversation }, "text": text });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let query =
        "mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id } errors { message } } }";
    let payload = person.client.field("sendMessage", query, json!({ "input": input })).await;
    payload["message"]["id"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
}

async fn react(person: &Person, message: &str, emoji: &str) {
    done(person, "setReaction", "SetReactionInput", json!({ "messageId": message, "emoji": emoji, "isOn": true }))
        .await;
}

async fn people<const N: usize>(node: &Node, names: [&str; N]) -> [Person; N] {
    join_all(names.map(|name| Person::register(node, name))).await.try_into().unwrap_or_else(|_| panic!("{N} people"))
}

async fn a_direct_message_is_notified_of_until_it_is_read(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let conversation = ada.open(&bob).await;
    let mut socket = listening(&bob).await;
    let message = ada.send(&conversation, "hello").await;
    let told = next_notified(&mut socket).await;
    let notification = &told["notification"];
    assert_eq!((&notification["kind"], &notification["message"]["text"]), (&json!("DIRECT_MESSAGE"), &json!("hello")));
    assert_eq!((&notification["actor"]["displayName"], &notification["seenAt"]), (&json!("ada"), &Value::Null));

    let found = notifications(&bob).await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["id"], &found[0]["message"]["id"]), (&notification["id"], &message["id"]));
    assert_eq!((&found[0]["conversation"]["id"], unseen(&bob).await), (&json!(conversation), 1));
    assert_eq!(notifications(&ada).await, [] as [Value; 0], "whoever does it need not be told");

    bob.mark_read(&conversation).await;
    assert_eq!(next_unseen(&mut socket).await, 0);
    assert!(notifications(&bob).await[0]["seenAt"].is_string());
    assert_eq!(unseen(&bob).await, 0);
    // To answer is to have read.
    ada.send(&conversation, "and?").await;
    assert_eq!(next_kind(&mut socket).await, "DIRECT_MESSAGE");
    bob.send(&conversation, "yes").await;
    assert_eq!(next_unseen(&mut socket).await, 0);
}

async fn what_a_message_is_to_a_person_is_told_once(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cy] = people(&node, ["ada", "bob", "cyd"]).await;
    let pond = group(&[&ada, &bob, &cy], &[]).await;
    let asked = say(&bob, &pond, "who croaks?", json!({})).await;
    let both = json!({ "replyToId": asked, "mentionIds": [bob.id, cy.id, ada.id] });
    say(&ada, &pond, "@bob @cyd not I", both).await;
    say(&cy, &pond, "nor I", json!({ "replyToId": asked })).await;
    say(&bob, &pond, "well, I do", json!({ "replyToId": asked })).await;
    let direct = ada.open(&bob).await;
    say(&ada, &direct, "@bob", json!({ "mentionIds": [bob.id] })).await;
    assert_eq!(kinds(&notified(&bob, 3).await), ["MENTION", "REPLY", "MENTION"]);
    assert_eq!(kinds(&notified(&cy, 1).await), ["MENTION"]);

    done(&bob, "setMuted", "SetMutedInput", json!({ "conversationId": pond, "isMuted": true })).await;
    say(&cy, &pond, "why?", json!({ "replyToId": asked })).await;
    say(&cy, &pond, "@bob!", json!({ "mentionIds": [bob.id] })).await;
    assert_eq!(kinds(&notified(&bob, 4).await), ["MENTION", "MENTION", "REPLY", "MENTION"]);
    assert_eq!(notifications(&ada).await.len(), 0);
}

async fn a_reaction_is_notified_of_once_for_each_who_reacts(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cy] = people(&node, ["ada", "bob", "cyd"]).await;
    let pond = group(&[&ada, &bob, &cy], &[]).await;
    let message = say(&ada, &pond, "croak", json!({})).await;
    let mut socket = listening(&ada).await;
    for (person, emoji) in [(&ada, "🐸"), (&bob, "🐸"), (&bob, "❤️")] {
        react(person, &message, emoji).await;
    }
    let first = next_notified(&mut socket).await;
    assert_eq!(
        (&first["notification"]["kind"], &first["notification"]["actor"]["displayName"]),
        (&json!("REACTION"), &json!("bob"))
    );
    react(&cy, &message, "🐸").await;
    assert_eq!(next_notified(&mut socket).await["notification"]["actor"]["displayName"], "cyd");
    let found = notified(&ada, 2).await;
    assert!(found.iter().all(|one| one["message"]["id"] == json!(message)), "{found:?}");
    // It stands above the message that it is about.
    ada.mark_read(&pond).await;
    assert_eq!(unseen(&ada).await, 2);
    say(&cy, &pond, "more", json!({})).await;
    ada.mark_read(&pond).await;
    assert_eq!(next_unseen(&mut socket).await, 0);
}

async fn an_invitation_is_notified_of_and_nothing_else_of_the_group(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cy] = people(&node, ["ada", "bob", "cyd"]).await;
    let mut socket = listening(&bob).await;
    let pond = group(&[&ada, &cy], &[&bob]).await;
    assert_eq!(next_kind(&mut socket).await, "INVITATION");
    say(&ada, &pond, "hello", json!({})).await;
    let found = notified(&bob, 1).await;
    assert_eq!((&found[0]["actor"]["username"], &found[0]["conversation"]["id"]), (&json!("ada"), &json!(pond)));
    assert_eq!(found[0]["message"], Value::Null, "what is said there is not for the invited");
    done(&bob, "joinConversation", "ConversationIdInput", json!({ "conversationId": pond })).await;
    assert_eq!(next_unseen(&mut socket).await, 0);
    assert_eq!(notifications(&cy).await.len(), 0, "who was let in at once need not be asked");
}

async fn what_is_marked_as_seen_is_seen_on_every_device(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let [ada, bob] = people(&one, ["ada", "bob"]).await;
    let conversation = ada.open(&bob).await;
    // Without a bus the other node finds it by looking.
    let mut sockets = [listening(&bob).await, listening(&bob.at(&other)).await];
    for n in 1..=3 {
        ada.send(&conversation, &n.to_string()).await;
    }
    for socket in &mut sockets {
        for _ in 0..3 {
            assert_eq!(next_kind(socket).await, "DIRECT_MESSAGE");
        }
    }
    let found = notified(&bob, 3).await;
    let seen = "mutation($id: ID) { markNotificationsSeen(input: { upToId: $id }) {
        viewer { unseenNotificationCount } errors { code field } } }";
    for (id, left) in [(&found[1]["id"], 1), (&Value::Null, 0)] {
        let payload = bob.client.field("markNotificationsSeen", seen, json!({ "id": id })).await;
        assert_eq!(payload, json!({ "viewer": { "unseenNotificationCount": left }, "errors": [] }));
        for socket in &mut sockets {
            assert_eq!(next_unseen(socket).await, left);
        }
    }
    for id in [&found[0]["id"], &json!("nonsense")] {
        let payload = ada.client.field("markNotificationsSeen", seen, json!({ "id": id })).await;
        assert_eq!(payload["errors"], json!([{ "code": "NOT_FOUND", "field": ["input", "upToId"] }]));
    }
    assert_eq!(unseen(&bob).await, 0);
}

async fn a_deleted_message_takes_its_notification_with_it(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let conversation = ada.open(&bob).await;
    let mut socket = listening(&bob).await;
    let message = ada.send(&conversation, "oops").await;
    assert_eq!(next_kind(&mut socket).await, "DIRECT_MESSAGE");
    ada.delete(message["id"].as_str().unwrap()).await;
    assert_eq!(next_unseen(&mut socket).await, 0);
    assert_eq!(notifications(&bob).await.len(), 0);
}

async fn nobody_is_notified_by_one_whom_a_block_keeps_apart(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cy] = people(&node, ["ada", "bob", "cyd"]).await;
    let pond = group(&[&ada, &bob, &cy], &[]).await;
    done(&bob, "setBlocked", "SetBlockedInput", json!({ "userId": ada.id, "isBlocked": true })).await;
    for (from, to) in [(&ada, &bob), (&bob, &ada), (&cy, &bob), (&cy, &ada)] {
        say(from, &pond, "you!", json!({ "mentionIds": [to.id] })).await;
    }
    for person in [&ada, &bob] {
        assert_eq!(notified(person, 1).await[0]["actor"]["username"], "cyd");
    }
}

async fn one_who_leaves_has_none_of_that_group(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let pond = group(&[&ada, &bob], &[]).await;
    let mut socket = listening(&bob).await;
    say(&ada, &pond, "you!", json!({ "mentionIds": [bob.id] })).await;
    assert_eq!(next_kind(&mut socket).await, "MENTION");
    done(&bob, "leaveConversation", "ConversationIdInput", json!({ "conversationId": pond })).await;
    assert_eq!(next_unseen(&mut socket).await, 0);
    assert_eq!(notifications(&bob).await.len(), 0);
}

async fn notifications_of_others_are_nobody_elses(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "hello").await;
    let id = notified(&bob, 1).await[0]["id"].clone();
    let query = "query($id: ID!) { node(id: $id) { __typename id } }";
    let found = json!({ "__typename": "Notification", "id": id });
    assert_eq!(bob.client.field("node", query, json!({ "id": id })).await, found);
    assert_eq!(ada.client.field("node", query, json!({ "id": id })).await, Value::Null);
    let nobodys = Client::new(&node).run("{ viewer { unseenNotificationCount } }", json!({})).await;
    assert_eq!(nobodys["data"]["viewer"], Value::Null);
}

async fn announced(backend: &Backend, arguments: &[&str]) -> Result<String, String> {
    let output = backend.command("admin").arg("announce").args(arguments).output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

async fn an_announcement_reaches_everybody_once(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let mut socket = listening(&bob).await;
    let told = announced(&backend, &["The pond is closed", "--to", "bob", "--id", "pond"]).await.unwrap();
    assert_eq!(told, "announced pond; people told: 1\n");
    let event = next_notified(&mut socket).await;
    let notification = &event["notification"];
    assert_eq!((&notification["kind"], &notification["text"]), (&json!("ANNOUNCEMENT"), &json!("The pond is closed")));
    assert_eq!((&notification["actor"], &notification["about"]), (&Value::Null, &Value::Null));
    for people_told in [1, 0] {
        let told = announced(&backend, &["The pond is closed", "--id", "pond"]).await.unwrap();
        assert_eq!(told, format!("announced pond; people told: {people_told}\n"));
    }
    let other = announced(&backend, &["The pond is open", "--id", "pond"]).await.unwrap_err();
    assert!(other.contains("something else was announced under this id"), "{other}");
    let nobody = announced(&backend, &["The pond is open", "--to", "nobody"]).await.unwrap_err();
    assert!(nobody.contains("there is no such person"), "{nobody}");
    announced(&backend, &["The pond is open"]).await.unwrap();
    for person in [&ada, &bob] {
        let texts: Vec<_> = notified(person, 2).await.iter().map(|one| one["text"].clone()).collect();
        assert_eq!(texts, ["The pond is open", "The pond is closed"]);
    }
    assert_eq!(next_kind(&mut socket).await, "ANNOUNCEMENT");
}

async fn what_a_killed_node_has_left_is_notified_of_once(backend: Backend) {
    let mut node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let conversation = ada.open(&bob).await;
    for round in 0..4 {
        let sends = (0..40).map(|n| {
            let ada = ada.at(&node);
            let query = "mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }";
            let input = json!({ "to": { "conversationId": conversation }, "text": format!("{round} {n}") });
            async move { ada.client.try_to_run(query, json!({ "input": input })).await.is_ok() }
        });
        let mut sends: Vec<_> = sends.map(Box::pin).collect();
        // Killed as soon as anything is stored, so that what was stored with it or after it has nobody to see to it.
        for _ in 0..=round {
            let (_, _, rest) = futures_util::future::select_all(sends).await;
            sends = rest;
        }
        node.kill().await;
        join_all(sends).await;
        node = backend.node().await;
    }
    let bob = bob.at(&node);
    let query = "query($id: ID!, $after: String) { history(of: { conversationId: $id }, first: 100, after: $after) {
        nodes { id } pageInfo { endCursor hasNextPage } } }";
    let (mut stored, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = bob.client.field("history", query, json!({ "id": conversation, "after": after })).await;
        stored.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    timeout(PATIENCE, async {
        while unseen(&bob).await < i64::try_from(stored.len()).unwrap() {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("all are notified of in time");
    // What comes now comes behind all that was left, made twice or not.
    stored.push(ada.at(&node).send(&conversation, "the last").await["id"].as_str().unwrap().to_owned());
    timeout(PATIENCE, async {
        while notifications(&bob).await[0]["message"]["text"] != "the last" {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the last is notified of in time");
    let query = "query($after: String) { viewer { notifications(first: 100, after: $after) {
        nodes { message { id } } pageInfo { endCursor hasNextPage } } } }";
    let (mut told, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = bob.client.field("viewer", query, json!({ "after": after })).await["notifications"].take();
        let ids = page["nodes"].as_array().unwrap().iter();
        told.extend(ids.map(|node| node["message"]["id"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    told.sort();
    stored.sort();
    assert_eq!(told, stored);
}

async fn what_was_said_before_there_were_notifications_concerns_nobody(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob] = people(&node, ["ada", "bob"]).await;
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "before").await;
    notified(&bob, 1).await;
    assert!(node.terminate().await);
    backend.forget_notifications().await;
    let node = backend.node().await;
    let (ada, bob) = (ada.at(&node), bob.at(&node));
    ada.send(&conversation, "after").await;
    let found = notified(&bob, 1).await;
    assert_eq!(found[0]["message"]["text"], "after");
}
