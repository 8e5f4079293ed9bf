//! What those ask who keep the process running.

use crate::support::server::Server;
use async_trait::async_trait;
use futures_util::future::join_all;
use natterjack::error::{Error, Result};
use natterjack::store::Probe;
use serde_json::{Value, json};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

enum Store {
    Here(&'static str),
    Away(&'static str),
    Silent(&'static str),
    /// How often it was asked.
    Counting(Arc<AtomicUsize>),
}

#[async_trait]
impl Probe for Store {
    fn name(&self) -> &'static str {
        match self {
            Self::Here(name) | Self::Away(name) | Self::Silent(name) => name,
            Self::Counting(_) => "postgres",
        }
    }

    async fn ping(&self) -> Result<()> {
        match self {
            Self::Here(_) => Ok(()),
            Self::Away(_) => Err(Error::unavailable("it", "at its secret address")),
            Self::Silent(_) => pending().await,
            Self::Counting(asked) => {
                asked.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        }
    }
}

async fn ready(stores: Vec<Store>) -> (u16, Value) {
    let probes = stores.into_iter().map(|store| Arc::new(store) as Arc<dyn Probe>).collect();
    let server = Server::probing(|_| {}, probes).await;
    let response = reqwest::get(server.url("/health/ready")).await.unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn it_is_alive_whatever_its_stores_are() {
    let server = Server::probing(|_| {}, vec![Arc::new(Store::Away("postgres"))]).await;
    let response = reqwest::get(server.url("/health/live")).await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn it_is_ready_when_every_store_answers() {
    let (status, body) = ready(vec![Store::Here("postgres"), Store::Here("mongodb")]).await;
    assert_eq!(status, 200);
    assert_eq!(body, json!({ "status": "ok", "stores": { "mongodb": "ok", "postgres": "ok" } }));
}

#[tokio::test]
async fn its_stores_are_asked_once_for_many_who_want_to_know() {
    let asked = Arc::new(AtomicUsize::new(0));
    let server = Server::probing(|_| {}, vec![Arc::new(Store::Counting(Arc::clone(&asked)))]).await;
    let answers = (0..20).map(|_| reqwest::get(server.url("/health/ready")));
    for answer in join_all(answers).await {
        assert_eq!(answer.unwrap().status(), 200);
    }
    assert!(asked.load(Ordering::SeqCst) < 5, "{asked:?}");
    sleep(Duration::from_secs(1)).await;
    let before = asked.load(Ordering::SeqCst);
    assert_eq!(reqwest::get(server.url("/health/ready")).await.unwrap().status(), 200);
    assert_eq!(asked.load(Ordering::SeqCst), before + 1, "again after a while");
}

#[tokio::test]
async fn it_names_the_stores_that_do_not_answer_and_nothing_else_of_them() {
    let began = Instant::now();
    let (status, body) = ready(vec![Store::Away("postgres"), Store::Silent("mongodb"), Store::Silent("x")]).await;
    assert_eq!(status, 503);
    let unavailable = "unavailable";
    let stores = json!({ "mongodb": unavailable, "postgres": unavailable, "x": unavailable });
    assert_eq!(body, json!({ "status": unavailable, "stores": stores }));
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(2) && took < Duration::from_millis(3_800), "they are asked at once: {took:?}");
}
