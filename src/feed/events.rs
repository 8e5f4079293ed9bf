//! All that happens where one viewer is a member: a reader for each conversation, and word of those that the viewer
//! comes into.

use super::Feed;
use super::event::{Event, Wanted};
use super::listener::Listener;
use super::reader::{Beginning, Reader};
use super::reading::{self, Reading};
use crate::bus::Subscription;
use crate::chat::Viewer;
use crate::domain::conversation::{Member, MembershipsVersion};
use crate::domain::event::Topic;
use crate::domain::ids::ConversationId;
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
    /// The conversations that have a reader, or of which the client has not been told yet that it has none any more.
    read: HashSet<ConversationId>,
    memberships: Memberships,
    /// Those that the viewer has come into are being looked for.
    finding: OptionFuture<BoxFuture<'static, Result<Found>>>,
    slots: Arc<Semaphore>,
    /// When the client is to be told that its token runs out; `None` once it was.
    expiring_at: Option<Instant>,
}

/// Conversations of the viewer's that are not read yet.
struct Found {
    /// The version of the viewer's memberships as of which there are no others.
    version: MembershipsVersion,
    joined: Vec<(Member, Listener)>,
}

/// By what it is known that the viewer has come into a conversation: the bus, and the regular look.
struct Memberships {
    rings: Subscription,
    looks: watch::Receiver<MembershipsVersion>,
    /// The version as of which all of the viewer's conversations are followed; `None` where that is to be found out.
    known: Option<MembershipsVersion>,
}

impl Memberships {
    /// Returns once there may be others than those that are known.
    async fn changed(&mut self) {
        let Some(known) = self.known else { return std::future::pending().await };
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
}

impl Events {
    /// Listens to all of the viewer's conversations that are wanted. `NOT_FOUND` on `conversationIds` where one of
    /// those is not there for the viewer, and the client does not claim to know it.
    pub(super) async fn begin(feed: Arc<Feed>, viewer: Viewer, mut wanted: Wanted) -> Result<Self> {
        let left = viewer.expires_at.since(feed.chat.clock().now());
        let memberships = Memberships {
            rings: feed.chat.bus().subscribe(Topic::Person(viewer.user)),
            looks: feed.people.follow(viewer.user),
            known: None,
        };
        let positions = wanted.after.take();
        let wanted = Arc::new(wanted);
        let found = find(Arc::clone(&feed), viewer, Arc::clone(&wanted), HashSet::new()).await?;
        let mut events = Self {
            feed,
            viewer,
            wanted,
            waiting: VecDeque::new(),
            readers: SelectAll::new(),
            read: HashSet::new(),
            memberships: Memberships { known: Some(found.version), ..memberships },
            finding: None.into(),
            slots: Arc::new(Semaphore::new(REPLAYS)),
            expiring_at: Some(Instant::now() + left.saturating_sub(EXPIRY_NOTICE)),
        };
        events.start(found.joined, positions)?;
        Ok(events)
    }

    fn start(
        &mut self,
        joined: Vec<(Member, Listener)>,
        mut positions: Option<HashMap<ConversationId, Revision>>,
    ) -> Result<()> {
        for (member, listener) in joined {
            let Some(positions) = &mut positions else {
                self.follow(listener, Beginning::Now);
                continue;
            };
            let position = positions.remove(&member.conversation).unwrap_or_else(|| {
                self.waiting.push_back(Event::Joined(member));
                Revision::ZERO
            });
            self.follow(listener, Beginning::After(position));
        }
        let gone: HashSet<_> = positions.into_iter().flatten().map(|(conversation, _)| conversation).collect();
        self.check_conversations(&gone)?;
        let at = self.feed.chat.clock().now();
        let gone = gone.into_iter().filter(|id| self.wanted.holds_conversation(*id));
        self.waiting.extend(gone.map(|conversation| Event::Left { conversation, at }));
        Ok(())
    }

    fn check_conversations(&self, gone: &HashSet<ConversationId>) -> Result<()> {
        let asked = self.wanted.conversations.iter().flatten();
        if asked.into_iter().all(|id| self.read.contains(id) || gone.contains(id)) {
            return Ok(());
        }
        Err(Error::not_found("conversationIds", "there is no such conversation among these"))
    }

    fn follow(&mut self, listener: Listener, from: Beginning) {
        self.read.insert(listener.conversation());
        let reader = Reader::new(listener, from, Arc::clone(&self.wanted), Arc::clone(&self.slots));
        self.readers.push(reading::stream(reader).boxed());
    }

    /// Looks for conversations that the viewer has come into. The readers go on meanwhile.
    fn find(&mut self, pause: Duration) {
        self.memberships.known = None;
        let found = find(Arc::clone(&self.feed), self.viewer, Arc::clone(&self.wanted), self.read.clone());
        self.finding = Some(async move { sleep(pause).then(|()| found).await }.boxed()).into();
    }

    fn come_in(&mut self, found: Result<Found>) -> Result<()> {
        self.finding = None.into();
        match found {
            Ok(found) => {
                self.memberships.known = Some(found.version);
                for (member, listener) in found.joined {
                    self.waiting.push_back(Event::Joined(member));
                    self.follow(listener, Beginning::After(Revision::ZERO));
                }
                Ok(())
            }
            Err(error) if error.code() == Code::Unavailable => {
                self.find(reading::pause());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// The viewer's conversations that are wanted and not in `read`, each with a listener.
async fn find(feed: Arc<Feed>, viewer: Viewer, wanted: Arc<Wanted>, read: HashSet<ConversationId>) -> Result<Found> {
    let version = feed.reads.memberships_version(viewer.user).await?;
    let mine = feed.reads.memberships(viewer.user).await?.into_iter().map(|member| member.conversation);
    let unread = mine.filter(|id| !read.contains(id) && wanted.holds_conversation(*id));
    let listeners = join_all(unread.map(|id| feed.hear(&viewer, id))).await;
    let listeners = listeners.into_iter().collect::<Result<Vec<_>>>()?;
    // Asked again after they listen: a removal from now on is heard.
    let still = if listeners.is_empty() { Vec::new() } else { feed.reads.memberships(viewer.user).await? };
    let mut still: HashMap<_, _> = still.into_iter().map(|member| (member.conversation, member)).collect();
    let joined = listeners.into_iter();
    let joined = joined.filter_map(|listener| Some((still.remove(&listener.conversation())?, listener))).collect();
    Ok(Found { version, joined })
}

impl Reading for Events {
    type Given = Event;

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            while let Some(event) = self.waiting.pop_front() {
                if let Event::Left { conversation, .. } = &event {
                    self.read.remove(conversation);
                    // The viewer may have come in again before this was told.
                    self.find(Duration::ZERO);
                }
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
                    self.waiting.push_back(Event::SessionExpiring { expires_at: self.viewer.expires_at, at });
                }
                () = self.memberships.changed() => self.find(Duration::ZERO),
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
