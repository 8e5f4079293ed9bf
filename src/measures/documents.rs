//! Documents that were seen before.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Of documents that were seen before.
#[derive(Clone, Debug, Default)]
pub struct DocumentMeasures {
    hits: Counter,
    misses: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    result: &'static str,
}

/// What became of looking for a parsed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// It was there.
    Hit,
    /// It had to be parsed.
    Miss,
}

impl DocumentMeasures {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let look_ups = Family::<Labels, Counter>::default();
        let help = "Documents that were looked for among those parsed before";
        registry.register("document_cache_lookups", help, look_ups.clone());
        let of = |result| look_ups.get_or_create_owned(&Labels { result });
        Self { hits: of("hit"), misses: of("miss") }
    }

    /// A document was looked for.
    pub fn count(&self, look_up: LookUp) {
        self.counter(look_up).inc();
    }

    /// How often that was so.
    pub fn total(&self, look_up: LookUp) -> u64 {
        self.counter(look_up).get()
    }

    fn counter(&self, look_up: LookUp) -> &Counter {
        match look_up {
            LookUp::Hit => &self.hits,
            LookUp::Miss => &self.misses,
        }
    }
}
