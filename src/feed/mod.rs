//! Subscriptions: what a subscriber hears, and that nothing of it is missed.
//!
//! One live topic per conversation and process hears the bus; a subscriber reads the log up to where the topic stands
//! and then what the topic passes on. It keeps its own pace: one that falls behind reads on from the log.

mod blocked;
mod crowd;
mod event;
mod events;
mod herald;
mod item;
mod listener;
mod marks;
mod messages;
mod notified;
mod onlookers;
mod people;
mod phantoms;
mod put_off;
mod reader;
mod reading;
mod reads;
mod rendition;
mod sessions;
mod signals;
mod stand;
mod tail;
mod topic;
mod typists;
mod watch;

pub use event::{Event, EventKind, Place, PresenceTurn, ProfileTurn, Wanted};
pub use herald::Herald;
pub use item::TypingChange;
pub use rendition::{Form, Rendition, Renditions, Shared};
pub use stand::Stand;

use crate::chat::{Act, Chat, Viewer};
use crate::domain::clock::Timestamp;
use crate::domain::conversation::MembershipsVersion;
use crate::domain::ids::{ConversationId, SessionId, UserId};
use crate::domain::message::Revision;
use crate::domain::notification::NotificationsVersion;
use crate::error::{Error, Result};
use crate::measures::FeedMeasures;
use blocked::Blocked;
use crowd::Turns;
use events::Events;
use futures_util::Stream;
use listener::{Entrance, Listener};
use messages::Messages;
use onlookers::Onlookers;
use people::Followed;
use reads::Reads;
use sessions::Open;
use signals::{Receipts, Typing};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio::sync::watch::Receiver;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use topic::Topic;

/// Replays that read from the log at a time, all subscribers of a process together: fewer than any store has
/// connections, so that there are some for everybody else.
const TURNS: usize = 3;

/// What an operator may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedSettings {
    /// Changes of one conversation that a subscriber to events may have missed to be told each.
    pub max_replay: u32,
}

/// What subscribers hear. Owns the tasks of its topics.
pub struct Feed {
    chat: Arc<Chat>,
    settings: FeedSettings,
    measures: FeedMeasures,
    reads: Arc<Reads>,
    turns: Semaphore,
    topics: Mutex<HashMap<ConversationId, Arc<Topic>>>,
    people: Followed<MembershipsVersion>,
    notified: Followed<NotificationsVersion>,
    blocked: Followed<Blocked>,
    onlookers: Arc<Onlookers>,
    sessions: Open<SessionId>,
    /// People who came without a session, by a trusted issuer.
    outsiders: Open<UserId>,
    closed: CancellationToken,
    tasks: TaskTracker,
}

