//! Many devices that are cut at once, until all of them have everything again.

use super::bench::figures::Times;
use super::bench::follower::{Follower, Told};
use super::bench::process::{cpu_seconds, open_files_limit, pin};
use super::support::backend::Backend;
use super::support::client::Person;
use super::support::crowd;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Devices, each of a person of its own.
    #[arg(long, default_value_t = 5_000)]
    sockets: usize,
    /// How often they are cut.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Every so many conversations one has got a message that its two devices have not taken in.
    #[arg(long, default_value_t = 10)]
    one_in: usize,
    /// How many connect at the same time.
    #[arg(long, default_value_t = 5_000)]
    at_once: usize,
}

/// How long a device may take before the bench gives up.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long a device that was not let in, or was told that a store does not answer, waits before it comes again.
const PAUSE: Range<Duration> = Duration::from_millis(100)..Duration::from_millis(500);
/// How many connect at the same time for the first time.
const AT_FIRST: usize = 64;

pub(crate) async fn run(backend: Backend, options: Options) {
    assert!(options.sockets > 2, "a ring has three at least");
    assert!(open_files_limit() > options.sockets + 500, "more open files are needed: ulimit -n");
    let node = backend.node().await;
    let began = Instant::now();
    let people = crowd::people(&backend, &node, "person", options.sockets).await;
    // A ring: each talks with the next, and so has two conversations.
    let ring = (0..people.len()).map(|n| people[n].open(&people[(n + 1) % people.len()]));
    let conversations = crowd::in_order(ring).await;
    crowd::in_order(conversations.iter().zip(&people).map(|(id, person)| person.send(id, "before"))).await;
    let devices = (0..people.len()).map(|n| device(n, &people, &conversations)).collect();
    let mut devices = resume(devices, AT_FIRST).await.devices;
    println!(
        "{} people and conversations made, and connected, in {:.0} s",
        people.len(),
        began.elapsed().as_secs_f64()
    );
    pin(&[&node]).await;

    println!(
        "{:>8} {:>9} {:>9} {:>9} {:>9} {:>10} {:>10} {:>10}",
        "sockets", "all, s", "p50, ms", "p99, ms", "missed", "again", "server, s", "client, s"
    );
    let mut totals = Vec::new();
    for _ in 0..options.rounds {
        let sent = send(&people, &conversations, &options).await;
        let processes = [node.pid(), std::process::id()];
        let before = processes.map(cpu_seconds);
        let began = Instant::now();
        // The messages lie in the sockets, unread: the cut loses them.
        devices.iter_mut().for_each(Follower::cut);
        let resumed = resume(devices, options.at_once).await;
        let total = began.elapsed().as_secs_f64();
        let after = processes.map(cpu_seconds);
        assert_eq!(resumed.messages, 2 * sent, "nothing missed, nothing twice");
        println!(
            "{:>8} {total:>9.2} {:>9.0} {:>9.0} {:>9} {:>10} {:>10.1} {:>10.1}",
            people.len(),
            resumed.times.millis(0.5),
            resumed.times.millis(0.99),
            resumed.messages,
            resumed.tries_again,
            after[0] - before[0],
            after[1] - before[1],
        );
        devices = resumed.devices;
        totals.push(total);
    }
    totals.sort_by(f64::total_cmp);
    println!(
        "from the cut until all are synced: median {:.2} s, worst {:.2} s",
        totals[totals.len() / 2],
        totals[totals.len() - 1]
    );
}

fn device(n: usize, people: &[Person], conversations: &[String]) -> Follower {
    let before = (n + people.len() - 1) % people.len();
    let positions = [n, before].map(|n| (conversations[n].clone(), 0));
    Follower::new(people[n].clone(), BTreeMap::from(positions))
}

/// Sends to some of the conversations what no device takes in; to how many.
async fn send(people: &[Person], conversations: &[String], options: &Options) -> usize {
    let some = conversations.iter().zip(people).step_by(options.one_in.max(1));
    crowd::in_order(some.map(|(id, person)| person.send(id, "missed"))).await.len()
}

/// What came of it.
struct Resumed {
    /// In their order.
    devices: Vec<Follower>,
    /// How long each took, from when the first of all began.
    times: Times,
    /// Messages that they were given.
    messages: usize,
    /// Connections that had to be made anew.
    tries_again: usize,
}

/// Resumes all, so many at once.
async fn resume(devices: Vec<Follower>, at_once: usize) -> Resumed {
    let began = Instant::now();
    let places = Arc::new(Semaphore::new(at_once));
    let mut tasks = JoinSet::new();
    for (n, mut device) in devices.into_iter().enumerate() {
        let places = Arc::clone(&places);
        tasks.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let resumed = timeout(PATIENCE, resume_one(&mut device)).await;
            let (messages, tries) = resumed.expect("it resumes in time");
            (n, device, began.elapsed(), messages, tries)
        });
    }
    let mut devices = BTreeMap::new();
    let mut resumed = Resumed { devices: Vec::new(), times: Times::new(), messages: 0, tries_again: 0 };
    while let Some(done) = tasks.join_next().await {
        let (n, device, taken, messages, tries) = done.unwrap();
        resumed.times.record(taken);
        resumed.messages += messages;
        resumed.tries_again += tries - 1;
        devices.insert(n, device);
    }
    resumed.devices = devices.into_values().collect();
    resumed
}

/// As a client would, until it has everything: the messages that it was given, and how often it tried.
async fn resume_one(device: &mut Follower) -> (usize, usize) {
    let mut told = Vec::new();
    let mut tries = 1;
    while device.resume(&mut told).await.is_err() {
        tries += 1;
        sleep(rand::random_range(PAUSE)).await;
    }
    (told.iter().filter(|told| matches!(told, Told::Message { .. })).count(), tries)
}
