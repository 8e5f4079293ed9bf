//! What is written to conversations' logs.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

/// Of what this node has written to conversations' logs.
#[derive(Clone, Debug, Default)]
pub struct LogMeasures {
    commits: Counter,
    changes: Counter,
}

impl LogMeasures {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let measures = Self::default();
        let help = "Batches that have made a conversation's log grow";
        registry.register("log_commits", help, measures.commits.clone());
        let help = "Revisions that these batches took: messages sent and changed";
        registry.register("log_changes", help, measures.changes.clone());
        measures
    }

    /// A batch took that many revisions.
    pub fn count_commit(&self, changes: u64) {
        self.commits.inc();
        self.changes.inc_by(changes);
    }
}
