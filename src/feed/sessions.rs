//! By what the sockets are open that this process has, sessions or people, and the news that one of them counts no more.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Those that somebody waits for the end of.
pub(super) struct Open<K> {
    waited_for: Mutex<HashMap<K, Waited>>,
}

impl<K> Default for Open<K> {
    fn default() -> Self {
        Self { waited_for: Mutex::default() }
    }
}

#[derive(Default)]
struct Waited {
    ended: CancellationToken,
    waiting: usize,
}

/// Counts one who waits out again.
struct Waiting<'a, K: Copy + Eq + Hash> {
    open: &'a Open<K>,
    one: K,
}

impl<K: Copy + Eq + Hash> Drop for Waiting<'_, K> {
    fn drop(&mut self) {
        let mut waited_for = self.open.waited_for();
        if let Some(waited) = waited_for.get_mut(&self.one) {
            waited.waiting -= 1;
            if waited.waiting == 0 {
                waited_for.remove(&self.one);
            }
        }
    }
}

impl<K: Copy + Eq + Hash> Open<K> {
    /// Returns once it has ended.
    pub(super) async fn end_of(&self, one: K) {
        let ended = {
            let mut waited_for = self.waited_for();
            let waited = waited_for.entry(one).or_default();
            waited.waiting += 1;
            waited.ended.clone()
        };
        let _waiting = Waiting { open: self, one };
        ended.cancelled().await;
    }

    /// Tells all who wait for it.
    pub(super) fn end(&self, one: K) {
        if let Some(waited) = self.waited_for().get(&one) {
            waited.ended.cancel();
        }
    }

    /// All that are waited for.
    pub(super) fn all(&self) -> Vec<K> {
        self.waited_for().keys().copied().collect()
    }

    fn waited_for(&self) -> MutexGuard<'_, HashMap<K, Waited>> {
        self.waited_for.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::ids::SessionId;
    use std::pin::pin;
    use tokio::time::{Duration, timeout};

    #[tokio::test]
    async fn all_who_wait_hear_of_the_end_and_leave_nothing_behind() {
        let sessions = Open::default();
        let session = SessionId::new(Timestamp::from_unix_millis(0).unwrap());
        let (mut one, mut two) = (pin!(sessions.end_of(session)), pin!(sessions.end_of(session)));
        assert!(timeout(Duration::ZERO, &mut one).await.is_err());
        assert!(timeout(Duration::ZERO, &mut two).await.is_err());
        assert_eq!(sessions.waited_for().keys().copied().collect::<Vec<_>>(), [session]);
        sessions.end(session);
        one.await;
        two.await;
        assert!(sessions.waited_for().is_empty());
    }
}
