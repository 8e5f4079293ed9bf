//! The operations that run on one connection, each under its id.

use super::closing::{Closing, End};
use super::operation::{self, Ground};
use super::protocol::OperationId;
use super::writer::{Content, Frame, Outbox};
use crate::error::{Code, Error};
use crate::graphql::operation::{Parameters, server_error};
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
    has_ended: AtomicBool,
}

impl Ticket {
    fn new(id: OperationId) -> Arc<Self> {
        Arc::new(Self { id, has_ended: AtomicBool::new(false) })
    }

    pub(super) fn id(&self) -> &str {
        self.id.as_str()
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
        if running >= self.limit {
            let message = format!("more than {} operations on one socket", self.limit);
            let error = server_error(&Error::new(Code::QueryRefused, message));
            self.outbox.place().await?.send(Frame { ticket, content: Content::Error(vec![error]) });
            return Ok(());
        }
        let line = Line { ticket: Arc::clone(&ticket), outbox: self.outbox.clone(), live: self.live.clone() };
        let work = operation::run(self.ground.clone(), parameters, line);
        // Held until the operation is known, since it may be over at once.
        let mut running = self.live.lock();
        let task = self.tasks.spawn(work);
        running.insert(id, Running { ticket, task });
        Ok(())
    }

    /// Ends one on the client's word. Its id is free at once.
    pub(super) fn end(&self, id: &OperationId) {
        if let Some(Running { ticket, task }) = self.live.lock().remove(id) {
            ticket.has_ended.store(true, Ordering::Relaxed);
            task.abort();
        }
    }
}

/// What connects an operation with its client.
pub(super) struct Line {
    ticket: Arc<Ticket>,
    outbox: Outbox,
    live: Live,
}

impl Line {
    /// Tells the client one result, once there is room for it.
    pub(super) async fn next(&self, response: Arc<RawValue>) -> Result<(), End> {
        let frame = Frame { ticket: Arc::clone(&self.ticket), content: Content::Next(response) };
        self.outbox.place().await?.send(frame);
        Ok(())
    }

    /// Tells the client how it came to its end. The id is free before the client can know of it.
    pub(super) async fn close(self, content: Content) {
        let Ok(place) = self.outbox.place().await else { return };
        let mut running = self.live.lock();
        if running.get(&self.ticket.id).is_some_and(|found| Arc::ptr_eq(&found.ticket, &self.ticket)) {
            running.remove(&self.ticket.id);
            place.send(Frame { ticket: Arc::clone(&self.ticket), content });
        }
    }
}
