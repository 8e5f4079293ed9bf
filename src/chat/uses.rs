//! When each session was last used. No request waits for it to be written, and few write it: what is noted here is written
//! for many at once, and of each session once a minute at the most.

use super::Chat;
use super::regularly::regularly;
use crate::domain::clock::Timestamp;
use crate::domain::ids::SessionId;
use crate::domain::user::Session;
use crate::error::Result;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// What was used so lately is not noted again.
const PRECISION: Duration = Duration::from_mins(1);
/// How long a use that was noted stays unwritten, plus the time that the writing takes.
const PERIOD: Duration = Duration::from_secs(5);
/// Sessions whose use may be unwritten. Of one more it is noted with a later use.
const MAX_NOTED: usize = 100_000;
/// Sessions whose uses are written in one go.
const AT_ONCE: usize = 1_024;
/// How long a node that stops goes on writing.
const STOP_LIMIT: Duration = Duration::from_secs(2);
/// How long a session is kept that has ended or run out: longer than any node may take to look for ended ones.
const KEPT: Duration = Duration::from_hours(1);
/// How often those are forgotten, and how many at once.
const FORGET_PERIOD: Duration = Duration::from_mins(10);
const FORGOTTEN_AT_ONCE: u32 = 1_000;

/// What is known of this process's sessions and not written yet.
#[derive(Default)]
pub(super) struct Uses(Mutex<HashMap<SessionId, Timestamp>>);

impl Uses {
    /// The session is used now. Never waits.
    pub(super) fn note(&self, session: &Session, now: Timestamp) {
        if now.since(session.last_used_at) < PRECISION {
            return;
        }
        let mut noted = self.noted();
        if noted.len() < MAX_NOTED || noted.contains_key(&session.id) {
            noted.insert(session.id, now);
        }
    }

    /// When the session was last used, as far as this process knows.
    pub(super) fn latest(&self, session: &Session) -> Timestamp {
        let noted = self.noted().get(&session.id).copied();
        noted.map_or(session.last_used_at, |noted| noted.max(session.last_used_at))
    }

    fn take(&self) -> Vec<(SessionId, Timestamp)> {
        std::mem::take(&mut *self.noted()).into_iter().collect()
    }

    fn noted(&self) -> MutexGuard<'_, HashMap<SessionId, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chat {
    /// Writes when sessions were used, and forgets those that are over, until it is told to stop.
    pub async fn keep_sessions(self: Arc<Self>, stop: CancellationToken) {
        let write = || async {
            self.write_uses().await;
            Ok(())
        };
        tokio::join!(
            regularly(PERIOD, stop.clone(), "it is not written when sessions were last used", write),
            regularly(FORGET_PERIOD, stop, "sessions that are over are forgotten later", || self.forget_sessions()),
        );
        if timeout(STOP_LIMIT, self.write_uses()).await.is_err() {
            warn!("it is not written when sessions were last used");
        }
    }

    async fn write_uses(&self) {
        for some in self.uses.take().chunks(AT_ONCE) {
            // Who goes on using it is noted again.
            if let Err(error) = self.sessions.note_uses(some).await {
                warn!(%error, "it is not written when sessions were last used");
            }
        }
    }

    async fn forget_sessions(&self) -> Result<()> {
        let before = self.clock.now().minus(KEPT);
        while self.sessions.forget(before, FORGOTTEN_AT_ONCE).await? == FORGOTTEN_AT_ONCE as usize {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;

    #[test]
    fn a_use_is_noted_once_a_minute() {
        let at = |millis| Timestamp::from_unix_millis(millis).unwrap();
        let session = Session {
            id: SessionId::new(at(0)),
            user: UserId::new(at(0)),
            device_name: None,
            created_at: at(0),
            issued_at: at(0),
            last_used_at: at(0),
            expires_at: at(1_000_000),
            ended_at: None,
        };
        let uses = Uses::default();
        uses.note(&session, at(59_999));
        assert_eq!(uses.latest(&session), at(0));
        uses.note(&session, at(60_000));
        uses.note(&session, at(70_000));
        assert_eq!(uses.latest(&session), at(70_000));
        assert_eq!(uses.take(), [(session.id, at(70_000))]);
        assert_eq!(uses.take(), []);
    }
}