impl Feed {
    /// A feed of that chat. Must be made within a runtime: it begins at once to look at what the bus may lose.
    pub fn new(chat: Arc<Chat>, settings: FeedSettings, measures: FeedMeasures) -> Arc<Self> {
        let feed = Arc::new(Self {
            reads: Arc::new(Reads::new(&chat)),
            chat,
            settings,
            measures,
            turns: Semaphore::new(TURNS),
            topics: Mutex::default(),
            people: Followed::default(),
            notified: Followed::default(),
            blocked: Followed::default(),
            onlookers: Arc::default(),
            sessions: Open::default(),
            outsiders: Open::default(),
            closed: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        feed.tasks.spawn(Arc::clone(&feed).watch());
        feed.tasks.spawn(Arc::clone(&feed).hear_of_sessions());
        feed.tasks.spawn(Arc::clone(&feed).hear_of_typing());
        feed.tasks.spawn(Arc::clone(&feed).watch_people());
        feed
    }

    /// Changes of one conversation that a subscriber to events may have missed to be told each.
    pub fn max_replay(&self) -> u32 {
        self.settings.max_replay
    }

    /// All that happens where the viewer is a member, each conversation in the order of its revisions. It outlives
    /// stores that are away. `expiry` is when the viewer's token runs out, which may move. `NOT_FOUND` on `conversationIds`
    /// for one that is not there for the viewer.
    pub async fn events(
        self: &Arc<Self>,
        viewer: &Viewer,
        wanted: Wanted,
        expiry: Receiver<Timestamp>,
    ) -> Result<impl Stream<Item = Result<Event>> + use<>> {
        Ok(reading::stream(Events::begin(Arc::clone(self), *viewer, wanted, expiry).await?))
    }

    /// The messages of one conversation as they come; with `after`, first all those since then. `stand` is kept up with
    /// what is given. `NOT_FOUND` on `conversationId` for anyone but its members, `INVALID_INPUT` on `afterSeq` for a place that
    /// the log has not reached.
    pub async fn messages(
        self: &Arc<Self>,
        viewer: &Viewer,
        conversation: ConversationId,
        after: Option<Revision>,
        stand: Option<Stand>,
    ) -> Result<impl Stream<Item = Result<Event>> + use<>> {
        let listener = self.listen(viewer, conversation).await?;
        if let Some(after) = after
            && after > listener.start.revision
            // The topic may not have heard yet of what the client has: the log decides.
            && after > self.chat.revision(conversation).await?
        {
            let message = "is above the conversation's revision: fetch its history anew and go on from there";
            return Err(Error::invalid("afterSeq", message));
        }
        Ok(reading::stream(Messages::new(listener, after, stand)))
    }

    /// Who begins and stops typing in one conversation. `NOT_FOUND` as [`Feed::messages`] has it.
    pub async fn typing(
        self: &Arc<Self>,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Result<impl Stream<Item = Result<Event>> + use<>> {
        Ok(reading::stream(Typing(self.listen(viewer, conversation).await?)))
    }

    /// How the marks of one conversation's members move. `NOT_FOUND` as [`Feed::messages`] has it.
    pub async fn receipts(
        self: &Arc<Self>,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Result<impl Stream<Item = Result<Event>> + use<>> {
        Ok(reading::stream(Receipts::new(self.listen(viewer, conversation).await?)))
    }

    /// These people coming online and going; without them, all who share a conversation with the viewer.
    pub async fn presence(
        self: &Arc<Self>,
        viewer: &Viewer,
        of: Option<HashSet<UserId>>,
    ) -> impl Stream<Item = Result<Event>> + use<> {
        reading::stream(Turns::begin(Arc::clone(self), *viewer, of).await)
    }

    /// Returns once the viewer's session has ended before its time, or the viewer, who came without one, is not let in any
    /// more: at once where the bus tells, within seconds where it does not.
    pub async fn session_end(&self, viewer: &Viewer) {
        match viewer.session {
            Some(session) => self.sessions.end_of(session).await,
            None => self.outsiders.end_of(viewer.user).await,
        }
    }

    /// Ends every subscription and waits for the topics' tasks.
    pub async fn close(&self) {
        self.closed.cancel();
        for topic in self.topics() {
            topic.end();
        }
        self.tasks.close();
        self.tasks.wait().await;
        self.reads.close().await;
    }

    async fn listen(self: &Arc<Self>, viewer: &Viewer, conversation: ConversationId) -> Result<Listener> {
        let listener = self.hear(viewer, conversation).await?;
        // Asked after it listens: a removal from now on is heard.
        if !listener.is_member().await? {
            self.chat.may(viewer, conversation, Act::Hear).await?;
        }
        Ok(listener)
    }

    /// A listener of one of whom it is still to be asked whether they are a member.
    async fn hear(self: &Arc<Self>, viewer: &Viewer, conversation: ConversationId) -> Result<Listener> {
        Listener::new(self.enter(viewer, conversation)).await
    }

    fn enter(self: &Arc<Self>, viewer: &Viewer, conversation: ConversationId) -> Entrance {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if topics.get(&conversation).is_some_and(|topic| topic.has_ended()) {
            topics.remove(&conversation);
        }
        let topic = topics.entry(conversation).or_insert_with(|| {
            let counted = self.measures.topic();
            let (topic, task) = Topic::new(conversation, Arc::clone(&self.chat), Arc::clone(&self.reads), counted);
            if self.closed.is_cancelled() {
                topic.end();
            }
            self.tasks.spawn(task);
            topic
        });
        // Counted in while the map is held, so that the last one to leave does not end it meanwhile.
        topic.enter(viewer.user);
        Entrance { feed: Arc::clone(self), topic: Arc::clone(topic), viewer: *viewer }
    }

    fn leave(&self, topic: &Arc<Topic>, user: UserId) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if topic.leave(user) {
            topic.end();
            if topics.get(&topic.conversation).is_some_and(|current| Arc::ptr_eq(current, topic)) {
                topics.remove(&topic.conversation);
            }
        }
    }

    fn topics(&self) -> Vec<Arc<Topic>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
