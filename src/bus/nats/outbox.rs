//! What this node tells the others: a bounded queue, so that telling never waits, and the one task that empties it.

use super::wire;
use crate::bus::losses::Losses;
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::ServerId;
use crate::measures::BusMeasures;
use async_nats::Client;
use async_nats::connection::State;
use std::sync::Arc;
use std::time::Duration;
use tokio::select;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::debug;

/// Rings that may wait. Where it is full the new one is dropped: then those that wait are about to be stale too.
const CAPACITY: usize = 1_024;

/// A ring that has waited longer is dropped: by then who it is for has looked in the store.
const STALE: Duration = Duration::from_secs(5);

/// How long closing may take to tell what waits.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Takes rings for other nodes.
pub(super) struct Outbox {
    queue: mpsc::Sender<Waiting>,
    full: Losses,
}

struct Waiting {
    topic: Topic,
    ring: Arc<Ring>,
    since: Instant,
}

/// The outbox, and the task that empties it.
pub(super) fn open(client: Client, server: ServerId, measures: &BusMeasures) -> (Outbox, Teller) {
    let (queue, waiting) = mpsc::channel(CAPACITY);
    let losses = |cause| Losses::new(cause, measures);
    let outbox = Outbox { queue, full: losses("the queue to nats is full or closed") };
    let teller = Teller {
        waiting,
        desk: Desk {
            client,
            server,
            away: losses("nats is away"),
            stale: losses("nats is slow"),
            refused: losses("nats does not take them"),
        },
    };
    (outbox, teller)
}

impl Outbox {
    /// Tells the other nodes soon, if at all. Never waits.
    pub(super) fn put(&self, topic: Topic, ring: Arc<Ring>) {
        let since = Instant::now();
        if self.queue.try_send(Waiting { topic, ring, since }).is_err() {
            self.full.add(1);
        }
    }
}

/// Empties the outbox.
pub(super) struct Teller {
    waiting: mpsc::Receiver<Waiting>,
    desk: Desk,
}

struct Desk {
    client: Client,
    server: ServerId,
    away: Losses,
    stale: Losses,
    refused: Losses,
}

impl Teller {
    /// Tells until the bus is closing, then what is left, and ends the connection.
    pub(super) async fn run(mut self, closing: CancellationToken) {
        let deadline = async {
            closing.cancelled().await;
            sleep(CLOSE_WITHIN).await;
        };
        select! {
            () = self.tell_all(&closing) => {}
            () = deadline => debug!("nats did not take the last rings"),
        }
    }

    async fn tell_all(&mut self, closing: &CancellationToken) {
        while let Some(Some(waiting)) = closing.run_until_cancelled(self.waiting.recv()).await {
            self.desk.tell(waiting).await;
        }
        self.waiting.close();
        while let Some(waiting) = self.waiting.recv().await {
            self.desk.tell(waiting).await;
        }
        self.desk.leave().await;
    }
}

impl Desk {
    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Waits only for room in the client's queue of commands: as long as NATS is slow, or fails without a word.
    async fn tell(&self, Waiting { topic, ring, since }: Waiting) {
        if !self.is_connected() {
            self.away.add(1);
        } else if since.elapsed() > STALE {
            self.stale.add(1);
        } else if let Some(json) = wire::encode(&ring, self.client.max_payload()) {
            let told = self.client.publish(wire::subject(self.server, topic), json).await;
            if told.is_err() {
                self.refused.add(1);
            }
        } else {
            self.refused.add(1);
        }
    }
    async fn leave(&self) {
        if self.is_connected() {
            // Fails where the connection has just gone, and the rings with it.
            let _ = self.client.flush().await;
        }
        // Waits in the client where the server is away, and ends the connection as soon as there is one.
        let _ = self.client.drain().await;
    }
}
