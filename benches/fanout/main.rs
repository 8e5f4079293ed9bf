//! What it costs to tell many of one message, beside npm's graphql-ws on ws, and axum alone sending the same bytes.
//!
//! ```sh
//! cargo bench --bench fanout                                   # all shapes, in turns, some minutes each
//! cargo bench --bench fanout -- --shape one --sockets 10000
//! cargo bench --bench fanout -- --shape mixed --stalled 1      # with one reader of a hundred that does not read
//! cargo bench --bench fanout -- --shape idle --sockets 10000   # resident memory of a socket that is subscribed
//! cargo bench --bench fanout -- --alone --beside PATH          # another build of the server, in turns
//! ```
//!
//! Messages are sent at times that were set before, and how long each takes to each subscriber is counted from these
//! times. Every delivery is counted: it ends with 1 where one of the server's is missing. In each round they take
//! turns. The server that is measured has the first core to itself, and this process the second; deliveries are divided
//! by the CPU time that the server took: all of it, what sending and storing takes included, which the peers do not store;
//! and "telling", without what the same messages took before with as many sockets and nobody who subscribes. npm is needed for the peer.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a program for developers, which shows figures and stops where something is amiss"
)]

#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../support/mod.rs"]
mod bench;

mod bare;
mod plan;
mod run;
mod server;
mod wire;

use bench::figures::{Spread, Times};
use bench::process::{open_files_limit, pin_to};
use clap::{Parser, ValueEnum};
use plan::Plan;
use run::{Listening, Load, Outcome};
use server::{Kind, Peers, Server};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::LocalSet;

#[derive(Parser)]
struct Options {
    /// Who listens to what; all of them where none is given.
    #[arg(long)]
    shape: Option<Shape>,
    /// Sockets on one conversation, and of `idle`; 1,000 and 10,000 where none is given.
    #[arg(long)]
    sockets: Option<usize>,
    /// Conversations of ten in `mixed`.
    #[arg(long, default_value_t = 1_000)]
    conversations: usize,
    /// People who listen to `events`.
    #[arg(long, default_value_t = 500)]
    people: usize,
    /// Deliveries that are to be made in a second.
    #[arg(long, default_value_t = 20_000.0)]
    deliveries: f64,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often they take their turns.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Of a hundred sockets, how many stop reading: measured beside the same without.
    #[arg(long, default_value_t = 0)]
    stalled: usize,
    /// Leave out the peers.
    #[arg(long)]
    alone: bool,
    /// Another build of the server, which takes its turns too.
    #[arg(long)]
    beside: Option<PathBuf>,
    /// Be axum alone.
    #[arg(long, hide = true)]
    bare: bool,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// One conversation with many sockets.
    One,
    /// Many conversations of ten, with four documents.
    Mixed,
    /// People in twenty conversations each, who listen to `events`.
    Events,
    /// Sockets on which nothing comes.
    Idle,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    if options.bare {
        bare::serve().await;
        return ExitCode::SUCCESS;
    }
    pin_to("1", std::process::id()).await;
    Box::pin(LocalSet::new().run_until(measure_all(&options))).await
}

