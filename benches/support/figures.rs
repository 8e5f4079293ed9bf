//! Times, and figures of several rounds, as they are shown.

use hdrhistogram::Histogram;
use std::fmt;
use std::time::Duration;

/// How long something took, each time that it was done.
pub(crate) struct Times(Histogram<u64>);

impl Times {
    pub(crate) fn new() -> Self {
        Self(Histogram::new(3).unwrap())
    }

    /// All of these together.
    pub(crate) fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self::new();
        all.for_each(|times| sum.add(times));
        sum
    }

    pub(crate) fn record(&mut self, time: Duration) {
        self.0.record(u64::try_from(time.as_micros()).unwrap()).unwrap();
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.0.add(&other.0).unwrap();
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// What that part of the times was not above, in milliseconds.
    pub(crate) fn millis(&self, part: f64) -> f64 {
        self.0.value_at_quantile(part) as f64 / 1e3
    }

    /// A line of a table.
    pub(crate) fn show(&self, name: &str) {
        let [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1.0].map(|part| self.millis(part));
        println!("{name:>24} {:>8} {p50:>9.2} {p90:>9.2} {p99:>9.2} {max:>9.2}", self.count());
    }

    /// The head of such a table.
    pub(crate) fn show_head() {
        println!("{:>24} {:>8} {:>9} {:>9} {:>9} {:>9}", "in ms", "times", "p50", "p90", "p99", "max");
    }
}

/// Figures of several rounds: the middle one, and between which they lie.
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// Of one at least.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        Self { least: figures[0], median: figures[figures.len() / 2], most: figures[figures.len() - 1] }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ({:.3} to {:.3})", self.median, self.least, self.most)
    }
}
