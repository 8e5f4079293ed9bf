//! What a page of conversations costs: as many questions to the databases for fifty as for five.

use crate::support::backend::{Backend, Log, Node, on_every_backend};
use crate::support::client::Person;
use crate::support::wires::CountedWire;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

on_every_backend! {
    a_page_of_fifty_conversations_costs_as_much_as_one_of_five
}

/// Questions to the SQL database and to the message log, where that is in a database of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Trips {
    sql: usize,
    log: usize,
}

/// Of the SQL database: whether the session lives; the viewer's conversations with the memberships; the first members; and
/// the people who are named, three times: for the titles, then once the latest messages are there, then once the members
/// are. Where two of the last come at the same time they are asked for together.
const SQL: usize = 6;
/// Of a log in the same database: the heads; the latest messages; how many are unread.
const LOG: usize = 3;
/// Of one in MongoDB: the same, and the heads once more, which lead to the latest messages.
const MONGODB: usize = 4;

const PAGE: &str = "{ viewer { conversations(first: 50) { nodes { unreadCount lastMessage { author { displayName } }
    title peer { displayName } members(first: 3) { nodes { user { displayName } } } } } } }";

/// How often it is asked. What runs beside it (heartbeats, looks at what is owed) adds to a count now and then: what comes
/// in the middle is what the page itself costs.
const TRIES: usize = 20;

const PATIENCE: Duration = Duration::from_secs(20);

async fn a_page_of_fifty_conversations_costs_as_much_as_one_of_five(backend: Backend) {
    let (backend, node, mut meter) = metered(backend).await;
    let viewer = Person::register(&node, "viewer").await;
    let others: Vec<_> = join_all((0..25).map(async |n| Person::register(&node, &format!("other-{n}")).await)).await;
    begin(&viewer, &others[..3], &others[..2]).await;
    let of_five = cost(&mut meter, &viewer, 5).await;
    begin(&viewer, &others[3..], &others[2..]).await;
    let of_fifty = cost(&mut meter, &viewer, 50).await;
    let is_apart = backend.log_url().is_some();
    let most = if is_apart { Trips { sql: SQL, log: MONGODB } } else { Trips { sql: SQL + LOG, log: 0 } };
    for cost in [of_five, of_fifty] {
        assert!(cost.sql <= most.sql && cost.log == most.log, "{cost:?} is more than {most:?}");
    }
}

/// Has some begin direct conversations with the viewer, and some groups, and say something there.
async fn begin(viewer: &Person, directs: &[Person], groups: &[Person]) {
    join_all(directs.iter().map(async |other| other.send(&other.open(viewer).await, "hello").await)).await;
    join_all(groups.iter().map(async |other| {
        let group = other.group("pond", &[viewer, &directs[0], &groups[0]]).await;
        other.send(&group, "hello").await
    }))
    .await;
}

/// What the page costs on which so many conversations are.
async fn cost(meter: &mut Meter, viewer: &Person, count: usize) -> Trips {
    let mut costs = Vec::new();
    for _ in 0..TRIES {
        let (page, trips) = meter.page(viewer).await;
        let nodes = page["conversations"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), count);
        for node in nodes {
            assert_eq!(node["unreadCount"], 1, "{node}");
            assert!(node["lastMessage"]["author"]["displayName"].is_string(), "{node}");
            assert!(node["members"]["nodes"].as_array().unwrap().len() >= 2, "{node}");
        }
        costs.push(trips);
    }
    let typical = |of: fn(&Trips) -> usize| {
        let mut counts: Vec<_> = costs.iter().map(of).collect();
        *counts.select_nth_unstable(TRIES / 2).1
    };
    Trips { sql: typical(|trips| trips.sql), log: typical(|trips| trips.log) }
}

/// Where questions are counted: at the wire, and where there is none, by what the node says of its statements.
enum Meter {
    Wires(Box<CountedWire>, Option<Box<CountedWire>>),
    /// And what reads them.
    Statements(mpsc::UnboundedReceiver<usize>, JoinSet<()>),
}

/// A node, and what counts its questions.
async fn metered(backend: Backend) -> (Backend, Node, Meter) {
    let database = backend.database_url();
    if database.starts_with("sqlite") {
        let backend = backend.with("NATTERJACK_LOG", "natterjack::store::sql=trace");
        let (node, log) = backend.logging_node().await;
        let (counts, reading) = counted(log);
        return (backend, node, Meter::Statements(counts, reading));
    }
    let sql = CountedWire::to(&database).await;
    let mut backend = backend.with("DATABASE_URL", sql.url());
    let mut log = None;
    if let Some(url) = backend.log_url() {
        let wire = CountedWire::to(url).await;
        // Not past the line to a name that the server gives.
        let url = format!("{}&directConnection=true", wire.url());
        backend = backend.with("MONGODB_URL", url);
        log = Some(Box::new(wire));
    }
    let node = backend.node().await;
    (backend, node, Meter::Wires(Box::new(sql), log))
}

/// How many statements there were, each time that somebody asks who is blocked: nothing else here does. The log is read on
/// whether or not anybody wants to know: a node that cannot write it stands still.
fn counted(mut log: Log) -> (mpsc::UnboundedReceiver<usize>, JoinSet<()>) {
    let (ends, counts) = mpsc::unbounded_channel();
    let mut reading = JoinSet::new();
    reading.spawn(async move {
        let mut count = 0;
        while let Some(line) = log.next_line().await {
            if line.contains(r#"JOIN "blocks""#) {
                // Nobody may want to know any more.
                ends.send(count).ok();
            }
            count += usize::from(line.contains("statement"));
        }
    });
    (counts, reading)
}

impl Meter {
    async fn page(&mut self, viewer: &Person) -> (Value, Trips) {
        match self {
            Self::Wires(sql, log) => {
                let asked = || (sql.asked(), log.as_ref().map_or(0, |log| log.asked()));
                let before = asked();
                let page = viewer.client.field("viewer", PAGE, json!({})).await;
                let after = asked();
                (page, Trips { sql: after.0 - before.0, log: after.1 - before.1 })
            }
            Self::Statements(counts, reading) => {
                assert!(reading.try_join_next().is_none(), "the node's log has ended");
                let mut ended = async || {
                    viewer.client.data("{ viewer { blockedUsers(first: 1) { nodes { id } } } }", json!({})).await;
                    timeout(PATIENCE, counts.recv()).await.expect("a count in time").unwrap()
                };
                let [before, begins] = [ended().await, ended().await];
                let page = viewer.client.field("viewer", PAGE, json!({})).await;
                // Less what it costs to ask for the end.
                let sql = (ended().await - begins).saturating_sub(begins - before);
                (page, Trips { sql, log: 0 })
            }
        }
    }
}
