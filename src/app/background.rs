//! What a node does by itself while the server runs: its heartbeat, paying the log what it is owed, notifying people, sending
//! codes, keeping account of sessions, keeping issuers' keys as they are published, taking away what is left of deleted
//! accounts, and a word to the operator where several nodes run without a bus.

use crate::chat::{Chat, Heartbeat, PushGateway};
use crate::rate::Rates;
use std::sync::Arc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tracing::warn;

/// What the nodes of a deployment need a bus for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// This node hears only itself.
    ThisNode,
    /// All nodes hear each other.
    AllNodes,
}

/// The tasks. They end where this is dropped.
pub(super) struct Background {
    stop: DropGuard,
    tasks: TaskTracker,
}

impl Background {
    /// Begins at once. Must be called within a runtime.
    pub(super) fn start(
        heartbeat: Heartbeat,
        reach: Reach,
        chat: Arc<Chat>,
        rates: Arc<Rates>,
        gateway: Option<Arc<dyn PushGateway>>,
    ) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        if reach == Reach::ThisNode {
            tasks.spawn(warn_of_others(&heartbeat, stop.clone()));
        }
        tasks.spawn(heartbeat.run(stop.clone()));
        if let Some(gateway) = gateway {
            tasks.spawn(Arc::clone(&chat).push(gateway, stop.clone()));
        }
        tasks.spawn(Arc::clone(&chat).carry_codes(stop.clone()));
        tasks.spawn(Arc::clone(&chat).purge_codes(stop.clone()));
        tasks.spawn(Arc::clone(&chat).keep_issuers(stop.clone()));
        tasks.spawn(Arc::clone(&chat).project(stop.clone()));
        tasks.spawn(Arc::clone(&chat).sweep_projections(stop.clone()));
        tasks.spawn(Arc::clone(&chat).keep_sessions(stop.clone()));
        tasks.spawn(Arc::clone(&chat).finish_departures(stop.clone()));
        tasks.spawn(Arc::clone(&chat).forget_attempts(stop.clone()));
        tasks.spawn(rates.forget(stop.clone()));
        tasks.spawn(chat.pay_debts(stop.clone()));
        Self { stop: stop.drop_guard(), tasks }
    }

    /// Waits until the other nodes have been told that this one stops, some seconds at the most.
    pub(super) async fn stop(self) {
        drop(self.stop);
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Says once that there are others, as soon as there are.
fn warn_of_others(heartbeat: &Heartbeat, stop: CancellationToken) -> impl Future<Output = ()> + use<> {
    let mut others = heartbeat.others();
    async move {
        let found = stop.run_until_cancelled(others.wait_for(|others| !others.is_empty())).await;
        let Some(Ok(others)) = found else { return };
        if let Some(node) = others.first() {
            warn!(%node, "NATS_URL (--nats-url) is not set, and another node runs on this database: without a bus \
                each hears of what happens on the other seconds later, and of typing not at all");
        }
    }
}
