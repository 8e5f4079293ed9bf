//! Connections: accepted one after another, each served in a task of its own, by hyper itself: what axum has for it waits for
//! ever for the head of a request.

use super::HttpSettings;
use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

/// After how long it is tried again where none could be accepted: mostly, there are no more files to be had.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves all who come, until it is told to stop; then nobody new is let in, and requests are finished. Dropped, it ends them.
pub(super) async fn accept(listener: TcpListener, router: Router, settings: &HttpSettings, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((connection, from)) => {
                prepare(&connection, settings.write_limit);
                connections.spawn(serve(connection, from, router.clone(), settings.head_limit, stop.clone()));
            }
            Err(error) if is_of_one(&error) => debug!(%error, "a connection was gone before it was accepted"),
            Err(error) => {
                error!(%error, "no connection can be accepted");
                stop.run_until_cancelled(sleep(PAUSE)).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Whether what failed is the one connection alone.
fn is_of_one(error: &Error) -> bool {
    let kinds = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset];
    kinds.contains(&error.kind())
}

async fn serve(connection: TcpStream, from: SocketAddr, router: Router, head_limit: Duration, stop: CancellationToken) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        router.call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_limit);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(connection), service).with_upgrades());
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        debug!(%error, "a connection broke");
    }
}

fn prepare(connection: &TcpStream, write_limit: Duration) {
    // With Nagle's algorithm a small reply waits for the acknowledgement of the one before.
    if let Err(error) = connection.set_nodelay(true) {
        debug!(%error, "no TCP_NODELAY");
    }
    limit_writing(connection, write_limit);
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
