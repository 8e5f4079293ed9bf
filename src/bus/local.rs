//! The bus within one process.

use super::{Bus, Subscription};
use crate::domain::event::{Ring, Topic};
use futures_util::StreamExt as _;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

/// Rings that may wait for one listener. A slower one loses the oldest, finds the hole and reads the store.
const CAPACITY: usize = 256;

/// One channel for each topic that has listeners.
#[derive(Default)]
pub struct LocalBus {
    topics: Arc<Topics>,
}

type Topics = Mutex<HashMap<Topic, broadcast::Sender<Arc<Ring>>>>;

/// Takes a topic's channel away with its last listener.
struct Listening {
    topics: Arc<Topics>,
    topic: Topic,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        // The receiver of the stream that is being dropped with this is counted still.
        if topics
            .get(&self.topic)
            .is_some_and(|channel| channel.receiver_count() <= 1)
        {
            topics.remove(&self.topic);
        }
    }
}

impl Bus for LocalBus {
    fn publish(&self, topic: Topic, ring: Arc<Ring>) {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = topics.get(&topic) {
            // Fails where the last listener has just gone.
            let _ = channel.send(ring);
        }
    }

    fn subscribe(&self, topic: Topic) -> Subscription {
        let receiver = {
            let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
            topics
                .entry(topic)
                .or_insert_with(|| broadcast::channel(CAPACITY).0)
                .subscribe()
        };
        let listening = Listening {
            topics: Arc::clone(&self.topics),
            topic,
        };
        let rings = BroadcastStream::new(receiver);
        Box::pin(rings.filter_map(move |ring| {
            // Held by the stream, and so dropped just before its receiver.
            let _held = &listening;
            std::future::ready(ring.ok())
        }))
    }
}
