//! What subscribers read.

use super::level::{Counted, Level};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

/// Of what subscribers read.
#[derive(Clone, Debug, Default)]
pub struct FeedMeasures {
    topics: Level,
    queue_drops: Counter,
    replays: Counter,
    replayed: Counter,
    resyncs: Counter,
}

impl FeedMeasures {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let measures = Self::default();
        registry.register("feed_topics", "Conversations with subscribers on this node", measures.topics.clone());
        let help = "Full queues that were dropped: their subscribers read on from the log";
        registry.register("feed_queue_drops", help, measures.queue_drops.clone());
        let help = "Times that a subscriber has read from the log all that it had missed";
        registry.register("feed_replays", help, measures.replays.clone());
        let help = "Changes that were read so";
        registry.register("feed_replayed_changes", help, measures.replayed.clone());
        let help = "Times that a subscriber was told to fetch a conversation anew (ResyncNeeded)";
        registry.register("feed_resyncs", help, measures.resyncs.clone());
        measures
    }

    /// One conversation more has subscribers.
    pub fn topic(&self) -> Counted {
        self.topics.enter()
    }

    /// A queue was full.
    pub fn count_queue_drop(&self) {
        self.queue_drops.inc();
    }

    /// A subscriber has read that much of the log, and has all now or not.
    pub fn count_replayed(&self, changes: usize, is_last: bool) {
        self.replayed.inc_by(u64::try_from(changes).unwrap_or(u64::MAX));
        if is_last {
            self.replays.inc();
        }
    }

    /// A subscriber was told to fetch a conversation anew.
    pub fn count_resync(&self) {
        self.resyncs.inc();
    }
}
