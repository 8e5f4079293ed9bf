//! Who opens a socket.

use crate::support::gate::{AWAY, BROKEN, GOOD, STUCK};
use crate::support::server::Server;
use crate::support::wire::{PROTOCOL, Wire, next};
use serde_json::{Value, json};
use std::time::Duration;

/// Who one is on a socket with that payload, and that header on the request that opened it.
async fn who(payload: Value, header: Option<&str>) -> Value {
    let server = Server::with(|settings| settings.authentication_limit = Duration::from_millis(100)).await;
    let headers: Vec<_> =
        [Some(PROTOCOL), header.map(|value| ("authorization", value))].into_iter().flatten().collect();
    let (mut wire, _) = Wire::ask(&server, &headers).await.unwrap();
    wire.say(json!({ "type": "connection_init", "payload": payload })).await;
    wire.subscribe("1", "{ who }").await;
    wire.hears([json!({ "type": "connection_ack" })]).await;
    wire.hear().await["payload"]["data"]["who"].take()
}

/// How a socket with that payload and that header is closed.
async fn closed(payload: Value, header: Option<&str>) -> u16 {
    let server = Server::with(|settings| settings.authentication_limit = Duration::from_millis(100)).await;
    let headers: Vec<_> =
        [Some(PROTOCOL), header.map(|value| ("authorization", value))].into_iter().flatten().collect();
    let (mut wire, _) = Wire::ask(&server, &headers).await.unwrap();
    wire.say(json!({ "type": "connection_init", "payload": payload })).await;
    wire.closed().await.0
}

#[tokio::test]
async fn a_token_stands_in_the_payload_or_on_the_request() {
    let bearer = format!("Bearer {GOOD}");
    for (payload, header) in [
        (json!({ "authorization": bearer }), None),
        (json!({ "Authorization": bearer }), None),
        (json!({ "token": GOOD }), None),
        (Value::Null, Some(bearer.as_str())),
        (json!({ "authorization": null, "other": 1 }), Some(&bearer)),
        (json!({ "token": GOOD }), Some("Bearer bad")),
    ] {
        assert_eq!(who(payload, header).await, "somebody");
    }
    assert_eq!(who(json!({ "other": 1 }), None).await, "nobody");
}

#[tokio::test]
async fn a_bad_token_ends_the_socket() {
    for (payload, header) in [
        (json!({ "authorization": "Bearer bad" }), None),
        (json!({ "authorization": GOOD }), None),
        (json!({ "authorization": format!("Basic {GOOD}") }), None),
        (json!({ "token": "bad" }), None),
        (json!({ "token": 1 }), None),
        (json!({}), Some("Bearer bad")),
        (json!({}), Some("Basic good")),
    ] {
        assert_eq!(closed(payload.clone(), header).await, 4403, "{payload} {header:?}");
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_checked_is_to_be_tried_again() {
    assert_eq!(closed(json!({ "token": AWAY }), None).await, 1013);
    assert_eq!(closed(json!({ "token": STUCK }), None).await, 1013);
    assert_eq!(closed(json!({ "token": BROKEN }), None).await, 4500);
}

#[tokio::test]
async fn operations_find_the_payload_without_the_token() {
    let server = Server::start().await;
    let mut wire = Wire::ready_with(&server, json!({ "token": GOOD, "after": [{ "revision": 1 }] })).await;
    wire.subscribe("1", "{ init }").await;
    wire.hears([next("1", "init", json!({ "after": [{ "revision": 1 }] }))]).await;
}
