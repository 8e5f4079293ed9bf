//! How a subscription reads on: what it is given comes as a stream, which outlives stores that are away for a while.

use crate::error::{Code, Result};
use futures_util::stream::{self, Stream};
use std::ops::RangeInclusive;
use std::time::Duration;
use tokio::time::sleep;
use tracing::debug;

/// At least and at most, so that not all ask at once.
const PAUSE: RangeInclusive<Duration> = Duration::from_millis(250)..=Duration::from_millis(750);

/// Reads on behalf of one subscriber.
pub(super) trait Reading: Send + 'static {
    /// What the subscriber is given.
    type Given: Send;

    /// What comes next; `None` at its end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Self::Given>>> + Send;

    /// A store was away, and whatever was under way is lost. Whether it can find everything again from where it stands.
    fn goes_on(&mut self) -> bool;
}

/// How long to wait before a store that was away is asked again.
pub(super) fn pause() -> Duration {
    rand::random_range(PAUSE)
}

/// What is read, as a stream. It ends after a failure that it cannot outlive: who subscribes anew from where it stood
/// misses nothing.
pub(super) fn stream<R: Reading>(reading: R) -> impl Stream<Item = Result<R::Given>> + Send {
    // In its place on the heap, since a stream has room for it twice: while it is read, and while it is not.
    stream::unfold(Some(Box::new(reading)), |reading| async {
        let mut reading = reading?;
        loop {
            match reading.next().await {
                Ok(Some(given)) => return Some((Ok(given), Some(reading))),
                Ok(None) => return None,
                Err(error) if error.code() == Code::Unavailable && reading.goes_on() => {
                    debug!(%error, "a subscription waits for its store");
                    sleep(pause()).await;
                }
                Err(error) => return Some((Err(error), None)),
            }
        }
    })
}
