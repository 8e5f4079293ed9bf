//! What it takes to come back.
//!
//! ```sh
//! eval "$(scripts/services env)"
//! cargo bench --bench resume -- missed --backend mongodb    # 10,000 missed messages, on another node
//! cargo bench --bench resume -- sockets --backend mongodb   # 5,000 sockets that are cut at once
//! ```
//!
//! `missed`: a device resumes after 10,000 messages that it has missed, on another node than it had been on; everything
//! must come once, in order. Meanwhile others talk, whose messages' way to their subscribers on that node is timed with
//! such resumes and without, in turns. `sockets`: how long it takes from the cut until all devices have everything.
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

mod missed;
mod sockets;

use bench::process::Stores;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    part: Part,
    /// Which stores the nodes run on.
    #[arg(long, global = true, default_value = "sqlite")]
    backend: Stores,
    /// Given by cargo.
    #[arg(long, global = true, hide = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Part {
    /// A device that has missed much.
    Missed(missed::Options),
    /// Many devices that are cut at once.
    Sockets(sockets::Options),
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let backend = options.backend.open().await;
    match options.part {
        Part::Missed(missed) => missed::run(backend, missed).await,
        Part::Sockets(sockets) => sockets::run(backend, sockets).await,
    }
}
