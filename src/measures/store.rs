//! How long the databases take.

use super::times::times;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

/// Of the databases.
#[derive(Clone, Debug)]
pub struct StoreMeasures {
    times: Family<Operation, Histogram, fn() -> Histogram>,
    unavailable: Family<Store, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    store: &'static str,
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Store {
    store: &'static str,
}

impl Default for StoreMeasures {
    fn default() -> Self {
        Self { times: Family::new_with_constructor(times), unavailable: Family::default() }
    }
}

impl StoreMeasures {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let measures = Self::default();
        let help = "Seconds that one answer of a database took, waiting for a connection included";
        registry.register("store_duration_seconds", help, measures.times.clone());
        let help = "Answers that a database did not give: away, overloaded or too slow";
        registry.register("store_unavailable", help, measures.unavailable.clone());
        measures
    }

    /// Those of the store that operators call so.
    pub fn of(&self, store: &'static str) -> StoreTimes {
        let of = |operation| self.times.get_or_create_owned(&Operation { store, operation });
        StoreTimes {
            read: of("read"),
            write: of("write"),
            begin: of("begin"),
            commit: of("commit"),
            unavailable: self.unavailable.get_or_create_owned(&Store { store }),
        }
    }
}

/// What a database is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreOperation {
    /// To answer a question.
    Read,
    /// To change something.
    Write,
    /// To begin a transaction.
    Begin,
    /// To end one, so that it lasts.
    Commit,
}

/// Of one database.
#[derive(Clone, Debug)]
pub struct StoreTimes {
    read: Histogram,
    write: Histogram,
    begin: Histogram,
    commit: Histogram,
    unavailable: Counter,
}

impl StoreTimes {
    /// An answer took that long.
    pub fn observe(&self, operation: StoreOperation, took: Duration) {
        let times = match operation {
            StoreOperation::Read => &self.read,
            StoreOperation::Write => &self.write,
            StoreOperation::Begin => &self.begin,
            StoreOperation::Commit => &self.commit,
        };
        times.observe(took.as_secs_f64());
    }

    /// There was no answer.
    pub fn count_unavailable(&self) {
        self.unavailable.inc();
    }
}
