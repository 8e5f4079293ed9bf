//! What a bus drops, counted, and told in the log without drowning it.

use crate::measures::{BusMeasures, Tally};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tracing::warn;

/// The log hears of one cause no oftener than this.
const QUIET: Duration = Duration::from_secs(5);

/// The rings that were dropped for one cause.
pub(super) struct Losses {
    cause: &'static str,
    tally: Tally,
    count: Mutex<Count>,
}

#[derive(Default)]
struct Count {
    total: u64,
    logged: u64,
    logged_at: Option<Instant>,
}

impl Losses {
    /// None yet. `cause` is what the log line and the measure call it.
    pub(super) fn new(cause: &'static str, measures: &BusMeasures) -> Self {
        Self { cause, tally: measures.dropped(cause), count: Mutex::default() }
    }

    /// That many more; answers whether the log was told, with all that came since the last time.
    pub(super) fn add(&self, rings: u64) -> bool {
        self.tally.add(rings);
        let (since, total) = {
            let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
            count.total += rings;
            if count.logged_at.is_some_and(|at| at.elapsed() < QUIET) {
                return false;
            }
            let since = count.total - count.logged;
            count.logged = count.total;
            count.logged_at = Some(Instant::now());
            (since, count.total)
        };
        warn!(cause = self.cause, rings = since, total, "rings dropped");
        true
    }
}

/// What the log has not been told yet, it is told at the end.
impl Drop for Losses {
    fn drop(&mut self) {
        let count = self.count.get_mut().unwrap_or_else(PoisonError::into_inner);
        if count.total > count.logged {
            let rings = count.total - count.logged;
            warn!(cause = self.cause, rings, total = count.total, "rings dropped");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_log_hears_of_the_first_loss_and_then_only_now_and_then() {
        let losses = Losses::new("test", &BusMeasures::default());
        assert!(losses.add(1));
        assert!(!losses.add(1));
        tokio::time::advance(QUIET).await;
        assert!(losses.add(1));
        assert!(!losses.add(1));
    }
}
