//! What becomes of people, told to those in this process who may see it. It stands in the database under numbers of the
//! whole server: the bus only says that there are new ones, and what it loses the next look finds.

use super::Feed;
use super::event::{Event, PresenceTurn, ProfileTurn};
use super::events::{Memberships, News};
use super::onlookers::{Audience, Interest, Mailbox, Onlooker, Sight};
use super::reading::Reading;
use super::rendition::Shared;
use crate::chat::Viewer;
use crate::domain::conversation::Member;
use crate::domain::event::{Ring, Topic as BusTopic};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::presence::{PeopleVersion, Presence};
use crate::error::Result;
use crate::store::blocks::Block;
use futures_util::FutureExt as _;
use futures_util::stream::{self, StreamExt as _};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tracing::warn;

/// How long what the bus has lost stays unheard, plus the time that the look itself takes.
const PERIOD: Duration = Duration::from_secs(2);
/// How long to wait before a store that was away is asked again.
const PAUSE: Duration = Duration::from_secs(1);
/// People of whom is told at once.
const CHUNK: u32 = 256;
/// Pairs of people, one of whom has blocked the other or blocks them no more, that wait for a store to be told so.
const MAX_APART: usize = 10_000;
/// How long one who begins to look waits until what happens now is heard of.
const READY_LIMIT: Duration = Duration::from_secs(2);

/// Up to where all has been told.
#[derive(Clone, Copy)]
struct Told {
    turns: PeopleVersion,
    profiles: PeopleVersion,
}

impl Feed {
    /// Tells until the feed is closed. While nobody wants to hear it, nothing is asked and nothing is heard.
    pub(super) async fn watch_people(self: Arc<Self>) {
        let mut count = self.onlookers.count();
        let watch = async {
            while count.wait_for(|count| *count > 0).await.is_ok() {
                let mut nobody = count.clone();
                tokio::select! {
                    () = self.follow_people() => {}
                    _ = nobody.wait_for(|count| *count == 0) => {}
                }
                self.onlookers.set_ready(false);
            }
        };
        self.closed.run_until_cancelled(watch).await;
    }

    async fn follow_people(&self) {
        let mut rings = self.chat.bus().subscribe(BusTopic::People);
        let version = loop {
            match self.chat.presence().people_version().await {
                Ok(version) => break version,
                Err(error) => warn!(%error, "who is online cannot be told"),
            }
            sleep(PAUSE).await;
        };
        let mut told = Told { turns: version, profiles: version };
        self.onlookers.set_ready(true);
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Of a block no look tells: who has rung of one is kept until that is answered.
        let mut apart = VecDeque::new();
        loop {
            let mut waiting = Vec::new();
            tokio::select! {
                ring = rings.next() => match ring {
                    Some(ring) => waiting.push(ring),
                    // The bus is closed: the look still tells.
                    None => rings = Box::pin(stream::pending()),
                },
                _ = ticks.tick() => {}
            }
            // One look answers all that have rung.
            waiting.extend(std::iter::from_fn(|| rings.next().now_or_never().flatten()));
            let pairs = waiting.iter().filter_map(|ring| match **ring {
                Ring::Apart(one, other) => Some((one, other)),
                _ => None,
            });
            apart.extend(pairs);
            // While the store is away the oldest are given up, and shown wrongly until they come or go.
            apart.drain(..apart.len().saturating_sub(MAX_APART));
            if let Err(error) = self.answer(&mut apart, &mut told).await {
                warn!(%error, "who is online cannot be told");
            }
        }
    }

    async fn answer(&self, apart: &mut VecDeque<(UserId, UserId)>, told: &mut Told) -> Result<()> {
        self.tell_of_people(told).await?;
        while let Some((one, other)) = apart.front() {
            self.tell_apart(*one, *other).await?;
            apart.pop_front();
        }
        Ok(())
    }

    /// Tells each of two people how they see the other, after a block was set between them or has ended. Who is offline is
    /// seen so before and after: nothing is told.
    async fn tell_apart(&self, one: UserId, other: UserId) -> Result<()> {
        let crowd = Crowd::read(self, &[one, other]).await?;
        let presences = self.chat.presence().presences(&[one, other]).await?;
        let at = self.chat.clock().now();
        for (viewer, user) in [(one, other), (other, one)] {
            let Some(online) = presences.get(&user).filter(|presence| presence.is_online) else { continue };
            let presence = if crowd.sees(viewer, user) { *online } else { Presence::default() };
            let Audience { acquainted, others } = self.onlookers.audience(user, crowd.conversations(user));
            let theirs = acquainted.iter().chain(&others).filter(|mailbox| mailbox.viewer == viewer);
            for mailbox in theirs.filter(|mailbox| mailbox.interest.presence) {
                mailbox.put(Sight::Turn(Shared::new(PresenceTurn { user, presence, at })));
            }
        }
        Ok(())
    }

    /// Tells all that is new since then.
    async fn tell_of_people(&self, told: &mut Told) -> Result<()> {
        loop {
            let turns = self.chat.presence().turned_since(told.turns, CHUNK).await?;
            let profiles = self.chat.profiles_since(told.profiles, CHUNK).await?;
            let last = Told {
                turns: turns.last().map_or(told.turns, |turn| turn.version),
                profiles: profiles.last().map_or(told.profiles, |profile| profile.version),
            };
            let people: HashSet<_> =
                turns.iter().map(|turn| turn.user).chain(profiles.iter().map(|profile| profile.user)).collect();
            if people.is_empty() {
                return Ok(());
            }
            let crowd = Crowd::read(self, &people.into_iter().collect::<Vec<_>>()).await?;
            for turn in &turns {
                crowd.tell_turn(self, turn.user, turn.now).await?;
            }
            for profile in &profiles {
                crowd.tell_profile(self, profile.user);
            }
            *told = last;
            if turns.len().max(profiles.len()) < CHUNK as usize {
                return Ok(());
            }
        }
    }

