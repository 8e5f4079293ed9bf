//! Requests, operations and sockets.

use super::level::{Counted, Level};
use super::times::times;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

/// Of requests, operations and sockets.
#[derive(Clone, Debug)]
pub struct TransportMeasures {
    requests: Family<Request, Counter>,
    request_times: Family<Place, Histogram, fn() -> Histogram>,
    operations: Family<Operation, Counter>,
    operation_times: Family<Way, Histogram, fn() -> Histogram>,
    subscriptions: Family<Carrier, Level>,
    executions: Counter,
    results: Counter,
    sockets: Level,
    closed: Family<Closed, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    path: &'static str,
    status: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Place {
    path: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    transport: &'static str,
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Way {
    transport: &'static str,
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Carrier {
    transport: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Closed {
    by: &'static str,
    code: u32,
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// To the schema.
    Graphql,
    /// To whoever says whether the process lives and is ready.
    Health,
    /// To the measures.
    Metrics,
    /// To anything else, be it there or not.
    Other,
}

impl Path {
    fn name(self) -> &'static str {
        match self {
            Self::Graphql => "/graphql",
            Self::Health => "/health",
            Self::Metrics => "/metrics",
            Self::Other => "other",
        }
    }
}

/// How an operation comes and its results go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A request and its answer.
    Http,
    /// A request, and server-sent events.
    Sse,
    /// A socket.
    Socket,
}

impl Transport {
    /// What logs and measures call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Sse => "sse",
            Self::Socket => "socket",
        }
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// Reads.
    Query,
    /// Writes.
    Mutation,
    /// Listens.
    Subscription,
    /// Nobody knows: there is no such operation, or its document could not be read.
    Unknown,
}

impl OperationKind {
    /// What logs and measures call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
            Self::Unknown => "unknown",
        }
    }
}

/// What became of an operation, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperationOutcome {
    /// It was done. What a mutation says in its payload's `errors` is an answer too.
    Ok,
    /// It is one that cannot be done, or not by whoever has sent it, or not so often.
    Refused,
    /// By the server's fault fields of it have failed, and the rest was answered.
    Partial,
    /// By the server's fault nothing of it was answered.
    Failed,
    /// Whoever sent it has ended it, or is gone.
    Cancelled,
}

impl OperationOutcome {
    /// What logs and measures call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How a socket came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketEnd {
    /// The server has closed it, with that code.
    Server(u16),
    /// The client has closed it.
    Client,
    /// It broke, or the client did not answer any more.
    Gone,
}

impl Default for TransportMeasures {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            request_times: Family::new_with_constructor(times),
            operations: Family::default(),
            operation_times: Family::new_with_constructor(times),
            subscriptions: Family::default(),
            executions: Counter::default(),
            results: Counter::default(),
            sockets: Level::default(),
            closed: Family::default(),
        }
    }
}

impl TransportMeasures {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let measures = Self::default();
        registry.register("http_requests", "HTTP requests that were answered", measures.requests.clone());
        let help = "Seconds from a request to the head of its answer";
        registry.register("http_request_duration_seconds", help, measures.request_times.clone());
        registry.register("operations", "GraphQL operations that are over", measures.operations.clone());
        let help = "Seconds that a query or a mutation took";
        registry.register("operation_duration_seconds", help, measures.operation_times.clone());
        registry.register("subscriptions", "Subscriptions that are open", measures.subscriptions.clone());
        let help = "Times that a subscription's selection was executed for an event";
        registry.register("subscription_executions", help, measures.executions.clone());
        let help = "Results that were put on their way to subscribers";
        registry.register("subscription_results", help, measures.results.clone());
        registry.register("sockets", "Sockets that are open", measures.sockets.clone());
        let help = "Sockets that are closed: by whom, and with which code where it was the server";
        registry.register("sockets_closed", help, measures.closed.clone());
        measures
    }

    /// A request was answered. `method` is to be one of a known few.
    pub fn count_request(&self, method: &'static str, path: Path, status: u16, took: Duration) {
        let path = path.name();
        self.requests.get_or_create(&Request { method, path, status: status.into() }).inc();
        self.request_times.get_or_create(&Place { path }).observe(took.as_secs_f64());
    }

    /// An operation is over. How long a subscription was open says nothing of how fast the server is, and is not timed.
    pub fn count_operation(
        &self,
        transport: Transport,
        kind: OperationKind,
        outcome: OperationOutcome,
        took: Duration,
    ) {
        let (transport, kind) = (transport.name(), kind.name());
        self.operations.get_or_create(&Operation { transport, kind, outcome: outcome.name() }).inc();
        if kind != OperationKind::Subscription.name() {
            self.operation_times.get_or_create(&Way { transport, kind }).observe(took.as_secs_f64());
        }
    }

    /// One subscription more is open.
    pub fn subscription(&self, transport: Transport) -> Counted {
        self.subscriptions.get_or_create(&Carrier { transport: transport.name() }).enter()
    }

    /// A subscription's selection was executed for an event.
    pub fn count_execution(&self) {
        self.executions.inc();
    }

    /// How many times that was, since the start.
    pub fn executions(&self) -> u64 {
        self.executions.get()
    }

    /// A subscriber is told a result.
    pub fn count_result(&self) {
        self.results.inc();
    }

    /// One socket more is open.
    pub fn socket(&self) -> Counted {
        self.sockets.enter()
    }

    /// A socket is closed.
    pub fn count_closed(&self, end: SocketEnd) {
        let (by, code) = match end {
            SocketEnd::Server(code) => ("server", code),
            // Which code it was is the client's to choose.
            SocketEnd::Client => ("client", 0),
            SocketEnd::Gone => ("nobody", 0),
        };
        self.closed.get_or_create(&Closed { by, code: code.into() }).inc();
    }
}
