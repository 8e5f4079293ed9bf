//! The task that runs a topic: it hears the bus, fills holes from the log, drops repeats, and passes everything on once, in
//! order.

use super::Topic;
use crate::chat::Chat;
use crate::domain::event::{Bell, ReceiptsMoved, Ring, Topic as BusTopic, TypingMoved};
use crate::domain::ids::UserId;
use crate::domain::message::{MembershipVersion, Message, Revision};
use crate::error::{Error, Result};
use crate::feed::herald::Heralds;
use crate::feed::item::{Growth, Item, Moves, Review, TypingChange};
use crate::feed::phantoms::{Phantoms, Turn};
use crate::feed::put_off::PutOff;
use crate::feed::reads::Reads;
use crate::feed::rendition::Shared;
use crate::feed::tail::Tail;
use crate::feed::typists::Typists;
use crate::measures::Counted;
use futures_util::stream::{self, StreamExt as _};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tracing::{debug, warn};

/// Messages read from the log at once.
const CHUNK: u32 = 100;
/// Chunks that a hole may have to be passed on from memory, and bytes: beyond that listeners read it at their own
/// pace. What is passed on stays until the slowest of them has it, or has fallen out.
const MAX_FILL: usize = 5;
const MAX_FILL_BYTES: usize = 512 * 1024;

/// What only the task knows.
pub(super) struct Task {
    topic: Arc<Topic>,
    chat: Arc<Chat>,
    reads: Arc<Reads>,
    typists: Typists,
    put_off: PutOff,
    phantoms: Phantoms,
    heralds: Arc<Heralds>,
    /// What they make.
    makings: JoinSet<()>,
    _counted: Counted,
}

/// Ends a topic whose task panics, so that nobody waits for it for ever.
struct FailOnPanic(Arc<Topic>);

impl Drop for FailOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(Error::internal("a topic's task panicked"));
        }
    }
}

impl Task {
    pub(super) fn of(topic: Arc<Topic>, chat: Arc<Chat>, reads: Arc<Reads>, counted: Counted) -> Self {
        let phantoms = Phantoms::of(topic.conversation, &chat);
        Self {
            topic,
            chat,
            reads,
            typists: Typists::default(),
            put_off: PutOff::default(),
            phantoms,
            heralds: Arc::default(),
            makings: JoinSet::new(),
            _counted: counted,
        }
    }

    pub(super) async fn run(mut self, mut looks: mpsc::Receiver<Option<Tail>>) {
        let ended = self.topic.ended.clone();
        let _guard = FailOnPanic(Arc::clone(&self.topic));
        let bus_topic = BusTopic::Conversation(self.topic.conversation);
        let mut rings = self.chat.bus().subscribe(bus_topic);
        match ended.run_until_cancelled(self.start()).await {
            Some(Ok(())) => self.topic.ready.send_replace(true),
            Some(Err(error)) => return self.topic.fail(error),
            None => return,
        };
        loop {
            let alarms = [self.typists.next_lapse(), self.put_off.next_due(), self.phantoms.next_turn()];
            let alarm = alarms.into_iter().flatten().min();
            let step = async {
                tokio::select! {
                    ring = rings.next() => match ring {
                        Some(ring) => self.hear(&ring).await,
                        // The bus is closed: what others write is still found by looking.
                        None => rings = Box::pin(stream::pending()),
                    },
                    Some(tail) = looks.recv() => self.take_in(tail).await,
                    () = sleep_until(alarm.unwrap_or_else(Instant::now)), if alarm.is_some() => self.wake().await,
                }
            };
            // What is under way when the topic ends is for nobody.
            if ended.run_until_cancelled(step).await.is_none() {
                return;
            }
        }
    }

    /// Where the log ends, read after the bus is heard: what comes later will be rung.
    async fn start(&self) -> Result<()> {
        let tail = self.reads.tail(self.topic.conversation).await?;
        let mut place = self.topic.place();
        place.revision = tail.head.revision;
        place.versions = tail.versions;
        Ok(())
    }

