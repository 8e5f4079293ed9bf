//! The operations that run on one connection, each under its id.

use super::closing::{Closing, End};
use super::protocol::{self, OperationId, head_of_next};
use super::writer::{Content, Frame, Outbox};
use crate::error::{Code, Error};
use crate::graphql::operation::{Parameters, server_error};
use crate::http::results::{self, Gone, Ground, LastWord, prepare};
use async_graphql::Executor;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::{AbortHandle, JoinSet};

/// Those that run now. Dropping this ends them.
pub(super) struct Operations<E> {
    ground: Ground<E>,
    limit: usize,
    outbox: Outbox,
    live: Live,
    tasks: JoinSet<()>,
}

/// Tells one operation from another of the same id.
pub(super) struct Ticket {
    id: OperationId,
    /// Of the messages that bear its results.
    head: Box<str>,
    has_ended: AtomicBool,
}

impl Ticket {
    fn new(id: OperationId) -> Arc<Self> {
        Arc::new(Self { head: head_of_next(&id), id, has_ended: AtomicBool::new(false) })
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
        self.has_ended.load(Ordering::Relaxed)
    }
}

struct Running {
    ticket: Arc<Ticket>,
    task: AbortHandle,
}

#[derive(Clone, Default)]
struct Live(Arc<Mutex<HashMap<OperationId, Running>>>);

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
        Self { ground, limit, outbox, live: Live::default(), tasks: JoinSet::new() }
    }

    /// Begins one. An id that is in use ends the connection; one operation too many is refused by itself.
    pub(super) async fn begin(&mut self, id: OperationId, parameters: Parameters) -> Result<(), End> {
        while self.tasks.try_join_next().is_some() {}
        let (is_taken, running) = self.live.look_up(&id);
        if is_taken {
            return Err(Closing::id_taken(id.as_str()).into());
        }
        let ticket = Ticket::new(id.clone());
        if let Err(error) = self.has_room_for_one_above(running) {
            let content = Content::Error(vec![server_error(&error)]);
            self.outbox.place().await?.send(Frame { ticket, content });
            return Ok(());
        }
        let line = Line { ticket: Arc::clone(&ticket), outbox: self.outbox.clone(), live: self.live.clone() };
        let ground = Ground { observer: self.ground.observer.of(id.as_str()), ..self.ground.clone() };
        let work = run(ground, parameters, line);
        // Held until the operation is known, since it may be over at once.
        let mut running = self.live.lock();
        let task = self.tasks.spawn(work);
        running.insert(id, Running { ticket, task });
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
            ticket.has_ended.store(true, Ordering::Relaxed);
            task.abort();
        }
    }
}

/// Runs one, and tells its client whatever comes of it.
async fn run<E: Executor>(ground: Ground<E>, parameters: Parameters, line: Line) {
    let last = match Box::pin(prepare(&ground.documents, &ground.observer, parameters)).await {
        Ok(operation) => results::run(ground, operation, &line).await,
        Err(errors) => Ok(LastWord::Failed(errors)),
    };
    match last {
        Ok(LastWord::Complete) => line.close(Content::Complete).await,
        Ok(LastWord::Failed(errors)) => line.close(Content::Error(errors)).await,
        Err(Gone) => {}
    }
}

/// What connects an operation with its client.
struct Line {
    ticket: Arc<Ticket>,
    outbox: Outbox,
    live: Live,
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
    /// Tells the client how it came to its end. The id is free before the client can know of it.
    async fn close(self, content: Content) {
        let Ok(place) = self.outbox.place().await else { return };
        let mut running = self.live.lock();
        if running.get(&self.ticket.id).is_some_and(|found| Arc::ptr_eq(&found.ticket, &self.ticket)) {
            running.remove(&self.ticket.id);
            place.send(Frame { ticket: Arc::clone(&self.ticket), content });
        }
    }
}
