//! What an app shows first, and how it goes where there is very much.
//!
//! ```sh
//! eval "$(scripts/services env)"
//! cargo bench --bench page                                       # the first page, on each combination of stores
//! cargo bench --bench page -- first --backend sqlite             # on one
//! cargo bench --bench page -- size --backend postgres            # a group of 10,000, a person in 1,000 conversations
//! ```
//!
//! `first`: a page of 50 conversations with what is unread, the latest message and its author, the other person and the
//! first members, of a person in 200 conversations with 50,000 messages. It is asked for over HTTP by one client at a time.
//!
//! The node has the first core to itself, where there are two, and this process the second.

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

mod first;
mod size;

use bench::process::Stores;
use clap::{Parser, Subcommand, ValueEnum as _};

#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    part: Option<Part>,
    /// Which stores the node runs on; each in turn where it is not given.
    #[arg(long, global = true)]
    backend: Option<Stores>,
    /// Given by cargo.
    #[arg(long, global = true, hide = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Part {
    /// The first page.
    First(first::Options),
    /// A group of 10,000 and a person in 1,000 conversations.
    Size,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let part = options.part.unwrap_or(Part::First(first::Options::default()));
    let stores = options.backend.map_or_else(|| Stores::value_variants().to_vec(), |stores| vec![stores]);
    for stores in stores {
        println!("\n{stores:?}");
        let backend = stores.open().await;
        match &part {
            Part::First(first) => first::run(&backend, first).await,
            Part::Size => size::run(&backend).await,
        }
    }
}
