//! What nodes tell each other.

use super::level::{Level, Tally};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Of what nodes tell each other.
#[derive(Clone, Debug, Default)]
pub struct BusMeasures {
    published: Counter,
    received: Counter,
    dropped: Family<Dropped, Counter>,
    connected: Level,
    connections: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Dropped {
    cause: &'static str,
}

impl BusMeasures {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let measures = Self::default();
        registry.register("bus_published", "Rings that this node has told", measures.published.clone());
        registry.register("bus_received", "Rings heard from other nodes", measures.received.clone());
        let help = "Rings that were dropped; what they told of is found by the next look";
        registry.register("bus_dropped", help, measures.dropped.clone());
        let help = "Whether other nodes can be told and heard now; 1 also where there is no bus between nodes";
        registry.register("bus_connected", help, measures.connected.clone());
        registry.register("bus_connections", "Connections to the bus so far", measures.connections.clone());
        measures
    }

    /// This node has told something.
    pub fn count_published(&self) {
        self.published.inc();
    }

    /// Another node has told something.
    pub fn count_received(&self) {
        self.received.inc();
    }

    /// Whether there is a connection now.
    pub fn set_connected(&self, is_connected: bool) {
        self.connected.set(is_connected);
        if is_connected {
            self.connections.inc();
        }
    }

    /// What is dropped for that cause.
    pub fn dropped(&self, cause: &'static str) -> Tally {
        Tally(self.dropped.get_or_create_owned(&Dropped { cause }))
    }
}
