//! Refreshing and ending sessions.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::{Client, Person};
use crate::support::make;
use crate::support::socket::Socket;
use sea_orm::ConnectionTrait as _;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::Query;
use serde_json::{Value, json};

on_every_backend! {
    a_refresh_token_has_one_successor_pair
    a_hundred_refreshes_at_once_make_one_pair
    each_of_several_trades_may_be_repeated_for_a_while
    a_token_used_later_again_ends_the_session
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

async fn a_hundred_refreshes_at_once_make_one_pair(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let clients = [&ada.client, &ada.at(&other).client];
    let all = (0..100).map(|n| refresh(clients[n % 2], &ada.refresh_token));
    let payloads = futures_util::future::join_all(all).await;
    assert!(payloads.iter().all(|payload| *payload == payloads[0] && payload["errors"] == json!([])), "{payloads:#?}");
}

fn token(payload: &Value) -> &str {
    payload["tokens"]["refreshToken"].as_str().unwrap_or_else(|| panic!("{payload}"))
}

async fn each_of_several_trades_may_be_repeated_for_a_while(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let mut pairs = vec![refresh(&ada.client, &ada.refresh_token).await];
    for _ in 0..2 {
        let next = refresh(&ada.client, token(pairs.last().unwrap())).await;
        pairs.push(next);
    }
    // A client that has lost its first answer, while another tab of the same session went on.
    let presented = [ada.refresh_token.as_str(), token(&pairs[0]), token(&pairs[1])];
    for (presented, pair) in presented.into_iter().zip(&pairs) {
        assert_eq!(refresh(&ada.at(&other).client, presented).await, *pair);
    }
    let access = pairs[2]["tokens"]["accessToken"].as_str().unwrap();
    assert_eq!(viewer_code(&ada.client.with_token(access)).await, Value::Null);
}

async fn a_token_used_later_again_ends_the_session(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let second = refresh(&ada.client, &ada.refresh_token).await;
    let mut there = Socket::of(&ada.at(&other)).await;
    // Ten seconds have passed.
    let raw = backend.raw().await;
    let long_ago = DateTimeUtc::from(make::at(0));
    raw.execute(&Query::update().table("refresh_trades").value("issued_at", long_ago).take()).await.unwrap();
    raw.close().await.unwrap();
    assert_eq!(refresh(&ada.client, &ada.refresh_token).await["errors"][0]["code"], "WRONG_CREDENTIALS");
    assert_eq!(refresh(&ada.client, token(&second)).await["errors"][0]["code"], "WRONG_CREDENTIALS");
    assert_eq!(viewer_code(&ada.client).await, "UNAUTHENTICATED");
    assert_eq!(there.close_code().await, 4403);
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
