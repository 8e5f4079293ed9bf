//! Sockets that speak graphql-transport-ws (`PROTOCOL.md` of the npm package graphql-ws): one connection, on which any
//! number of operations run side by side.
//!
//! A connection is one task that reads, writes, watches the time, and tells whoever listens on it of events. Every
//! operation begins in a task of its own, ended with its connection; what these have to say waits in a bounded queue.

mod admission;
mod closing;
mod connection;
mod inbox;
mod operations;
mod outbox;
mod protocol;
mod pulse;
mod writer;

use super::problem::Problem;
use super::trail::Trail;
use super::{HttpState, bearer};
use crate::error::Code;
use async_graphql::Executor;
use axum::extract::FromRequestParts as _;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::header::UPGRADE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use connection::Connection;
use std::sync::Arc;

/// What is read at once, in bytes: most messages are shorter. The buffer is there for as long as the socket is, and zeroed
/// on every read, which is tried whenever something was written.
const READ_BUFFER: usize = 1024;
/// How much is gathered before it is written, in bytes; the rest is written when nothing more waits.
const WRITE_BUFFER: usize = 4 * 1024;

/// Whether the request is one for a socket.
pub(super) fn is_asked_for(headers: &HeaderMap) -> bool {
    headers.get(UPGRADE).is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Opens a socket.
pub(super) async fn open<E: Executor>(state: Arc<HttpState<E>>, parts: &mut Parts) -> Result<Response, Problem> {
    if !state.settings.origins.allow(&parts.headers) {
        let message = "pages of this origin may not open sockets here; the setting is NATTERJACK_CORS_ORIGINS";
        return Err(Problem::new(StatusCode::FORBIDDEN, Code::QueryRefused, message));
    }
    let client = state.settings.proxies.client(parts);
    state.rates.request(client)?;
    let place = state.rates.socket(client)?;
    let upgrade = WebSocketUpgrade::from_request_parts(parts, &())
        .await
        .map_err(|rejection| Problem::new(rejection.status(), Code::InvalidInput, rejection.body_text()))?;
    let max_message = state.settings.socket.max_message;
    let upgrade = upgrade
        .protocols([protocol::NAME])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(max_message)
        .max_frame_size(max_message);
    let counted = state.sockets.token();
    let token = bearer::token(&parts.headers).map(|token| token.map(str::to_owned));
    let trail = Trail::of_parts(parts);
    let connection = Connection { state, token, client, trail };
    Ok(upgrade.on_upgrade(async move |socket| {
        // The task has room for what it is given and for what it runs: on the heap, it is there once.
        Box::pin(connection.run(socket)).await;
        drop((counted, place));
    }))
}
