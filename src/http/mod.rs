//! How clients reach the schema: GraphQL over HTTP, graphql-transport-ws sockets, pages that are in the binary, and health.
//! Axum is known here alone. The transports are over any executor, and ask a [`Gate`] who is let in.

mod accept;
mod answer;
mod asker;
mod assets;
mod batch;
mod bearer;
mod connections;
mod event_stream;
mod gate;
mod health;
mod key_set;
mod lifetime;
mod metrics;
mod object;
mod observer;
mod origin;
mod problem;
mod proxies;
mod query;
mod results;
mod run;
mod serve;
mod settings;
mod socket;
mod trail;

pub use gate::{ChatGate, Gate};
pub use health::Probes;
pub use metrics::serve_metrics;
pub use origin::Origins;
pub use proxies::Proxies;
pub use serve::serve;
pub use settings::{HttpSettings, SocketSettings, StreamSettings};

use crate::error::Code;
use crate::graphql::Schema;
use crate::graphql::documents::Documents;
use crate::graphql::telling::Groups;
use crate::measures::Measures;
use crate::rate::Rates;
use async_graphql::Executor;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{ALLOW, CACHE_CONTROL};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;
use problem::Problem;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the transports work with.
pub struct HttpState<E = Schema> {
    /// Runs operations.
    pub executor: E,
    /// What their documents pass before.
    pub documents: Arc<Documents>,
    /// Who of their subscribers are told of events together.
    pub groups: Arc<Groups>,
    /// Knows who is let in.
    pub gate: Arc<dyn Gate>,
    /// The stores, to be asked whether they are there.
    pub probes: Probes,
    /// Where it is counted.
    pub measures: Arc<Measures>,
    /// Counts what is asked for.
    pub rates: Arc<Rates>,
    /// How it is done.
    pub settings: HttpSettings,
    /// Cancelled when the server is asked to stop: it is not ready any more, and goes on for the grace that was set.
    pub stop: CancellationToken,
    /// Cancelled when it stops.
    pub shutdown: CancellationToken,
    /// The open sockets and event streams.
    pub sockets: TaskTracker,
}

/// All paths.
pub fn router<E: Executor>(state: Arc<HttpState<E>>) -> Router {
    let graphql = get(query::get::<E>).post(query::post::<E>).fallback(wrong_method).layer(map_response(for_once));
    let mut router = Router::new()
        .route("/graphql", graphql)
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready::<E>));
    for (path, file) in assets::files(&state.settings) {
        router = router.route(&path, file.route());
    }
    if let Some(keys) = state.settings.key_set.clone() {
        router = router.route("/.well-known/jwks.json", get(async || key_set::published(keys)));
    }
    if state.settings.metrics {
        router = router.route("/metrics", get(metrics::text::<E>));
    }
    let router = router.fallback(wrong_path).layer(state.settings.origins.layer());
    let noted = from_fn_with_state(Arc::clone(&state), trail::note::<E>);
    router.layer(from_fn(tell_methods)).layer(noted).with_state(state)
}

/// What is answered is for who asked, and for now: no cache keeps it, a proxy's neither, where it does not say so itself.
/// Else one that remembers how a document was not known would tell so for ever.
async fn for_once(mut response: Response) -> Response {
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    response
}

/// What may be done at `/graphql`, to who asks for it (RFC 9110, section 9.3.7), be it a browser or not.
async fn tell_methods(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::OPTIONS && request.uri().path() == "/graphql";
    let mut response = next.run(request).await;
    if asks {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET,HEAD,POST,OPTIONS"));
    }
    response
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, Code::InvalidInput, "send GraphQL by POST, or a query by GET")
}

async fn wrong_path() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, Code::NotFound, "there is nothing at this path; GraphQL is at /graphql")
}
