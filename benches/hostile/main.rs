//! How long it takes to refuse what means ill, and to validate the largest documents that are let pass: the worst of
//! several times for each, on one thread.
//!
//! ```sh
//! cargo bench --bench hostile                    # the ten slowest
//! cargo bench --bench hostile -- --all --rounds 20
//! cargo bench --profile dev --bench hostile      # without a release build; far slower
//! ```
//!
//! The aim is 50 ms for each in a release build.

#![allow(
    dead_code,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a program for developers, which shows figures and stops where something is amiss"
)]

#[path = "../../tests/support/hostile.rs"]
mod corpus;
mod large;

use clap::Parser;
use corpus::Hostile;
use natterjack::graphql::documents::{DocumentLimits, Documents, Shape, Validator};
use natterjack::graphql::sdl;
use std::time::Duration;
use tokio::time::Instant;

#[derive(Parser)]
struct Options {
    /// How often each is tried.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Show each, not only the slowest.
    #[arg(long)]
    all: bool,
    /// What cargo says to benches.
    #[arg(long, hide = true)]
    bench: bool,
}

struct Figure {
    time: Duration,
    name: String,
    outcome: &'static str,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::parse();
    let shape = || Shape::parse(&sdl()).unwrap();
    let validator = Validator::default();
    let mut figures = Vec::new();
    let ill = corpus::corpus().into_iter().chain(corpus::costly());
    for hostile in ill.chain(large::corpus()) {
        let mut figure = Figure { time: Duration::ZERO, name: hostile.name.clone(), outcome: "" };
        for _ in 0..options.rounds {
            // Nothing is remembered.
            let documents = Documents::new(DocumentLimits::DEFAULT, shape());
            let (time, outcome) = tried(&documents, &validator, &hostile).await;
            figure.time = figure.time.max(time);
            figure.outcome = outcome;
        }
        figures.push(figure);
    }
    figures.sort_by_key(|figure| std::cmp::Reverse(figure.time));
    let shown = if options.all { figures.len() } else { 10 };
    for Figure { time, name, outcome } in figures.iter().take(shown) {
        println!("{:>9.2} ms  {outcome:<9}  {name}", time.as_secs_f64() * 1_000.0);
    }
    println!("worst of {}: {:.2} ms", figures.len(), figures[0].time.as_secs_f64() * 1_000.0);
}

async fn tried(documents: &Documents, validator: &Validator, hostile: &Hostile) -> (Duration, &'static str) {
    let body = hostile.request().to_string();
    let begun = Instant::now();
    let parameters = serde_json::from_str(&body).unwrap();
    let Ok(operation) = documents.prepare(parameters) else { return (begun.elapsed(), "refused") };
    let fault = validator.fault(operation.request).await;
    (begun.elapsed(), if fault.is_some() { "invalid" } else { "valid" })
}
