//! How many of something there have been, and how many there are now.

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::{MetricType, TypedMetric};
use std::fmt;

/// How many of something there have been.
#[derive(Clone, Debug, Default)]
pub struct Tally(pub(super) Counter);

impl Tally {
    /// That many more.
    pub fn add(&self, count: u64) {
        self.0.inc_by(count);
    }
}

/// How many of something there are now.
#[derive(Clone, Debug, Default)]
pub struct Level(Gauge);

/// One of them. It is one fewer once this is dropped.
#[derive(Debug)]
pub struct Counted(Gauge);

impl Level {
    /// One more, for as long as what this gives is kept.
    pub fn enter(&self) -> Counted {
        self.0.inc();
        Counted(self.0.clone())
    }

    /// So it is now.
    pub fn set(&self, is_so: bool) {
        self.0.set(is_so.into());
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl EncodeMetric for Level {
    fn encode(&self, encoder: MetricEncoder<'_>) -> fmt::Result {
        self.0.encode(encoder)
    }

    fn metric_type(&self) -> MetricType {
        Gauge::<i64>::TYPE
    }
}

impl TypedMetric for Level {
    const TYPE: MetricType = Gauge::<i64>::TYPE;
}
