//! All that happens where one viewer is a member: a reader for each conversation, and word of those that the viewer
//! comes into, is invited to, or is something else in than before.

use super::Feed;
use super::blocked::Blocked;
use super::event::{Event, EventKind, ProfileTurn, Wanted};
use super::listener::Listener;
use super::notified::{self, Notified};
use super::onlookers::{Interest, Onlooker, Sight};
use super::reader::{Beginning, Reader};
use super::reading::{self, Reading};
use super::rendition::Shared;
use crate::bus::Subscription;
use crate::chat::Viewer;
use crate::domain::clock::Timestamp;
use crate::domain::conversation::{Member, MembershipsVersion};
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Revision;
use crate::error::{Code, Error, Result};
use futures_util::future::{BoxFuture, FutureExt as _, OptionFuture, join_all};
use futures_util::stream::{self, BoxStream, SelectAll, StreamExt as _};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until};

/// How long before its token runs out a client is told.
const EXPIRY_NOTICE: Duration = Duration::from_mins(1);
/// Conversations that one subscriber replays at a time.
const REPLAYS: usize = 2;

/// Where one subscriber stands.
pub(super) struct Events {
    feed: Arc<Feed>,
    viewer: Viewer,
    wanted: Arc<Wanted>,
    waiting: VecDeque<Event>,
    readers: SelectAll<BoxStream<'static, Result<Event>>>,
    told: Arc<HashMap<ConversationId, Told>>,
    /// As of which version of the viewer's memberships.
    told_version: MembershipsVersion,
    memberships: Memberships,
    /// Whom the viewer blocks, and whom the client knows to be blocked.
    blocked: (watch::Receiver<Blocked>, Blocked),
    /// Hears of people, where that is wanted.
    onlooker: Option<Onlooker>,
    /// What has changed of the viewer's memberships is being looked for.
    finding: OptionFuture<BoxFuture<'static, Result<Found>>>,
    /// Hears what the viewer is notified of, where that is wanted.
    notified: Option<Notified>,
    slots: Arc<Semaphore>,
    /// When the viewer's token runs out.
    expiry: watch::Receiver<Timestamp>,
    /// When the client is to be told that; `None` once it was.
    expiring_at: Option<Instant>,
}

/// What the client knows of one of the viewer's conversations.
#[derive(Clone, Debug)]
struct Told {
    /// What the viewer is there.
    member: Member,
    /// Where the client stands.
    position: Revision,
    /// Whether it has a reader, or the client has not been told yet that it has none any more.
    is_read: bool,
    /// Whether `Synced` has shown what the viewer was there at that moment, which may be something else than `member`.
    was_shown: bool,
}

/// What of the viewer's memberships the client does not know yet.
struct Found {
    /// The version of the viewer's memberships as of which there is nothing else.
    version: MembershipsVersion,
    /// Conversations that are not read yet.
    joined: Vec<(Member, Listener)>,
    /// Those that the viewer is invited to, or is something else in than before.
    changed: Vec<Member>,
    /// Those among which is one, if any, that was something else meanwhile and may have been shown so.
    as_before: Vec<Member>,
    /// Those that the viewer is not invited to any more.
    gone: Vec<ConversationId>,
}

/// By what it is known that the viewer's memberships have changed: the bus, and the regular look.
pub(super) struct Memberships {
    rings: Subscription,
    looks: watch::Receiver<MembershipsVersion>,
    /// The version as of which the client knows all of them; `None` where that is to be found out.
    pub(super) known: Option<MembershipsVersion>,
}

/// What is new of one who is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// The memberships may be others than those that are known.
    Memberships,
    /// So may be those whom the person blocks.
    Blocks,
}

impl Memberships {
    /// Those of that person, none of which is known yet.
    pub(super) fn begin(feed: &Feed, user: UserId) -> Self {
        let is_its = |ring: &Arc<Ring>| std::future::ready(!matches!(&**ring, Ring::Notifications(_)));
        let rings = feed.chat.bus().subscribe(Topic::Person(user)).filter(is_its).boxed();
        Self { rings, looks: feed.people.follow(user), known: None }
    }

    /// Returns once there may be something new; of memberships only where they are known.
    pub(super) async fn changed(&mut self) -> News {
        let known = self.known;
        let look = async {
            let Some(known) = known else { return std::future::pending().await };
            // The sender is dropped only with the feed.
            if self.looks.wait_for(|version| *version > known).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = look => News::Memberships,
            ring = self.rings.next(), if known.is_some() => match ring.as_deref() {
                Some(Ring::Blocks(_)) => News::Blocks,
                Some(_) => News::Memberships,
                None => {
                    // The bus is closed: the look still tells.
                    self.rings = Box::pin(stream::pending());
                    News::Memberships
                }
            },
        }
    }
}

