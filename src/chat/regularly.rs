//! Looks that a node makes again and again.

use crate::error::Result;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Looks at once, and then once in each period, rather late than twice, until it is told to stop. What fails is only logged, as
/// `undone`: the next look is soon enough.
pub(super) async fn regularly<F>(period: Duration, stop: CancellationToken, undone: &str, look: impl Fn() -> F)
where
    F: Future<Output = Result<()>>,
{
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let looks = async {
        loop {
            ticks.tick().await;
            if let Err(error) = look().await {
                warn!(%error, "{undone}");
            }
        }
    };
    stop.run_until_cancelled(looks).await;
}
