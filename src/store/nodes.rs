//! Which nodes run on the database.

use crate::domain::clock::Timestamp;
use crate::domain::ids::NodeId;
use crate::domain::node::Node;
use crate::error::Result;
use async_trait::async_trait;

/// What nodes say of themselves. One that was killed has said nothing more, and what it said before still stands: only
/// one whose `seen_at` moves runs.
#[async_trait]
pub trait Nodes: Send + Sync {
    /// Says that the node runs. Said again, it replaces the node's earlier `seen_at`, whichever of the two is later.
    /// Whether it stood there already: one that knows it has said so before, and finds that it did not, was taken for dead.
    async fn beat(&self, node: &Node) -> Result<bool>;

    /// The nodes that have said so and have not left, but for this one; the latest seen first, `limit` at the most.
    async fn others(&self, than: NodeId, limit: u32) -> Result<Vec<Node>>;

    /// Takes back what the node has said; harmless where it has said nothing.
    async fn leave(&self, node: NodeId) -> Result<()>;

    /// Removes what these nodes have said, where they have said nothing since. One that does run says so again.
    async fn remove_silent(&self, nodes: &[Node]) -> Result<()>;

    /// Removes what nodes have said that were last seen before that time. One that does run says so again.
    async fn forget(&self, unseen_since: Timestamp) -> Result<()>;
}
