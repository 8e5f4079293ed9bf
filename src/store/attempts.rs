//! What was tried lately: the buckets and marks of [`domain::attempt`](crate::domain::attempt).

use crate::domain::attempt::{Change, Outcome};
use crate::domain::clock::Timestamp;
use crate::error::Result;
use async_trait::async_trait;

/// Buckets and marks that all nodes share, and that outlive them.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Makes the changes one after another, all or none, and nobody else's between them; what each has come to, in their order.
    async fn apply(&self, changes: &[Change], now: Timestamp) -> Result<Vec<Outcome>>;

    /// Removes what counts no more: buckets that are full, and marks whose time is over. How many, `limit` at the most.
    async fn forget(&self, now: Timestamp, limit: u32) -> Result<u64>;
}
