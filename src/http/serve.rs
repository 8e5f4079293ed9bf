//! Listening, and coming to an end in time.

use super::connections::accept;
use super::{HttpState, router};
use async_graphql::Executor;
use futures_util::future::join;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tracing::{info, warn};

/// Serves until the state's `stop`, and then for the grace. After that nobody new is let in, requests are finished, sockets
/// are told to come again, and what is not done within the limit is ended.
pub async fn serve<E: Executor>(listener: TcpListener, state: Arc<HttpState<E>>) {
    let router = router(Arc::clone(&state));
    let requests = accept(listener, router, &state.settings, state.shutdown.clone());
    let sockets = async {
        state.shutdown.cancelled().await;
        state.sockets.close();
        state.sockets.wait().await;
    };
    let grace = async {
        state.stop.cancelled().await;
        info!(grace = ?state.settings.shutdown_grace, "stopping");
        // Whoever does not wait for its end cancels the other token.
        state.shutdown.run_until_cancelled(sleep(state.settings.shutdown_grace)).await;
        state.shutdown.cancel();
    };
    let too_late = async {
        state.shutdown.cancelled().await;
        sleep(state.settings.shutdown_limit).await;
    };
    tokio::select! {
        ((), ()) = join(requests, sockets) => {}
        never = async { grace.await; pending::<Infallible>().await } => match never {},
        () = too_late => {
            warn!(sockets = state.sockets.len(), "not everything was finished at shutdown");
        }
    }
}