async fn measure_all(options: &Options) -> ExitCode {
    let kinds = kinds(options);
    let peers = Peers::prepare(&kinds, options.beside.clone()).await;
    let wants = |shape| options.shape.is_none_or(|wanted| wanted == shape);
    let sizes = options.sockets.map_or_else(|| vec![1_000, 10_000], |sockets| vec![sockets]);
    let mut plans = Vec::new();
    if wants(Shape::One) {
        plans.extend(sizes.iter().map(|sockets| Plan::one(*sockets)));
    }
    if wants(Shape::Mixed) {
        plans.push(Plan::mixed(options.conversations));
    }
    if wants(Shape::Events) {
        plans.push(Plan::events(options.people));
    }
    let mut is_whole = true;
    for plan in plans {
        is_whole &= compare(options, &plan, &kinds, &peers).await;
    }
    if wants(Shape::Idle) {
        show_idle(&Plan::one(sizes.last().copied().unwrap_or_default()), &kinds, &peers).await;
    }
    if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn kinds(options: &Options) -> Vec<Kind> {
    let mut kinds = vec![Kind::Natterjack];
    kinds.extend(options.beside.is_some().then_some(Kind::Beside));
    if !options.alone {
        kinds.extend(Kind::PEERS);
    }
    kinds
}

/// Measures a plan in turns; whether nothing of the server's was missing.
async fn compare(options: &Options, plan: &Plan, kinds: &[Kind], peers: &Peers) -> bool {
    assert!(open_files_limit() > plan.sockets.len() + 500, "more open files are needed: ulimit -n");
    let each = plan.deliveries() as f64 / plan.conversations.len() as f64;
    let load =
        Load { rate: options.deliveries / each, time: Duration::from_secs(options.seconds), stalled: options.stalled };
    println!("\n{}: {} sockets, {:.1} messages a second", plan.name, plan.sockets.len(), load.rate);
    let mut sums: Vec<(Kind, usize, Vec<Outcome>)> = Vec::new();
    for round in 0..options.rounds {
        // Each goes first as often.
        let turns: Vec<_> = if round % 2 == 0 { kinds.to_vec() } else { kinds.iter().rev().copied().collect() };
        for kind in &turns {
            let server = Rc::new(Server::start(*kind, plan, peers).await);
            let sending = run::sending(&server, plan, load).await;
            for stalled in if load.stalled > 0 { vec![0, load.stalled] } else { vec![0] } {
                let listening = Listening::open(&server, plan, stalled).await;
                let outcome = listening.measure(&server, plan, Load { stalled, ..load }).await;
                let outcome = Outcome { sending, ..outcome };
                drop(listening);
                run::settle().await;
                match sums.iter_mut().find(|(known, with, _)| (*known, *with) == (*kind, stalled)) {
                    Some((_, _, outcomes)) => outcomes.push(outcome),
                    None => sums.push((*kind, stalled, vec![outcome])),
                }
            }
        }
    }
    show(&sums)
}

fn show(sums: &[(Kind, usize, Vec<Outcome>)]) -> bool {
    println!(
        "{:>12} {:>8} {:>12} {:>10} {:>10} {:>10} {:>9} {:>9} {:>9}",
        "", "stalled", "delivered", "missing", "per CPU s", "telling", "p50, ms", "p99, ms", "max, ms"
    );
    let mean =
        |outcomes: &[Outcome], of: fn(&Outcome) -> f64| outcomes.iter().map(of).sum::<f64>() / outcomes.len() as f64;
    let rates = |outcomes: &[Outcome]| {
        [Outcome::per_cpu_second, Outcome::per_cpu_second_of_telling].map(|of| mean(outcomes, of))
    };
    let mut is_whole = true;
    for (kind, stalled, outcomes) in sums {
        let delivered: u64 = outcomes.iter().map(|outcome| outcome.delivered).sum();
        let missing = outcomes.iter().map(|outcome| outcome.expected).sum::<u64>() - delivered;
        is_whole &= missing == 0 || *kind != Kind::Natterjack;
        let times = Times::sum(outcomes.iter().map(|outcome| &outcome.times));
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|part| times.millis(part));
        let [whole, telling] = rates(outcomes);
        println!(
            "{:>12} {stalled:>6} % {delivered:>12} {missing:>10} {whole:>10.0} {telling:>10.0} {p50:>9.2} {p99:>9.2} {max:>9.2}",
            kind.name(),
        );
    }
    let of = |wanted| {
        let found = sums.iter().find(|(kind, stalled, _)| *kind == wanted && *stalled == 0);
        found.map(|(_, _, outcomes)| outcomes)
    };
    let Some(ours) = of(Kind::Natterjack) else { return is_whole };
    for peer in [Kind::Beside, Kind::GraphqlWs, Kind::Axum] {
        let Some(its) = of(peer) else { continue };
        let (of_ours, of_its) = (rates(ours), rates(its));
        let [whole, telling] = [0, 1].map(|n: usize| of_ours[n] / of_its[n]);
        let rounds = Spread::of(ours.iter().zip(its).map(|(ours, its)| ours.per_cpu_second() / its.per_cpu_second()));
        println!(
            "deliveries per CPU second: {whole:.2} of {}'s, of telling alone {telling:.2}; in the rounds {rounds}",
            peer.name(),
        );
    }
    is_whole
}

async fn show_idle(plan: &Plan, kinds: &[Kind], peers: &Peers) {
    println!("\nresident memory of each of {} idle subscribed sockets", plan.sockets.len());
    for kind in kinds {
        let server = Server::start(*kind, plan, peers).await;
        println!("{:>12} {:>9.1} KiB", kind.name(), run::idle(&server, plan).await);
    }
}