    async fn hear(&mut self, ring: &Ring) {
        let outcome = match ring {
            Ring::Log(bell) => self.hear_or_put_off(bell).await,
            Ring::Receipts(receipts) => self.hear_receipts(receipts).await,
            Ring::Typing(moved) => {
                self.hear_typing(moved).await;
                Ok(())
            }
            Ring::Members(changed) => self.review_below(changed.version).await,
            Ring::Memberships(_)
            | Ring::Notifications(_)
            | Ring::SessionsEnded(_)
            | Ring::ShutOut(_)
            | Ring::People
            | Ring::Blocks(_)
            | Ring::Apart(..) => Ok(()),
        };
        self.note(outcome);
    }

    /// What fails here is taken up by the next bell or the next look at the tail: the topic stands where it stood.
    fn note(&self, outcome: Result<()>) {
        if let Err(error) = outcome {
            warn!(conversation = %self.topic.conversation, %error, "a topic waits for its store");
        }
    }

    async fn hear_or_put_off(&mut self, bell: &Bell) -> Result<()> {
        let messages = bell.messages.as_ref().map_or(0, Vec::len);
        let wait = self.chat.ambience().map(|ambience| ambience.put_off(bell.conversation, bell.to, messages));
        let wait = wait.unwrap_or_default();
        if wait.is_zero() && self.put_off.next_due().is_none() {
            return self.hear_bell(bell).await;
        }
        match self.put_off.add(bell.clone(), wait) {
            Some(first) => self.hear_bell(&first).await,
            None => Ok(()),
        }
    }

    async fn hear_bell(&mut self, bell: &Bell) -> Result<()> {
        self.review_below(bell.membership_version).await?;
        let revision = self.topic.place().revision;
        if bell.to <= revision {
            return Ok(());
        }
        match &bell.messages {
            Some(messages) if bell.from <= revision.next() => {
                let news = messages.iter().filter(|message| message.revision > revision).cloned().collect();
                self.advance(bell.to, news).await
            }
            _ => self.fill().await,
        }
    }

    /// Reads what is missing. The last chunk is read to the log's end, so that nothing below it can be missing: a
    /// message that moved on meanwhile was met before, or is met there.
    async fn fill(&mut self) -> Result<()> {
        let conversation = self.topic.conversation;
        let mut news: HashMap<_, Message> = HashMap::new();
        let (mut chunks, mut bytes) = (0, 0);
        let mut reached = self.topic.place().revision;
        debug!(%conversation, from = reached.number(), "a hole is filled from the log");
        loop {
            let chunk = self.chat.log().since(conversation, reached, CHUNK).await?;
            let is_last = chunk.len() < CHUNK as usize;
            reached = chunk.last().map_or(reached, |message| message.revision);
            chunks += 1;
            bytes += chunk.iter().map(Message::bytes).sum::<usize>();
            news.extend(chunk.into_iter().map(|message| (message.id, message)));
            if is_last && news.is_empty() {
                return Ok(());
            }
            if chunks > MAX_FILL || bytes > MAX_FILL_BYTES {
                return self.leap().await;
            }
            if is_last {
                return self.advance(reached, news.into_values().collect()).await;
            }
        }
    }

    /// Passes over a hole that is too large to be passed on.
    async fn leap(&self) -> Result<()> {
        self.review().await?;
        let end = self.end().await?;
        self.topic.place().revision = end;
        self.topic.pass_on(Item::Behind);
        Ok(())
    }

    async fn advance(&mut self, to: Revision, news: Vec<Message>) -> Result<()> {
        let needed = news.iter().map(|message| message.membership_version).max();
        self.review_below(needed.unwrap_or_default()).await?;
        let from = std::mem::replace(&mut self.topic.place().revision, to);
        for message in news.iter().filter(|message| message.seq > from) {
            self.hear_typing(&TypingMoved {
                conversation: message.conversation,
                user: message.author,
                is_typing: false,
                at: message.created_at,
            })
            .await;
        }
        let growth = Growth::new(from, news, &self.heralds);
        self.pass_on(Item::Grown(Arc::new(growth))).await;
        Ok(())
    }

    /// Nothing that bears a version above the topic's own is passed on before the members have been read anew.
    async fn review_below(&self, needed: MembershipVersion) -> Result<()> {
        let is_current = needed <= self.topic.place().versions.members;
        if is_current { Ok(()) } else { self.review().await }
    }

