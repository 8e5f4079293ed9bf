//! The way to the connection's task: what the client is to be told, in two bounded queues, and who of those that the task
//! polls has reason to go on.
//!
//! It is one lock and one allocation, and holds no memory for what does not wait: there are thousands of sockets on which
//! nothing comes.

use super::closing::End;
use super::operations::Ticket;
use super::protocol::ServerMessage;
use async_graphql::ServerError;
use axum::body::Bytes;
use axum::extract::ws::Message;
use futures_util::stream::BoxStream;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use tokio::sync::{Semaphore, SemaphorePermit};
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
    /// From here on, all this.
    Stream(Frames),
}

/// All that is to be said of an operation.
pub(super) type Frames = BoxStream<'static, Frame>;

/// The way to the client. What is said of the connection overtakes the operations' results.
#[derive(Clone)]
pub(super) struct Outbox(Arc<Shared>);

/// The other end of an [`Outbox`], which the connection's task has.
pub(super) struct Inward(Arc<Shared>);

struct Shared {
    waiting: Mutex<Waiting>,
    control_room: Semaphore,
    /// In turn: whoever waits longest for a place gets the next.
    frames_room: Semaphore,
}

#[derive(Default)]
struct Waiting {
    control: VecDeque<Message>,
    frames: VecDeque<Frame>,
    /// Those that have been woken.
    woken: Vec<usize>,
    task: Option<Waker>,
}

/// A place in the queue of results.
pub(super) struct Place<'a> {
    shared: &'a Shared,
    permit: SemaphorePermit<'a>,
}

/// A way to the client, on which that many results may wait.
pub(super) fn channel(queue: usize) -> (Outbox, Inward) {
    let (control_room, frames_room) = (Semaphore::new(CONTROL_QUEUE), Semaphore::new(queue));
    let shared = Arc::new(Shared { waiting: Mutex::default(), control_room, frames_room });
    (Outbox(Arc::clone(&shared)), Inward(shared))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn wake(&self) {
        if let Some(task) = &self.task {
            task.wake_by_ref();
        }
    }
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
        if let Ok(permit) = self.0.control_room.try_acquire() {
            self.put_control(permit, Message::Ping(Bytes::new()));
        }
    }

    /// A place in the queue of results, once there is one.
    pub(super) async fn place(&self) -> Result<Place<'_>, End> {
        let permit = self.0.frames_room.acquire().await.map_err(|_| End::Gone)?;
        Ok(Place { shared: &self.0, permit })
    }

    async fn control(&self, message: &ServerMessage<'_>) -> Result<(), End> {
        let Some(message) = text(message) else { return Ok(()) };
        let permit = self.0.control_room.acquire().await.map_err(|_| End::Gone)?;
        self.put_control(permit, message);
        Ok(())
    }

    fn put_control(&self, permit: SemaphorePermit<'_>, message: Message) {
        let mut waiting = self.0.lock();
        waiting.control.push_back(message);
        // Given back by whoever takes it out.
        permit.forget();
        waiting.wake();
    }
}

impl Place<'_> {
    pub(super) fn send(self, frame: Frame) {
        let mut waiting = self.shared.lock();
        waiting.frames.push_back(frame);
        // Given back by whoever takes it out.
        self.permit.forget();
        waiting.wake();
    }
}

impl Inward {
    /// Has that task woken for what comes from now on. Of what came before it tells who was woken, and whether anything
    /// waits in the queues.
    pub(super) fn look(&self, task: &Waker, woken: &mut Vec<usize>) -> bool {
        let mut waiting = self.0.lock();
        if !waiting.task.as_ref().is_some_and(|known| known.will_wake(task)) {
            waiting.task = Some(task.clone());
        }
        mem::swap(&mut waiting.woken, woken);
        !waiting.control.is_empty() || !waiting.frames.is_empty()
    }

    /// What is said of the connection.
    pub(super) fn control(&self) -> Option<Message> {
        let message = pop(&mut self.0.lock().control)?;
        self.0.control_room.add_permits(1);
        Some(message)
    }

    /// What operations say that do not speak for themselves.
    pub(super) fn frame(&self) -> Option<Frame> {
        let frame = pop(&mut self.0.lock().frames)?;
        self.0.frames_room.add_permits(1);
        Some(frame)
    }

    /// For one that the task polls, under that number.
    pub(super) fn bell(&self, number: usize) -> Arc<Bell> {
        Arc::new(Bell { number, has_rung: AtomicBool::new(false), shared: Arc::clone(&self.0) })
    }
}

impl Drop for Inward {
    fn drop(&mut self) {
        self.0.control_room.close();
        self.0.frames_room.close();
        // What waited is dropped once the lock is free: it may ring.
        let _waiting = mem::take(&mut *self.0.lock());
    }
}

fn pop<T>(queue: &mut VecDeque<T>) -> Option<T> {
    let first = queue.pop_front()?;
    if queue.is_empty() {
        *queue = VecDeque::new();
    }
    Some(first)
}

/// Wakes the task for one of those that it polls.
pub(super) struct Bell {
    number: usize,
    has_rung: AtomicBool,
    shared: Arc<Shared>,
}

impl Bell {
    /// It rings anew from now on.
    pub(super) fn heard(&self) {
        self.has_rung.swap(false, Ordering::AcqRel);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.has_rung.swap(true, Ordering::AcqRel) {
            let mut waiting = self.shared.lock();
            waiting.woken.push(self.number);
            waiting.wake();
        }
    }
}

impl Frame {
    /// Nothing, where the client has ended the operation meanwhile: it may have begun another of that id.
    pub(super) fn into_message(self) -> Option<Message> {
        if self.ticket.has_ended() {
            return None;
        }
        if matches!(self.content, Content::Error(_) | Content::Complete) {
            self.ticket.free();
        }
        let id = self.ticket.id();
        text(&match &self.content {
            Content::Next(payload) => return Some(Message::Text(self.ticket.next(payload).into())),
            Content::Error(payload) => ServerMessage::Error { id, payload },
            Content::Complete => ServerMessage::Complete { id },
            Content::Stream(_) => return None,
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
