//! Who is online, as others see it.

use crate::support::backend::{Backend, Node, on_every_backend};
use crate::support::client::Person;
use crate::support::socket::{PATIENCE, Socket};
use crate::support::stores::url_of;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long one who has gone is still shown as online here.
const GAP: Duration = Duration::from_secs(2);
/// How long a look waits for the next one.
const PAUSE: Duration = Duration::from_millis(50);
/// Nothing was heard until then: longer than the gap and a regular look.
const SILENCE: Duration = Duration::from_secs(6);

const TURNS: &str = "subscription($ids: [ID!]) { presenceChanged(userIds: $ids) {
    at user { displayName } presence { isOnline lastSeenAt } } }";

on_every_backend! {
    who_has_a_socket_is_online_and_is_missed_after_the_gap
    who_comes_back_within_the_gap_never_went
    strangers_and_those_apart_see_less
}

fn quick(backend: Backend) -> Backend {
    let gap = format!("{}s", GAP.as_secs());
    backend.with("NATTERJACK_PRESENCE_GAP", gap).with("NATTERJACK_HEARTBEAT", "1s")
}

/// What one person sees of another.
async fn sees(viewer: &Person, other: &Person) -> Value {
    let query = "query($id: ID!) { user(by: { id: $id }) { presence { isOnline lastSeenAt } } }";
    viewer.client.field("user", query, json!({ "id": other.id })).await["presence"].take()
}

/// Returns once one person sees another so.
async fn comes_to_see(viewer: &Person, other: &Person, is_online: bool) -> Value {
    let look = async {
        loop {
            let presence = sees(viewer, other).await;
            if presence["isOnline"] == is_online {
                return presence;
            }
            sleep(PAUSE).await;
        }
    };
    timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("seen as online: {is_online}"))
}

/// A socket on which a person hears of others; it hears already.
async fn onlooker(person: &Person, of: Option<&[&Person]>) -> Socket {
    let mut socket = Socket::of(person).await;
    let ids = of.map(|of| of.iter().map(|person| person.id.clone()).collect::<Vec<_>>());
    socket.subscribe(TURNS, json!({ "ids": ids })).await;
    socket
}

async fn next_turn(socket: &mut Socket) -> Value {
    socket.next().await["presenceChanged"].take()
}

/// Who has turned, and whether that person is online now.
fn turn(turn: &Value) -> (&str, bool) {
    (turn["user"]["displayName"].as_str().unwrap(), turn["presence"]["isOnline"].as_bool().unwrap())
}

/// Opens and closes a person's sockets until it is heard, by which it is known that the other hears; all are closed then.
async fn until_heard(person: &Person, hearing: &mut Socket) {
    let heard = async {
        loop {
            let socket = Socket::of(person).await;
            if let Some(mut frame) = hearing.frame_within(Duration::from_secs(3)).await {
                let mut heard = frame["payload"]["data"]["presenceChanged"].take();
                if !turn(&heard).1 {
                    // The end of the time before, whose beginning came too early to be heard.
                    heard = next_turn(hearing).await;
                }
                assert!(turn(&heard).1, "{heard}");
                drop(socket);
                break;
            }
            drop(socket);
            sleep(GAP * 2).await;
        }
        assert!(!turn(&next_turn(hearing).await).1);
    };
    timeout(PATIENCE * 2, heard).await.expect("it is heard");
}

async fn who_has_a_socket_is_online_and_is_missed_after_the_gap(backend: Backend) {
    let backend = quick(backend);
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    assert_eq!(sees(&ada, &bob).await, json!({ "isOnline": false, "lastSeenAt": null }), "never there");
    let mut ada_hears = onlooker(&ada, None).await;
    until_heard(&bob, &mut ada_hears).await;

    let (one, other) = (Socket::of(&bob).await, Socket::of(&bob).await);
    let came = next_turn(&mut ada_hears).await;
    assert_eq!((turn(&came), &came["presence"]["lastSeenAt"]), (("bob", true), &json!(null)));
    assert_eq!(sees(&ada, &bob).await, json!({ "isOnline": true, "lastSeenAt": null }));
    let query = "query($id: ID!) { conversation(id: $id) { onlineMemberCount memberCount } }";
    let seen = ada.client.field("conversation", query, json!({ "id": conversation })).await;
    assert_eq!(seen, json!({ "onlineMemberCount": 2, "memberCount": 2 }));
    let query = "query($online: Boolean) { users(isOnline: $online, first: 9) { nodes { username } } }";
    let of = |online| ada.client.field("users", query, json!({ "online": online }));
    assert_eq!(of(true).await["nodes"], json!([{ "username": "bob" }]));
    assert_eq!(of(false).await["nodes"], json!([]));

    drop(one);
    assert!(ada_hears.frame_within(SILENCE).await.is_none(), "another tab is open still");
    drop(other);
    let went = next_turn(&mut ada_hears).await;
    assert_eq!(turn(&went), ("bob", false));
    let seen = sees(&ada, &bob).await;
    assert!(seen["lastSeenAt"].is_string(), "{seen}");
    assert_eq!(seen, went["presence"]);
    assert_eq!(of(true).await["nodes"], json!([]));
}

