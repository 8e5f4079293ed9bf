//! The page of conversations that an app shows first.

use super::bench::figures::Times;
use super::bench::process::{cpu_seconds, pin};
use super::support::backend::{Backend, Node};
use super::support::client::Person;
use super::support::crowd;
use super::support::groups::ids;
use serde_json::{Value, json};
use tokio::time::Instant;

#[derive(Clone, clap::Args)]
pub(crate) struct Options {
    /// Conversations of the person, of which half are groups.
    #[arg(long, default_value_t = 200)]
    conversations: usize,
    /// Messages in all of them together.
    #[arg(long, default_value_t = 50_000)]
    messages: usize,
    /// How often the page is asked for.
    #[arg(long, default_value_t = 1_000)]
    times: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { conversations: 200, messages: 50_000, times: 1_000 }
    }
}

const PAGE: &str = "{ viewer { conversations(first: 50) { nodes {
    unreadCount lastMessage { author { displayName } } title peer { displayName }
    members(first: 3) { nodes { user { displayName } } } } } } }";
/// Others who write.
const OTHERS: usize = 100;
/// Others in each group.
const IN_GROUP: usize = 5;
/// Pages that are not counted.
const WARM_UP: usize = 50;

pub(crate) async fn run(backend: &Backend, options: &Options) {
    let node = backend.node().await;
    let began = Instant::now();
    let ada = prepare(backend, &node, options).await;
    println!(
        "{} messages in {} conversations, made in {:.0} s",
        options.messages,
        options.conversations,
        began.elapsed().as_secs_f64()
    );
    pin(&[&node]).await;
    for _ in 0..WARM_UP {
        page(&ada).await;
    }
    let (mut times, cpu) = (Times::new(), cpu_seconds(node.pid()));
    for _ in 0..options.times {
        let asked = Instant::now();
        page(&ada).await;
        times.record(asked.elapsed());
    }
    let cpu = (cpu_seconds(node.pid()) - cpu) / options.times as f64 * 1e3;
    Times::show_head();
    times.show("the first page");
    println!("CPU time of the node {cpu:.2} ms for each");
}

/// Somebody in that many conversations, in each of which half of the messages are unread.
async fn prepare(backend: &Backend, node: &Node, options: &Options) -> Person {
    let others = crowd::people(backend, node, "other", OTHERS).await;
    let ada = crowd::people(backend, node, "ada", 1).await.remove(0);
    let (ada, others) = (&ada, &others);
    let made = (0..options.conversations).map(async |n| {
        let other = &others[n / 2 % OTHERS];
        if n % 2 == 0 {
            return (other, ada.open(other).await);
        }
        let mut members: Vec<_> = (1..IN_GROUP).map(|m| &others[(n / 2 + m) % OTHERS]).collect();
        members.push(ada);
        let input = json!({ "name": format!("group {n}"), "memberIds": ids(&members) });
        (other, other.create_group(input).await)
    });
    let conversations = crowd::in_order(made).await;
    let each = options.messages / options.conversations;
    for count in [each / 2, each - each / 2] {
        crowd::in_order(conversations.iter().map(|(_, id)| ada.mark_read(id))).await;
        // One conversation after the other: many messages are one commit then.
        let sends = conversations.iter().flat_map(|(other, id)| (0..count).map(move |_| send(other, id)));
        crowd::in_order(sends).await;
    }
    ada.clone()
}

async fn send(person: &Person, conversation: &str) {
    person.send(conversation, "A message of about the length that people send to each other.").await;
}

async fn page(person: &Person) {
    let viewer = person.client.field("viewer", PAGE, Value::Null).await;
    let nodes = viewer["conversations"]["nodes"].as_array().unwrap();
    assert!(nodes.len() == 50 && nodes.iter().all(|node| node["unreadCount"].as_u64() > Some(0)), "{viewer}");
}
