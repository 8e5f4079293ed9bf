//! A gate that knows its tokens by heart.

use super::PATIENCE;
use async_trait::async_trait;
use natterjack::chat::Viewer;
use natterjack::domain::clock::{Clock as _, SystemClock, Timestamp};
use natterjack::domain::ids::{SessionId, UserId};
use natterjack::error::{Code, Error, Result};
use natterjack::http::Gate;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The token of somebody whose session ends when [`TestGate::sessions_end`] is cancelled.
pub(crate) const GOOD: &str = "good";
/// A token that runs out after [`BRIEFLY`].
pub(crate) const BRIEF: &str = "brief";
/// For how long [`BRIEF`] counts.
pub(crate) const BRIEFLY: Duration = Duration::from_millis(300);
/// A token that cannot be checked now.
pub(crate) const AWAY: &str = "away";
/// A token that the server stumbles over.
pub(crate) const BROKEN: &str = "broken";
/// A token that is never done being checked.
pub(crate) const STUCK: &str = "stuck";

#[derive(Default)]
pub(crate) struct TestGate {
    pub(crate) sessions_end: CancellationToken,
    /// How many have come in and not gone.
    pub(crate) inside: Arc<AtomicUsize>,
}

struct Inside(Arc<AtomicUsize>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Gate for TestGate {
    async fn authenticate(&self, token: &str) -> Result<Viewer> {
        let lasts = match token {
            GOOD => PATIENCE * 10,
            BRIEF => BRIEFLY,
            AWAY => return Err(Error::unavailable("the database", "its secret address")),
            BROKEN => return Err(Error::internal("the secret cause")),
            STUCK => pending().await,
            _ => return Err(Error::new(Code::Unauthenticated, "the token is not valid")),
        };
        let now = self.now();
        Ok(Viewer { user: UserId::new(now), session: Some(SessionId::new(now)), expires_at: now.plus(lasts) })
    }

    async fn session_end(&self, _viewer: &Viewer) {
        self.sessions_end.cancelled().await;
    }

    fn enter(&self, _viewer: &Viewer) -> Box<dyn Send> {
        self.inside.fetch_add(1, Ordering::SeqCst);
        Box::new(Inside(Arc::clone(&self.inside)))
    }

    fn now(&self) -> Timestamp {
        SystemClock.now()
    }
}
