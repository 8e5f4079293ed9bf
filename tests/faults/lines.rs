//! Networks that fail: between nodes and NATS, and between clients and nodes.

use crate::chance::Chance;
use crate::nats::RoughNetwork;
use crate::sender::Deed;
use crate::stage::{Stage, until};
use crate::support::backend::{Backend, is_long_run, on_every_backend};
use crate::support::checker::Acknowledged;
use crate::support::relay::{Line, Passage, Relay};
use crate::support::stores::url_of;
use std::sync::Mutex;
use std::time::Duration;

on_every_backend! {
    lines_that_break_anywhere_lose_nothing
}

/// The regular look finds by then what the bus has lost.
const FOUND_WITHIN: Duration = Duration::from_secs(5);

fn messages() -> usize {
    if is_long_run() { 3_000 } else { 300 }
}

/// Breaks after so many bytes, of either direction, in the middle of whatever it is.
struct Brittle {
    left: usize,
}

impl Brittle {
    fn pass(&mut self, said: &[u8], on: &mut Vec<u8>) -> Line {
        let count = said.len().min(self.left);
        on.extend_from_slice(&said[..count]);
        self.left -= count;
        if self.left == 0 { Line::Breaks } else { Line::Holds }
    }
}

impl Passage for Brittle {
    fn to_server(&mut self, said: &[u8], on: &mut Vec<u8>) -> Line {
        self.pass(said, on)
    }

    fn to_client(&mut self, said: &[u8], on: &mut Vec<u8>) -> Line {
        self.pass(said, on)
    }
}

async fn brittle_line(url: &str, chance: Chance) -> Relay {
    let chance = Mutex::new(chance);
    // From the middle of a handshake to some hundred messages.
    let passage = move || Brittle { left: 1 + chance.lock().unwrap().below(40_000) };
    Relay::with(url, passage).await
}

async fn lines_that_break_anywhere_lose_nothing(backend: Backend) {
    let mut stage = Stage::set(backend, 1).await;
    let line = brittle_line(&stage.urls()[0], stage.chance.fork()).await;
    let load = stage.load_by(&[line.url().trim_end_matches('/').to_owned()]);
    load.runs(messages()).await;
    let ended = load.end(&stage).await;
    assert!(ended.followers.iter().all(|follower| follower.opened() > 1), "lines have broken");
}

#[tokio::test]
async fn a_bus_that_loses_repeats_and_reorders_misses_nothing() {
    let Some(server) = url_of("TEST_NATS_URL") else { return };
    let Some(backend) = Backend::mongodb().await else { return };
    let mut chance = Chance::of_test();
    let network = RoughNetwork::before(&server, chance.fork()).await;
    let mut stage = Stage::set_by(chance, backend.with("NATS_URL", network.url()), 2).await;
    let load = stage.load();
    load.runs(messages()).await;
    until("each kind of fault has been", async || network.faults().iter().all(|count| *count > 3)).await;
    let ended = load.end(&stage).await;
    let stay = &ended.followers[..2];
    assert!(stay.iter().all(|follower| follower.opened() == 1), "nobody had to come again");
    for Acknowledged { message, .. } in ended.records.acknowledged() {
        for follower in stay {
            // What was changed again soon may have come as that alone.
            let late = follower.late(&message, ended.records.acknowledged_at(&message));
            assert!(late < FOUND_WITHIN, "{late:?}: {message}");
        }
    }
}

#[tokio::test]
async fn what_a_bus_has_lost_is_found_by_looking() {
    let Some(server) = url_of("TEST_NATS_URL") else { return };
    let Some(backend) = Backend::postgres().await else { return };
    let mut chance = Chance::of_test();
    let network = RoughNetwork::before(&server, chance.fork()).await;
    let mut stage = Stage::set_by(chance, backend.with("NATS_URL", network.url()), 2).await;
    let load = stage.load_of(&stage.urls(), 0);
    network.lose_all();
    let (ada, conversation) = (stage.people[0].at(stage.node(0)), stage.conversations[0].clone());
    for number in 0..3 {
        let deed = Deed::send(&conversation, &format!("alone {number}"));
        let message = load.records.attempt(&ada, &deed).await.unwrap().message;
        until("it is found", async || load.followers.iter().all(|follower| follower.has(&message))).await;
        let late = load.followers.iter().map(|one| one.late(&message, load.records.acknowledged_at(&message)));
        assert!(late.max().unwrap() < FOUND_WITHIN);
    }
    assert!(network.faults()[0] > 0, "something has been lost");
    load.end(&stage).await;
}
