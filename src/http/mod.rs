//! How clients reach the schema: GraphQL over HTTP, graphql-transport-ws sockets, a page to try it on, and health.
//! Axum is known here alone. The transports are over any executor, and ask a [`Gate`] who is let in.

mod accept;
mod answer;
mod bearer;
mod gate;
mod health;
mod key_set;
mod object;
mod origin;
mod page;
mod problem;
mod proxies;
mod query;
mod run;
mod serve;
mod settings;
mod socket;

pub use gate::{ChatGate, Gate};
pub use origin::Origins;
pub use proxies::Proxies;
pub use serve::serve;
pub use settings::{HttpSettings, SocketSettings};

use crate::error::Code;
use crate::graphql::Schema;
use crate::store::Probe;
use async_graphql::Executor;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use problem::Problem;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the transports work with.
pub struct HttpState<E = Schema> {
    /// Runs operations.
    pub executor: E,
    /// Knows who is let in.
    pub gate: Arc<dyn Gate>,
    /// The stores, to be asked whether they are there.
    pub probes: Vec<Arc<dyn Probe>>,
    /// How it is done.
    pub settings: HttpSettings,
    /// Cancelled when the server is asked to stop: it is not ready any more, and goes on for the grace that was set.
    pub stop: CancellationToken,
    /// Cancelled when it stops.
    pub shutdown: CancellationToken,
    /// The open sockets.
    pub sockets: TaskTracker,
}

/// All paths.
pub fn router<E: Executor>(state: Arc<HttpState<E>>) -> Router {
    let graphql = get(query::get::<E>).post(query::post::<E>).fallback(wrong_method);
    let mut router = Router::new()
        .route("/graphql", graphql)
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready::<E>));
    if state.settings.graphiql {
        router = router.route("/", get(page::graphiql)).route("/graphiql", get(page::graphiql));
    }
    if let Some(keys) = state.settings.key_set.clone() {
        router = router.route("/.well-known/jwks.json", get(async || key_set::published(keys)));
    }
    router.fallback(wrong_path).layer(state.settings.origins.layer()).with_state(state)
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, Code::InvalidInput, "send GraphQL by POST, or a query by GET")
}

async fn wrong_path() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, Code::NotFound, "there is nothing at this path; GraphQL is at /graphql")
}
