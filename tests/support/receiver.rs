//! A webhook: a real HTTP server in this process that checks signatures, and fails now and then.

use super::socket::PATIENCE;
use super::tls::TlsListener;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::serve::Listener;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// What posts are signed with.
pub(crate) const SECRET: &str = "a secret that the receiver shares, too";

/// What the receiver does with the post of that number, counted from 1.
pub(crate) type Behaviour = fn(usize) -> Fate;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Taken,
    Failed,
    /// Never answered.
    Hung,
}

/// A webhook that notes what it is given.
pub(crate) struct Receiver {
    /// Where it is.
    pub(crate) url: String,
    noted: Arc<Mutex<Noted>>,
    /// How many different ones it has taken.
    taken: watch::Receiver<usize>,
    _server: JoinSet<()>,
}

#[derive(Default)]
struct Noted {
    posts: usize,
    /// By id: the latest body, and how often it was taken.
    taken: BTreeMap<String, (Value, usize)>,
    complaints: Vec<String>,
}

impl Receiver {
    /// One that does so with what comes.
    pub(crate) async fn new(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/push", listener.local_addr().unwrap());
        Self::on(listener, url, behaviour)
    }

    /// The same by TLS.
    pub(crate) fn by_tls(listener: TlsListener, behaviour: Behaviour) -> Self {
        let url = format!("https://localhost:{}/push", listener.local_addr().unwrap().port());
        Self::on(listener, url, behaviour)
    }

    fn on(listener: impl Listener<Addr: Debug>, url: String, behaviour: Behaviour) -> Self {
        let (noted, (count, taken)) = (Arc::new(Mutex::new(Noted::default())), watch::channel(0));
        let (book, count) = (Arc::clone(&noted), Arc::new(count));
        let handler = move |headers: HeaderMap, body: Bytes| {
            let (book, count) = (Arc::clone(&book), Arc::clone(&count));
            async move {
                let fate = note(&mut book.lock().unwrap(), behaviour, &headers, &body);
                match fate {
                    Fate::Hung => std::future::pending().await,
                    Fate::Failed => StatusCode::SERVICE_UNAVAILABLE,
                    Fate::Taken => {
                        count.send_replace(book.lock().unwrap().taken.len());
                        StatusCode::NO_CONTENT
                    }
                }
            }
        };
        let serve = axum::serve(listener, Router::new().route("/push", post(handler)));
        let mut server = JoinSet::new();
        server.spawn(async move { serve.await.unwrap() });
        Self { url, noted, taken, _server: server }
    }

    /// How many posts have come, those that were not taken among them.
    pub(crate) fn posts(&self) -> usize {
        self.noted.lock().unwrap().posts
    }

    /// What it has taken, by id, once that is so many: each body and how often it was taken.
    pub(crate) async fn taken(&mut self, count: usize) -> BTreeMap<String, (Value, usize)> {
        let enough = timeout(PATIENCE * 2, self.taken.wait_for(|taken| *taken >= count)).await.is_ok();
        assert!(enough, "{count} in time, and not {}", *self.taken.borrow());
        let noted = self.noted.lock().unwrap();
        assert_eq!(noted.complaints, [] as [&str; 0]);
        assert_eq!(noted.taken.len(), count);
        noted.taken.clone()
    }
}

fn note(noted: &mut Noted, behaviour: Behaviour, headers: &HeaderMap, body: &[u8]) -> Fate {
    noted.posts += 1;
    let fate = behaviour(noted.posts);
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, seconds) = (header("webhook-id"), header("webhook-timestamp"));
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let mac = mac.chain_update(format!("{id}.{seconds}.")).chain_update(body).finalize();
    let body: Value = serde_json::from_slice(body).unwrap();
    if header("webhook-signature") != format!("v1,{}", STANDARD.encode(mac.into_bytes())) || body["id"] != id {
        noted.complaints.push(format!("{headers:?} {body}"));
    }
    if fate == Fate::Taken {
        let (latest, count) = noted.taken.entry(id.to_owned()).or_default();
        (*latest, *count) = (body, *count + 1);
    }
    fate
}