impl Events {
    /// Listens to all of the viewer's conversations that are wanted. `NOT_FOUND` on `conversationIds` where one of
    /// those is not there for the viewer, and the client does not claim to know it.
    pub(super) async fn begin(
        feed: Arc<Feed>,
        viewer: Viewer,
        mut wanted: Wanted,
        expiry: watch::Receiver<Timestamp>,
    ) -> Result<Self> {
        let memberships = Memberships::begin(&feed, viewer.user);
        let interest =
            Interest { presence: wanted.holds_kind(EventKind::Presence), profiles: wanted.holds_kind(EventKind::User) };
        let onlooker = if interest.presence || interest.profiles {
            Some(feed.look_at_people(viewer.user, interest, HashSet::new()).await)
        } else {
            None
        };
        let mut blocked = feed.follow_blocks(viewer.user).await?;
        let known_blocked = blocked.borrow_and_update().clone();
        let notified = if wanted.holds_kind(EventKind::Notification) {
            Some(Notified::begin(&feed, viewer.user, wanted.conversations.clone()).await?)
        } else {
            None
        };
        let positions = wanted.after.take();
        let wanted = Arc::new(wanted);
        let found = find(Arc::clone(&feed), viewer, Arc::clone(&wanted), Arc::default(), None).await?;
        let mut events = Self {
            feed,
            viewer,
            wanted,
            waiting: VecDeque::new(),
            readers: SelectAll::new(),
            told: Arc::default(),
            told_version: found.version,
            memberships: Memberships { known: Some(found.version), ..memberships },
            blocked: (blocked, known_blocked),
            onlooker,
            finding: None.into(),
            notified,
            slots: Arc::new(Semaphore::new(REPLAYS)),
            expiry,
            expiring_at: None,
        };
        events.await_expiry();
        events.start(found, positions)?;
        events.look_around();
        Ok(events)
    }

    fn start(&mut self, found: Found, positions: Option<HashMap<ConversationId, Revision>>) -> Result<()> {
        if let (Some(stand), Some(positions)) = (&self.wanted.stand, &positions) {
            stand.begin(positions);
        }
        let Some(mut positions) = positions else {
            for (member, listener) in found.joined {
                self.follow(member, listener, Beginning::Now);
            }
            for member in found.changed {
                self.know(member, Revision::ZERO, false);
            }
            return self.check_conversations(&HashSet::new());
        };
        for (member, listener) in found.joined {
            match positions.remove(&member.conversation) {
                Some(position) => self.follow(member, listener, Beginning::After(position)),
                None => self.join(member, listener),
            }
        }
        for member in found.changed {
            let position = positions.remove(&member.conversation).unwrap_or_default();
            self.know(member.clone(), position, false);
            self.tell(member);
        }
        let gone: HashSet<_> = positions.into_keys().collect();
        self.check_conversations(&gone)?;
        let gone = gone.into_iter().filter(|id| self.wanted.holds_conversation(*id));
        let at = self.feed.chat.clock().now();
        self.waiting.extend(gone.map(|conversation| Event::Left { conversation, at }));
        Ok(())
    }

    /// Has the client told in time that the token runs out.
    fn await_expiry(&mut self) {
        let left = self.expiry.borrow_and_update().since(self.feed.chat.clock().now());
        self.expiring_at = Some(Instant::now() + left.saturating_sub(EXPIRY_NOTICE));
    }

    /// Tells whose block the viewer has set or ended.
    fn tell_blocks(&mut self) {
        let (blocked, known) = &mut self.blocked;
        let before = std::mem::replace(known, blocked.borrow_and_update().clone()).unwrap_or_default();
        let at = self.feed.chat.clock().now();
        let changed = known.iter().flat_map(|now| before.symmetric_difference(now));
        self.waiting.extend(changed.map(|user| Event::User(Shared::new(ProfileTurn { user: *user, at }))));
    }

    /// The people of whom is told are those in the conversations that are read.
    fn look_around(&mut self) {
        if let Some(onlooker) = &mut self.onlooker {
            onlooker.stand_in(self.told.iter().filter(|(_, told)| told.is_read).map(|(id, _)| *id).collect());
        }
    }