async fn who_comes_back_within_the_gap_never_went(backend: Backend) {
    let backend = quick(backend);
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    ada.open(&bob).await;
    let mut ada_hears = onlooker(&ada, Some(&[&bob])).await;
    until_heard(&bob, &mut ada_hears).await;
    let mut socket = Socket::of(&bob).await;
    assert_eq!(turn(&next_turn(&mut ada_hears).await), ("bob", true));
    for _ in 0..3 {
        drop(socket);
        socket = Socket::of(&bob).await;
        assert_eq!(sees(&ada, &bob).await["isOnline"], true);
    }
    assert!(ada_hears.frame_within(SILENCE).await.is_none(), "nothing is to be told");
    drop(socket);
    assert_eq!(turn(&next_turn(&mut ada_hears).await), ("bob", false));
}

async fn strangers_and_those_apart_see_less(backend: Backend) {
    let backend = quick(backend);
    let node = backend.node().await;
    let [ada, bob, eve] = [
        Person::register(&node, "ada").await,
        Person::register(&node, "bob").await,
        Person::register(&node, "eve").await,
    ];
    ada.open(&bob).await;
    let mut eve_hears = onlooker(&eve, Some(&[&bob])).await;
    until_heard(&bob, &mut eve_hears).await;
    assert_eq!(sees(&eve, &bob).await, json!({ "isOnline": false, "lastSeenAt": null }), "a stranger");
    assert!(sees(&ada, &bob).await["lastSeenAt"].is_string());

    let mut ada_hears = onlooker(&ada, Some(&[&bob])).await;
    until_heard(&bob, &mut ada_hears).await;
    assert!(turn(&next_turn(&mut eve_hears).await).1);
    let went = next_turn(&mut eve_hears).await;
    assert_eq!(went["presence"], json!({ "isOnline": false, "lastSeenAt": null }));

    let query = "mutation($id: ID!, $is: Boolean!) { setBlocked(input: { userId: $id, isBlocked: $is }) { errors { message } } }";
    let set_blocked = |is_blocked| bob.client.data(query, json!({ "id": ada.id, "is": is_blocked }));
    set_blocked(true).await;
    let _bobs = Socket::of(&bob).await;
    assert!(turn(&next_turn(&mut eve_hears).await).1);
    for (viewer, other) in [(&ada, &bob), (&bob, &ada)] {
        assert_eq!(sees(viewer, other).await, json!({ "isOnline": false, "lastSeenAt": null }));
        let query = "{ users(isOnline: true, first: 9) { nodes { username } } }";
        assert_eq!(viewer.client.field("users", query, json!({})).await["nodes"], json!([{ "username": "eve" }]));
    }
    assert_eq!(sees(&bob, &bob).await["isOnline"], true, "of oneself, all");
    // She is blocked. That he is away she may be told again: he came while his blocking her was on its way.
    while let Some(frame) = ada_hears.frame_within(SILENCE).await {
        assert_eq!(turn(&frame["payload"]["data"]["presenceChanged"]), ("bob", false));
    }
    for is_blocked in [false, true] {
        set_blocked(is_blocked).await;
        assert_eq!(turn(&next_turn(&mut ada_hears).await), ("bob", !is_blocked));
    }
    assert!(eve_hears.frame_within(Duration::from_millis(10)).await.is_none(), "nobody else's affair");
}

/// Two nodes that hear each other, where there is a bus.
async fn two_nodes(backend: Backend) -> Option<(Backend, Node, Node)> {
    let backend = quick(backend).with("NATS_URL", url_of("TEST_NATS_URL")?);
    let (one, other) = (backend.node().await, backend.node().await);
    Some((backend, one, other))
}

