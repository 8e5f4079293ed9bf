//! The whole mix for a given time, and what the checker says of it: people send, send again under the same client ids,
//! edit, delete, read and type, while their devices follow by `events`, are cut now and then, and resume.
//!
//! ```sh
//! eval "$(scripts/services env)"
//! cargo bench --bench soak -- --backend mongodb --nodes 2 --seconds 60
//! cargo bench --bench soak -- --url http://127.0.0.1:8080 --seconds 3600     # nodes that run already
//! ```
//!
//! The exit code is 1 where anything that was promised did not hold. Nodes that run already may be killed and started
//! meanwhile: clients try again, as they do.

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

mod actor;
mod device;
mod verdict;
mod world;

use bench::figures::Times;
use bench::process::Stores;
use clap::Parser;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;
use world::World;

#[derive(Parser)]
struct Options {
    /// Which stores the nodes run on.
    #[arg(long, default_value = "sqlite")]
    backend: Stores,
    /// How many nodes are started.
    #[arg(long, default_value_t = 1)]
    nodes: usize,
    /// A node or a balancer that runs already; may be given more than once. Then none is started.
    #[arg(long)]
    url: Vec<String>,
    /// How long.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// People, each with a device that keeps up and one that does not.
    #[arg(long, default_value_t = 12)]
    people: usize,
    /// What they do in a second, all together.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// About how many seconds a device stays connected.
    #[arg(long, default_value_t = 5)]
    cut_after: u64,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// How long the devices may take for the rest once nothing is written any more.
const REST_LIMIT: Duration = Duration::from_mins(1);

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let world = Arc::new(World::prepare(&options).await);
    let mut renewing = JoinSet::new();
    let signed_in = Arc::clone(&world);
    renewing.spawn(async move { signed_in.stay_signed_in().await });
    let end = Instant::now() + Duration::from_secs(options.seconds);
    let (mut actors, mut devices) = (JoinSet::new(), JoinSet::new());
    for n in 0..world.people.len() {
        actors.spawn(actor::act(Arc::clone(&world), n, end));
    }
    for n in 0..world.people.len() * 2 {
        devices.spawn(device::follow(Arc::clone(&world), n, options.cut_after));
    }
    let acts = actors.join_all().await;
    world.finish(&verdict::heads(&world).await, Instant::now() + REST_LIMIT);
    let follows = devices.join_all().await;
    renewing.abort_all();

    Times::show_head();
    Times::sum(acts.iter().map(|acts| &acts.sends)).show("send to answer");
    Times::sum(acts.iter().map(|acts| &acts.amends)).show("edit, delete to answer");
    Times::sum(acts.iter().map(|acts| &acts.others)).show("mark, type, read");
    Times::sum(follows.iter().map(|follow| &follow.deliveries)).show("send, edit to subscriber");
    Times::sum(follows.iter().map(|follow| &follow.resumes)).show("resume to Synced");
    verdict::pronounce(&world, acts, follows).await
}
