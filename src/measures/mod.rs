//! What is counted and timed, for an operator's Prometheus. Known by every room, and knows none: whoever counts is handed
//! its part, which is cheap to clone and whose default counts for nobody. docs/operations.md describes each measure.
//!
//! A label is a text of this program's own or a number that it chooses, never one that a client has sent: no stranger can
//! make the list of series grow, nor read in it what another has sent.

mod bus;
mod documents;
mod feed;
mod level;
mod log;
mod process;
mod store;
mod times;
mod transport;

pub use bus::BusMeasures;
pub use documents::{DocumentMeasures, LookUp};
pub use feed::FeedMeasures;
pub use level::{Counted, Level, Tally};
pub use log::LogMeasures;
pub use store::{StoreMeasures, StoreOperation, StoreTimes};
pub use transport::{OperationKind, OperationOutcome, Path, SocketEnd, Transport, TransportMeasures};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// The media type of [`Measures::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All measures of a process.
#[derive(Debug)]
pub struct Measures {
    registry: Registry,
    /// Of requests, operations and sockets.
    pub transport: TransportMeasures,
    /// Of documents that were seen before.
    pub documents: DocumentMeasures,
    /// Of what subscribers read.
    pub feed: FeedMeasures,
    /// Of what is written to conversations' logs.
    pub log: LogMeasures,
    /// Of what nodes tell each other.
    pub bus: BusMeasures,
    /// Of the databases.
    pub stores: StoreMeasures,
}

impl Default for Measures {
    fn default() -> Self {
        Self::new()
    }
}

impl Measures {
    /// All of them, at zero.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("natterjack_build", "Which natterjack it is", build);
        process::register(&mut registry);
        let ours = registry.sub_registry_with_prefix("natterjack");
        Self {
            transport: TransportMeasures::register(ours),
            documents: DocumentMeasures::register(ours),
            feed: FeedMeasures::register(ours),
            log: LogMeasures::register(ours),
            bus: BusMeasures::register(ours),
            stores: StoreMeasures::register(ours),
            registry,
        }
    }

    /// How they stand now, in the text form of `OpenMetrics` 1.0.0.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Fails only where a `String` cannot be written to.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_is_described_and_the_text_is_whole() {
        let measures = Measures::new();
        measures.transport.count_request("GET", Path::Health, 200, std::time::Duration::from_millis(3));
        let text = measures.text();
        assert!(text.ends_with("# EOF\n"), "{text}");
        let counted = r#"natterjack_http_requests_total{method="GET",path="/health",status="200"} 1"#;
        assert!(text.contains(counted), "{text}");
        let named = |line: &&str| line.starts_with("# TYPE ");
        for line in text.lines().filter(named) {
            let name = line.split(' ').nth(2).unwrap();
            assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        }
    }
}
