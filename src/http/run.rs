//! Running operations: within a time limit, and so that a panic in a resolver ends its own operation and nothing else.

use crate::error::{Code, Error, Result};
use async_graphql::{Executor, Request, Response};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::timeout;

/// The response to a query or a mutation: `UNAVAILABLE` where it takes longer than the limit, `INTERNAL` where it panics.
pub(super) async fn once(executor: &impl Executor, request: Request, limit: Duration) -> Result<Response> {
    timeout(limit, shielded(executor.execute(request))).await.unwrap_or_else(|_| Err(too_long()))
}

/// What is said of an operation that was not done in time.
pub(super) fn too_long() -> Error {
    Error::new(Code::Unavailable, "the operation took too long; try again shortly")
}

/// What the future comes to; `INTERNAL` where it panics, of which the log was told where it did. What it held is dropped
/// with it.
pub(super) async fn shielded<T>(future: impl Future<Output = T>) -> Result<T> {
    AssertUnwindSafe(future).catch_unwind().await.map_err(|_| panicked())
}

/// What is said of what panics.
pub(super) fn panicked() -> Error {
    Error::internal("a panic")
}
