//! The bus within one process.

use super::listeners::Listeners;
use super::{Bus, Subscription};
use crate::domain::event::{Ring, Topic};
use crate::measures::BusMeasures;
use async_trait::async_trait;
use std::sync::Arc;

/// Tells the listeners of this process. There are no others.
pub struct LocalBus {
    listeners: Listeners<()>,
    measures: BusMeasures,
}

impl LocalBus {
    /// A bus that nobody listens to yet.
    pub fn new(measures: BusMeasures) -> Self {
        measures.set_connected(true);
        Self { listeners: Listeners::new(&measures), measures }
    }
}

#[async_trait]
impl Bus for LocalBus {
    fn publish(&self, topic: Topic, ring: Arc<Ring>) {
        self.measures.count_published();
        self.listeners.tell(topic, ring);
    }

    fn subscribe(&self, topic: Topic) -> Subscription {
        self.listeners.listen(topic, |_| ())
    }

    fn is_connected(&self) -> bool {
        true
    }

    async fn close(&self) {
        self.listeners.close();
    }
}
