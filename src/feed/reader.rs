//! One conversation as a subscriber to events reads it: what was missed from the log, then that it has all, then live.

use super::event::{Event, EventKind, Place, Wanted};
use super::item::{Growth, Item};
use super::listener::{CHUNK, Heard, Listener};
use super::marks::Marks;
use super::reading::Reading;
use super::rendition::Shared;
use crate::domain::event::ReceiptMoved;
use crate::domain::message::{MembershipVersion, Message, Revision};
use crate::error::{Code, Result};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Where a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// With what happens from now on.
    Now,
    /// After that revision; the client is told once it has all.
    After(Revision),
}

/// What a reader is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Find out whether the log goes on from where the client stands.
    Place,
    /// Read the log.
    Replay,
    /// Hear what happens.
    Listen,
    /// Listen anew: the topic has failed.
    Renew,
    /// Nothing more.
    End,
}

/// What the client has been told of the conversation's members and face.
#[derive(Clone, Copy, Debug)]
struct Members {
    /// Up to which version.
    known: MembershipVersion,
    /// Whether there may be later ones that were not heard of.
    is_lost: bool,
}

/// Where one subscriber stands in one conversation.
pub(super) struct Reader {
    listener: Listener,
    stage: Stage,
    /// Every change up to here has been given, or was not asked for.
    position: Revision,
    marks: Marks,
    members: Members,
    waiting: VecDeque<Event>,
    /// Whether the client is to be told once it has all.
    owes_sync: bool,
    wanted: Arc<Wanted>,
    /// One subscriber replays few conversations at a time, so that what it holds in memory is bounded.
    slots: Arc<Semaphore>,
    slot: Option<OwnedSemaphorePermit>,
}

impl Reader {
    pub(super) fn new(listener: Listener, from: Beginning, wanted: Arc<Wanted>, slots: Arc<Semaphore>) -> Self {
        let (stage, position, owes_sync) = match from {
            Beginning::Now => (Stage::Listen, listener.start.revision, false),
            Beginning::After(position) => (Stage::Place, position, true),
        };
        let marks = Marks::after(listener.start.versions.marks);
        let members = Members { known: listener.start.versions.members, is_lost: false };
        let waiting = VecDeque::new();
        Self { listener, stage, position, marks, members, waiting, owes_sync, wanted, slots, slot: None }
    }

    fn wants_messages(&self) -> bool {
        self.wanted.holds_kind(EventKind::Message)
    }

    /// Whether the log goes on from where the client stands, and how far away its end is.
    async fn place(&mut self) -> Result<()> {
        let mut end = self.listener.start.revision;
        if self.position > end {
            // The topic may not have heard yet of what the client has: the log decides.
            let tail = self.listener.feed().reads.tail(self.listener.conversation()).await?;
            end = end.max(tail.head.revision);
        }
        let missed = end.number() - self.position.number();
        let is_too_much = missed > i64::from(self.listener.feed().settings.max_replay);
        if missed < 0 || (is_too_much && self.wants_messages()) {
            self.resync(end);
        } else if missed > 0 && self.wants_messages() {
            self.stage = Stage::Replay;
        } else {
            self.position = end;
            self.synced();
        }
        Ok(())
    }

    /// The client is to fetch the conversation anew, and gets what comes after that revision.
    fn resync(&mut self, end: Revision) {
        self.owes_sync = false;
        self.position = end;
        self.listener.feed().measures.count_resync();
        let place = self.here();
        self.waiting.push_back(Event::ResyncNeeded(place));
        self.stage = Stage::Listen;
    }

    /// Reads the next chunk.
    async fn replay(&mut self) -> Result<()> {
        if self.slot.is_none() {
            // Fails only where it is closed, which nobody does.
            self.slot = Arc::clone(&self.slots).acquire_owned().await.ok();
        }
        let (position, heard) = (self.position, self.listener.heard_to());
        let chunk = self.listener.read(move |chat, id| async move { chat.log().since(id, position, CHUNK).await });
        let Some(chunk) = chunk.await? else {
            self.leave();
            return Ok(());
        };
        let is_last = chunk.len() < CHUNK as usize;
        if is_last {
            let latest = chunk.last().map_or(position, |message| message.revision);
            self.listener.confirm_end(latest, heard).await?;
        }
        self.listener.feed().measures.count_replayed(chunk.len(), is_last);
        self.give(chunk.into_iter().map(|message| Shared::new(Arc::new(message))), true);
        if is_last {
            self.synced();
            // Those that wait are older than what the client is about to be shown.
            self.marks.lose();
        }
        Ok(())
    }

