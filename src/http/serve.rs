//! Listening, and coming to an end in time.

use super::{HttpState, router};
use crate::error::{Error, Result};
use async_graphql::Executor;
use axum::serve::ListenerExt as _;
use futures_util::future::join;
use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tracing::{debug, info, warn};

/// Serves until the state's `stop`, and then for the grace. After that nobody new is let in, requests are finished, sockets
/// are told to come again, and what is not done within the limit is left.
pub async fn serve<E: Executor>(listener: TcpListener, state: Arc<HttpState<E>>) -> Result<()> {
    let write_limit = state.settings.write_limit;
    let listener = listener.tap_io(move |connection| {
        // With Nagle's algorithm a small reply waits for the acknowledgement of the one before.
        if let Err(error) = connection.set_nodelay(true) {
            debug!(%error, "no TCP_NODELAY");
        }
        limit_writing(connection, write_limit);
    });
    let router = router(Arc::clone(&state)).into_make_service_with_connect_info::<SocketAddr>();
    let requests =
        axum::serve(listener, router).with_graceful_shutdown(state.shutdown.clone().cancelled_owned()).into_future();
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
        (served, ()) = join(requests, sockets) => served.map_err(Error::internal),
        never = async { grace.await; pending::<Infallible>().await } => match never {},
        () = too_late => {
            warn!(sockets = state.sockets.len(), "not everything was finished at shutdown");
            Ok(())
        }
    }
}

/// Has the system cut a connection whose other end takes nothing of what is written (RFC 5482; `tcp(7)`): an event stream
/// or an answer that nobody reads would hold its buffers for ever.
#[cfg(target_os = "linux")]
fn limit_writing(connection: &TcpStream, limit: Duration) {
    let limit = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(connection, limit) {
        debug!(%error, "no TCP_USER_TIMEOUT");
    }
}

#[cfg(not(target_os = "linux"))]
fn limit_writing(_connection: &TcpStream, _limit: Duration) {}
