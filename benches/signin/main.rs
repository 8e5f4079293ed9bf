//! Whether the time that a wrong password takes tells anything of an account: known, suspended and without a password are
//! compared with one that is not there, by Mann and Whitney's rank test.
//!
//! ```sh
//! eval "$(scripts/services env)"
//! cargo bench --bench signin                          # 500 tries each, on every store
//! cargo bench --bench signin -- --tries 50 --store sqlite
//! ```
//!
//! The kinds take turns, in an order that is drawn anew each time, so that whatever else the machine does meets them all alike. p is how
//! often chance alone makes two like kinds differ so much: below 0.01 it says so. Of three kinds on three stores one is below it
//! in one of eleven runs, by chance.

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

mod ranks;

use bench::figures::Times;
use bench::process::{Stores, pin};
use clap::Parser;
use rand::seq::SliceRandom as _;
use ranks::p_of_difference;
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use serde_json::json;
use std::time::Duration;
use support::backend::Backend;
use support::client::{Client, Person};
use tokio::time::Instant;

/// One after another: who waits for others would measure them.
const KINDS: [&str; 4] = ["unknown", "known", "suspended", "without-password"];
/// Below this it is told that there is a difference.
const DOUBT: f64 = 0.01;

#[derive(Parser)]
struct Options {
    /// How often each kind is tried.
    #[arg(long, default_value_t = 500)]
    tries: usize,
    /// On one kind of stores alone.
    #[arg(long)]
    store: Option<Stores>,
    /// What cargo says to benches.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    ranks::prove();
    let stores = options.store.map_or_else(|| vec![Stores::Sqlite, Stores::Postgres, Stores::Mongodb], |one| vec![one]);
    for stores in stores {
        println!("\n{stores:?}: a wrong password over HTTP, {} tries each", options.tries);
        let backend = stores.open().await;
        let times = measure(&backend, options.tries).await;
        show(&times);
    }
}

/// How long each try of each kind took.
async fn measure(backend: &Backend, tries: usize) -> [Vec<Duration>; KINDS.len()] {
    let node = backend.node().await;
    pin(&[&node]).await;
    for kind in &KINDS[1..] {
        Person::register(&node, kind).await;
    }
    let suspended = backend.command("admin").args(["suspend", "suspended"]).output().await.unwrap();
    assert!(suspended.status.success());
    forget_password(backend).await;
    let client = Client::new(&node);
    let mut times = [const { Vec::new() }; KINDS.len()];
    let mut order: Vec<usize> = (0..KINDS.len()).collect();
    // The first ones open connections and fill caches.
    for round in 0..tries + 10 {
        order.shuffle(&mut rand::rng());
        for kind in &order {
            let time = try_once(&client, KINDS[*kind]).await;
            if round >= 10 {
                times[*kind].push(time);
            }
        }
    }
    times
}

async fn try_once(client: &Client, login: &str) -> Duration {
    let query = "mutation($login: String!) {
        login(input: { password: { login: $login, password: \"wrong horse battery\" } }) { errors { code } } }";
    let begun = Instant::now();
    let payload = client.field("login", query, json!({ "login": login })).await;
    let time = begun.elapsed();
    assert_eq!(payload["errors"][0]["code"], "WRONG_CREDENTIALS");
    time
}

/// As one has it who was made by a code.
async fn forget_password(backend: &Backend) {
    let raw = backend.raw().await;
    let forget = Query::update()
        .table("users")
        .value("password_hash", None::<String>)
        .and_where(Expr::col("username_key").eq("without-password"))
        .take();
    raw.execute(&forget).await.unwrap();
    raw.close().await.unwrap();
}

fn show(times: &[Vec<Duration>; KINDS.len()]) {
    Times::show_head();
    for (kind, times) in KINDS.iter().zip(times) {
        let mut all = Times::new();
        for time in times {
            all.record(*time);
        }
        all.show(kind);
    }
    let [unknown, others @ ..] = times;
    for (kind, times) in KINDS[1..].iter().zip(others) {
        let p = p_of_difference(unknown, times);
        let verdict = if p < DOUBT { "DIFFERENT" } else { "alike" };
        println!("{kind:>24} against unknown: p = {p:.4}, {verdict}");
    }
}
