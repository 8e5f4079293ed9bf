//! For how long a socket is open.

use crate::support::gate::{BRIEF, BRIEFLY, GOOD};
use crate::support::server::Server;
use crate::support::wire::{Wire, next};
use futures_util::StreamExt as _;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_socket_ends_with_its_token() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut wire = Wire::ready_with(&server, json!({ "token": BRIEF })).await;
    wire.subscribe("1", "subscription { held }").await;
    wire.hears([next("1", "held", 0)]).await;
    assert_eq!(wire.closed().await, (4403, "The token has run out".to_owned()));
    assert!(began.elapsed() >= BRIEFLY);
    server.lets_go().await;
}

#[tokio::test]
async fn a_socket_ends_with_its_session() {
    let server = Server::start().await;
    let mut nobody = Wire::ready(&server).await;
    let mut wire = Wire::ready_with(&server, json!({ "token": GOOD })).await;
    wire.subscribe("1", "subscription { held }").await;
    wire.hears([next("1", "held", 0)]).await;
    server.gate.sessions_end.cancel();
    assert_eq!(wire.closed().await, (4403, "The session is over".to_owned()));
    nobody.is_quiet().await;
}

#[tokio::test]
async fn the_client_is_asked_whether_it_is_there() {
    let server = Server::with(|settings| settings.socket.ping_every = Duration::from_millis(50)).await;
    let mut wire = Wire::open(&server).await;
    for _ in 0..3 {
        let heard = timeout(Duration::from_secs(2), wire.stream.next()).await.unwrap().unwrap().unwrap();
        assert!(matches!(heard, Message::Ping(_)), "{heard:?}");
    }
}

#[tokio::test]
async fn one_who_answers_stays_and_one_who_does_not_is_let_go() {
    let server = Server::with(|settings| {
        settings.socket.ping_every = Duration::from_millis(100);
        settings.socket.silence_limit = Duration::from_millis(400);
    })
    .await;
    let (mut there, mut lost) = (Wire::ready(&server).await, Wire::ready(&server).await);
    there.subscribe("1", "subscription { held }").await;
    there.hears([next("1", "held", 0)]).await;
    lost.subscribe("1", "subscription { held }").await;
    lost.hears([next("1", "held", 0)]).await;
    // The library answers pings while it is asked for messages.
    let answering = timeout(Duration::from_secs(2), there.hear_raw());
    assert!(answering.await.is_err());
    crate::support::server::until("the other is gone", || server.state.sockets.len() == 1).await;
    there.subscribe("2", "{ hello }").await;
    assert_eq!(there.hear().await, next("2", "hello", "world"));
}

#[tokio::test]
async fn the_client_gets_to_read_why_also_while_it_writes() {
    use futures_util::SinkExt as _;
    let server = Server::start().await;
    for _ in 0..20 {
        let mut wire = Wire::ready(&server).await;
        wire.stream.feed(Message::text("malformed")).await.unwrap();
        for _ in 0..1_000 {
            if wire.stream.feed(Message::text(json!({ "type": "ping" }).to_string())).await.is_err() {
                break;
            }
        }
        let _ = wire.stream.flush().await;
        assert_eq!(wire.closed().await.0, 4400);
    }
}
