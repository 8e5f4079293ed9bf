//! The sessions whose sockets are open in this process, and the news that one has ended.

use crate::domain::ids::SessionId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// Sessions that somebody waits for the end of.
#[derive(Default)]
pub(super) struct OpenSessions {
    waited_for: Mutex<HashMap<SessionId, Waited>>,
}

#[derive(Default)]
struct Waited {
    ended: CancellationToken,
    waiting: usize,
}

/// Counts one who waits out again.
struct Waiting<'a> {
    sessions: &'a OpenSessions,
    session: SessionId,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waited_for = self.sessions.waited_for();
        if let Some(waited) = waited_for.get_mut(&self.session) {
            waited.waiting -= 1;
            if waited.waiting == 0 {
                waited_for.remove(&self.session);
            }
        }
    }
}

impl OpenSessions {
    /// Returns once the session has ended.
    pub(super) async fn end_of(&self, session: SessionId) {
        let ended = {
            let mut waited_for = self.waited_for();
            let waited = waited_for.entry(session).or_default();
            waited.waiting += 1;
            waited.ended.clone()
        };
        let _waiting = Waiting { sessions: self, session };
        ended.cancelled().await;
    }

    /// Tells all who wait for it.
    pub(super) fn end(&self, session: SessionId) {
        if let Some(waited) = self.waited_for().get(&session) {
            waited.ended.cancel();
        }
    }

    /// All that are waited for.
    pub(super) fn all(&self) -> Vec<SessionId> {
        self.waited_for().keys().copied().collect()
    }

    fn waited_for(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Waited>> {
        self.waited_for.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use std::pin::pin;
    use tokio::time::{Duration, timeout};

    #[tokio::test]
    async fn all_who_wait_hear_of_the_end_and_leave_nothing_behind() {
        let sessions = OpenSessions::default();
        let session = SessionId::new(Timestamp::from_unix_millis(0).unwrap());
        let (mut one, mut two) = (pin!(sessions.end_of(session)), pin!(sessions.end_of(session)));
        assert!(timeout(Duration::ZERO, &mut one).await.is_err());
        assert!(timeout(Duration::ZERO, &mut two).await.is_err());
        assert_eq!(sessions.all(), [session]);
        sessions.end(session);
        one.await;
        two.await;
        assert!(sessions.all().is_empty());
    }
}
