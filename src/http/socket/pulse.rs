//! Whether the client is still there.

use super::closing::End;
use super::outbox::Outbox;
use crate::http::SocketSettings;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// When the last sign of life came: a message of any kind, or room for what had to wait.
pub(super) struct Pulse {
    began: Instant,
    /// Milliseconds since then.
    last: AtomicU64,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), last: AtomicU64::new(0) }
    }

    /// There was a sign of life.
    pub(super) fn beat(&self) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(millis, Ordering::Relaxed);
    }

    /// Asks for signs of life, and returns when there have been none for too long.
    pub(super) async fn watch(&self, outbox: &Outbox, settings: &SocketSettings) -> End {
        let asking = async {
            loop {
                sleep(settings.ping_every).await;
                outbox.ping();
            }
        };
        tokio::select! {
            () = self.stopped(settings.silence_limit) => End::Gone,
            () = asking => End::Gone,
        }
    }

    async fn stopped(&self, limit: Duration) {
        loop {
            let deadline = self.began + Duration::from_millis(self.last.load(Ordering::Relaxed)) + limit;
            if deadline <= Instant::now() {
                return;
            }
            sleep_until(deadline).await;
        }
    }
}
