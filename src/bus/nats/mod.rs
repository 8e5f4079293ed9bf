//! The bus over a NATS server: core NATS, since a ring is a hint.
//!
//! Listeners of this process are told directly, as over [`LocalBus`](super::LocalBus), so that neither the server's
//! absence nor its slowness reaches them. Other nodes hear over the server, which sends a node none of its own
//! (`no_echo`). A topic is one subject, `natterjack.<server id>.<topic>`, and a node subscribes to those it has
//! listeners for.
//!
//! While the server is away, rings for other nodes are dropped: they find what they missed in the store sooner than
//! a backlog would tell them. Subscriptions, also those made meanwhile, are made on the server as soon as it is back.
//!
//! Whoever may publish on these subjects is believed: the NATS server must let in none but the deployments' nodes.

mod link;
mod outbox;
mod wire;

use super::listeners::{Listeners, Voice};
use super::losses::Losses;
use super::{Bus, Subscription};
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::ServerId;
use crate::error::Result;
use crate::measures::BusMeasures;
use async_nats::Client;
use async_nats::connection::State;
use async_trait::async_trait;
use futures_util::StreamExt as _;
use outbox::Outbox;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tracing::debug;

/// Tells the listeners of this process, and over NATS those of every node with the same server id.
pub struct NatsBus {
    server: ServerId,
    client: Client,
    /// The line of a topic ends its relay.
    listeners: Listeners<DropGuard>,
    outbox: Outbox,
    unreadable: Arc<Losses>,
    measures: BusMeasures,
    /// Where relays run, also when somebody subscribes from elsewhere.
    runtime: Handle,
    tasks: TaskTracker,
    closing: CancellationToken,
}

impl NatsBus {
    /// The bus of that deployment, by way of the server at `url`: `nats://host:4222` or `tls://…`, with
    /// `user:password@` or `token@` where it wants them, and commas between the members of a cluster.
    ///
    /// Does not wait for the server, and goes on looking for it for ever. Fails with
    /// `INVALID_INPUT`, and only where `url` is malformed.
    pub async fn connect(url: &str, server: ServerId, measures: BusMeasures) -> Result<Self> {
        let closing = CancellationToken::new();
        let client = link::connect(url, closing.clone(), measures.clone()).await?;
        let tasks = TaskTracker::new();
        let (outbox, teller) = outbox::open(client.clone(), server, &measures);
        tasks.spawn(teller.run(closing.clone()));
        Ok(Self {
            server,
            client,
            listeners: Listeners::new(&measures),
            outbox,
            unreadable: Arc::new(Losses::new("unreadable", &measures)),
            measures,
            runtime: Handle::current(),
            tasks,
            closing,
        })
    }

    /// Hears the topic's subject until the line is dropped.
    fn open_line(&self, topic: Topic, voice: Voice) -> DropGuard {
        let ended = self.closing.child_token();
        let relay = Relay {
            client: self.client.clone(),
            subject: wire::subject(self.server, topic),
            voice,
            unreadable: Arc::clone(&self.unreadable),
            measures: self.measures.clone(),
        };
        let relaying = ended.clone().run_until_cancelled_owned(relay.run());
        self.tasks.spawn_on(relaying, &self.runtime);
        ended.drop_guard()
    }
}

#[async_trait]
impl Bus for NatsBus {
    fn publish(&self, topic: Topic, ring: Arc<Ring>) {
        self.measures.count_published();
        self.listeners.tell(topic, Arc::clone(&ring));
        self.outbox.put(topic, ring);
    }

    fn subscribe(&self, topic: Topic) -> Subscription {
        self.listeners.listen(topic, |voice| self.open_line(topic, voice))
    }

    fn is_connected(&self) -> bool {
        !self.closing.is_cancelled() && self.client.connection_state() == State::Connected
    }

    async fn close(&self) {
        self.listeners.close();
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for NatsBus {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// Carries what other nodes tell on one subject to the topic's listeners here.
struct Relay {
    client: Client,
    subject: String,
    voice: Voice,
    unreadable: Arc<Losses>,
    measures: BusMeasures,
}

impl Relay {
    /// Runs until it is dropped, which ends the subscription.
    async fn run(self) {
        // Waits only for room in the client's queue of commands, which it has at once unless the server is away.
        let mut told = match self.client.subscribe(self.subject.clone()).await {
            Ok(told) => told,
            Err(error) => return debug!(subject = self.subject, %error, "not subscribed"),
        };
        while let Some(message) = told.next().await {
            self.measures.count_received();
            match wire::decode(&message.payload) {
                Ok(ring) => self.voice.tell(Arc::new(ring)),
                Err(error) => {
                    debug!(subject = self.subject, %error, "unreadable ring");
                    self.unreadable.add(1);
                }
            }
        }
    }
}