    fn check_conversations(&self, gone: &HashSet<ConversationId>) -> Result<()> {
        let asked = self.wanted.conversations.iter().flatten();
        if asked.into_iter().all(|id| self.told.contains_key(id) || gone.contains(id)) {
            return Ok(());
        }
        Err(Error::not_found("conversationIds", "there is no such conversation among these"))
    }

    fn know(&mut self, member: Member, position: Revision, is_read: bool) {
        Arc::make_mut(&mut self.told).insert(member.conversation, Told { member, position, is_read, was_shown: false });
    }

    fn follow(&mut self, member: Member, listener: Listener, from: Beginning) {
        let position = match from {
            Beginning::Now => {
                self.show_position(member.conversation, listener.start.revision);
                listener.start.revision
            }
            Beginning::After(position) => position,
        };
        self.know(member, position, true);
        let reader = Reader::new(listener, from, Arc::clone(&self.wanted), Arc::clone(&self.slots));
        self.readers.push(reading::stream(reader).boxed());
    }

    /// Follows one that the viewer has come into, of which the client has nothing yet.
    fn join(&mut self, member: Member, listener: Listener) {
        self.follow(member.clone(), listener, Beginning::After(Revision::ZERO));
        self.tell(member);
    }

    /// Tells what the viewer is in a conversation that the client knows of.
    fn tell(&mut self, member: Member) {
        let position = self.told.get(&member.conversation).map_or(Revision::ZERO, |told| told.position);
        let at = self.feed.chat.clock().now();
        self.waiting.push_back(Event::Membership { member, position, at });
    }

    /// Looks for what has changed of the viewer's memberships. The readers go on meanwhile.
    fn find(&mut self, pause: Duration) {
        self.memberships.known = None;
        let (wanted, told) = (Arc::clone(&self.wanted), Arc::clone(&self.told));
        let found = find(Arc::clone(&self.feed), self.viewer, wanted, told, Some(self.told_version));
        self.finding = Some(async move { sleep(pause).then(|()| found).await }.boxed()).into();
    }

