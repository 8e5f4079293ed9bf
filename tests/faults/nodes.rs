//! One of two nodes stands still in the middle of its writes and wakes late, or is told to end.

use crate::crashes::with_bus;
use crate::sender::Outcome;
use crate::stage::Stage;
use crate::support::backend::{Backend, is_long_run, on_every_backend};
use std::time::Duration;
use tokio::time::{Instant, sleep};

on_every_backend! { @ postgres
    a_node_that_stands_still_holds_nobody_up_for_long
    a_node_that_is_told_to_end_tells_its_clients
}

on_every_backend! { @ mongodb
    a_node_that_stands_still_holds_nobody_up_for_long
    a_node_that_is_told_to_end_tells_its_clients
}

/// For how long the node stands still: far longer than its transactions are waited for.
const STANDS: Duration = Duration::from_secs(5);
/// For how long its locks may hold up others.
const PAUSE_LIMIT: Duration = Duration::from_secs(2);
/// Who send to each conversation by way of each node.
const SENDERS: usize = 3;
/// With which code a server that ends closes its sockets.
const GOING_AWAY: u16 = 1001;

async fn a_node_that_stands_still_holds_nobody_up_for_long(backend: Backend) {
    let rounds = if is_long_run() { 50 } else { 2 };
    let mut stage = Stage::set(with_bus(backend), 2).await;
    let urls = stage.urls();
    let mut load = stage.load_of(&urls, 0);
    // Each sender stays with one node.
    for url in &urls {
        stage.add_senders(&mut load, std::slice::from_ref(url), SENDERS);
    }
    let mut windows = Vec::new();
    for _ in 0..rounds {
        load.runs(40).await;
        // At any moment of what is under way: there is nothing to wait for.
        sleep(stage.chance.duration(Duration::ZERO..Duration::from_millis(50))).await;
        stage.node(0).signal("STOP").await;
        let stopped = Instant::now();
        sleep(STANDS).await;
        windows.push(stopped..Instant::now() - PAUSE_LIMIT);
        stage.node(0).signal("CONT").await;
    }
    load.runs(40).await;
    let ended = load.end(&stage).await;
    // Asked in the end, when all that was begun is over.
    for window in windows {
        let mut beside = ended.records.attempts(window);
        beside.retain(|attempt| attempt.at == urls[1]);
        assert!(beside.len() > SENDERS, "the other node goes on: {beside:?}");
        for attempt in beside {
            assert!(attempt.took < PAUSE_LIMIT && attempt.outcome == Outcome::Acknowledged, "{attempt:?}");
        }
    }
}

async fn a_node_that_is_told_to_end_tells_its_clients(backend: Backend) {
    let rounds = if is_long_run() { 100 } else { 4 };
    let mut stage = Stage::set(with_bus(backend), 2).await;
    let load = stage.load();
    for round in 0..rounds {
        load.runs(20).await;
        assert!(stage.take(round % 2).terminate().await, "it has ended well");
        // By way of the other.
        load.runs(20).await;
        stage.start(round % 2).await;
    }
    let ended = load.end(&stage).await;
    for stays in &ended.followers[..2] {
        assert_eq!(stays.closed_with(GOING_AWAY), rounds / 2, "its sockets were told each time");
    }
}
