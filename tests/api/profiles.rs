//! What people say of themselves, and who hears of it.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::socket::{PATIENCE, Socket};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

on_every_backend! {
    a_profile_is_changed_and_heard_of_by_those_who_share_a_conversation
    what_a_profile_cannot_be_is_refused
    a_block_is_heard_of_on_the_blockers_own_devices_alone
}

const UPDATE: &str = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
    viewer { user { username displayName avatarUrl about } } errors { code field } } }";

const CHANGES: &str = "subscription { events(only: [USER]) { __typename at
    ... on UserChanged { user { displayName username isBlockedByViewer } } } }";

async fn update(person: &Person, input: Value) -> Value {
    person.client.field("updateProfile", UPDATE, json!({ "input": input })).await
}

/// A socket on which a person hears of profiles; it hears already, of what the person changes.
async fn hearing(person: &Person) -> Socket {
    let mut socket = Socket::of(person).await;
    socket.subscribe(CHANGES, json!({})).await;
    let heard = async {
        for n in 0.. {
            update(person, json!({ "about": n.to_string() })).await;
            if socket.frame_within(Duration::from_millis(500)).await.is_some() {
                break;
            }
        }
        while socket.frame_within(Duration::from_millis(500)).await.is_some() {}
    };
    timeout(PATIENCE, heard).await.expect("it is heard");
    socket
}

async fn next_user(socket: &mut Socket) -> Value {
    socket.next().await["events"]["user"].take()
}

async fn a_profile_is_changed_and_heard_of_by_those_who_share_a_conversation(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, eve] = [
        Person::register(&node, "ada").await,
        Person::register(&node, "bob").await,
        Person::register(&node, "eve").await,
    ];
    ada.open(&bob).await;
    let (mut adas, mut bobs, mut eves) = (hearing(&ada).await, hearing(&bob).await, hearing(&eve).await);
    // Each has heard of the other's first words.
    while adas.frame_within(Duration::from_secs(3)).await.is_some() {}

    let input = json!({ "displayName": "Ada L.", "avatarUrl": "https://example.org/a.png", "about": " frogs\ntoads " });
    let payload = update(&ada, input.clone()).await;
    assert_eq!(payload["errors"], json!([]));
    let avatar = "https://example.org/a.png";
    let whole = json!({ "username": "ada", "displayName": "Ada L.", "avatarUrl": avatar, "about": "frogs\ntoads" });
    assert_eq!(payload["viewer"]["user"], whole);
    for socket in [&mut adas, &mut bobs] {
        assert_eq!(next_user(socket).await["displayName"], "Ada L.");
    }
    assert_eq!(update(&ada, input).await["errors"], json!([]));
    let payload = update(&ada, json!({ "username": "Ada.Lovelace", "displayName": null })).await;
    let whole = json!({ "username": "Ada.Lovelace", "displayName": "Ada.Lovelace", "avatarUrl": avatar, "about": "frogs\ntoads" });
    assert_eq!(payload["viewer"]["user"], whole, "what is left out stays");
    assert_eq!(next_user(&mut bobs).await["username"], "Ada.Lovelace", "what changes nothing is not told");
    assert!(eves.frame_within(Duration::from_secs(3)).await.is_none(), "she shares no conversation");

    let find =
        "{ user(by: { username: \"ada.lovelace\" }) { id } users(matching: \"lovelace\", first: 9) { nodes { id } } }";
    let found = bob.client.data(find, json!({})).await;
    assert_eq!(found, json!({ "user": { "id": ada.id }, "users": { "nodes": [{ "id": ada.id }] } }));
}

async fn what_a_profile_cannot_be_is_refused(backend: Backend) {
    let node = backend.node().await;
    let (ada, _bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    for (input, code, field) in [
        (json!({ "username": "BOB" }), "ALREADY_TAKEN", "username"),
        (json!({ "username": null }), "INVALID_INPUT", "username"),
        (json!({ "username": "a b" }), "INVALID_INPUT", "username"),
        (json!({ "displayName": " " }), "INVALID_INPUT", "displayName"),
        (json!({ "avatarUrl": "javascript:alert(1)" }), "INVALID_INPUT", "avatarUrl"),
        (json!({ "about": "a".repeat(501) }), "INVALID_INPUT", "about"),
    ] {
        let refused = json!([{ "code": code, "field": ["input", field] }]);
        let payload = update(&ada, input.clone()).await;
        assert_eq!(payload, json!({ "viewer": null, "errors": refused }), "{input}");
    }
    assert_eq!(update(&ada, json!({ "username": "ADA" })).await["viewer"]["user"]["username"], "ADA", "one's own");
}

async fn a_block_is_heard_of_on_the_blockers_own_devices_alone(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let (mut adas, mut bobs) = (hearing(&ada).await, hearing(&bob).await);
    let query =
        "mutation($id: ID!, $is: Boolean!) { setBlocked(input: { userId: $id, isBlocked: $is }) { errors { code } } }";
    for is_blocked in [true, false] {
        for _ in 0..2 {
            ada.client.data(query, json!({ "id": bob.id, "is": is_blocked })).await;
        }
        let heard = next_user(&mut adas).await;
        assert_eq!((&heard["username"], &heard["isBlockedByViewer"]), (&json!("bob"), &json!(is_blocked)));
    }
    assert!(adas.frame_within(Duration::from_secs(3)).await.is_none(), "it is told once");
    assert!(bobs.frame_within(Duration::from_millis(10)).await.is_none());
}
