//! The regular look at what the bus may have lost: the ends of the logs that are listened to, the versions of their
//! members and marks, the conversations that people have come into, what they are notified of, and the sessions that have
//! ended.

use super::Feed;
use super::tail::Tail;
use super::topic::Topic;
use crate::domain::event::{Ring, Topic as BusTopic};
use crate::error::Result;
use futures_util::stream::StreamExt as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

/// How long what the bus has lost stays unheard, plus the time that the look itself takes.
const PERIOD: Duration = Duration::from_secs(2);
/// Conversations, people or sessions that are asked for at once.
const CHUNK: usize = 500;

impl Feed {
    /// Looks until the feed is closed.
    pub(super) async fn watch(self: Arc<Self>) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let looks = async {
            loop {
                ticks.tick().await;
                // Side by side: where one store is away, the other's news are still found.
                let (topics, people, blocks, notified, sessions) = tokio::join!(
                    self.look_at_topics(),
                    self.look_after_people(),
                    self.look_at_blocks(),
                    self.look_after_notified(),
                    self.look_for_sessions()
                );
                for looked in [topics, people, blocks, notified, sessions] {
                    // The next look is soon enough.
                    if let Err(error) = looked {
                        warn!(%error, "the feed waits for a store");
                    }
                }
            }
        };
        self.closed.run_until_cancelled(looks).await;
    }

    /// Hears of sessions that end until the feed is closed.
    pub(super) async fn hear_of_sessions(self: Arc<Self>) {
        let mut ended = self.chat.bus().subscribe(BusTopic::Sessions);
        // Where the bus is closed, ended sessions are still found by looking.
        while let Some(Some(ring)) = self.closed.run_until_cancelled(ended.next()).await {
            if let Ring::SessionEnded(session) = &*ring {
                self.sessions.end(*session);
            }
        }
    }

    /// Hears who types until the feed is closed.
    pub(super) async fn hear_of_typing(self: Arc<Self>) {
        let mut typing = self.chat.bus().subscribe(BusTopic::Typing);
        while let Some(Some(ring)) = self.closed.run_until_cancelled(typing.next()).await {
            if let Ring::Typing(moved) = &*ring {
                self.chat.hear_typing(moved);
            }
        }
    }

    async fn look_at_topics(&self) -> Result<()> {
        for topics in self.topics().chunks(CHUNK) {
            self.look_at(topics).await?;
        }
        Ok(())
    }

    async fn look_after_people(&self) -> Result<()> {
        for people in self.people.all().chunks(CHUNK) {
            for (user, version) in self.chat.conversations().memberships_versions(people).await? {
                self.people.look(user, version, PartialOrd::gt);
            }
        }
        Ok(())
    }

    async fn look_after_notified(&self) -> Result<()> {
        for people in self.notified.all().chunks(CHUNK) {
            for (user, version) in self.chat.notifications().versions(people).await? {
                self.notified.look(user, version, PartialOrd::gt);
            }
        }
        Ok(())
    }

    async fn look_at_blocks(&self) -> Result<()> {
        for people in self.blocked.all().chunks(CHUNK) {
            self.look_at_blocks_of(people).await?;
        }
        Ok(())
    }

    async fn look_for_sessions(&self) -> Result<()> {
        for sessions in self.sessions.all().chunks(CHUNK) {
            for session in self.chat.sessions().ended_among(sessions).await? {
                self.sessions.end(session);
            }
        }
        Ok(())
    }

    async fn look_at(&self, topics: &[Arc<Topic>]) -> Result<()> {
        let ids: Vec<_> = topics.iter().map(|topic| topic.conversation).collect();
        let tails = Tail::read(&self.chat, &ids).await?;
        for topic in topics {
            topic.look(tails.get(&topic.conversation).copied());
        }
        Ok(())
    }
}
