//! What it costs that thousands come and go.
//!
//! ```sh
//! eval "$(scripts/services env)"
//! cargo bench --bench presence                      # 5,000 people of one group, on two nodes with Postgres and NATS
//! ```
//!
//! All people of one group come online at once, each with a socket that listens to the group's messages, and go again.
//! Counted are the messages on the bus, by subject, and the frames on the sockets: of those who did not ask who comes
//! and goes, of one who asks for everybody, and of one who asks for ten people. It ends with 1 where anybody who did not ask
//! has been sent a frame, or where the bus carried as many messages as people came, or went.
//!
//! The nodes have the first core to themselves, where there are two, and this process the second.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a program for developers, which shows figures and stops where something is amiss"
)]

#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../support/mod.rs"]
mod bench;

mod counted;

use bench::process::{Stores, cpu_seconds, open_files_limit, pin};
use clap::Parser;
use counted::{Bus, Counts, Listeners};
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;
use support::backend::Node;
use support::client::Person;
use support::crowd;
use support::services::{OwnServer, Service};
use tokio::time::{Instant, sleep, timeout};

#[derive(Parser)]
struct Options {
    /// People in the group.
    #[arg(long, default_value_t = 5_000)]
    people: usize,
    /// Which stores the nodes run on.
    #[arg(long, default_value = "postgres")]
    backend: Stores,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// People that `addMembers` takes at once.
const MAX_ADDED: usize = 1_000;
/// Those who are asked for by one who asks for some.
const SOME: usize = 10;
/// How long everybody may take to come, or to go.
const PATIENCE: Duration = Duration::from_mins(2);
/// Between two looks at who is online.
const PAUSE: Duration = Duration::from_millis(100);
/// After which nothing more is told of it: longer than the nodes' regular looks.
const QUIET: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    assert!(options.people > SOME, "more people are needed");
    assert!(open_files_limit() > options.people + 500, "more open files are needed: ulimit -n");
    let nats = OwnServer::start(Service::Nats).await.expect("the services run: eval \"$(scripts/services env)\"");
    let backend = options.backend.open().await.with("NATS_URL", nats.url());
    let nodes = [backend.node().await, backend.node().await];

    let people = crowd::people(&backend, &nodes[0], "person", options.people).await;
    let people: Vec<_> = people.iter().enumerate().map(|(n, person)| person.at(&nodes[n % nodes.len()])).collect();
    let ada = crowd::people(&backend, &nodes[0], "ada", 1).await.remove(0);
    let group = ada.create_group(json!({ "name": "everybody" })).await;
    for people in people.chunks(MAX_ADDED) {
        ada.add(&group, &people.iter().collect::<Vec<_>>()).await;
    }
    pin(&nodes.each_ref()).await;

    let bus = Bus::listen(nats.url()).await;
    let some: Vec<_> = people.iter().take(SOME).map(|person| person.id.clone()).collect();
    let asking = Listeners::asking(&ada, &some).await;
    // Both sockets of hers have made her come online.
    sleep(QUIET).await;
    let mut stood = Counts::of(&bus, &asking, None);

    println!(
        "{:>8} {:>8} {:>9} {:>10} {:>14} {:>14} {:>12} {:>12}",
        "people", "all, s", "server, s", "bus", "bus, presence", "did not ask", "asks for 10", "asks for all"
    );
    let began = Instant::now();
    let cpu = server_cpu(&nodes);
    let listeners = Listeners::not_asking(&people, &group).await;
    until_online(&ada, &group, options.people).await;
    let came = began.elapsed();
    sleep(QUIET).await;
    let counts = Counts::of(&bus, &asking, Some(&listeners));
    let coming = counts.since(&stood);
    coming.show("come", options.people, came, server_cpu(&nodes) - cpu);
    stood = counts;

    let began = Instant::now();
    let cpu = server_cpu(&nodes);
    let before_going = listeners.close();
    assert_eq!(before_going, stood.not_asking, "nothing was sent meanwhile");
    until_online(&ada, &group, 0).await;
    let went = began.elapsed();
    sleep(QUIET).await;
    let mut counts = Counts::of(&bus, &asking, None);
    counts.not_asking = before_going;
    let going = counts.since(&stood);
    going.show("go", options.people, went, server_cpu(&nodes) - cpu);

    let is_cheap = [&coming, &going].iter().all(|counts| counts.not_asking == 0 && counts.bus < options.people);
    println!("less than one message each to whoever did not ask: {}", if is_cheap { "held" } else { "BROKEN" });
    if is_cheap { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn server_cpu(nodes: &[Node]) -> f64 {
    nodes.iter().map(|node| cpu_seconds(node.pid())).sum()
}

/// Waits until so many of the group are online, beside her who looks.
async fn until_online(ada: &Person, group: &str, people: usize) {
    let wait = timeout(PATIENCE, async {
        while ada.sees(group, "onlineMemberCount").await["onlineMemberCount"] != json!(people + 1) {
            sleep(PAUSE).await;
        }
    });
    wait.await.expect("everybody comes, or goes, in time");
}
