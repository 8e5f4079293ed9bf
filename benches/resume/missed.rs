//! A device that has missed much resumes on another node, while others talk there.

use super::bench::figures::Times;
use super::bench::follower::{Follower, Told};
use super::bench::process::{cpu_seconds, pin};
use super::support::backend::{Backend, Node};
use super::support::client::Person;
use super::support::crowd;
use futures_util::future::join_all;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Messages that the device has missed.
    #[arg(long, default_value_t = 10_000)]
    messages: usize,
    /// Turns, each without resumes and then with them.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Seconds of each half of a turn; the resumes that have begun then are waited for.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Devices that resume at the same time.
    #[arg(long, default_value_t = 1)]
    at_once: usize,
    /// Pairs of others who talk.
    #[arg(long, default_value_t = 10)]
    pairs: usize,
    /// Messages that they send in a second, all together.
    #[arg(long, default_value_t = 50)]
    rate: u32,
}

/// Messages that the device had taken in before.
const BEFORE: usize = 100;
/// How long a message to a subscriber may take before the bench gives up.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) async fn run(backend: Backend, options: Options) {
    let nodes = [backend.node().await, backend.node().await];
    pin(&nodes.each_ref()).await;
    let people = crowd::people(&backend, &nodes[0], "person", 2 + 2 * options.pairs).await;
    let (ada, bob) = (&people[0], &people[1]);
    let conversation = ada.open(bob).await;
    send(ada, &conversation, BEFORE).await;
    let mut device = Follower::new(bob.clone(), BTreeMap::from([(conversation.clone(), 0)]));
    device.resume(&mut Vec::new()).await.expect("the device has all so far");
    let before = device.positions.clone();
    drop(device);
    let began = Instant::now();
    send(ada, &conversation, options.messages).await;
    println!("{} messages sent while the device was away, in {:.1} s", options.messages, began.elapsed().as_secs_f64());

    let returning = Returning { person: bob.at(&nodes[1]), before, conversation, missed: options.messages };
    let talkers = talkers(&people[2..], &nodes).await;
    let (mut at_rest, mut meanwhile, mut all_resumes) = (Times::new(), Times::new(), Times::new());
    let mut cpu = 0.0;
    for _ in 0..options.rounds {
        at_rest.add(&talk(&talkers, &options, options.seconds).await);
        let cpu_before = cpu_seconds(nodes[1].pid());
        let (times, resumed) = talk_while(&talkers, &options, returning.again_and_again(&options)).await;
        cpu += cpu_seconds(nodes[1].pid()) - cpu_before;
        meanwhile.add(&times);
        all_resumes.add(&resumed);
    }
    Times::show_head();
    at_rest.show("send to subscriber, rest");
    meanwhile.show("the same during resumes");
    all_resumes.show("resume to Synced");
    println!(
        "{} resumes, each of {} messages, once and in order, {} at once; CPU time of their node {:.2} s for each, with \
         what the others said meanwhile",
        all_resumes.count(),
        options.messages,
        options.at_once,
        cpu / all_resumes.count() as f64,
    );
}

/// They talk until that is done.
async fn talk_while<T>(talkers: &[Arc<Talk>], options: &Options, work: impl Future<Output = T>) -> (Times, T) {
    let is_done = Cell::new(false);
    let talking = async {
        let mut times = Times::new();
        while !is_done.get() {
            times.add(&talk(talkers, options, 1).await);
        }
        times
    };
    let working = async {
        let done = work.await;
        is_done.set(true);
        done
    };
    tokio::join!(talking, working)
}

async fn send(person: &Person, conversation: &str, count: usize) {
    let text = "A message of about the length that people send to each other.";
    crowd::in_order((0..count).map(|_| person.send(conversation, text))).await;
}

/// A device that comes back to what it has missed.
struct Returning {
    person: Person,
    before: BTreeMap<String, i64>,
    conversation: String,
    missed: usize,
}

impl Returning {
    /// Resumes until the time is over; how long each took.
    async fn again_and_again(&self, options: &Options) -> Times {
        let end = Instant::now() + Duration::from_secs(options.seconds);
        let mut times = Times::new();
        let devices = (0..options.at_once).map(async |_| {
            let mut taken = Vec::new();
            while Instant::now() < end {
                taken.push(self.resume().await);
            }
            taken
        });
        join_all(devices).await.into_iter().flatten().for_each(|time| times.record(time));
        times
    }

    async fn resume(&self) -> Duration {
        let began = Instant::now();
        let mut device = Follower::new(self.person.clone(), self.before.clone());
        let mut told = Vec::new();
        device.resume(&mut told).await.expect("it resumes");
        let taken = began.elapsed();
        let mut last = self.before[&self.conversation];
        let mut count = 0;
        for told in &told {
            if let Told::Message { message, .. } = told {
                let seq = message["seq"].as_i64().unwrap();
                assert_eq!(seq, last + 1, "nothing missed, nothing twice");
                last = seq;
                count += 1;
            }
        }
        assert_eq!(count, self.missed, "nothing missed");
        taken
    }
}

/// One who sends on one node, and the device of the other person on the other node.
struct Talk {
    sender: Person,
    conversation: String,
    device: tokio::sync::Mutex<Follower>,
}

async fn talkers(people: &[Person], nodes: &[Node; 2]) -> Vec<Arc<Talk>> {
    let talks = people.chunks(2).map(async |pair| {
        let conversation = pair[0].open(&pair[1]).await;
        let mut device = Follower::new(pair[1].at(&nodes[1]), BTreeMap::from([(conversation.clone(), 0)]));
        device.resume(&mut Vec::new()).await.expect("it subscribes");
        Arc::new(Talk { sender: pair[0].clone(), conversation, device: device.into() })
    });
    join_all(talks).await
}

/// They talk for that long; how long each message took, from the moment at which it was to be sent.
async fn talk(talkers: &[Arc<Talk>], options: &Options, seconds: u64) -> Times {
    let start = Instant::now() + Duration::from_millis(50);
    let moment = move |n: u32| start + Duration::from_secs(1) * n / options.rate;
    let count = u32::try_from(seconds).unwrap() * options.rate;
    let mut sends = JoinSet::new();
    for n in 0..count {
        let (talk, intended) = (Arc::clone(&talkers[n as usize % talkers.len()]), moment(n));
        sends.spawn(async move {
            // The intended moment counts: a send that is held up by the one before it is late.
            sleep_until(intended).await;
            talk.sender.send(&talk.conversation, &n.to_string()).await;
        });
    }
    let heard = talkers.iter().enumerate().map(async |(place, talk)| {
        let mut device = talk.device.lock().await;
        let expected = (0..count).filter(|n| *n as usize % talkers.len() == place).count();
        let mut taken = Vec::new();
        while taken.len() < expected {
            let told = timeout_at(moment(count) + PATIENCE, device.next()).await.expect("a message in time");
            if let Told::Message { message, .. } = told.expect("it stays connected") {
                let n: u32 = message["text"].as_str().unwrap().parse().unwrap();
                taken.push(moment(n).elapsed());
            }
        }
        taken
    });
    let mut times = Times::new();
    join_all(heard).await.into_iter().flatten().for_each(|time| times.record(time));
    while let Some(sent) = sends.join_next().await {
        sent.unwrap();
    }
    times
}
