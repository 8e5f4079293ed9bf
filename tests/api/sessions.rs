//! Refreshing and ending sessions.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::{Client, Person};
use crate::support::socket::Socket;
use serde_json::{Value, json};

on_every_backend! {
    a_refresh_token_has_one_successor_pair
    fifty_refreshes_at_once_make_one_pair
    a_token_used_again_after_its_successor_ends_the_session
    a_logout_ends_the_access_token_and_closes_the_socket
    a_token_that_runs_out_closes_the_socket
}

const REFRESH: &str = "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) {
    viewer { id } tokens { accessToken expiresAt refreshToken refreshExpiresAt } errors { code field } } }";

async fn refresh(client: &Client, token: &str) -> Value {
    client.field("refreshSession", REFRESH, json!({ "token": token })).await
}

async fn viewer_code(client: &Client) -> Value {
    let response = client.run("{ viewer { id } }", json!({})).await;
    response["errors"][0]["extensions"]["code"].clone()
}

async fn a_refresh_token_has_one_successor_pair(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let first = refresh(&ada.client, &ada.refresh_token).await;
    assert_eq!(first["viewer"]["id"], json!(ada.id));
    // A client that lost the answer asks again, and gets the same.
    assert_eq!(refresh(&ada.client, &ada.refresh_token).await, first);
    let successor = first["tokens"]["refreshToken"].as_str().unwrap();
    assert_ne!(successor, ada.refresh_token);
    let access = first["tokens"]["accessToken"].as_str().unwrap();
    assert_eq!(viewer_code(&ada.client.with_token(access)).await, Value::Null);
    assert_eq!(refresh(&ada.client, successor).await["errors"], json!([]));

    for bad in ["", "nonsense", access] {
        let errors = refresh(&ada.client, bad).await["errors"].clone();
        assert_eq!(errors, json!([{ "code": "WRONG_CREDENTIALS", "field": ["input", "refreshToken"] }]));
    }
}

async fn fifty_refreshes_at_once_make_one_pair(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let clients = [&ada.client, &ada.at(&other).client];
    let all = (0..50).map(|n| refresh(clients[n % 2], &ada.refresh_token));
    let payloads = futures_util::future::join_all(all).await;
    assert!(payloads.iter().all(|payload| *payload == payloads[0] && payload["errors"] == json!([])), "{payloads:#?}");
}

async fn a_token_used_again_after_its_successor_ends_the_session(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let second = refresh(&ada.client, &ada.refresh_token).await["tokens"]["refreshToken"].as_str().unwrap().to_owned();
    let third = refresh(&ada.client, &second).await;
    assert_eq!(third["errors"], json!([]));
    // The first is two generations old now: a thief's, or stolen from by one.
    assert_eq!(refresh(&ada.client, &ada.refresh_token).await["errors"][0]["code"], "WRONG_CREDENTIALS");
    let third = third["tokens"]["refreshToken"].as_str().unwrap();
    assert_eq!(refresh(&ada.client, third).await["errors"][0]["code"], "WRONG_CREDENTIALS");
    assert_eq!(viewer_code(&ada.client).await, "UNAUTHENTICATED");
}

async fn a_logout_ends_the_access_token_and_closes_the_socket(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let mut here = Socket::of(&ada).await;
    let mut there = Socket::of(&ada.at(&other)).await;
    let query = "mutation { logout { endedSessionIds errors { code } } }";
    let payload = ada.client.field("logout", query, json!({})).await;
    assert_eq!(payload["endedSessionIds"].as_array().unwrap().len(), 1);
    assert_eq!(viewer_code(&ada.client).await, "UNAUTHENTICATED");
    assert_eq!(viewer_code(&ada.at(&other).client).await, "UNAUTHENTICATED");
    assert_eq!(refresh(&ada.client, &ada.refresh_token).await["errors"][0]["code"], "WRONG_CREDENTIALS");
    assert_eq!(here.close_code().await, 4403);
    assert_eq!(there.close_code().await, 4403, "on the other node too, though no bus joins them");
}

async fn a_token_that_runs_out_closes_the_socket(backend: Backend) {
    let backend = backend.with("NATTERJACK_ACCESS_TOKEN_TTL", "2s");
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    assert_eq!(Socket::of(&ada).await.close_code().await, 4403);
}
