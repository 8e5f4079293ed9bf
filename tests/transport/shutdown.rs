//! Coming to an end.

use crate::support::PATIENCE;
use crate::support::server::Server;
use crate::support::wire::Wire;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

#[tokio::test]
async fn requests_are_finished_and_nobody_new_is_let_in() {
    let mut server = Server::with(|settings| settings.run_limit = Duration::from_millis(400)).await;
    let body = json!({ "query": "{ hangs }" });
    let hanging = reqwest::Client::new().post(server.url("/graphql")).json(&body).send();
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.state.shutdown.cancel();
        timeout(PATIENCE, server.serving.join_next()).await.unwrap().unwrap().unwrap();
        assert!(TcpStream::connect(server.address).await.is_err());
    };
    let (answer, ()) = tokio::join!(hanging, stopping);
    assert_eq!(answer.unwrap().status(), 503);
}

#[tokio::test]
async fn sockets_are_told_to_come_again() {
    let mut server = Server::start().await;
    let (mut ready, mut silent) = (Wire::ready(&server).await, Wire::open(&server).await);
    ready.subscribe("1", "subscription { flood(length: 1000) }").await;
    ready.hear().await;
    server.state.shutdown.cancel();
    assert_eq!(ready.closed().await.0, 1001);
    assert_eq!(silent.closed().await.0, 1001);
    timeout(PATIENCE, server.serving.join_next()).await.unwrap().unwrap().unwrap();
    assert!(server.state.sockets.is_empty());
}

#[tokio::test]
async fn a_server_that_is_asked_to_stop_says_so_and_goes_on_for_its_grace() {
    let mut server = Server::with(|settings| settings.shutdown_grace = Duration::from_secs(1)).await;
    let mut wire = Wire::ready(&server).await;
    let asked = Instant::now();
    server.state.stop.cancel();
    let ready = reqwest::get(server.url("/health/ready")).await.unwrap();
    assert_eq!(ready.status(), 503);
    assert_eq!(ready.json::<Value>().await.unwrap()["status"], "stopping");
    let answer =
        reqwest::Client::new().post(server.url("/graphql")).json(&json!({ "query": "{ hello }" })).send().await;
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(wire.closed().await.0, 1001);
    assert!(asked.elapsed() >= Duration::from_secs(1));
    timeout(PATIENCE, server.serving.join_next()).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn what_does_not_end_in_time_is_ended() {
    let mut server = Server::with(|settings| settings.shutdown_limit = Duration::from_millis(300)).await;
    let body = json!({ "query": "{ hangs }" });
    let hanging = reqwest::Client::new().post(server.url("/graphql")).json(&body).send();
    let began = Instant::now();
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.state.shutdown.cancel();
        timeout(PATIENCE, server.serving.join_next()).await.unwrap().unwrap().unwrap();
    };
    let (answer, ()) = tokio::join!(hanging, stopping);
    assert!(answer.is_err(), "it cannot be answered");
    assert!(began.elapsed() < Duration::from_secs(5));
}
