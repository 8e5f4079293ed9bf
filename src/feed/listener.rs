//! One subscriber's end of a topic. Dropping it lets go of the topic, and with the last listener the topic ends.

use super::Feed;
use super::item::{Item, Review};
use super::topic::Topic;
use crate::chat::{Chat, Viewer};
use crate::domain::message::Revision;
use crate::error::Result;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Hears one conversation on behalf of one viewer, as long as the viewer is a member.
pub(super) struct Listener {
    entrance: Entrance,
    items: Receiver<Item>,
    /// Up to here everything had been passed on when it began to listen.
    pub(super) began_at: Revision,
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
    /// The viewer is no member any more, or the server is stopping.
    End,
}

impl Listener {
    pub(super) async fn new(entrance: Entrance) -> Result<Self> {
        let (items, began_at) = entrance.topic.hear().await?;
        Ok(Self { entrance, items, began_at })
    }

    pub(super) fn chat(&self) -> &Chat {
        &self.entrance.feed.chat
    }

    pub(super) fn topic(&self) -> &Topic {
        &self.entrance.topic
    }

    /// The next thing that happens. Fails where the topic has failed, or where it cannot be told whether the viewer is a
    /// member still.
    pub(super) async fn next(&mut self) -> Result<Heard> {
        loop {
            let item = tokio::select! {
                item = self.items.recv() => item,
                () = self.entrance.topic.ended.cancelled() => {
                    return self.topic().failure().map_or(Ok(Heard::End), Err);
                }
            };
            match item {
                Ok(Item::Members(review)) if self.is_still_in(&review).await? => {}
                Ok(Item::Members(_)) | Err(RecvError::Closed) => return Ok(Heard::End),
                Ok(item) => return Ok(Heard::Item(item)),
                Err(RecvError::Lagged(_)) => {
                    // What still waits is older than what is about to be read.
                    self.items = self.items.resubscribe();
                    // A review may be among what was lost.
                    return Ok(if self.is_member().await? { Heard::Gap } else { Heard::End });
                }
            }
        }
    }

    /// Whether the viewer is a member now.
    pub(super) async fn is_member(&self) -> Result<bool> {
        let Entrance { topic, viewer, .. } = &self.entrance;
        Ok(self.chat().conversations().admission(topic.conversation, viewer.user).await?.is_some())
    }

    async fn is_still_in(&self, review: &Review) -> Result<bool> {
        let user = self.entrance.viewer.user;
        if review.asked.contains(&user) { Ok(review.members.contains(&user)) } else { self.is_member().await }
    }
}
