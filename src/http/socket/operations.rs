//! The operations that run on one connection, each under its id.

use super::closing::{Closing, End};
use super::outbox::{Content, Frame, Outbox};
use super::protocol::{self, OperationId, head_of_next};
use crate::error::{Code, Error};
use crate::graphql::operation::{Parameters, server_error};
use crate::http::results::{self, Begun, Gone, Ground, LastWord, Telling, Told, prepare};
use async_graphql::Executor;
use futures_util::stream::{Stream, StreamExt as _};
use futures_util::task::AtomicWaker;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::future::pending;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use tokio::task::{AbortHandle, JoinSet};

/// Those that run now. Dropping this ends them.
pub(super) struct Operations<E> {
    ground: Ground<E>,
    limit: usize,
    outbox: Outbox,
    live: Arc<Live>,
    tasks: JoinSet<()>,
}

/// Tells one operation from another of the same id.
pub(super) struct Ticket {
    id: OperationId,
    /// Of the messages that bear its results.
    head: Box<str>,
    /// Where it is to be found.
    live: Weak<Live>,
    has_ended: AtomicBool,
    /// Whoever is to hear of that.
    listener: AtomicWaker,
}

impl Ticket {
    fn new(id: OperationId, live: &Arc<Live>) -> Arc<Self> {
        let (head, live) = (head_of_next(&id), Arc::downgrade(live));
        Arc::new(Self { id, head, live, has_ended: AtomicBool::new(false), listener: AtomicWaker::new() })
    }

    /// That of an operation of no connection.
    #[cfg(test)]
    pub(super) fn alone() -> Arc<Self> {
        Self::new(serde_json::from_str("\"1\"").unwrap(), &Arc::default())
    }

    pub(super) fn id(&self) -> &str {
        self.id.as_str()
    }

    /// The message that bears this result.
    pub(super) fn next(&self, payload: &RawValue) -> String {
        protocol::next(&self.head, payload)
    }

    /// Whether the client has ended it, so that it wants to hear nothing more of it.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Acquire)
    }

    /// When the client ends it.
    pub(super) fn poll_end(&self, cx: &Context<'_>) -> Poll<()> {
        self.listener.register(cx.waker());
        if self.has_ended() { Poll::Ready(()) } else { Poll::Pending }
    }

    pub(super) fn end(&self) {
        self.has_ended.store(true, Ordering::Release);
        self.listener.wake();
    }

    /// Frees the id of an operation that has come to its end by itself: before its client can know of that.
    pub(super) fn free(&self) {
        let Some(live) = self.live.upgrade() else { return };
        let mut running = live.lock();
        if running.get(&self.id).is_some_and(|found| found.is_of(self)) {
            running.remove(&self.id);
        }
    }

    /// It is the connection's own task that goes on with it.
    fn leave_task(&self) {
        let Some(live) = self.live.upgrade() else { return };
        if let Some(running) = live.lock().get_mut(&self.id)
            && running.is_of(self)
        {
            running.task = None;
        }
    }
}

struct Running {
    ticket: Arc<Ticket>,
    /// Until it is the connection's own task that goes on with it.
    task: Option<AbortHandle>,
}

impl Running {
    fn is_of(&self, ticket: &Ticket) -> bool {
        std::ptr::eq(Arc::as_ptr(&self.ticket), ticket)
    }
}

/// Under their ids.
#[derive(Default)]
struct Live(Mutex<HashMap<OperationId, Running>>);

impl Live {
    fn lock(&self) -> MutexGuard<'_, HashMap<OperationId, Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the id is in use, and how many are. Only the connection adds any.
    fn look_up(&self, id: &OperationId) -> (bool, usize) {
        let running = self.lock();
        (running.contains_key(id), running.len())
    }
}

impl<E: Executor> Operations<E> {
    /// None yet, and no more than that many at once.
    pub(super) fn new(ground: Ground<E>, limit: usize, outbox: Outbox) -> Self {
        Self { ground, limit, outbox, live: Arc::default(), tasks: JoinSet::new() }
    }

