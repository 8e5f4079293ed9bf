//! What may be said when.

use crate::support::server::Server;
use crate::support::wire::{Wire, complete, next};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn the_client_has_to_begin_in_time() {
    let server = Server::with(|settings| settings.socket.init_limit = Duration::from_millis(200)).await;
    let mut wire = Wire::open(&server).await;
    wire.say(json!({ "type": "ping" })).await;
    wire.hears([json!({ "type": "pong" })]).await;
    assert_eq!(wire.closed().await, (4408, "Connection initialisation timeout".to_owned()));
    let mut begun = Wire::ready(&server).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    begun.subscribe("1", "{ hello }").await;
    begun.hears([next("1", "hello", "world")]).await;
}

#[tokio::test]
async fn the_client_begins_once() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.say(json!({ "type": "connection_init" })).await;
    assert_eq!(wire.closed().await, (4429, "Too many initialisation requests".to_owned()));
    let mut hasty = Wire::open(&server).await;
    hasty.say(json!({ "type": "connection_init" })).await;
    hasty.say(json!({ "type": "connection_init" })).await;
    hasty.hears([json!({ "type": "connection_ack" })]).await;
    assert_eq!(hasty.closed().await.0, 4429);
}

#[tokio::test]
async fn a_connection_begins_with_whatever_payload_it_may_have() {
    let server = Server::start().await;
    for init in [
        json!({ "type": "connection_init" }),
        json!({ "type": "connection_init", "payload": null }),
        json!({ "type": "connection_init", "payload": {} }),
        json!({ "type": "connection_init", "payload": { "of": ["others"] } }),
    ] {
        let mut wire = Wire::open(&server).await;
        wire.say(init).await;
        wire.hears([json!({ "type": "connection_ack" })]).await;
    }
}

#[tokio::test]
async fn nothing_runs_before_the_acknowledgement() {
    let server = Server::start().await;
    let mut wire = Wire::open(&server).await;
    wire.subscribe("1", "mutation { touch }").await;
    assert_eq!(wire.closed().await, (4401, "Unauthorized".to_owned()));
    assert_eq!(server.traces.touched.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_id_is_in_use_until_its_operation_is_over() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "subscription { held }").await;
    wire.hears([next("1", "held", 0)]).await;
    wire.subscribe("2", "{ hello }").await;
    wire.hears([next("2", "hello", "world"), complete("2")]).await;
    wire.subscribe("2", "{ hello }").await;
    wire.hears([next("2", "hello", "world"), complete("2")]).await;
    wire.subscribe("1", "{ hello }").await;
    assert_eq!(wire.closed().await, (4409, "Subscriber for 1 already exists".to_owned()));
}

#[tokio::test]
async fn the_name_space_of_ids_is_one_for_all_kinds() {
    let server = Server::start().await;
    for (first, second) in [("{ hangs }", "subscription { held }"), ("{ hangs }", "mutation { touch }")] {
        let mut wire = Wire::ready(&server).await;
        wire.subscribe("1", first).await;
        wire.subscribe("1", second).await;
        assert_eq!(wire.closed().await, (4409, "Subscriber for 1 already exists".to_owned()));
    }
    assert_eq!(server.traces.touched.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_reason_fits_also_where_the_id_is_long() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    let id = "ä".repeat(120);
    wire.subscribe(&id, "subscription { held }").await;
    wire.hears([next(&id, "held", 0)]).await;
    wire.subscribe(&id, "{ hello }").await;
    let (code, reason) = wire.closed().await;
    assert_eq!(code, 4409);
    assert!(reason.len() <= 123 && reason.starts_with("Subscriber for ä"), "{reason}");
}

#[tokio::test]
async fn what_is_malformed_ends_the_socket() {
    let server = Server::start().await;
    let long_type = json!({ "type": "x".repeat(10_000) }).to_string();
    for message in [
        "",
        "hello",
        "null",
        "[]",
        r#"["ping"]"#,
        "{}",
        r#"{"type":"hello"}"#,
        r#"{"type":"next","id":"1","payload":{}}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"variables":{}}}"#,
        r#"{"type":"subscribe","id":"1","payload":"{ hello }"}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"ping","payload":1}"#,
        &long_type,
    ] {
        for mut wire in [Wire::open(&server).await, Wire::ready(&server).await] {
            wire.say_raw(Message::text(message)).await;
            let (code, reason) = wire.closed().await;
            assert_eq!(code, 4400, "{message}");
            assert!(reason.starts_with("Invalid message: ") && reason.len() <= 123, "{reason}");
        }
    }
    let mut wire = Wire::ready(&server).await;
    wire.say_raw(Message::binary(r#"{"type":"ping"}"#)).await;
    assert_eq!(wire.closed().await.0, 4400);
}

#[tokio::test]
async fn pings_are_answered_before_and_after_the_acknowledgement() {
    let server = Server::start().await;
    for mut wire in [Wire::open(&server).await, Wire::ready(&server).await] {
        for payload in [json!({ "at": 1 }), Value::Null] {
            wire.say(json!({ "type": "ping", "payload": payload })).await;
        }
        wire.say(json!({ "type": "pong" })).await;
        wire.say(json!({ "type": "pong", "payload": { "at": 2 } })).await;
        wire.say(json!({ "type": "ping" })).await;
        let pong = json!({ "type": "pong" });
        wire.hears([json!({ "type": "pong", "payload": { "at": 1 } }), pong.clone(), pong]).await;
        wire.is_quiet().await;
    }
}

#[tokio::test]
async fn pings_of_websocket_itself_are_answered() {
    use futures_util::StreamExt as _;
    let server = Server::start().await;
    let mut wire = Wire::open(&server).await;
    wire.say_raw(Message::Ping("anyone?".into())).await;
    assert_eq!(wire.stream.next().await.unwrap().unwrap(), Message::Pong("anyone?".into()));
}

#[tokio::test]
async fn a_message_has_a_largest_size() {
    let server = Server::with(|settings| settings.socket.max_message = 10_000).await;
    let mut wire = Wire::ready(&server).await;
    wire.say(json!({ "type": "ping", "payload": { "x": "x".repeat(9_900) } })).await;
    wire.hear().await;
    for length in [10_001, 5_000_000] {
        let mut wire = Wire::ready(&server).await;
        // Where the server has closed already, the rest cannot be written.
        let _ = futures_util::SinkExt::send(&mut wire.stream, Message::text("x".repeat(length))).await;
        assert_eq!(wire.closed().await.0, 1009);
    }
}

#[tokio::test]
async fn one_who_leaves_is_let_go() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "subscription { held }").await;
    wire.hear().await;
    wire.stream.close(None).await.unwrap();
    while let Some(message) = futures_util::StreamExt::next(&mut wire.stream).await {
        assert!(matches!(message, Ok(Message::Close(_) | Message::Ping(_) | Message::Text(_))), "{message:?}");
    }
    server.lets_go().await;
}

#[tokio::test]
async fn one_who_vanishes_is_let_go() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "subscription { held }").await;
    wire.hear().await;
    drop(wire);
    server.lets_go().await;
}
