//! What comes from the client.

use super::closing::{Closing, End};
use super::protocol::ClientMessage;
use super::pulse::Pulse;
use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use tungstenite::error::{Error, ProtocolError};

/// The reading half of a socket.
pub(super) struct Inbox<'a> {
    pub(super) stream: &'a mut SplitStream<WebSocket>,
    pub(super) pulse: &'a Pulse,
}

impl Inbox<'_> {
    /// The client's next message. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Result<ClientMessage, End> {
        loop {
            let received = self.stream.next().await.ok_or(End::Gone)?;
            let message = received.map_err(|error| end_by(error.into_inner().downcast_ref()))?;
            self.pulse.beat();
            match message {
                Message::Text(text) => {
                    return ClientMessage::parse(&text).map_err(|error| Closing::malformed(error).into());
                }
                Message::Binary(_) => return Err(Closing::malformed("it is binary").into()),
                // Pings are answered where they are read; of a pong it matters that it has come.
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(_) => return Err(End::Leave),
            }
        }
    }
}

/// What reading came to.
fn end_by(error: Option<&Error>) -> End {
    match error {
        Some(Error::Capacity(_)) => End::Break(Closing::TOO_LONG),
        Some(Error::Utf8(_)) => End::Break(Closing::NO_UTF8),
        Some(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => End::Gone,
        Some(Error::Protocol(_)) => End::Break(Closing::BROKEN),
        _ => End::Gone,
    }
}