    /// From here on it is live.
    fn synced(&mut self) {
        self.stage = Stage::Listen;
        if std::mem::take(&mut self.owes_sync) {
            let place = self.here();
            self.waiting.push_back(Event::Synced(place));
        }
    }

    async fn listen(&mut self) -> Result<()> {
        if self.wanted.needs_receipts() {
            let missed = self.marks.missed(&self.listener).await?;
            self.give_receipts(missed);
            if !self.waiting.is_empty() {
                return Ok(());
            }
        }
        if self.members.is_lost && self.wanted.holds_kind(EventKind::Conversation) {
            let tail = self.listener.feed().reads.tail(self.listener.conversation()).await?;
            self.members.is_lost = false;
            self.give_members(tail.versions.members);
            if !self.waiting.is_empty() {
                return Ok(());
            }
        }
        match self.listener.next().await? {
            Heard::Item(Item::Grown(growth)) => self.grow(&growth),
            Heard::Item(Item::Receipts(receipts)) => {
                let moved = self.marks.take(&receipts);
                self.give_receipts(moved);
            }
            Heard::Item(Item::Typing(change)) => {
                self.waiting.push_back(Event::Typing { change, position: Some(self.position) });
            }
            Heard::Item(Item::Members(review)) => self.give_members(review.version),
            Heard::Item(Item::Behind) => self.stage = self.rereading(),
            Heard::Gap => {
                self.lose();
                self.stage = self.rereading();
            }
            Heard::Left => self.leave(),
            Heard::Failed(error) if error.code() == Code::Unavailable => self.stage = Stage::Renew,
            Heard::Failed(error) => return Err(error),
            Heard::Closed | Heard::Item(Item::Ended) => self.stage = Stage::End,
        }
        Ok(())
    }

    /// Listens to another topic. The log is not the one that was read before, wherever it ends by now.
    async fn renew(&mut self) -> Result<()> {
        match self.listener.renew().await {
            Ok(()) => {
                self.marks = Marks::after(self.listener.start.versions.marks);
                self.members = Members { known: self.listener.start.versions.members, is_lost: false };
                self.resync(self.listener.start.revision);
            }
            Err(error) if matches!(error.code(), Code::NotFound | Code::NotAllowed) => self.leave(),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn rereading(&self) -> Stage {
        if self.wants_messages() { Stage::Replay } else { Stage::Listen }
    }

    fn grow(&mut self, growth: &Growth) {
        let position = self.position;
        if self.wants_messages() && position < growth.after {
            // The replay before this was answered by a store that was behind.
            self.stage = Stage::Replay;
        } else if self.wants_messages() {
            self.give(growth.by_revision().filter(|message| message.revision > position).cloned(), false);
        } else if let Some(last) = growth.by_revision().last() {
            self.position = self.position.max(last.revision);
        }
    }

    /// Each brings the client to its revision: all that waits is given before anything else is done.
    fn give(&mut self, messages: impl Iterator<Item = Shared<Arc<Message>>>, is_replay: bool) {
        for message in messages {
            self.position = message.revision;
            self.waiting.push_back(Event::Message { message, is_replay });
        }
    }

    fn give_receipts(&mut self, moved: Vec<Shared<ReceiptMoved>>) {
        let position = Some(self.position);
        self.waiting.extend(moved.into_iter().map(|receipt| Event::Receipt { receipt, position }));
    }

    fn give_members(&mut self, version: MembershipVersion) {
        if version > self.members.known {
            self.members.known = version;
            let place = self.here();
            self.waiting.push_back(Event::Conversation(place));
        }
    }

    /// What is no part of the log may have changed unheard.
    fn lose(&mut self) {
        self.marks.lose();
        self.members.is_lost = true;
    }

    fn leave(&mut self) {
        let Place { conversation, at, .. } = self.here();
        self.waiting.push_back(Event::Left { conversation, at });
        self.stage = Stage::End;
    }

    fn here(&self) -> Place {
        let at = self.listener.chat().clock().now();
        Place { conversation: self.listener.conversation(), position: self.position, at }
    }
}

impl Reading for Reader {
    type Given = Event;

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(Some(event));
            }
            if self.stage != Stage::Replay {
                self.slot = None;
            }
            match self.stage {
                Stage::Place => self.place().await?,
                Stage::Replay => self.replay().await?,
                Stage::Listen => self.listen().await?,
                Stage::Renew => self.renew().await?,
                Stage::End => return Ok(None),
            }
        }
    }

    /// What was heard while the store was away may be lost; the log has it.
    fn goes_on(&mut self) -> bool {
        self.lose();
        if self.stage == Stage::Listen {
            self.stage = self.rereading();
        }
        true
    }
}
