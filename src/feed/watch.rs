//! The regular look at what the bus may have lost: the ends of the logs that are listened to, the versions of their
//! members, and the sessions that have ended.

use super::Feed;
use super::topic::{Tail, Topic};
use crate::domain::event::{Ring, Topic as BusTopic};
use crate::domain::ids::SessionId;
use crate::error::Result;
use futures_util::stream::{self, StreamExt as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

/// How long what the bus has lost stays unheard, plus the time that the look itself takes.
const PERIOD: Duration = Duration::from_secs(2);
/// Conversations or sessions that are asked for at once.
const CHUNK: usize = 500;

impl Feed {
    /// Looks until the feed is closed.
    pub(super) async fn watch(self: Arc<Self>) {
        let mut ended = self.chat.bus().subscribe(BusTopic::Sessions);
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.closed.cancelled() => return,
                ring = ended.next() => match ring.as_deref() {
                    Some(Ring::SessionEnded(session)) => self.sessions.end(*session),
                    Some(_) => {}
                    // The bus is closed: ended sessions are still found by looking.
                    None => ended = Box::pin(stream::pending()),
                },
                _ = ticks.tick() => {
                    self.closed.run_until_cancelled(self.look()).await;
                }
            }
        }
    }

    async fn look(&self) {
        for topics in self.topics().chunks(CHUNK) {
            if let Err(error) = self.look_at(topics).await {
                warn!(%error, "the ends of the logs could not be looked at");
            }
        }
        for sessions in self.sessions.all().chunks(CHUNK) {
            if let Err(error) = self.look_for_ended(sessions).await {
                warn!(%error, "ended sessions could not be looked for");
            }
        }
    }

    async fn look_at(&self, topics: &[Arc<Topic>]) -> Result<()> {
        let ids: Vec<_> = topics.iter().map(|topic| topic.conversation).collect();
        let versions = self.chat.conversations().membership_versions(&ids).await?;
        let heads = self.chat.log().heads(&ids).await?;
        for topic in topics {
            topic.look(Tail {
                head: heads.get(&topic.conversation).copied().unwrap_or_default(),
                membership_version: versions.get(&topic.conversation).copied().unwrap_or_default(),
            });
        }
        Ok(())
    }

    async fn look_for_ended(&self, sessions: &[SessionId]) -> Result<()> {
        for session in self.chat.sessions().ended_among(sessions).await? {
            self.sessions.end(session);
        }
        Ok(())
    }
}
