//! Who is let in, as far as the transports need to know it.

use crate::chat::{Attendance, Chat, Viewer};
use crate::domain::clock::Timestamp;
use crate::error::{Error, Result};
use crate::feed::Feed;
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// What the transports ask about tokens and sessions.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Whom a token names: `UNAUTHENTICATED` where it does not count.
    async fn authenticate(&self, token: &str) -> Result<Viewer>;

    /// Returns once the viewer's session has ended before its time.
    async fn session_end(&self, viewer: &Viewer);

    /// A socket of the viewer's is open for as long as what this gives is kept.
    fn enter(&self, viewer: &Viewer) -> Box<dyn Send>;

    /// The time by which tokens run out.
    fn now(&self) -> Timestamp;
}

/// The gate of a chat.
pub struct ChatGate {
    /// Knows tokens.
    pub chat: Arc<Chat>,
    /// Hears of sessions that end.
    pub feed: Arc<Feed>,
    /// Notes who has a socket here.
    pub attendance: Arc<Attendance>,
}

#[async_trait]
impl Gate for ChatGate {
    async fn authenticate(&self, token: &str) -> Result<Viewer> {
        self.chat.authenticate(token).await
    }

    async fn session_end(&self, viewer: &Viewer) {
        self.feed.session_end(viewer).await;
    }

    fn enter(&self, viewer: &Viewer) -> Box<dyn Send> {
        Box::new(self.attendance.enter(viewer.user))
    }

    fn now(&self) -> Timestamp {
        self.chat.clock().now()
    }
}

/// [`Gate::authenticate`] within a limit: `UNAVAILABLE` beyond it.
pub(super) async fn authenticate(gate: &dyn Gate, token: &str, limit: Duration) -> Result<Viewer> {
    let answer = timeout(limit, gate.authenticate(token)).await;
    answer.unwrap_or_else(|late| Err(Error::unavailable("signing in", late)))
}