    async fn review(&self) -> Result<()> {
        let asked: Vec<UserId> = self.topic.place().listeners.keys().copied().collect();
        let roster = self.chat.conversations().roster(self.topic.conversation, &asked).await?;
        {
            let mut place = self.topic.place();
            place.versions.members = place.versions.members.max(roster.version);
        }
        self.topic.pass_on(Item::Members(Arc::new(Review { version: roster.version, members: roster.members })));
        Ok(())
    }

    async fn take_in(&mut self, tail: Option<Tail>) {
        let outcome = match tail {
            Some(tail) => self.try_to_take_in(tail).await,
            // Each of its listeners finds that there is nothing to be a member of.
            None => self.review().await,
        };
        self.note(outcome);
    }

    async fn try_to_take_in(&mut self, tail: Tail) -> Result<()> {
        self.review_below(tail.versions.members).await?;
        if tail.versions.marks > self.topic.place().versions.marks {
            self.find_receipts().await?;
        }
        let revision = self.topic.place().revision;
        if tail.head.revision > revision {
            let is_on_its_way = self.put_off.reaches(tail.head.revision);
            return if is_on_its_way { Ok(()) } else { self.fill().await };
        }
        // The look may be older than what a bell has brought since: only a second one tells that the log is shorter.
        if tail.head.revision < revision && self.end().await? < revision {
            warn!(conversation = %self.topic.conversation, revision = revision.number(), "the log is shorter than before");
            self.topic.fail(Error::unavailable("the conversation", "its log is shorter than before: it was restored"));
        }
        Ok(())
    }

    async fn end(&self) -> Result<Revision> {
        self.chat.revision(self.topic.conversation).await
    }

    async fn hear_receipts(&mut self, receipts: &ReceiptsMoved) -> Result<()> {
        let known = self.topic.place().versions.marks;
        if receipts.version == known.next() {
            self.pass_on_receipts(receipts.clone()).await;
        } else if receipts.version > known {
            self.find_receipts().await?;
        }
        Ok(())
    }

    /// Reads the marks whose moves were not heard of.
    async fn find_receipts(&mut self) -> Result<()> {
        let known = self.topic.place().versions.marks;
        let receipts = self.reads.receipts(self.topic.conversation, known).await?;
        if receipts.version > known {
            self.pass_on_receipts(receipts).await;
        }
        Ok(())
    }

    async fn pass_on_receipts(&mut self, receipts: ReceiptsMoved) {
        self.topic.place().versions.marks = receipts.version;
        self.pass_on(Item::Receipts(Arc::new(Moves::new(receipts, &self.heralds)))).await;
    }

    async fn pass_on_typing(&mut self, change: TypingChange) {
        self.pass_on(Item::Typing(Shared::in_topic(change, &self.heralds))).await;
    }

    /// Passes it on, made already in the forms that it will be wanted in.
    async fn pass_on(&mut self, item: Item) {
        self.heralds.make(|| item.events(), &mut self.makings).await;
        self.topic.pass_on(item);
    }

    async fn hear_typing(&mut self, moved: &TypingMoved) {
        self.chat.hear_typing(moved);
        if let Some(change) = self.typists.hear(moved) {
            self.pass_on_typing(change).await;
        }
    }

    /// Does what it is time for.
    async fn wake(&mut self) {
        while let Some(bell) = self.put_off.due() {
            let outcome = self.hear_bell(&bell).await;
            self.note(outcome);
        }
        self.lapse().await;
        let conversation = self.topic.conversation;
        let Some(turn) = self.phantoms.turn(conversation, &self.chat).await else { return };
        let (user, is_typing) = match turn {
            Turn::Begins(user) => (user, true),
            Turn::Ends(user) => (user, false),
        };
        let at = self.chat.clock().now();
        if let Some(change) = self.typists.seem(&TypingMoved { conversation, user, is_typing, at }) {
            self.pass_on_typing(change).await;
        }
    }

    async fn lapse(&mut self) {
        let now = self.chat.clock().now();
        while let Some(change) = self.typists.lapse(self.topic.conversation, now) {
            self.pass_on_typing(change).await;
        }
    }
}
