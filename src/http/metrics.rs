//! The measures, for whoever scrapes them: beside everything else, or at an address of their own.

use super::connections::accept;
use super::{HttpState, trail};
use crate::measures::MEDIA_TYPE;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;
use tokio::net::TcpListener;

/// How they stand now.
pub(super) async fn text<E>(State(state): State<Arc<HttpState<E>>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, MEDIA_TYPE), (CACHE_CONTROL, "no-store")], state.measures.text())
}

/// Serves them, and nothing else, until the state's `shutdown`.
pub async fn serve_metrics<E: Send + Sync + 'static>(listener: TcpListener, state: Arc<HttpState<E>>) {
    let (settings, shutdown) = (&state.settings, state.shutdown.clone());
    let router = Router::new().route("/metrics", get(text::<E>));
    let noted = from_fn_with_state(Arc::clone(&state), trail::note::<E>);
    let router = router.layer(noted).with_state(Arc::clone(&state));
    // Nobody waits for a scrape.
    let _ = shutdown.run_until_cancelled(accept(listener, router, settings, shutdown.clone())).await;
}
