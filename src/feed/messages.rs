//! The messages of one conversation, by `seq`: replayed from the log, then live, each once.

use super::event::Event;
use super::item::Item;
use super::listener::{CHUNK, Heard, Listener};
use super::reading::Reading;
use super::rendition::Shared;
use super::stand::Stand;
use crate::domain::message::{Message, Revision};
use crate::domain::page::{Take, Window};
use crate::error::Result;
use std::collections::VecDeque;
use std::sync::Arc;

/// Where one subscriber stands.
pub(super) struct Messages {
    listener: Listener,
    /// Every message up to here has been given, or was not asked for.
    position: Revision,
    waiting: VecDeque<Shared<Arc<Message>>>,
    is_replaying: bool,
    /// Whether the log has been found to be another one than before.
    is_lost: bool,
    /// Where the position is to be seen.
    stand: Option<Stand>,
}

impl Messages {
    /// From that place on; what is missing until the topic's own place comes from the log.
    pub(super) fn new(listener: Listener, after: Option<Revision>, stand: Option<Stand>) -> Self {
        let position = after.unwrap_or(listener.start.revision);
        let waiting = VecDeque::new();
        let messages = Self { listener, position, waiting, is_replaying: after.is_some(), is_lost: false, stand };
        messages.show_position();
        messages
    }

    fn show_position(&self) {
        if let Some(stand) = &self.stand {
            stand.set(self.listener.conversation(), self.position);
        }
    }

    /// Reads the next chunk; whether the viewer may have it.
    async fn replay(&mut self) -> Result<bool> {
        let window = Window { after: Some(self.position), before: None, take: Take::First(CHUNK) };
        let heard = self.listener.heard_to();
        let page = self.listener.read(|chat, id| async move { chat.log().page(id, &window).await }).await?;
        let Some(page) = page else { return Ok(false) };
        if !page.has_next {
            let latest = page.items.iter().map(|message| message.revision).max();
            self.listener.confirm_end(latest.unwrap_or_default().max(self.position), heard).await?;
        }
        self.is_replaying = page.has_next;
        self.listener.feed().measures.count_replayed(page.items.len(), !page.has_next);
        self.waiting.extend(page.items.into_iter().map(|message| Shared::new(Arc::new(message))));
        Ok(true)
    }
}

impl Reading for Messages {
    type Given = Event;

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                self.position = message.seq;
                self.show_position();
                return Ok(Some(Event::Message { message, is_replay: false }));
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
                    let news = growth.by_seq().filter(|message| message.seq > self.position);
                    self.waiting.extend(news.cloned());
                }
                Heard::Item(Item::Behind) | Heard::Gap => self.is_replaying = true,
                Heard::Item(Item::Members(_) | Item::Receipts(_) | Item::Typing(_)) => {}
                Heard::Left | Heard::Closed | Heard::Item(Item::Ended) => return Ok(None),
                Heard::Failed(error) => {
                    self.is_lost = true;
                    return Err(error);
                }
            }
        }
    }

    /// By `seq` alone it cannot be told whether a log that has failed is still the one that was read before.
    fn goes_on(&mut self) -> bool {
        self.is_replaying = true;
        !self.is_lost
    }
}
