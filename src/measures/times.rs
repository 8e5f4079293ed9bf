//! How long things take.

use prometheus_client::metrics::histogram::Histogram;

/// Bounds in seconds, from what an index answers to the longest time that anything here may take.
const BOUNDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// None yet.
pub(super) fn times() -> Histogram {
    Histogram::new(BOUNDS)
}
