//! What the viewer is notified of, as one subscriber hears it: each notification once, in the order in which they were
//! made, and how many are not seen wherever that is another number than the client would count.

use super::Feed;
use super::event::Event;
use super::reading;
use crate::bus::Subscription;
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::notification::{Notification, NotificationsVersion};
use crate::domain::rules::MAX_UNSEEN;
use crate::error::{Code, Result};
use crate::store::notifications::Standing;
use futures_util::future::{BoxFuture, FutureExt as _, OptionFuture};
use futures_util::stream::{self, StreamExt as _};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// Notifications that are read at a time.
const CHUNK: u32 = 50;

/// Where one subscriber stands.
pub(super) struct Notified {
    feed: Arc<Feed>,
    user: UserId,
    /// Of which conversations it is told; `None` for all.
    conversations: Option<HashSet<ConversationId>>,
    rings: Subscription,
    looks: watch::Receiver<NotificationsVersion>,
    /// What the client knows.
    told: Standing,
    /// Whether that is to be asked again, though no version says so.
    is_stale: bool,
    finding: OptionFuture<BoxFuture<'static, Result<Found>>>,
}

/// What the client does not know yet.
struct Found {
    made: Vec<Notification>,
    /// As of where these are all, and how many were not seen then.
    standing: Standing,
    /// Whether there are more.
    is_more: bool,
}

impl Notified {
    /// From now on.
    pub(super) async fn begin(
        feed: &Arc<Feed>,
        user: UserId,
        conversations: Option<HashSet<ConversationId>>,
    ) -> Result<Self> {
        let is_its = |ring: &Arc<Ring>| std::future::ready(matches!(&**ring, Ring::Notifications(_)));
        let rings = feed.chat.bus().subscribe(Topic::Person(user)).filter(is_its).boxed();
        let looks = feed.notified.follow(user);
        // Asked after it listens.
        let told = feed.chat.notifications_standing(user).await?;
        let (feed, finding) = (Arc::clone(feed), None.into());
        Ok(Self { feed, user, conversations, rings, looks, told, is_stale: false, finding })
    }

    /// Takes in what the viewer is about to be told: their read mark may have passed some, and some go with the membership
    /// that they belong to.
    pub(super) fn note(&mut self, event: &Event) {
        self.is_stale |= match event {
            Event::Receipt { receipt, .. } => receipt.user == self.user,
            Event::Membership { .. } | Event::Left { .. } => true,
            _ => false,
        };
    }

    /// What is new, once there is something. Cancelled, it loses nothing.
    pub(super) async fn next(&mut self) -> Result<Vec<Event>> {
        loop {
            if let Some(found) = (&mut self.finding).await {
                self.finding = None.into();
                match found {
                    Ok(found) => {
                        let events = self.take(found);
                        if !events.is_empty() {
                            return Ok(events);
                        }
                    }
                    Err(error) if error.code() == Code::Unavailable => self.find(reading::pause()),
                    Err(error) => return Err(error),
                }
                continue;
            }
            if !self.is_stale {
                self.changed().await;
            }
            self.is_stale = false;
            self.find(Duration::ZERO);
        }
    }

    /// Returns once the bus or the regular look tells that something has changed.
    async fn changed(&mut self) {
        let known = self.told.version;
        let look = async {
            // The sender is dropped only with the feed.
            if self.looks.wait_for(|version| *version > known).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = look => {}
            ring = self.rings.next() => if ring.is_none() {
                // The bus is closed: the look still tells.
                self.rings = Box::pin(stream::pending());
            },
        }
    }

    fn find(&mut self, pause: Duration) {
        let (feed, user, after) = (Arc::clone(&self.feed), self.user, self.told.version);
        let found = async move {
            sleep(pause).await;
            let standing = feed.chat.notifications_standing(user).await?;
            if standing.version <= after {
                return Ok(Found { made: Vec::new(), standing, is_more: false });
            }
            let made = feed.chat.notifications().between(user, after, standing.version, CHUNK).await?;
            let is_more = made.len() == CHUNK as usize;
            Ok(Found { made, standing, is_more })
        };
        self.finding = Some(found.boxed()).into();
    }

    fn take(&mut self, found: Found) -> Vec<Event> {
        let at = self.feed.chat.clock().now();
        let Found { made, standing, is_more } = found;
        let unseen = made.iter().filter(|notification| notification.seen_at.is_none()).count();
        let counted = self.told.unseen.saturating_add(u32::try_from(unseen).unwrap_or(u32::MAX)).min(MAX_UNSEEN);
        self.told.unseen = counted;
        if is_more {
            self.told.version = made.last().map_or(standing.version, |last| last.place.0);
            self.is_stale = true;
        } else {
            self.told = Standing { version: standing.version.max(self.told.version), unseen: standing.unseen };
        }
        let is_wanted = |notification: &Notification| match (&self.conversations, notification.conversation) {
            (Some(wanted), Some(conversation)) => wanted.contains(&conversation),
            _ => true,
        };
        let made = made.into_iter().filter(is_wanted);
        let mut events: Vec<Event> = made.map(|notification| Event::Notified { notification, at }).collect();
        if !is_more && standing.unseen != counted {
            events.push(Event::NotificationsSeen { unseen: standing.unseen, at });
        }
        events
    }
}

/// What is new of it, where it is wanted at all.
pub(super) async fn next(notified: &mut Option<Notified>) -> Result<Vec<Event>> {
    match notified {
        Some(notified) => notified.next().await,
        None => std::future::pending().await,
    }
}
