//! How many sends are acknowledged in a second, into one conversation: at `MessageLog::append` and through GraphQL, on
//! each combination of stores, with 1, 8 and 64 senders; and how long a message takes to a subscriber.
//!
//! ```sh
//! eval "$(scripts/services env)"
//! cargo bench --bench sends                 # everything, about four minutes
//! cargo bench --bench sends -- append       # one part: append, graphql, latency or responsiveness
//! cargo bench --bench sends -- --beside PATH   # through GraphQL, in turns with another build of the server
//! ```
//!
//! Figures of one run stand beside each other: group commit and one commit per message take turns, round by round.
//! The server of the GraphQL parts has the first core to itself, where there are two, and this process the second.

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

mod append;
mod beside;
mod graphql;
mod latency;
mod responsiveness;

use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use support::backend::Backend;

/// How many send at once.
const SENDERS: [usize; 3] = [1, 8, 64];

#[derive(Parser)]
struct Options {
    /// All of them where none is given.
    parts: Vec<Part>,
    /// Another build of the server: sends through GraphQL take turns on both, and nothing else is measured.
    #[arg(long)]
    beside: Option<PathBuf>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// At `MessageLog::append`.
    Append,
    /// Through GraphQL over HTTP.
    Graphql,
    /// From a send to a subscriber, at a steady rate.
    Latency,
    /// The same one after the other, with the effects of ambience off and on.
    Responsiveness,
}

#[tokio::main]
async fn main() {
    let Options { parts, beside, .. } = Options::parse();
    if let Some(build) = beside {
        beside::run(build).await;
        return;
    }
    let is_asked = |part| parts.is_empty() || parts.contains(&part);
    if is_asked(Part::Append) {
        append::run().await;
    }
    if is_asked(Part::Graphql) {
        println!("\nthrough GraphQL over HTTP: acknowledged sends per second, and CPU time of the server for each");
        graphql::run("sqlite", Backend::sqlite().await).await;
        graphql::run("postgres", Backend::postgres().await).await;
        graphql::run("postgres+mongodb", Backend::mongodb().await).await;
    }
    if is_asked(Part::Latency) {
        println!("\nsend to subscriber, in ms: from the intended moment of the send to the event on the socket");
        latency::run("sqlite", Backend::sqlite().await).await;
        latency::run("postgres", Backend::postgres().await).await;
        latency::run("postgres+mongodb", Backend::mongodb().await).await;
    }
    if is_asked(Part::Responsiveness) {
        println!(
            "\n200 round trips, from a send to the other's subscription, in ms: effects of ambience off, then all on"
        );
        responsiveness::run("sqlite", Backend::sqlite().await).await;
        let on = Backend::sqlite().await.map(|backend| backend.with("NATTERJACK_AMBIENCE", "all"));
        responsiveness::run("sqlite, all on", on).await;
    }
}
