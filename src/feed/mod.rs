//! Subscriptions: what a subscriber hears, and that nothing of it is missed.
//!
//! One live topic per conversation and process hears the bus; a subscriber reads the log up to where the topic stands
//! and then what the topic passes on. It keeps its own pace: one that falls behind reads on from the log.

mod item;
mod listener;
mod messages;
mod sessions;
mod signals;
mod topic;
mod typists;
mod watch;

pub use item::TypingChange;

use crate::chat::{Chat, Viewer};
use crate::domain::event::ReceiptMoved;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::{Message, Revision};
use crate::error::{Error, Result};
use futures_util::Stream;
use listener::{Entrance, Listener};
use messages::Messages;
use sessions::OpenSessions;
use signals::Receipts;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use topic::Topic;

/// What subscribers hear. Owns the tasks of its topics.
pub struct Feed {
    chat: Arc<Chat>,
    topics: Mutex<HashMap<ConversationId, Arc<Topic>>>,
    sessions: OpenSessions,
    closed: CancellationToken,
    tasks: TaskTracker,
}

impl Feed {
    /// A feed of that chat. Must be made within a runtime: it begins at once to look at what the bus may lose.
    pub fn new(chat: Arc<Chat>) -> Arc<Self> {
        let feed = Arc::new(Self {
            chat,
            topics: Mutex::default(),
            sessions: OpenSessions::default(),
            closed: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        feed.tasks.spawn(Arc::clone(&feed).watch());
        feed
    }

    /// The messages of one conversation as they come; with `after`, first all those since then. `NOT_FOUND` on
    /// `conversationId` for anyone but its members, `INVALID_INPUT` on `afterSeq` for a place that the log has not reached.
    pub async fn messages(
        self: &Arc<Self>,
        viewer: &Viewer,
        conversation: ConversationId,
        after: Option<Revision>,
    ) -> Result<impl Stream<Item = Result<Arc<Message>>> + use<>> {
        let listener = self.listen(viewer, conversation).await?;
        if let Some(after) = after
            && after > listener.began_at
            // The topic may not have heard yet of what the client has: the log decides.
            && after > self.chat.revision(conversation).await?
        {
            let message = "is above the conversation's revision: fetch its history anew and go on from there";
            return Err(Error::invalid("afterSeq", message));
        }
        Ok(Messages::new(listener, after).into_stream())
    }

    /// Who begins and stops typing in one conversation. `NOT_FOUND` as [`Feed::messages`] has it.
    pub async fn typing(
        self: &Arc<Self>,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Result<impl Stream<Item = Result<TypingChange>> + use<>> {
        Ok(signals::typing(self.listen(viewer, conversation).await?))
    }

    /// How the marks of one conversation's members move. `NOT_FOUND` as [`Feed::messages`] has it.
    pub async fn receipts(
        self: &Arc<Self>,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Result<impl Stream<Item = Result<ReceiptMoved>> + use<>> {
        Ok(Receipts::new(self.listen(viewer, conversation).await?).into_stream())
    }

    /// Returns once the viewer's session has ended before its time: at once where the bus tells, within seconds where
    /// it does not.
    pub async fn session_end(&self, viewer: &Viewer) {
        self.sessions.end_of(viewer.session).await;
    }

    /// Ends every subscription and waits for the topics' tasks.
    pub async fn close(&self) {
        self.closed.cancel();
        for topic in self.topics() {
            topic.ended.cancel();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn listen(self: &Arc<Self>, viewer: &Viewer, conversation: ConversationId) -> Result<Listener> {
        let listener = Listener::new(self.enter(viewer, conversation)).await?;
        // Asked after it listens: a removal from now on is heard.
        if listener.is_member().await? { Ok(listener) } else { Err(crate::chat::no_such_conversation()) }
    }

    fn enter(self: &Arc<Self>, viewer: &Viewer, conversation: ConversationId) -> Entrance {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if topics.get(&conversation).is_some_and(|topic| topic.ended.is_cancelled()) {
            topics.remove(&conversation);
        }
        let topic = topics.entry(conversation).or_insert_with(|| {
            let (topic, task) = Topic::new(conversation, Arc::clone(&self.chat));
            if self.closed.is_cancelled() {
                topic.ended.cancel();
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
            topic.ended.cancel();
            if topics.get(&topic.conversation).is_some_and(|current| Arc::ptr_eq(current, topic)) {
                topics.remove(&topic.conversation);
            }
        }
    }

    fn topics(&self) -> Vec<Arc<Topic>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
