//! How processes hear of each other's doings at once. A bus promises nothing: what it carries may be dropped, repeated
//! and reordered, and who needs it whole reads the store. Dropping a [`Subscription`] ends it.

mod local;
mod nats;

pub use local::LocalBus;
pub use nats::NatsBus;

use crate::domain::event::{Ring, Topic};
use futures_util::stream::BoxStream;
use std::sync::Arc;

/// What is told on one topic from now on. It ends only when the bus is closed.
pub type Subscription = BoxStream<'static, Arc<Ring>>;

/// Tells and hears.
pub trait Bus: Send + Sync {
    /// Tells everyone who listens to the topic, this process's own listeners too. Never blocks and never fails: what
    /// cannot be told is dropped, and counted in the log.
    fn publish(&self, topic: Topic, ring: Arc<Ring>);

    /// Listens to a topic, and to no other. What is told after this has returned is heard, as far as a bus hears at all.
    fn subscribe(&self, topic: Topic) -> Subscription;
}
