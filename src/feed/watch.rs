//! The regular look at what the bus may have lost: the ends of the logs that are listened to, the versions of their
//! members and marks, the conversations that people have come into, what they are notified of, and the sessions that have
//! ended and people who are not let in any more.

use super::Feed;
use super::tail::Tail;
use super::topic::Topic;
use crate::domain::clock::Timestamp;
use crate::domain::event::{Ring, Topic as BusTopic};
use crate::error::Result;
use crate::store::sessions::EndPlace;
use futures_util::stream::StreamExt as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

/// How long what the bus has lost stays unheard, plus the time that the look itself takes.
const PERIOD: Duration = Duration::from_secs(2);
/// Conversations or people that are asked for at once.
const CHUNK: usize = 500;
/// Ended sessions that are read at once. How many sockets are open does not matter.
const ENDED_AT_ONCE: u32 = 1_000;
/// By how much a look at ended sessions reaches back behind the look before: longer than a transaction takes in which one
/// ends, and than the clocks of two nodes differ.
const OVERLAP: Duration = Duration::from_secs(30);

impl Feed {
    /// Looks until the feed is closed.
    pub(super) async fn watch(self: Arc<Self>) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut looked_at = self.chat.clock().now();
        let looks = async {
            loop {
                ticks.tick().await;
                // Side by side: where one store is away, the other's news are still found.
                let (topics, people, blocks, notified, sessions, outsiders) = tokio::join!(
                    self.look_at_topics(),
                    self.look_after_people(),
                    self.look_at_blocks(),
                    self.look_after_notified(),
                    self.look_for_sessions(&mut looked_at),
                    self.look_for_outsiders()
                );
                for looked in [topics, people, blocks, notified, sessions, outsiders] {
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
            match &*ring {
                Ring::SessionsEnded(sessions) => sessions.iter().for_each(|session| self.sessions.end(*session)),
                Ring::ShutOut(user) => self.outsiders.end(*user),
                _ => {}
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

    /// One query, of what has ended since the look before. Who has a socket is not asked about: a socket that opens now
    /// has been let in by the store itself.
    async fn look_for_sessions(&self, looked_at: &mut Timestamp) -> Result<()> {
        let now = self.chat.clock().now();
        let mut after = EndPlace::before(looked_at.minus(OVERLAP));
        loop {
            let ended = self.chat.sessions().ended_since(after, ENDED_AT_ONCE).await?;
            for end in &ended {
                self.sessions.end(end.session);
            }
            match ended.last() {
                Some(last) if ended.len() == ENDED_AT_ONCE as usize => after = *last,
                _ => break,
            }
        }
        *looked_at = now;
        Ok(())
    }

    async fn look_for_outsiders(&self) -> Result<()> {
        for people in self.outsiders.all().chunks(CHUNK) {
            for user in self.chat.identities().shut_out_among(people).await? {
                self.outsiders.end(user);
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
