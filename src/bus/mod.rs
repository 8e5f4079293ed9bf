//! How processes hear of each other's doings at once. A bus promises nothing: what it carries may be dropped, repeated
//! and reordered, and who needs it whole reads the store. Dropping a [`Subscription`] ends it.

mod listeners;
mod local;
mod losses;
mod nats;

pub use local::LocalBus;
pub use nats::NatsBus;

use crate::domain::event::{Ring, Topic};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use std::sync::Arc;

/// What is told on one topic from now on. A listener that falls behind loses the oldest, so that it still hears the
/// latest and finds the hole. It ends only when the bus is closed or dropped.
pub type Subscription = BoxStream<'static, Arc<Ring>>;

/// Tells and hears.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Tells everyone who listens to the topic, this process's own listeners too. Never blocks and never fails: what
    /// cannot be told is dropped, and counted in the log.
    fn publish(&self, topic: Topic, ring: Arc<Ring>);

    /// Listens to a topic, and to no other. What this process tells after this has returned is heard, as far as a bus
    /// hears at all; what others tell, from a moment later, when the first listener's word has reached them. So who
    /// subscribes and then reads the store misses at most what another process writes within that moment, and finds
    /// it with the next ring or look.
    fn subscribe(&self, topic: Topic) -> Subscription;

    /// Whether other processes can be told and heard now: for health checks, since nothing that matters is lost
    /// where they cannot.
    fn is_connected(&self) -> bool;

    /// Ends every subscription, tells what still waits, for two seconds at most, and ends the bus's tasks. What is
    /// published afterwards is dropped, and who subscribes hears nothing. Closing twice is closing once.
    async fn close(&self);
}
