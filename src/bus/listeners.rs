//! The listeners of this process, by topic, and how they are told. Knows of no other process, but holds what its user
//! keeps open towards them while a topic has listeners.

use super::Subscription;
use super::losses::Losses;
use crate::domain::event::{Ring, Topic};
use crate::measures::BusMeasures;
use futures_util::{StreamExt as _, stream};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// Rings that may wait for a topic's slowest listener; it loses the oldest beyond them. A power of two. A topic's empty
/// channel takes 40 bytes for each.
const CAPACITY: usize = 128;

/// One channel for each topic that has listeners, and its line: made for the first of them, dropped after the last.
pub(super) struct Listeners<L> {
    topics: Arc<Topics<L>>,
}

struct Topics<L> {
    /// `None` once closed.
    open: Mutex<Option<HashMap<Topic, Channel<L>>>>,
    missed: Losses,
}

struct Channel<L> {
    rings: broadcast::Sender<Arc<Ring>>,
    /// Counted here and not by the channel, whose receivers come and go outside the lock.
    listeners: usize,
    _line: L,
}

impl<L> Topics<L> {
    fn lock(&self) -> MutexGuard<'_, Option<HashMap<Topic, Channel<L>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L> Listeners<L> {
    /// None yet.
    pub(super) fn new(measures: &BusMeasures) -> Self {
        let missed = Losses::new("a listener fell behind", measures);
        Self { topics: Arc::new(Topics { open: Mutex::new(Some(HashMap::new())), missed }) }
    }
}

impl<L: Send + 'static> Listeners<L> {
    /// Tells the topic's listeners, if there are any. Never waits for one.
    pub(super) fn tell(&self, topic: Topic, ring: Arc<Ring>) {
        // Told outside the lock: what is woken may end a subscription, which takes it.
        let rings = match &*self.topics.lock() {
            Some(open) => open.get(&topic).map(|channel| channel.rings.clone()),
            None => None,
        };
        if let Some(rings) = rings {
            // Fails where the last listener has just gone.
            let _ = rings.send(ring);
        }
    }

    /// One more listener. The first of a topic makes its line, under the lock: `line` must not wait or come back here.
    pub(super) fn listen(&self, topic: Topic, line: impl FnOnce(Voice) -> L) -> Subscription {
        let receiver = {
            let mut open = self.topics.lock();
            let Some(open) = open.as_mut() else {
                return Box::pin(stream::empty());
            };
            let channel = open.entry(topic).or_insert_with(|| {
                let rings = broadcast::Sender::new(CAPACITY);
                Channel { _line: line(Voice(rings.downgrade())), rings, listeners: 0 }
            });
            channel.listeners += 1;
            channel.rings.subscribe()
        };
        let listening = Listening { topics: Arc::clone(&self.topics), topic };
        let rings = BroadcastStream::new(receiver).filter_map(move |ring| {
            let ring = ring.map_err(|BroadcastStreamRecvError::Lagged(rings)| listening.topics.missed.add(rings));
            std::future::ready(ring.ok())
        });
        Box::pin(rings)
    }
}

impl<L> Listeners<L> {
    /// Ends every subscription, after what waits for it, and takes no more.
    pub(super) fn close(&self) {
        let ended = self.topics.lock().take();
        // Outside the lock, which a line's end might want.
        drop(ended);
    }
}

impl<L> Drop for Listeners<L> {
    fn drop(&mut self) {
        self.close();
    }
}

/// Tells one topic's listeners what comes over their line, as long as there are any.
pub(super) struct Voice(broadcast::WeakSender<Arc<Ring>>);

impl Voice {
    /// Tells them. Never waits for one.
    pub(super) fn tell(&self, ring: Arc<Ring>) {
        if let Some(rings) = self.0.upgrade() {
            let _ = rings.send(ring);
        }
    }
}

/// A listener's place in the count.
struct Listening<L> {
    topics: Arc<Topics<L>>,
    topic: Topic,
}

impl<L> Drop for Listening<L> {
    fn drop(&mut self) {
        let gone = {
            let mut open = self.topics.lock();
            match open.as_mut().map(|open| open.entry(self.topic)) {
                Some(Entry::Occupied(mut channel)) => {
                    channel.get_mut().listeners -= 1;
                    (channel.get().listeners == 0).then(|| channel.remove())
                }
                Some(Entry::Vacant(_)) | None => None,
            }
        };
        // Outside the lock, like the other ends.
        drop(gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::ids::SessionId;
    use futures_util::FutureExt as _;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A line that counts itself.
    struct Line(Arc<AtomicUsize>);

    impl Line {
        fn open(lines: &Arc<AtomicUsize>) -> Self {
            lines.fetch_add(1, Ordering::SeqCst);
            Self(Arc::clone(lines))
        }
    }

    impl Drop for Line {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn ring() -> Arc<Ring> {
        Arc::new(Ring::SessionsEnded(vec![SessionId::new(Timestamp::from_unix_millis(0).unwrap())]))
    }

    #[tokio::test]
    async fn a_topic_has_one_line_from_its_first_listener_to_its_last() {
        let (listeners, lines) = (Listeners::new(&BusMeasures::default()), Arc::default());
        let listen = || listeners.listen(Topic::Sessions, |_| Line::open(&lines));
        let (first, second) = (listen(), listen());
        assert_eq!(lines.load(Ordering::SeqCst), 1);
        drop(first);
        assert_eq!(lines.load(Ordering::SeqCst), 1);
        drop(second);
        assert_eq!(lines.load(Ordering::SeqCst), 0);
        let _third = listen();
        assert_eq!(lines.load(Ordering::SeqCst), 1);
        listeners.close();
        assert_eq!(lines.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_line_of_listeners_that_have_gone_tells_their_successors_nothing() {
        let listeners = Listeners::new(&BusMeasures::default());
        let mut old = None;
        drop(listeners.listen(Topic::Sessions, |voice| old = Some(voice)));
        let mut successor = listeners.listen(Topic::Sessions, |_| ());
        old.unwrap().tell(ring());
        listeners.close();
        assert!(successor.next().now_or_never().is_some_and(|end| end.is_none()));
    }

    #[tokio::test]
    async fn dropping_the_bus_ends_its_subscriptions() {
        let listeners = Listeners::new(&BusMeasures::default());
        let mut subscription = listeners.listen(Topic::Sessions, |_| ());
        drop(listeners);
        assert!(subscription.next().now_or_never().is_some_and(|end| end.is_none()));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn listeners_that_come_and_go_at_once_hear_what_follows_and_leave_nothing() {
        let (listeners, lines) = (Arc::new(Listeners::new(&BusMeasures::default())), Arc::new(AtomicUsize::new(0)));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (listeners, lines) = (Arc::clone(&listeners), Arc::clone(&lines));
            tasks.spawn(async move {
                for _ in 0..2_000 {
                    let mut rings = listeners.listen(Topic::Sessions, |_| Line::open(&lines));
                    listeners.tell(Topic::Sessions, ring());
                    assert!(rings.next().await.is_some());
                }
            });
        }
        while let Some(task) = tasks.join_next().await {
            task.unwrap();
        }
        assert_eq!(lines.load(Ordering::SeqCst), 0);
        assert!(listeners.topics.lock().as_ref().unwrap().is_empty());
    }
}
