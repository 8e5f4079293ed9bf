//! What is no part of the log: who types, and how the members' marks move.

use super::event::Event;
use super::item::Item;
use super::listener::{Heard, Listener};
use super::marks::Marks;
use super::reading::Reading;
use super::rendition::Shared;
use crate::domain::event::ReceiptMoved;
use crate::error::Result;
use std::collections::VecDeque;

/// Who begins and stops typing. What a slow subscriber loses has lapsed anyway.
pub(super) struct Typing(pub(super) Listener);

impl Reading for Typing {
    type Given = Event;

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            match self.0.next().await? {
                Heard::Item(Item::Typing(change)) => return Ok(Some(Event::Typing { change, position: None })),
                Heard::Item(_) | Heard::Gap => {}
                Heard::Failed(_) => self.0.renew().await?,
                Heard::Left | Heard::Closed => return Ok(None),
            }
        }
    }

    fn goes_on(&mut self) -> bool {
        true
    }
}

/// How marks move. They are absolute: a slow subscriber gets all of them as they are, and goes on from there.
pub(super) struct Receipts {
    listener: Listener,
    marks: Marks,
    waiting: VecDeque<Shared<ReceiptMoved>>,
}

impl Receipts {
    pub(super) fn new(listener: Listener) -> Self {
        Self { marks: Marks::after(listener.start.versions.marks), listener, waiting: VecDeque::new() }
    }
}

impl Reading for Receipts {
    type Given = Event;

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(receipt) = self.waiting.pop_front() {
                return Ok(Some(Event::Receipt { receipt, position: None }));
            }
            self.waiting.extend(self.marks.missed(&self.listener).await?);
            if !self.waiting.is_empty() {
                continue;
            }
            match self.listener.next().await? {
                Heard::Item(Item::Receipts(receipts)) => self.waiting.extend(self.marks.take(&receipts)),
                Heard::Item(_) => {}
                Heard::Gap => self.marks.lose(),
                Heard::Failed(_) => {
                    self.marks.lose();
                    self.listener.renew().await?;
                }
                Heard::Left | Heard::Closed => return Ok(None),
            }
        }
    }

    fn goes_on(&mut self) -> bool {
        self.marks.lose();
        true
    }
}
