//! What axum alone does: sockets that are sent the same bytes, made once for each document. No GraphQL, no store, nobody who
//! must be let in.

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Json, State};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use futures_util::StreamExt as _;
use futures_util::stream::select_all;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

/// Messages that wait for one socket.
const QUEUE: usize = 1_024;
/// As the server's own.
const BUFFER: usize = 4 * 1024;

/// By conversation and document.
type Topics = Mutex<HashMap<(String, String), broadcast::Sender<Bytes>>>;

#[derive(Default)]
struct Bare {
    topics: Topics,
    sent: AtomicU64,
}

/// Serves until it is killed.
pub(crate) async fn serve() {
    let bare = Arc::<Bare>::default();
    let router = Router::new().route("/graphql", get(open)).route("/send", post(send)).with_state(bare);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());
    let listener = listener.tap_io(|connection| connection.set_nodelay(true).unwrap());
    axum::serve(listener, router).await.unwrap();
}

async fn open(State(bare): State<Arc<Bare>>, upgrade: WebSocketUpgrade) -> axum::response::Response {
    let upgrade = upgrade.protocols(["graphql-transport-ws"]).read_buffer_size(BUFFER).write_buffer_size(0);
    upgrade.on_upgrade(async move |mut socket| {
        let _ = tell(&bare, &mut socket).await;
    })
}

async fn tell(bare: &Bare, socket: &mut WebSocket) -> Option<()> {
    socket.recv().await?.ok()?;
    socket.send(Message::Text("{\"type\":\"connection_ack\"}".into())).await.ok()?;
    let Message::Text(text) = socket.recv().await?.ok()? else { return None };
    let subscribe: Value = serde_json::from_str(&text).ok()?;
    let query = subscribe["payload"]["query"].as_str()?;
    let document = query.split(['(', ' ']).nth(1)?;
    let variables = &subscribe["payload"]["variables"];
    let ids = variables["ids"].as_array().cloned().unwrap_or_else(|| vec![variables["id"].clone()]);
    let topics = ids.iter().filter_map(Value::as_str).map(|id| {
        let mut topics = bare.topics.lock().unwrap();
        let topic = topics.entry((id.to_owned(), document.to_owned()));
        BroadcastStream::new(topic.or_insert_with(|| broadcast::channel(QUEUE).0).subscribe())
    });
    let mut sent = select_all(topics.collect::<Vec<_>>());
    loop {
        tokio::select! {
            payload = sent.next() => {
                let payload = payload?.ok()?;
                let mut frame = String::with_capacity(payload.len() + 40);
                frame.push_str(r#"{"type":"next","id":"1","payload":"#);
                frame.push_str(std::str::from_utf8(&payload).ok()?);
                frame.push('}');
                socket.send(Message::Text(frame.into())).await.ok()?;
            }
            heard = socket.recv() => drop(heard?.ok()?),
        }
    }
}

async fn send(State(bare): State<Arc<Bare>>, Json(message): Json<Value>) {
    let (conversation, text) = (message["conversation"].as_str().unwrap(), message["text"].as_str().unwrap());
    let n = bare.sent.fetch_add(1, Ordering::Relaxed);
    let topics = bare.topics.lock().unwrap();
    for document in ["D0", "D1", "D2", "D3", "E"] {
        if let Some(topic) = topics.get(&(conversation.to_owned(), document.to_owned())) {
            let _ = topic.send(payload(document, conversation, text, n).into());
        }
    }
}

/// As long as the server's.
fn payload(document: &str, conversation: &str, text: &str, n: u64) -> String {
    let (id, author) = (format!("msg_{n:032x}"), format!("usr_{:032x}", 1));
    let at = "2026-11-21T12:00:00.000Z";
    let data = match document {
        "D0" => format!(
            r#""messageAdded":{{"id":"{id}","text":"{text}","createdAt":"{at}","author":{{"id":"{author}","displayName":"person0"}}}}"#
        ),
        "D1" => format!(
            r#""messageAdded":{{"id":"{id}","seq":{n},"text":"{text}","conversation":{{"id":"{conversation}"}}}}"#
        ),
        "D2" => format!(
            r#""messageAdded":{{"id":"{id}","text":"{text}","clientId":null,"author":{{"id":"{author}","displayName":"person0","avatarUrl":null}},"reactions":[]}}"#
        ),
        "D3" => format!(
            r#""messageAdded":{{"id":"{id}","text":"{text}","author":{{"id":"{author}","isBlockedByViewer":false}}}}"#
        ),
        _ => format!(
            r#""events":{{"revision":{n},"message":{{"id":"{id}","text":"{text}","createdAt":"{at}","author":{{"id":"{author}","displayName":"person0"}},"conversation":{{"id":"{conversation}"}}}}}}"#
        ),
    };
    format!(r#"{{"data":{{{data}}}}}"#)
}
