//! A graphql-transport-ws client that shows every frame.

use super::client::{Client, Person};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long an event that must come may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One open socket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    operations: u32,
}

impl Socket {
    /// Opens a socket and sends nothing.
    pub(crate) async fn open(client: &Client) -> Self {
        let url = format!("{}/graphql", client.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", "graphql-transport-ws".parse().unwrap());
        let (stream, _) = connect_async(request).await.unwrap();
        Self { stream, operations: 0 }
    }

    /// Opens a socket for a person, up to the acknowledgement.
    pub(crate) async fn of(person: &Person) -> Self {
        let mut socket = Self::open(&person.client).await;
        let token = person.client.token.as_deref().unwrap();
        socket
            .send(json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } }))
            .await;
        assert_eq!(socket.frame().await["type"], "connection_ack");
        socket
    }

    /// Sends one frame.
    pub(crate) async fn send(&mut self, frame: Value) {
        self.stream.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// Starts an operation, and gives its id.
    pub(crate) async fn subscribe(&mut self, query: &str, variables: Value) -> String {
        self.operations += 1;
        let id = self.operations.to_string();
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "id": id, "type": "subscribe", "payload": payload })).await;
        id
    }

    /// The next frame of the protocol; its pings are answered on the way. Panics where the socket closes instead.
    pub(crate) async fn frame(&mut self) -> Value {
        self.frame_within(PATIENCE).await.expect("a frame in time")
    }

    /// The next frame, or `None` where none comes within that time.
    pub(crate) async fn frame_within(&mut self, limit: Duration) -> Option<Value> {
        timeout(limit, async {
            loop {
                match self.stream.next().await.expect("the socket is open").unwrap() {
                    Message::Text(text) => {
                        let frame: Value = serde_json::from_str(&text).unwrap();
                        if frame["type"] != "ping" {
                            return frame;
                        }
                        self.send(json!({ "type": "pong" })).await;
                    }
                    Message::Close(close) => panic!("closed with {close:?}"),
                    _ => {}
                }
            }
        })
        .await
        .ok()
    }

    /// The data of the next event of any operation.
    pub(crate) async fn next(&mut self) -> Value {
        let mut frame = self.frame().await;
        assert_eq!(frame["type"], "next", "{frame}");
        assert_eq!(frame["payload"].get("errors"), None, "{frame}");
        frame["payload"]["data"].take()
    }

    /// The code with which the server closes; frames before it are passed over.
    pub(crate) async fn close_code(&mut self) -> u16 {
        timeout(PATIENCE, async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Close(Some(close)))) => return close.code.into(),
                    Some(Ok(_)) => {}
                    other => panic!("it ended without a close frame: {other:?}"),
                }
            }
        })
        .await
        .expect("a close in time")
    }
}
