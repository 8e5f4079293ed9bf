//! A graphql-transport-ws client that shows every frame.

use super::client::{Client, Person};
use futures_util::{SinkExt as _, StreamExt as _};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// How long an event that must come may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes read from a socket at once.
const READ_BUFFER: usize = 4_096;

/// Why there is no socket any more.
#[derive(Debug)]
pub(crate) enum Gone {
    /// The server has closed it, with this code where it said one.
    Closed(Option<u16>),
    /// It broke, or was never there.
    Broken(String),
}

impl From<tungstenite::Error> for Gone {
    fn from(error: tungstenite::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// One open socket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    operations: u32,
}

impl Socket {
    /// Opens a socket and sends nothing.
    pub(crate) async fn open(client: &Client) -> Self {
        Self::try_to_open(client).await.unwrap()
    }

    /// The same, where the node may not be there.
    pub(crate) async fn try_to_open(client: &Client) -> Result<Self, Gone> {
        let url = format!("{}/graphql", client.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", "graphql-transport-ws".parse().unwrap());
        // Of its own accord, a client would zero 128 KiB for every read.
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let (stream, _) = connect_async_with_config(request, Some(config), true).await?;
        Ok(Self { stream, operations: 0 })
    }

    /// Opens a socket for a person, up to the acknowledgement.
    pub(crate) async fn of(person: &Person) -> Self {
        Self::try_to_be_of(person).await.unwrap()
    }

    /// The same, where the node may not be there or may not let anybody in.
    pub(crate) async fn try_to_be_of(person: &Person) -> Result<Self, Gone> {
        Self::try_with_payload(person, json!({})).await
    }

    /// The same with more in the payload of `connection_init` than the token.
    pub(crate) async fn with_payload(person: &Person, payload: Value) -> Self {
        Self::try_with_payload(person, payload).await.unwrap()
    }

    /// The same, where the node may not be there or may not let anybody in.
    pub(crate) async fn try_with_payload(person: &Person, mut payload: Value) -> Result<Self, Gone> {
        let mut socket = Self::try_to_open(&person.client).await?;
        let token = person.client.token.as_deref().unwrap();
        payload["authorization"] = format!("Bearer {token}").into();
        socket.try_to_send(json!({ "type": "connection_init", "payload": payload })).await?;
        assert_eq!(socket.hear().await?["type"], "connection_ack");
        Ok(socket)
    }

    /// Has the system take little in advance while nothing is read.
    pub(crate) fn take_little(&self) {
        let MaybeTlsStream::Plain(connection) = self.stream.get_ref() else { unreachable!("it is plain") };
        set_socket_recv_buffer_size(connection, 16 * 1024).unwrap();
    }

    /// Sends one frame.
    pub(crate) async fn send(&mut self, frame: Value) {
        self.try_to_send(frame).await.unwrap();
    }

    async fn try_to_send(&mut self, frame: Value) -> Result<(), Gone> {
        Ok(self.stream.send(Message::text(frame.to_string())).await?)
    }

    /// Starts an operation, and gives its id.
    pub(crate) async fn subscribe(&mut self, query: &str, variables: Value) -> String {
        self.try_to_subscribe(query, variables).await.unwrap()
    }

    /// The same, where the socket may be gone.
    pub(crate) async fn try_to_subscribe(&mut self, query: &str, variables: Value) -> Result<String, Gone> {
        self.operations += 1;
        let id = self.operations.to_string();
        let payload = json!({ "query": query, "variables": variables });
        self.try_to_send(json!({ "id": id, "type": "subscribe", "payload": payload })).await?;
        Ok(id)
    }

    /// The next frame of the protocol; its pings are answered on the way. Panics where the socket closes instead.
    pub(crate) async fn frame(&mut self) -> Value {
        self.frame_within(PATIENCE).await.expect("a frame in time")
    }

    /// The next frame, or `None` where none comes within that time.
    pub(crate) async fn frame_within(&mut self, limit: Duration) -> Option<Value> {
        timeout(limit, self.hear()).await.ok().map(|frame| frame.expect("the socket is open"))
    }

    /// The next frame, however long it takes, or why there is none.
    pub(crate) async fn hear(&mut self) -> Result<Value, Gone> {
        loop {
            let Some(message) = self.stream.next().await else { return Err(Gone::Closed(None)) };
            match message? {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if frame["type"] != "ping" {
                        return Ok(frame);
                    }
                    self.try_to_send(json!({ "type": "pong" })).await?;
                }
                Message::Close(close) => return Err(Gone::Closed(close.map(|close| close.code.into()))),
                _ => {}
            }
        }
    }

    /// The data of the next event of any operation.
    pub(crate) async fn next(&mut self) -> Value {
        data_of(self.frame().await)
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

/// The data in a frame, which has no errors.
pub(crate) fn data_of(mut frame: Value) -> Value {
    assert_eq!(frame["type"], "next", "{frame}");
    assert_eq!(frame["payload"].get("errors"), None, "{frame}");
    frame["payload"]["data"].take()
}