mod nodes {
    use super::*;

    on_every_backend! {
        who_was_on_a_node_that_is_killed_is_offline_soon
        who_goes_from_a_node_that_stops_to_another_never_went
    }

    async fn who_was_on_a_node_that_is_killed_is_offline_soon(backend: Backend) {
        let Some((_backend, one, other)) = two_nodes(backend).await else { return };
        let [ada, bob, dan] = [
            Person::register(&one, "ada").await,
            Person::register(&other, "bob").await,
            Person::register(&other, "dan").await,
        ];
        ada.open(&bob).await;
        ada.open(&dan).await;
        let mut ada_hears = onlooker(&ada, Some(&[&bob, &dan])).await;
        until_heard(&bob, &mut ada_hears).await;
        let (_bobs, _dans) = (Socket::of(&bob).await, Socket::of(&dan).await);
        let came = [next_turn(&mut ada_hears).await, next_turn(&mut ada_hears).await];
        assert!(came.iter().all(|came| turn(came).1), "{came:?}");
        other.kill().await;
        let _dan_again = Socket::of(&dan.at(&one)).await;
        let went = next_turn(&mut ada_hears).await;
        assert_eq!(turn(&went), ("bob", false), "the one who has come to another node never went");
        assert!(went["presence"]["lastSeenAt"].is_string());
        comes_to_see(&ada, &bob, false).await;
        assert_eq!(sees(&ada, &dan).await["isOnline"], true);
        assert!(ada_hears.frame_within(SILENCE).await.is_none());
    }

    async fn who_goes_from_a_node_that_stops_to_another_never_went(backend: Backend) {
        let Some((_backend, one, other)) = two_nodes(backend).await else { return };
        let [ada, bob, dan] = [
            Person::register(&one, "ada").await,
            Person::register(&other, "bob").await,
            Person::register(&other, "dan").await,
        ];
        ada.open(&bob).await;
        ada.open(&dan).await;
        let mut ada_hears = onlooker(&ada, None).await;
        until_heard(&bob, &mut ada_hears).await;
        let (_bobs, _dans) = (Socket::of(&bob).await, Socket::of(&dan).await);
        let came = [next_turn(&mut ada_hears).await, next_turn(&mut ada_hears).await];
        assert!(came.iter().all(|came| turn(came).1), "{came:?}");
        let _dan_again = Socket::of(&dan.at(&one)).await;
        assert!(other.terminate().await);
        assert_eq!(turn(&next_turn(&mut ada_hears).await), ("bob", false));
        assert!(ada_hears.frame_within(SILENCE).await.is_none());
    }
}

#[tokio::test]
async fn who_was_on_a_node_that_was_killed_is_offline_once_it_is_back() {
    let backend = quick(Backend::sqlite().await.unwrap());
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    ada.open(&bob).await;
    let _socket = Socket::of(&bob).await;
    comes_to_see(&ada, &bob, true).await;
    node.kill().await;
    let node = backend.node().await;
    let ada = ada.at(&node);
    assert_eq!(sees(&ada, &bob).await["isOnline"], true, "nobody knows yet that the node is gone");
    assert!(comes_to_see(&ada, &bob, false).await["lastSeenAt"].is_string());
}

#[tokio::test]
async fn who_was_on_a_node_that_has_stopped_is_offline() {
    let backend = quick(Backend::sqlite().await.unwrap());
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    ada.open(&bob).await;
    let _socket = Socket::of(&bob).await;
    comes_to_see(&ada, &bob, true).await;
    assert!(node.terminate().await);
    let node = backend.node().await;
    assert!(sees(&ada.at(&node), &bob).await["lastSeenAt"].is_string());
}

#[tokio::test]
async fn who_is_on_a_node_that_stood_still_is_online_again_once_it_goes_on() {
    let Some(backend) = Backend::postgres().await else { return };
    let Some((_backend, one, other)) = two_nodes(backend).await else { return };
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&other, "bob").await);
    ada.open(&bob).await;
    let _socket = Socket::of(&bob).await;
    comes_to_see(&ada, &bob, true).await;
    other.signal("STOP").await;
    comes_to_see(&ada, &bob, false).await;
    other.signal("CONT").await;
    comes_to_see(&ada, &bob, true).await;
}
