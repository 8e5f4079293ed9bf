//! The measures, for whoever scrapes them: beside everything else, or at an address of their own.

use super::{HttpState, trail};
use crate::error::{Error, Result};
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
pub async fn serve_metrics<E: Send + Sync + 'static>(listener: TcpListener, state: Arc<HttpState<E>>) -> Result<()> {
    let shutdown = state.shutdown.clone();
    let router = Router::new().route("/metrics", get(text::<E>));
    let router = router.layer(from_fn_with_state(Arc::clone(&state), trail::note::<E>)).with_state(state);
    let served = shutdown.run_until_cancelled(axum::serve(listener, router).into_future()).await;
    served.unwrap_or(Ok(())).map_err(Error::internal)
}
