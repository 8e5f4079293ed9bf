//! One subscriber's end of a topic. Dropping it lets go of the topic, and with the last listener the topic ends.

use super::Feed;
use super::blocked::{self, Blocked};
use super::item::{Item, Review};
use super::topic::{Start, Topic};
use crate::chat::{Chat, Viewer};
use crate::domain::ids::ConversationId;
use crate::domain::message::Revision;
use crate::error::{Error, Result};
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// Messages read from the log at once. With their texts they are what one replaying subscriber holds in memory.
pub(super) const CHUNK: u32 = 50;

/// Hears one conversation on behalf of one viewer, as long as the viewer is a member.
pub(super) struct Listener {
    entrance: Entrance,
    items: Receiver<Item>,
    /// Whom the viewer blocks.
    blocked: watch::Receiver<Blocked>,
    /// Up to here everything had been passed on when it began to listen.
    pub(super) start: Start,
    /// Whether it has to be asked whether the viewer is a member still, before anything more is heard.
    owes_check: bool,
    /// What was heard of the members, to be told once that is known.
    review: Option<Arc<Review>>,
    has_gap: bool,
    /// Whether the topic has said that it has ended.
    is_over: bool,
}

/// That a listener is counted in.
pub(super) struct Entrance {
    pub(super) feed: Arc<Feed>,
    pub(super) topic: Arc<Topic>,
    pub(super) viewer: Viewer,
}

impl Drop for Entrance {
    fn drop(&mut self) {
        self.feed.leave(&self.topic, self.viewer.user);
    }
}

/// What a listener hears.
pub(super) enum Heard {
    /// This happened.
    Item(Item),
    /// More happened than could wait for it: what matters of it is to be read.
    Gap,
    /// The viewer is no member any more.
    Left,
    /// The topic has failed. Nothing more comes of it; who listens anew finds another.
    Failed(Error),
    /// The server is stopping.
    Closed,
}

impl Listener {
    pub(super) async fn new(entrance: Entrance) -> Result<Self> {
        let (items, start) = entrance.topic.hear().await?;
        let blocked = entrance.feed.follow_blocks(entrance.viewer.user).await?;
        Ok(Self { entrance, items, blocked, start, owes_check: false, review: None, has_gap: false, is_over: false })
    }

    /// Listens anew, where the topic has failed. Fails with `NOT_FOUND` where the viewer is no member any more.
    pub(super) async fn renew(&mut self) -> Result<()> {
        let Entrance { feed, viewer, .. } = &self.entrance;
        *self = feed.listen(viewer, self.conversation()).await?;
        Ok(())
    }

    pub(super) fn feed(&self) -> &Feed {
        &self.entrance.feed
    }

    pub(super) fn chat(&self) -> &Chat {
        &self.feed().chat
    }

    pub(super) fn conversation(&self) -> ConversationId {
        self.entrance.topic.conversation
    }

    /// The next thing that happens. Fails where it cannot be told whether the viewer is a member still, which is asked
    /// again before anything else.
    pub(super) async fn next(&mut self) -> Result<Heard> {
        while !self.is_over {
            if self.owes_check {
                if !self.is_member().await? {
                    return Ok(Heard::Left);
                }
                self.owes_check = false;
            }
            if let Some(review) = self.review.take() {
                return Ok(Heard::Item(Item::Members(review)));
            }
            if std::mem::take(&mut self.has_gap) {
                return Ok(Heard::Gap);
            }
            match self.items.recv().await {
                // One who was out may be in again.
                Ok(Item::Members(review)) => {
                    self.owes_check = !review.members.contains(&self.entrance.viewer.user);
                    self.review = Some(review);
                }
                // Nobody is told that they seem to type themselves.
                Ok(Item::Typing(change)) if change.is_simulated && change.user == self.entrance.viewer.user => {}
                Ok(Item::Typing(change)) => {
                    if let Some(change) = blocked::heard(change, &self.blocked.borrow()) {
                        return Ok(Heard::Item(Item::Typing(change)));
                    }
                }
                Ok(Item::Ended) | Err(RecvError::Closed) => self.is_over = true,
                Ok(item) => return Ok(Heard::Item(item)),
                Err(RecvError::Lagged(_)) => {
                    self.feed().measures.count_queue_drop();
                    // What still waits is older than what is about to be read; a review may be among what was lost.
                    self.items = self.items.resubscribe();
                    // So it may be lost that the topic has ended.
                    self.is_over = self.entrance.topic.has_ended();
                    (self.owes_check, self.has_gap) = (true, true);
                }
            }
        }
        Ok(self.entrance.topic.failure().map_or(Heard::Closed, Heard::Failed))
    }

    /// Whether the viewer is a member now.
    pub(super) async fn is_member(&self) -> Result<bool> {
        self.feed().reads.is_member(self.conversation(), self.entrance.viewer.user).await
    }

    /// Up to where this process has heard of the log.
    pub(super) fn heard_to(&self) -> Revision {
        self.entrance.topic.revision()
    }

    /// To be asked where the log was read to what was said to be its end, at `reached`, while it was heard of up to `heard`
    /// before. Goes well where it is the end; `UNAVAILABLE` where the store is behind, as an old primary of MongoDB's is
    /// until it finds that there is another: what it did not tell would be missed for good.
    pub(super) async fn confirm_end(&self, reached: Revision, heard: Revision) -> Result<()> {
        // What is heard of a topic that has ended decides: its log may be another one now.
        let is_at_end = reached >= heard || self.entrance.topic.has_ended();
        if is_at_end || self.feed().reads.tail(self.conversation()).await?.head.revision >= heard {
            return Ok(());
        }
        Err(Error::unavailable("the conversation", "its store is behind what was heard of it"))
    }

    /// Reads a chunk of the log; `None` where the viewer may not have it. That is asked after the read: one who was
    /// removed gets nothing that was sent afterwards.
    ///
    /// It is done in its turn, on a task of its own: one who does not ask for more just now must not keep a turn or a
    /// connection from the others meanwhile.
    pub(super) async fn read<T, R>(&self, read: impl FnOnce(Arc<Chat>, ConversationId) -> R) -> Result<Option<T>>
    where
        T: Send + 'static,
        R: Future<Output = Result<T>> + Send + 'static,
    {
        let (feed, conversation) = (Arc::clone(&self.entrance.feed), self.conversation());
        let user = self.entrance.viewer.user;
        let read = read(Arc::clone(&feed.chat), conversation);
        let task = self.feed().tasks.spawn(async move {
            let chunk = {
                // Fails only where it is closed, which nobody does.
                let _turn = feed.turns.acquire().await;
                read.await?
            };
            Ok(feed.reads.is_member(conversation, user).await?.then_some(chunk))
        });
        AbortOnDropHandle::new(task).await.map_err(Error::internal)?
    }
}
