//! An issuer of tokens in the test's own process: a real HTTP server that publishes its keys, or is away.

use super::backend::{Backend, Node};
use super::client::{Client, Person};
use super::jwt::{TestKey, with};
use super::make::now;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Its name.
pub(crate) const NAME: &str = "https://id.example.org";
/// For whom its tokens are meant.
pub(crate) const AUDIENCE: &str = "the app";

/// The issuer.
pub(crate) struct TestIssuer {
    url: String,
    page: Arc<Page>,
    _server: JoinSet<()>,
}

#[derive(Default)]
struct Page {
    keys: Mutex<Option<Value>>,
    asked: AtomicUsize,
}

impl TestIssuer {
    /// One that publishes these keys.
    pub(crate) async fn start(keys: &[&TestKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let page = Arc::<Page>::default();
        let shown = Arc::clone(&page);
        let answer = move || {
            shown.asked.fetch_add(1, Ordering::SeqCst);
            let keys = shown.keys.lock().unwrap().clone();
            async move { keys.map(|keys| keys.to_string()).ok_or(StatusCode::SERVICE_UNAVAILABLE) }
        };
        let serve = axum::serve(listener, Router::new().route("/jwks.json", get(answer)));
        let mut server = JoinSet::new();
        server.spawn(async move { serve.await.unwrap() });
        let issuer = Self { url, page, _server: server };
        issuer.publish(keys);
        issuer
    }

    /// Publishes these keys and no others.
    pub(crate) fn publish(&self, keys: &[&TestKey]) {
        self.publish_as_they_are(&keys.iter().map(|key| key.public()).collect::<Vec<_>>());
    }

    /// The same, of whatever make.
    pub(crate) fn publish_as_they_are(&self, keys: &[Value]) {
        *self.page.keys.lock().unwrap() = Some(json!({ "keys": keys }));
    }

    /// Publishes nothing, until it is told to publish again.
    pub(crate) fn go_away(&self) {
        *self.page.keys.lock().unwrap() = None;
    }

    /// How often its keys were asked for.
    pub(crate) fn asked(&self) -> usize {
        self.page.asked.load(Ordering::SeqCst)
    }

    /// Nodes that trust it to sign by these algorithms.
    pub(crate) fn trusted_by(&self, backend: Backend, algorithms: &[&str]) -> Backend {
        let setting = json!({ "issuer": NAME, "audience": AUDIENCE, "keys": self.url, "algorithms": algorithms });
        backend.with("NATTERJACK_ISSUERS", setting.to_string())
    }
}

/// What its tokens say of somebody of that name, for the next hour.
pub(crate) fn claims(subject: &str) -> Value {
    let now = now().unix_seconds();
    json!({ "iss": NAME, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 3_600 })
}

/// A token for that person.
pub(crate) fn token(key: &TestKey, subject: &str) -> String {
    token_with(key, subject, &json!({}))
}

/// The same with more to say, or other things.
pub(crate) fn token_with(key: &TestKey, subject: &str, more: &Value) -> String {
    key.token(&key.head("JWT"), &with(&claims(subject), more))
}

/// The one who bears that token, once they are let in.
pub(crate) async fn bearer(node: &Node, token: &str) -> Person {
    let client = Client::new(node).with_token(token);
    let viewer = client.field("viewer", "{ viewer { id session { id } } }", json!({})).await;
    assert_eq!(viewer["session"], Value::Null);
    Person { client, id: viewer["id"].as_str().unwrap().to_owned(), refresh_token: String::new() }
}
