//! How long it takes to search all of a person's messages, at `LogReads::search`, on each store.
//!
//! ```sh
//! eval "$(scripts/services env)"
//! cargo bench --bench search                          # 200,000 messages in 500 conversations, a few minutes
//! cargo bench --bench search -- --messages 20000      # less of them
//! cargo bench --bench search -- --backend mongodb     # one store alone
//! ```
//!
//! Messages have 12 words, which come as often as in natural language (Zipf's law) and are made of syllables, so that many
//! begin alike. What is asked for has pages of 50, each time with other words of the same frequency.

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

mod vocabulary;

use bench::figures::Times;
use bench::process::Stores;
use clap::Parser;
use natterjack::domain::batch::{Attempt, Write};
use natterjack::domain::ids::{ConversationId, MessageId};
use natterjack::domain::message::NewMessage;
use natterjack::domain::page::{Take, Window};
use natterjack::domain::words::SearchTerms;
use natterjack::store::LogStore;
use natterjack::store::log::MAX_BATCH;
use sea_orm::{ConnectionTrait as _, Database};
use std::sync::Arc;
use support::make::at;
use support::messages::{a_conversation, a_person, message};
use support::{mongo, stores};
use tokio::time::Instant;
use vocabulary::Vocabulary;

/// Messages on a page.
const PAGE: u32 = 50;
/// Milliseconds from one message to the next one.
const PAUSE: i64 = 1_000;

#[derive(Parser)]
struct Options {
    /// All messages together.
    #[arg(long, default_value_t = 200_000)]
    messages: usize,
    /// The conversations that they are in.
    #[arg(long, default_value_t = 500)]
    conversations: usize,
    /// Searches of each kind.
    #[arg(long, default_value_t = 200)]
    searches: usize,
    /// The store; all of them where none is given.
    #[arg(long)]
    backend: Option<Stores>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let is_asked = |stores: Stores| options.backend.is_none_or(|asked| asked as u8 == stores as u8);
    if is_asked(Stores::Sqlite) {
        let sqlite = stores::sqlite().await;
        run("sqlite", Arc::new((*sqlite).clone()), &options, async {}).await;
    }
    if is_asked(Stores::Postgres)
        && let Some(postgres) = stores::postgres().await
    {
        // What its autovacuum does sooner or later.
        let tidy = async {
            let raw = Database::connect(postgres.url()).await.unwrap();
            raw.execute_unprepared("VACUUM ANALYZE").await.unwrap();
        };
        run("postgres", Arc::new((*postgres).clone()), &options, tidy).await;
    }
    if is_asked(Stores::Mongodb)
        && let Some(mongo) = mongo::mongodb().await
    {
        run("mongodb", Arc::new((*mongo).clone()), &options, async {}).await;
    }
}

async fn run(name: &str, store: Arc<dyn LogStore>, options: &Options, tidy: impl Future<Output = ()>) {
    let vocabulary = Vocabulary::new();
    let conversations: Vec<_> = (0..options.conversations).map(|_| a_conversation()).collect();
    let began = Instant::now();
    fill(&*store, &conversations, options.messages, &vocabulary).await;
    let rate = options.messages as f64 / began.elapsed().as_secs_f64();
    tidy.await;
    println!("\n{name}: {} messages in {} conversations, stored at {rate:.0}/s", options.messages, conversations.len());
    Times::show_head();
    for (kind, text) in kinds(&vocabulary) {
        let mut times = Times::new();
        let mut found = 0;
        for _ in 0..options.searches {
            let terms = SearchTerms::parse(&text()).unwrap();
            let window = Window { after: None, before: None, take: Take::First(PAGE) };
            let start = Instant::now();
            found += store.search(&conversations, &terms, &window).await.unwrap().items.len();
            times.record(start.elapsed());
        }
        let on_average = found as f64 / options.searches as f64;
        times.show(&format!("{kind} ({on_average:.0})"));
    }
}

/// Makes a text to search for.
type Ask<'a> = Box<dyn Fn() -> String + 'a>;

/// The kinds of what is asked for.
fn kinds(words: &Vocabulary) -> Vec<(&'static str, Ask<'_>)> {
    let word = |share: f64| words.word_in_about(share).to_owned();
    vec![
        ("none", Box::new(|| "absent".to_owned())),
        ("rare", Box::new(move || word(0.000_1))),
        ("middling", Box::new(move || word(0.01))),
        ("frequent", Box::new(move || word(0.25))),
        ("prefix of a middling", Box::new(move || word(0.01)[..3].to_owned())),
        ("one letter", Box::new(move || word(0.01)[..1].to_owned())),
        ("rare and frequent", Box::new(move || format!("{} {}", word(0.000_1), word(0.25)))),
        ("two middling", Box::new(move || format!("{} {}", word(0.01), word(0.01)))),
        ("two frequent", Box::new(move || format!("{} {}", word(0.25), word(0.1)))),
    ]
}

/// Messages come to one conversation after the other, in turns, as time goes on.
async fn fill(store: &dyn LogStore, conversations: &[ConversationId], messages: usize, words: &Vocabulary) {
    let turns = conversations.len();
    for (turn, conversation) in conversations.iter().enumerate() {
        let new = (turn..messages).step_by(turns).map(|n| sent_at(n, *conversation, words.text()));
        let writes: Vec<_> = new.map(Write::Append).collect();
        for batch in writes.chunks(MAX_BATCH) {
            store.commit(*conversation, batch, Attempt::First).await.unwrap();
        }
    }
}

fn sent_at(number: usize, conversation: ConversationId, text: String) -> NewMessage {
    let at = at(i64::try_from(number).unwrap() * PAUSE);
    NewMessage { id: MessageId::new(at), created_at: at, ..message(conversation, a_person(), text) }
}