    /// One who hears of people from now on.
    pub(super) async fn look_at_people(&self, viewer: UserId, interest: Interest, of: HashSet<UserId>) -> Onlooker {
        let onlooker = self.onlookers.add(viewer, interest, of);
        // Where a store is away, it is heard once that is back.
        let _ = timeout(READY_LIMIT, self.onlookers.ready()).await;
        onlooker
    }
}

/// What has to be known of people to tell of them.
struct Crowd {
    conversations: HashMap<UserId, Vec<ConversationId>>,
    blocks: HashSet<Block>,
}

impl Crowd {
    async fn read(feed: &Feed, people: &[UserId]) -> Result<Self> {
        let mut conversations: HashMap<UserId, Vec<ConversationId>> = HashMap::new();
        for member in feed.chat.conversations().memberships_of(people).await?.iter().filter(|one| one.has_joined()) {
            conversations.entry(member.user).or_default().push(member.conversation);
        }
        // Asked afterwards: what they go out of meanwhile is found here. Whoever is gone is told of by where they were.
        for (user, conversation) in feed.chat.conversations().left_by_deleted(people).await? {
            conversations.entry(user).or_default().push(conversation);
        }
        Ok(Self { conversations, blocks: feed.chat.blocks().around(people).await? })
    }

    fn conversations(&self, user: UserId) -> &[ConversationId] {
        self.conversations.get(&user).map_or(&[], Vec::as_slice)
    }

    fn sees(&self, viewer: UserId, user: UserId) -> bool {
        let blocks = [Block { by: viewer, of: user }, Block { by: user, of: viewer }];
        !blocks.iter().any(|block| self.blocks.contains(block))
    }

    async fn tell_turn(&self, feed: &Feed, user: UserId, presence: Presence) -> Result<()> {
        let at = feed.chat.clock().now();
        let audience = feed.onlookers.audience(user, self.conversations(user));
        let wants = |mailbox: &&Arc<Mailbox>| mailbox.interest.presence && self.sees(mailbox.viewer, user);
        // One's own coming and going is for those alone who have named themselves.
        let of_others = |mailbox: &&Arc<Mailbox>| mailbox.viewer != user;
        let turn = Shared::new(PresenceTurn { user, presence, at });
        for mailbox in audience.acquainted.iter().filter(wants).filter(of_others) {
            mailbox.put(Sight::Turn(turn.clone()));
        }
        let others: Vec<_> = audience.others.iter().filter(wants).collect();
        if others.is_empty() {
            return Ok(());
        }
        let pairs: Vec<_> = others.iter().map(|mailbox| (mailbox.viewer, user)).collect();
        let acquainted = feed.chat.presence().acquainted(&pairs).await?;
        for mailbox in others {
            let is_acquainted = mailbox.viewer == user || acquainted.contains(&(mailbox.viewer, user));
            let last_seen_at = presence.last_seen_at.filter(|_| is_acquainted);
            let presence = Presence { last_seen_at, ..presence };
            mailbox.put(Sight::Turn(Shared::new(PresenceTurn { user, presence, at })));
        }
        Ok(())
    }

    fn tell_profile(&self, feed: &Feed, user: UserId) {
        let at = feed.chat.clock().now();
        let audience = feed.onlookers.audience(user, self.conversations(user));
        let turn = Shared::new(ProfileTurn { user, at });
        for mailbox in audience.acquainted.iter().filter(|mailbox| mailbox.interest.profiles) {
            mailbox.put(Sight::Profile(turn.clone()));
        }
    }
}

/// The coming and going of people on behalf of one subscriber.
pub(super) struct Turns {
    feed: Arc<Feed>,
    viewer: Viewer,
    onlooker: Onlooker,
    /// `None` where the people are named.
    memberships: Option<Memberships>,
}

impl Turns {
    pub(super) async fn begin(feed: Arc<Feed>, viewer: Viewer, of: Option<HashSet<UserId>>) -> Self {
        let memberships = of.is_none().then(|| Memberships::begin(&feed, viewer.user));
        let interest = Interest { presence: true, profiles: false };
        let onlooker = feed.look_at_people(viewer.user, interest, of.unwrap_or_default()).await;
        Self { feed, viewer, onlooker, memberships }
    }

    /// Finds out again in which conversations the viewer is.
    async fn find(&mut self) -> Result<()> {
        let Some(memberships) = self.memberships.as_mut().filter(|memberships| memberships.known.is_none()) else {
            return Ok(());
        };
        let version = self.feed.reads.memberships_version(self.viewer.user).await?;
        let mine = self.feed.reads.memberships(self.viewer.user).await?;
        self.onlooker
            .stand_in(mine.iter().filter(|one| one.has_joined()).map(|one: &Member| one.conversation).collect());
        memberships.known = Some(version);
        Ok(())
    }
}

impl Reading for Turns {
    type Given = Event;

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            self.find().await?;
            let changed = async {
                match &mut self.memberships {
                    Some(memberships) => memberships.changed().await,
                    None => std::future::pending().await,
                }
            };
            let news = tokio::select! {
                () = self.feed.closed.cancelled() => return Ok(None),
                sight = self.onlooker.next() => match sight {
                    Sight::Turn(turn) => return Ok(Some(Event::Presence(turn))),
                    Sight::Profile(_) => continue,
                },
                news = changed => news,
            };
            if let (News::Memberships, Some(memberships)) = (news, &mut self.memberships) {
                memberships.known = None;
            }
        }
    }

    fn goes_on(&mut self) -> bool {
        true
    }
}