    fn come_in(&mut self, found: Result<Found>) -> Result<()> {
        self.finding = None.into();
        let found = match found {
            Ok(found) => found,
            Err(error) if error.code() == Code::Unavailable => {
                self.find(reading::pause());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.memberships.known = Some(found.version);
        self.told_version = found.version;
        for (member, listener) in found.joined {
            self.join(member, listener);
        }
        let may_be_known_otherwise =
            |member: &Member| self.told.get(&member.conversation).is_some_and(|told| told.was_shown);
        let shown: Vec<_> = found.as_before.into_iter().filter(may_be_known_otherwise).collect();
        for member in found.changed.into_iter().chain(shown) {
            let told = self.told.get(&member.conversation);
            let (position, is_read) = told.map_or((Revision::ZERO, false), |told| (told.position, told.is_read));
            self.know(member.clone(), position, is_read);
            self.tell(member);
        }
        let at = self.feed.chat.clock().now();
        self.waiting.extend(found.gone.into_iter().map(|conversation| Event::Left { conversation, at }));
        self.look_around();
        Ok(())
    }

    fn show_position(&self, conversation: ConversationId, position: Revision) {
        if let Some(stand) = &self.wanted.stand {
            stand.set(conversation, position);
        }
    }

    /// Takes in what the client is about to be told.
    fn note(&mut self, event: &Event) {
        if let Some((conversation, position)) = event.position()
            && let Some(told) = Arc::make_mut(&mut self.told).get_mut(&conversation)
        {
            told.position = position;
            told.was_shown |= matches!(event, Event::Synced(_));
            self.show_position(conversation, position);
        }
        if let Some(notified) = &mut self.notified {
            notified.note(event);
        }
        if let (Some(stand), Event::Membership { member, position, .. }) = (&self.wanted.stand, event) {
            stand.know(member.conversation, *position);
        }
        if let Event::Left { conversation, .. } = event {
            if let Some(stand) = &self.wanted.stand {
                stand.leave(*conversation);
            }
            let told = Arc::make_mut(&mut self.told).remove(conversation);
            if told.is_some_and(|told| told.is_read) {
                self.look_around();
                // The viewer may have come in again before this was told.
                self.find(Duration::ZERO);
            }
        }
    }
}

/// What of the viewer's memberships is wanted and not told yet; each conversation that is not read, with a listener. `before` is
/// as of which version there was nothing else.
async fn find(
    feed: Arc<Feed>,
    viewer: Viewer,
    wanted: Arc<Wanted>,
    told: Arc<HashMap<ConversationId, Told>>,
    before: Option<MembershipsVersion>,
) -> Result<Found> {
    let version = feed.reads.memberships_version(viewer.user).await?;
    let is_wanted = |member: &Member| wanted.holds_conversation(member.conversation);
    let mine: Vec<_> = feed.reads.memberships(viewer.user).await?.into_iter().filter(is_wanted).collect();
    let is_read = |id: &ConversationId| told.get(id).is_some_and(|told| told.is_read);
    let unread = mine.iter().filter(|member| member.has_joined() && !is_read(&member.conversation));
    let listeners = join_all(unread.map(|member| feed.hear(&viewer, member.conversation))).await;
    let listeners = listeners.into_iter().collect::<Result<Vec<_>>>()?;
    // Asked again after they listen: a removal from now on is heard.
    let still = if listeners.is_empty() { Vec::new() } else { feed.reads.memberships(viewer.user).await? };
    let still = still.into_iter().filter(Member::has_joined);
    let mut still: HashMap<_, _> = still.map(|member| (member.conversation, member)).collect();
    let joined = listeners.into_iter();
    let joined: Vec<_> =
        joined.filter_map(|listener| Some((still.remove(&listener.conversation())?, listener))).collect();
    let there: HashSet<_> = mine.iter().map(|member| member.conversation).collect();
    let is_gone = |(id, told): &(&ConversationId, &Told)| !told.is_read && !there.contains(*id);
    let gone: Vec<_> = told.iter().filter(is_gone).map(|(id, _)| *id).collect();
    let is_news = |member: &Member| match told.get(&member.conversation) {
        Some(told) if told.is_read => member.has_joined() && is_other(member, &told.member),
        Some(told) => !member.has_joined() && is_other(member, &told.member),
        None => !member.has_joined(),
    };
    let changed: Vec<_> = mine.iter().filter(|member| is_news(member)).cloned().collect();
    let seen = i64::try_from(joined.len() + gone.len() + changed.len()).unwrap_or(i64::MAX);
    // More has changed than is to be seen: something has become again what it was.
    let has_turned_back = before.is_some_and(|before| version.0 - before.0 > seen);
    let is_as_before = |member: &Member| member.has_joined() && is_read(&member.conversation) && !is_news(member);
    let as_before = mine.iter().filter(|member| has_turned_back && is_as_before(member)).cloned().collect();
    Ok(Found { version, joined, changed, as_before, gone })
}

/// What is heard next of people; nothing where nobody looks.
async fn sight(onlooker: Option<&Onlooker>) -> Sight {
    match onlooker {
        Some(onlooker) => onlooker.next().await,
        None => std::future::pending().await,
    }
}

/// Whether a person is something else in a conversation than before.
fn is_other(now: &Member, before: &Member) -> bool {
    (now.role, now.state, now.is_muted) != (before.role, before.state, before.is_muted)
}

impl Reading for Events {
    type Given = Event;

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            while let Some(event) = self.waiting.pop_front() {
                self.note(&event);
                if self.wanted.holds(&event) {
                    return Ok(Some(event));
                }
            }
            let expiring_at = self.expiring_at;
            tokio::select! {
                () = self.feed.closed.cancelled() => return Ok(None),
                () = sleep_until(expiring_at.unwrap_or_else(Instant::now)), if expiring_at.is_some() => {
                    self.expiring_at = None;
                    let at = self.feed.chat.clock().now();
                    let expires_at = *self.expiry.borrow();
                    self.waiting.push_back(Event::SessionExpiring { expires_at, at });
                }
                Ok(()) = self.expiry.changed() => self.await_expiry(),
                news = self.memberships.changed() => match news {
                    News::Memberships => self.find(Duration::ZERO),
                    // Where it fails, the regular look finds it.
                    News::Blocks => drop(self.feed.look_at_blocks_of(&[self.viewer.user]).await),
                },
                Ok(()) = self.blocked.0.changed() => self.tell_blocks(),
                sight = sight(self.onlooker.as_ref()) => self.waiting.push_back(match sight {
                    Sight::Turn(turn) => Event::Presence(turn),
                    Sight::Profile(turn) => Event::User(turn),
                }),
                events = notified::next(&mut self.notified) => self.waiting.extend(events?),
                Some(found) = &mut self.finding => self.come_in(found)?,
                Some(event) = self.readers.next() => self.waiting.push_back(event?),
            }
        }
    }

    /// Its readers outlive stores by themselves.
    fn goes_on(&mut self) -> bool {
        false
    }
}
