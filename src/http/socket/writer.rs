//! What goes to the client: two bounded queues, and the writer that empties them.

use super::closing::End;
use super::operations::Ticket;
use super::protocol::ServerMessage;
use super::pulse::Pulse;
use async_graphql::ServerError;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::SplitSink;
use futures_util::{Sink, SinkExt as _};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::mpsc;
use tracing::error;

/// How many messages about the connection may wait. The client's messages are not read where it is full.
const CONTROL_QUEUE: usize = 4;

/// One message about an operation.
pub(super) struct Frame {
    pub(super) ticket: Arc<Ticket>,
    pub(super) content: Content,
}

/// What is to be said of an operation.
pub(super) enum Content {
    /// A result: a response in JSON, which may be shared.
    Next(Arc<RawValue>),
    /// It has failed as a whole.
    Error(Vec<ServerError>),
    /// It is over.
    Complete,
}

/// The way to the client. What is said of the connection overtakes the operations' results.
#[derive(Clone)]
pub(super) struct Outbox {
    control: mpsc::Sender<Message>,
    /// In turn: whoever waits longest for a place gets the next.
    frames: mpsc::Sender<Frame>,
}

/// The other end of an [`Outbox`].
pub(super) struct Writer {
    control: mpsc::Receiver<Message>,
    frames: mpsc::Receiver<Frame>,
}

/// A way to the client, on which that many results may wait.
pub(super) fn channel(queue: usize) -> (Outbox, Writer) {
    let (control, control_out) = mpsc::channel(CONTROL_QUEUE);
    let (frames, frames_out) = mpsc::channel(queue);
    (Outbox { control, frames }, Writer { control: control_out, frames: frames_out })
}

impl Outbox {
    pub(super) async fn acknowledge(&self) -> Result<(), End> {
        self.control(&ServerMessage::ConnectionAck).await
    }

    pub(super) async fn pong(&self, payload: Option<Map<String, Value>>) -> Result<(), End> {
        self.control(&ServerMessage::Pong { payload }).await
    }

    /// Asks whether the client is there. By a frame of WebSocket's own, which clients answer without their program's
    /// doing. Where the queue is full, there is enough to answer.
    pub(super) fn ping(&self) {
        let _ = self.control.try_send(Message::Ping(Bytes::new()));
    }

    /// A place in the queue of results.
    pub(super) async fn place(&self) -> Result<mpsc::Permit<'_, Frame>, End> {
        self.frames.reserve().await.map_err(|_| End::Gone)
    }

    async fn control(&self, message: &ServerMessage<'_>) -> Result<(), End> {
        let Some(message) = text(message) else { return Ok(()) };
        self.control.send(message).await.map_err(|_| End::Gone)
    }
}

impl Writer {
    /// Writes whatever comes, until it cannot.
    pub(super) async fn run(&mut self, sink: &mut SplitSink<WebSocket, Message>, pulse: &Pulse) -> End {
        while let Some(first) = self.next().await {
            if self.burst(first, sink, pulse).await.is_err() {
                break;
            }
        }
        End::Gone
    }

    /// What waits about the connection and can be written at once, before it is closed.
    pub(super) fn last_words(&mut self) -> Option<Message> {
        self.control.try_recv().ok()
    }

    /// Everything that waits goes out in one flush.
    async fn burst<S>(&mut self, first: Message, sink: &mut S, pulse: &Pulse) -> Result<(), S::Error>
    where
        S: Sink<Message> + Unpin,
    {
        let mut message = Some(first);
        while let Some(next) = message {
            noticing(sink.feed(next), pulse).await?;
            message = self.waiting();
        }
        noticing(sink.flush(), pulse).await
    }

    async fn next(&mut self) -> Option<Message> {
        loop {
            let message = tokio::select! {
                biased;
                message = self.control.recv() => return message,
                frame = self.frames.recv() => frame?.into_message(),
            };
            if message.is_some() {
                return message;
            }
        }
    }

    fn waiting(&mut self) -> Option<Message> {
        loop {
            if let Ok(message) = self.control.try_recv() {
                return Some(message);
            }
            let message = self.frames.try_recv().ok()?.into_message();
            if message.is_some() {
                return message;
            }
        }
    }
}

impl Frame {
    /// Nothing, where the client has ended the operation meanwhile: it may have begun another of that id.
    fn into_message(self) -> Option<Message> {
        if self.ticket.has_ended() {
            return None;
        }
        let id = self.ticket.id();
        text(&match &self.content {
            Content::Next(payload) => return Some(Message::Text(self.ticket.next(payload).into())),
            Content::Error(payload) => ServerMessage::Error { id, payload },
            Content::Complete => ServerMessage::Complete { id },
        })
    }
}

fn text(message: &ServerMessage<'_>) -> Option<Message> {
    match message.to_json() {
        Ok(json) => Some(Message::Text(json.into())),
        Err(error) => {
            error!(%error, "a message could not be written as JSON");
            None
        }
    }
}

/// Where writing had to wait and could go on, the client has taken something: it lives, however slowly it reads.
async fn noticing<T>(writing: impl Future<Output = T>, pulse: &Pulse) -> T {
    let mut writing = pin!(writing);
    let mut has_waited = false;
    poll_fn(|cx| {
        let polled = writing.as_mut().poll(cx);
        match polled {
            Poll::Pending => has_waited = true,
            Poll::Ready(_) if has_waited => pulse.beat(),
            Poll::Ready(_) => {}
        }
        polled
    })
    .await
}
