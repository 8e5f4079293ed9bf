//! The messages of one conversation, by `seq`: replayed from the log, then live, each once.

use super::item::Item;
use super::listener::{Heard, Listener};
use crate::domain::message::{Message, Revision};
use crate::domain::page::{Take, Window};
use crate::error::Result;
use futures_util::stream::{self, Stream};
use std::collections::VecDeque;
use std::sync::Arc;

/// Messages read from the log at once. With their texts they are what one replaying subscriber holds in memory.
const CHUNK: u32 = 50;

/// Where one subscriber stands.
pub(super) struct Messages {
    listener: Listener,
    /// Every message up to here has been given, or was not asked for.
    position: Revision,
    waiting: VecDeque<Arc<Message>>,
    is_replaying: bool,
}

impl Messages {
    /// From that place on; what is missing until the topic's own place comes from the log.
    pub(super) fn new(listener: Listener, after: Option<Revision>) -> Self {
        let position = after.unwrap_or(listener.began_at);
        Self { listener, position, waiting: VecDeque::new(), is_replaying: after.is_some() }
    }

    /// The messages as a stream. It ends after a failure: who subscribes anew from the last `seq` misses nothing.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Arc<Message>>> {
        stream::unfold(Some(self), |messages| async {
            let mut messages = messages?;
            match messages.next().await {
                Ok(Some(message)) => Some((Ok(message), Some(messages))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    async fn next(&mut self) -> Result<Option<Arc<Message>>> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                self.position = message.seq;
                return Ok(Some(message));
            }
            if self.is_replaying {
                if !self.replay().await? {
                    return Ok(None);
                }
                continue;
            }
            match self.listener.next().await? {
                Heard::Item(Item::Grown(growth)) => {
                    // By seq, so that one that was changed since it was sent still comes in its place.
                    let news = growth.by_seq.iter().filter(|message| message.seq > self.position);
                    self.waiting.extend(news.cloned());
                }
                Heard::Item(Item::Behind) | Heard::Gap => self.is_replaying = true,
                Heard::Item(Item::Members(_) | Item::Receipt(_) | Item::Typing(_)) => {}
                Heard::End => return Ok(None),
            }
        }
    }

    /// Reads the next chunk; whether the viewer may have it. Asked after the read: one who was removed gets nothing
    /// that was sent afterwards.
    async fn replay(&mut self) -> Result<bool> {
        let window = Window { after: Some(self.position), before: None, take: Take::First(CHUNK) };
        let page = self.listener.chat().log().page(self.listener.topic().conversation, &window).await?;
        if !self.listener.is_member().await? {
            return Ok(false);
        }
        self.is_replaying = page.has_next;
        self.waiting.extend(page.items.into_iter().map(Arc::new));
        Ok(true)
    }
}
