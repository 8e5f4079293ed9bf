//! Nodes: the processes that serve one deployment.

use super::clock::Timestamp;
use super::ids::NodeId;

/// A running process, as it has last said of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// New at every start.
    pub id: NodeId,
    /// When it started, by its own clock.
    pub started_at: Timestamp,
    /// When it last said that it runs, by its own clock. Compared with itself alone: clocks differ.
    pub seen_at: Timestamp,
}