    /// Begins one. An id that is in use ends the connection; one operation too many is refused by itself.
    pub(super) async fn begin(&mut self, id: OperationId, parameters: Parameters) -> Result<(), End> {
        let (is_taken, running) = self.live.look_up(&id);
        if is_taken {
            return Err(Closing::id_taken(id.as_str()).into());
        }
        let ticket = Ticket::new(id.clone(), &self.live);
        if let Err(error) = self.has_room_for_one_above(running) {
            let content = Content::Error(vec![server_error(&error)]);
            self.outbox.place().await?.send(Frame { ticket, content });
            return Ok(());
        }
        let line = Line { ticket: Arc::clone(&ticket), outbox: self.outbox.clone() };
        let ground = Ground { observer: self.ground.observer.of(id.as_str()), ..self.ground.clone() };
        let work = run(ground, parameters, line);
        // Held until the operation is known, since it may be over at once.
        let mut running = self.live.lock();
        let task = self.tasks.spawn(work);
        running.insert(id, Running { ticket, task: Some(task) });
        Ok(())
    }

    fn has_room_for_one_above(&self, running: usize) -> Result<(), Error> {
        if running >= self.limit {
            let message = format!("more than {} operations on one socket", self.limit);
            return Err(Error::new(Code::QueryRefused, message));
        }
        self.ground.asker.request()
    }

    /// Ends one on the client's word. Its id is free at once.
    pub(super) fn end(&self, id: &OperationId) {
        if let Some(Running { ticket, task }) = self.live.lock().remove(id) {
            ticket.end();
            if let Some(task) = task {
                task.abort();
            }
        }
    }

    /// Lets go of one that has come to its end, or is told by the connection's own task by now. Never, where there is none.
    pub(super) async fn reap(&mut self) {
        if self.tasks.join_next().await.is_none() {
            pending::<()>().await;
        }
    }
}

/// Runs one, and tells its client whatever comes of it.
async fn run<E: Executor>(ground: Ground<E>, parameters: Parameters, line: Line) {
    let begun = match prepare(&ground.documents, &ground.observer, parameters).await {
        Ok(operation) => results::begin(ground, operation, &line).await,
        Err(errors) => Ok(Begun::Over(LastWord::Failed(errors))),
    };
    match begun {
        Ok(Begun::Over(last)) => line.send(last.into()).await,
        Ok(Begun::Listens(telling)) => line.hand_over(telling).await,
        Err(Gone) => {}
    }
}

/// What connects an operation with its client.
struct Line {
    ticket: Arc<Ticket>,
    outbox: Outbox,
}

impl results::Line for Line {
    type Place = ();

    fn place(&self) {}

    async fn next(&self, response: Arc<RawValue>, (): ()) -> Result<(), Gone> {
        let frame = Frame { ticket: Arc::clone(&self.ticket), content: Content::Next(response) };
        self.outbox.place().await.map_err(|_| Gone)?.send(frame);
        Ok(())
    }
}

impl Line {
    async fn send(self, content: Content) {
        if let Ok(place) = self.outbox.place().await {
            place.send(Frame { ticket: self.ticket, content });
        }
    }

    /// Leaves the rest to the connection's own task.
    async fn hand_over<E: Executor>(self, telling: Box<Telling<E>>) {
        let Ok(place) = self.outbox.place().await else { return };
        // Until here the client's word aborts the task, and from here on the stream heeds it.
        self.ticket.leave_task();
        let listening = Listening { ticket: Arc::clone(&self.ticket), telling: *telling, is_over: false };
        place.send(Frame { ticket: self.ticket, content: Content::Stream(listening.boxed()) });
    }
}

impl From<LastWord> for Content {
    fn from(last: LastWord) -> Self {
        match last {
            LastWord::Complete => Self::Complete,
            LastWord::Failed(errors) => Self::Error(errors),
        }
    }
}

/// One who is told of events, until that or the client ends it.
struct Listening<E> {
    ticket: Arc<Ticket>,
    telling: Telling<E>,
    is_over: bool,
}

impl<E: Executor> Stream for Listening<E> {
    type Item = Frame;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Frame>> {
        if self.is_over || self.ticket.poll_end(cx).is_ready() {
            return Poll::Ready(None);
        }
        let content = match ready!(self.telling.poll_told(cx)) {
            Told::Result(json) | Told::Lost(json) => Content::Next(json),
            Told::Last(last) => {
                self.is_over = true;
                last.into()
            }
        };
        Poll::Ready(Some(Frame { ticket: Arc::clone(&self.ticket), content }))
    }
}
