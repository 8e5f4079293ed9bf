//! A WebSocket client that does nothing by itself but answer WebSocket's own pings, and shows every message.

use super::server::Server;
use super::{PATIENCE, QUIET};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

pub(crate) struct Wire {
    pub(crate) stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// How the server closed: its code and its reason.
pub(crate) type Closed = (u16, String);

impl Wire {
    /// Asks for a socket with those headers.
    pub(crate) async fn ask(server: &Server, headers: &[(&str, &str)]) -> Result<(Self, Response), Error> {
        let mut request = format!("ws://{}/graphql", server.address).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        connect_async(request).await.map(|(stream, response)| (Self { stream }, response))
    }

    /// A socket on which nothing has been said.
    pub(crate) async fn open(server: &Server) -> Self {
        Self::ask(server, &[PROTOCOL]).await.unwrap().0
    }

    /// A socket that has been acknowledged for nobody.
    pub(crate) async fn ready(server: &Server) -> Self {
        Self::ready_with(server, json!({})).await
    }

    /// A socket that has been acknowledged with that payload.
    pub(crate) async fn ready_with(server: &Server, payload: Value) -> Self {
        let mut wire = Self::open(server).await;
        wire.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(wire.hear().await, json!({ "type": "connection_ack" }));
        wire
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.say_raw(Message::text(message.to_string())).await;
    }

    pub(crate) async fn say_raw(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    pub(crate) async fn complete(&mut self, id: &str) {
        self.say(json!({ "id": id, "type": "complete" })).await;
    }

    /// The server's next message.
    pub(crate) async fn hear(&mut self) -> Value {
        match self.hear_raw().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("not a message of the protocol: {other:?}"),
        }
    }

    /// The next frame of any kind but WebSocket's own pings and pongs.
    pub(crate) async fn hear_raw(&mut self) -> Message {
        let hearing = async {
            loop {
                match self.stream.next().await.expect("the socket is open").unwrap() {
                    Message::Ping(_) | Message::Pong(_) => {}
                    message => return message,
                }
            }
        };
        timeout(PATIENCE, hearing).await.expect("something to hear in time")
    }

    /// Hears exactly these, one after another.
    pub(crate) async fn hears(&mut self, messages: impl IntoIterator<Item = Value>) {
        for message in messages {
            assert_eq!(self.hear().await, message);
        }
    }

    /// The errors of the `error` message that comes next, for that operation.
    pub(crate) async fn hear_error(&mut self, id: &str) -> Value {
        let mut message = self.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message}");
        assert!(message["payload"].is_array(), "{message}");
        message["payload"].take()
    }

    /// Nothing comes for a while.
    pub(crate) async fn is_quiet(&mut self) {
        let heard = timeout(QUIET, self.hear_raw()).await;
        assert!(heard.is_err(), "{heard:?}");
    }

    /// How the server closes, whatever it says before.
    pub(crate) async fn closed(&mut self) -> Closed {
        loop {
            match self.hear_raw().await {
                Message::Close(Some(close)) => return (close.code.into(), close.reason.to_string()),
                Message::Close(None) => panic!("it gives no reason"),
                _ => {}
            }
        }
    }
}

/// A result of one root field.
pub(crate) fn next(id: &str, field: &str, value: impl Into<Value>) -> Value {
    json!({ "type": "next", "id": id, "payload": { "data": { field: value.into() } } })
}

pub(crate) fn complete(id: &str) -> Value {
    json!({ "type": "complete", "id": id })
}
