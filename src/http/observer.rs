//! What an operator sees of an operation, on whichever transport: one span, in which whatever is logged meanwhile
//! stands; one event at its end; and the measures. Never its variables, never its texts, never who it is for.
//!
//! The end of an operation is logged at `info` where it has failed or took a second, and else at `debug`: a node does
//! thousands in a second. `NATTERJACK_LOG=info,natterjack::operation=debug` logs them all.

use super::results::LastWord;
use super::trail::{Trail, is_sane};
use crate::error::{Code, Result};
use crate::graphql::operation::{Kind, Operation, Outcome, fault};
use crate::measures::{Counted, Measures, OperationKind, OperationOutcome, Transport};
use crate::traces::{self, TARGET};
use async_graphql::{Response, ServerError, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tracing::{Instrument as _, Span, debug, error_span, info};

/// From when on an operation counts as slow.
const SLOW: Duration = Duration::from_secs(1);
/// How much of an operation's name is shown, in bytes.
const MAX_NAME: usize = 100;

/// Sees the operations of one request or one connection.
#[derive(Clone)]
pub(super) struct Observer {
    measures: Arc<Measures>,
    transport: Transport,
    trail: Trail,
    /// What the client calls the operation, where it gives it an id of its own.
    id: Option<Arc<str>>,
}

impl Observer {
    pub(super) fn new(measures: &Arc<Measures>, transport: Transport, trail: Trail) -> Self {
        Self { measures: Arc::clone(measures), transport, trail, id: None }
    }

    /// The same for the operation that its client calls so.
    pub(super) fn of(&self, id: &str) -> Self {
        Self { id: is_sane(id, MAX_NAME).then(|| id.into()), ..self.clone() }
    }

    /// An operation begins.
    pub(super) fn begin(&self, operation: &Operation) -> Observed {
        let kind = match operation.kind {
            Some(Kind::Query) => OperationKind::Query,
            Some(Kind::Mutation) => OperationKind::Mutation,
            Some(Kind::Subscription) => OperationKind::Subscription,
            None => OperationKind::Unknown,
        };
        self.observe(kind, Some(operation))
    }

    /// An operation was refused before anything was known of it.
    pub(super) fn refuse(&self, errors: &[ServerError]) {
        let mut observed = self.observe(OperationKind::Unknown, None);
        observed.note_failure(errors);
        observed.end();
    }

    fn observe(&self, kind: OperationKind, operation: Option<&Operation>) -> Observed {
        let span = self.span(kind, operation);
        if let Some(parent) = &self.trail.parent {
            traces::follow(&span, parent);
        }
        let is_open = kind == OperationKind::Subscription;
        let open = is_open.then(|| self.measures.transport.subscription(self.transport));
        let (began, worst) = (Instant::now(), Some(OperationOutcome::Ok));
        Observed { observer: self.clone(), span, kind, began, worst, fault: None, _open: open }
    }

    /// Its names are OpenTelemetry's ("Semantic conventions for GraphQL server spans"), where it has any. At the level of
    /// errors, so that an error bears it however little is logged.
    fn span(&self, kind: OperationKind, operation: Option<&Operation>) -> Span {
        let name =
            operation.and_then(|operation| operation.name.as_deref()).map(|name| &name[..name.len().min(MAX_NAME)]);
        let hash = operation.map(|operation| tracing::field::display(operation.hash));
        macro_rules! span_named {
            ($name:literal) => {
                error_span!(
                    target: TARGET,
                    parent: None,
                    $name,
                    graphql.operation.type = kind.name(),
                    graphql.operation.name = name,
                    graphql.document.hash = hash,
                    transport = self.transport.name(),
                    request_id = &*self.trail.id,
                    operation_id = self.id.as_deref(),
                )
            };
        }
        match kind {
            OperationKind::Query => span_named!("query"),
            OperationKind::Mutation => span_named!("mutation"),
            OperationKind::Subscription => span_named!("subscription"),
            OperationKind::Unknown => span_named!("GraphQL Operation"),
        }
    }
}

/// An operation that is under way. Dropped before its end, it was cancelled: its client has ended it, or is gone.
pub(super) struct Observed {
    observer: Observer,
    span: Span,
    kind: OperationKind,
    began: Instant,
    /// The worst that became of it so far; nothing once that was told.
    worst: Option<OperationOutcome>,
    /// What of it was the server's fault.
    fault: Option<Code>,
    _open: Option<Counted>,
}

impl Observed {
    /// What whatever is done for it runs in.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// A query or a mutation was answered so.
    pub(super) fn note_answer(&mut self, response: &Response) {
        if response.data == Value::Null {
            self.note_failure(&response.errors);
        } else if let Some(fault) = fault(&response.errors) {
            self.worsen(OperationOutcome::Partial, Some(fault));
        } else if !response.errors.is_empty() {
            self.worsen(OperationOutcome::Refused, None);
        }
    }

    /// A subscription's selection was executed for an event.
    pub(super) fn note_event(&mut self, response: &Response) {
        self.observer.measures.transport.count_execution();
        if let Some(fault) = fault(&response.errors) {
            self.worsen(OperationOutcome::Partial, Some(fault));
        }
    }

    /// A subscriber is told a result.
    pub(super) fn note_result(&self) {
        self.observer.measures.transport.count_result();
    }

    /// An event could not be told by fault of the server's, and ends its subscription.
    pub(super) fn note_loss(&mut self, fault: Code) {
        self.worsen(OperationOutcome::Failed, Some(fault));
    }

    /// Nothing was answered, or nothing more will be.
    pub(super) fn note_failure(&mut self, errors: &[ServerError]) {
        match fault(errors) {
            Some(fault) => self.worsen(OperationOutcome::Failed, Some(fault)),
            None if errors.is_empty() => {}
            None => self.worsen(OperationOutcome::Refused, None),
        }
    }

    /// It was not begun.
    pub(super) fn refuse(mut self) {
        self.worsen(OperationOutcome::Refused, None);
        self.end();
    }

    /// Sees a query or a mutation through.
    pub(super) async fn through(mut self, work: impl Future<Output = Result<Response>>) -> Result<Outcome> {
        let span = self.span();
        let outcome = work.instrument(span).await.map(Outcome::from);
        match &outcome {
            Ok(Outcome::Answered(response)) => self.note_answer(response),
            Ok(Outcome::Refused(errors)) => self.note_failure(errors),
            Err(error) => self.worsen(OperationOutcome::Failed, Some(error.code())),
        }
        self.end();
        outcome
    }

    /// It is over, and that is the last that its client is told.
    pub(super) fn end_with(&mut self, last: &LastWord) {
        if let LastWord::Failed(errors) = last {
            self.note_failure(errors);
        }
        self.tell(None);
    }

    /// It is over.
    pub(super) fn end(mut self) {
        self.tell(None);
    }

    fn worsen(&mut self, outcome: OperationOutcome, fault: Option<Code>) {
        self.worst = self.worst.max(Some(outcome));
        self.fault = self.fault.or(fault);
    }

    fn tell(&mut self, instead: Option<OperationOutcome>) {
        let Some(worst) = self.worst.take() else { return };
        let (outcome, took) = (instead.unwrap_or(worst), self.began.elapsed());
        let Observer { measures, transport, .. } = &self.observer;
        measures.transport.count_operation(*transport, self.kind, outcome, took);
        let (outcome, error) = (outcome.name(), self.fault.map(Code::name));
        traces::end(&self.span, outcome, error);
        let duration_seconds = took.as_secs_f64();
        let is_slow = took >= SLOW && self.kind != OperationKind::Subscription;
        self.span.in_scope(|| {
            if error.is_some() || is_slow {
                info!(target: TARGET, outcome, error.type = error, duration_seconds, "operation ended");
            } else {
                debug!(target: TARGET, outcome, duration_seconds, "operation ended");
            }
        });
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.tell(Some(OperationOutcome::Cancelled));
    }
}
