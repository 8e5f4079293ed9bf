//! Nodes that are killed, stopped in the middle of a write, and told to end.

use crate::stage::Stage;
use crate::support::backend::{Backend, is_long_run, on_every_backend};
use crate::support::stores::url_of;
use std::time::Duration;
use tokio::time::sleep;

on_every_backend! {
    what_was_acknowledged_outlives_a_node_that_is_killed
}

/// The bus, where there is one.
pub(crate) fn with_bus(backend: Backend) -> Backend {
    match url_of("TEST_NATS_URL") {
        Some(url) => backend.with("NATS_URL", url),
        None => backend,
    }
}

async fn what_was_acknowledged_outlives_a_node_that_is_killed(backend: Backend) {
    let rounds = if is_long_run() { 200 } else { 5 };
    let mut stage = Stage::set(with_bus(backend), 1).await;
    let load = stage.load();
    for _ in 0..rounds {
        load.runs(10).await;
        // At any moment of what is under way: there is nothing to wait for.
        sleep(stage.chance.duration(Duration::ZERO..Duration::from_millis(300))).await;
        stage.crash(0).await;
    }
    load.runs(10).await;
    let ended = load.end(&stage).await;
    // Of what was done in each round, most is to send; the rest is to change what was sent, and the group.
    assert!(ended.stored >= rounds * 4, "{} messages", ended.stored);
}

#[tokio::test]
async fn the_same_holds_under_all_effects_of_ambience() {
    let Some(backend) = Backend::sqlite().await else { return };
    what_was_acknowledged_outlives_a_node_that_is_killed(backend.with("NATTERJACK_AMBIENCE", "all")).await;
}
