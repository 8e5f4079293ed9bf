//! One conversation's live topic in this process, as those know it who listen here: what is passed on to them, and up to
//! where. There is one while anybody does.

mod task;

use super::item::Item;
use super::reads::Reads;
use super::tail::Tail;
use crate::chat::Chat;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Revision;
use crate::error::{Error, Result};
use crate::measures::Counted;
use crate::store::conversations::Versions;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use task::Task;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Items that wait for one listener. A slower one loses the oldest and reads on from the log.
const CAPACITY: usize = 64;

/// Up to where a topic has passed everything on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) revision: Revision,
    pub(super) versions: Versions,
}

/// What listeners and the topic's task share.
pub(super) struct Topic {
    pub(super) conversation: ConversationId,
    live: broadcast::Sender<Item>,
    /// Room for one look: while it waits to be taken in, later ones would say the same.
    tails: mpsc::Sender<Option<Tail>>,
    /// Set once the topic hears the bus and knows where the log ends.
    ready: watch::Sender<bool>,
    place: Mutex<Place>,
    /// Cancelled when nothing more will be passed on: nobody listens any more, or it has failed.
    ended: CancellationToken,
    failure: OnceLock<Error>,
}

/// Up to where the topic has passed everything on, and as of which members.
#[derive(Debug, Default)]
struct Place {
    revision: Revision,
    versions: Versions,
    /// How often each person listens here.
    listeners: HashMap<UserId, usize>,
}

impl Topic {
    /// A topic and the task that runs it, to be spawned by its owner.
    pub(super) fn new(
        conversation: ConversationId,
        chat: Arc<Chat>,
        reads: Arc<Reads>,
        counted: Counted,
    ) -> (Arc<Self>, impl Future<Output = ()>) {
        let (tails, looks) = mpsc::channel(1);
        let topic = Arc::new(Self {
            conversation,
            live: broadcast::channel(CAPACITY).0,
            tails,
            ready: watch::channel(false).0,
            place: Mutex::default(),
            ended: CancellationToken::new(),
            failure: OnceLock::new(),
        });
        let task = Task::of(Arc::clone(&topic), chat, reads, counted);
        (topic, task.run(looks))
    }

    /// Counts a listener in, before anything else is done for it.
    pub(super) fn enter(&self, user: UserId) {
        *self.place().listeners.entry(user).or_default() += 1;
    }

    /// Counts a listener out; whether it was the last.
    pub(super) fn leave(&self, user: UserId) -> bool {
        let mut place = self.place();
        if let Some(count) = place.listeners.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                place.listeners.remove(&user);
            }
        }
        place.listeners.is_empty()
    }

    /// What is passed on from now on, and up to where everything was passed on before.
    pub(super) async fn hear(&self) -> Result<(broadcast::Receiver<Item>, Start)> {
        let items = self.live.subscribe();
        let mut ready = self.ready.subscribe();
        tokio::select! {
            // The sender is ours: it cannot be gone.
            _ = ready.wait_for(|ready| *ready) => {}
            () = self.ended.cancelled() => {}
        }
        // It may have been passed on before that it has.
        if self.has_ended() {
            return Err(self.failure().unwrap_or_else(stopping));
        }
        // Read after subscribing: what is passed on later is heard, whatever it says here.
        let place = self.place();
        Ok((items, Start { revision: place.revision, versions: place.versions }))
    }

    /// Up to where everything was passed on.
    pub(super) fn revision(&self) -> Revision {
        self.place().revision
    }

    /// Takes in what the stores say, if it is anything new; `None` where the conversation is there no more.
    pub(super) fn look(&self, tail: Option<Tail>) {
        let place = self.place();
        let is_news = tail.is_none_or(|tail| {
            let is_newer = tail.versions.members > place.versions.members || tail.versions.marks > place.versions.marks;
            is_newer || tail.head.revision != place.revision
        });
        if is_news {
            // Full: the look before this is being taken in.
            let _ = self.tails.try_send(tail);
        }
    }

    /// Ends it for everybody who listens: what was passed on before is still heard.
    pub(super) fn end(&self) {
        self.ended.cancel();
        self.pass_on(Item::Ended);
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.is_cancelled()
    }

    /// Why it ended, where that was a failure.
    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.get().cloned()
    }

    /// Ends it for everybody who listens. Who comes later finds a new topic.
    fn fail(&self, error: Error) {
        // The first failure is the one that counts.
        let _ = self.failure.set(error);
        self.end();
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass_on(&self, item: Item) {
        // Fails where nobody listens at the moment.
        let _ = self.live.send(item);
    }
}

/// The answer to one who comes while the topic ends.
fn stopping() -> Error {
    Error::unavailable("the conversation", "its topic is ending")
}
