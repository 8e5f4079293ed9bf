//! What signing in costs: the same for whoever it is, and no more than there is.

use crate::support::backend::{Backend, Log, Node, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person};
use crate::support::events::{EVENTS, next_of};
use crate::support::socket::Socket;
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

on_every_backend! {
    known_and_unknown_accounts_take_the_same_path_through_the_same_work
    two_hundred_sign_ins_at_once_take_little_memory_and_hold_up_no_message
}

const LOGIN: &str = "mutation($login: String!, $password: String!) {
    login(input: { password: { login: $login, password: $password } }) { viewer { id } errors { code } } }";

/// How often each is tried. What runs beside it adds a statement now and then: what is seen most often is the path.
const TRIES: usize = 7;

const PATIENCE: Duration = Duration::from_secs(20);

async fn known_and_unknown_accounts_take_the_same_path_through_the_same_work(backend: Backend) {
    let backend = backend
        .with("NATTERJACK_RATE_LIMITS", "on")
        .with("NATTERJACK_TRUSTED_PROXIES", "127.0.0.0/8")
        .with("NATTERJACK_LOG", "warn,natterjack::store::sql=trace,natterjack::chat::passwords=trace");
    let (node, log) = backend.logging_node().await;
    let mut path = Path::of(&node, log).await;
    for name in ["known", "suspended", "without-password"] {
        Person::register_by(&Client::new(&node).coming_from("198.51.100.1"), name).await;
    }
    forget_password(&backend, "without-password").await;
    let suspended = backend.command("admin").args(["suspend", "suspended"]).output().await.unwrap();
    assert!(suspended.status.success());
    let known = path.of_login("known").await;
    let hashes = known.iter().filter(|step| step.contains("password checked")).count();
    let counts = known.iter().filter(|step| step.contains(r#""attempts""#)).count();
    assert!(hashes == 1 && counts >= 2, "{known:#?}");
    for name in ["unknown", "suspended", "without-password", "unknown@example.org"] {
        let other = path.of_login(name).await;
        // Of an email it is asked by another column.
        let other: Vec<_> = other.iter().map(|step| step.replace("\"email_key\" =", "\"username_key\" =")).collect();
        assert_eq!(other.join("\n"), known.join("\n"), "{name}");
    }
}

/// As one has it who was made by a code.
async fn forget_password(backend: &Backend, username: &str) {
    let raw = backend.raw().await;
    let forget = Query::update()
        .table("users")
        .value("password_hash", None::<String>)
        .and_where(Expr::col("username_key").eq(username))
        .take();
    raw.execute(&forget).await.unwrap();
    raw.close().await.unwrap();
}

/// What a node does, step by step: its statements, and its work on passwords.
struct Path {
    client: Client,
    marker: Person,
    steps: mpsc::UnboundedReceiver<String>,
    _reading: JoinSet<()>,
}

impl Path {
    async fn of(node: &Node, mut log: Log) -> Self {
        let (said, steps) = mpsc::unbounded_channel();
        let mut reading = JoinSet::new();
        // Read on whether or not anybody wants to know: a node that cannot write its log stands still.
        reading.spawn(async move {
            while let Some(line) = log.next_line().await {
                said.send(line).ok();
            }
        });
        let client = Client::new(node).coming_from("203.0.113.1");
        Self { client, marker: Person::register(node, "marker").await, steps, _reading: reading }
    }

    /// The steps of a sign-in with a wrong password, from where none of the people ever was.
    async fn of_login(&mut self, login: &str) -> Vec<String> {
        let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
        for _ in 0..TRIES {
            self.up_to_marker().await;
            let variables = json!({ "login": login, "password": "wrong horse battery" });
            let payload = self.client.field("login", LOGIN, variables).await;
            assert_eq!(payload["errors"][0]["code"], "WRONG_CREDENTIALS", "{login}");
            *seen.entry(self.up_to_marker().await).or_default() += 1;
        }
        seen.into_iter().max_by_key(|(_, times)| *times).unwrap().0
    }

    /// What was done up to now, without the times of day.
    async fn up_to_marker(&mut self) -> Vec<String> {
        // Nobody else here asks who is blocked.
        self.marker.client.data("{ viewer { blockedUsers(first: 1) { nodes { id } } } }", json!({})).await;
        let mut steps = Vec::new();
        loop {
            let line = timeout(PATIENCE, self.steps.recv()).await.expect("a line in time").unwrap();
            if line.contains(r#"JOIN "blocks""#) {
                return steps;
            }
            let step = line.split_once("natterjack::").map_or(line.as_str(), |(_, step)| step);
            steps.push(step.to_owned());
        }
    }
}

/// What one hash takes, in KiB.
const HASH: u64 = 19 * 1_024;

async fn two_hundred_sign_ins_at_once_take_little_memory_and_hold_up_no_message(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let others = ["eve", "dan", "fay"];
    for name in others {
        Person::register(&node, name).await;
    }
    let conversation = ada.open(&bob).await;
    let mut socket = Socket::of(&ada).await;
    socket.subscribe(EVENTS, json!({ "after": [], "only": ["MESSAGE"] })).await;
    next_of(&mut socket, "Synced").await;
    let client = Client::new(&node);

    let rest = memory(&node, "VmRSS");
    // The peak is counted anew (proc(5), clear_refs).
    std::fs::write(format!("/proc/{}/clear_refs", node.pid()), "5").unwrap();
    let mut sign_ins = JoinSet::new();
    for n in 0..200 {
        // No more than sessions that one person has.
        let variables = json!({ "login": others[n % others.len()], "password": PASSWORD });
        let client = client.clone();
        sign_ins.spawn(async move { client.field("login", LOGIN, variables).await });
    }
    let (mut signed_in, mut slowest, mut told) = (0, Duration::ZERO, 0);
    while !sign_ins.is_empty() {
        let begun = Instant::now();
        bob.send(&conversation, "is anybody there?").await;
        next_of(&mut socket, "MessageAdded").await;
        (slowest, told) = (slowest.max(begun.elapsed()), told + 1);
        while let Some(payload) = sign_ins.try_join_next() {
            let payload = payload.unwrap();
            assert!(payload["viewer"]["id"].is_string(), "{payload}");
            signed_in += 1;
        }
    }
    let above = memory(&node, "VmHWM").saturating_sub(rest);
    assert_eq!(signed_in, 200);
    assert!(above < 8 * HASH, "{above} KiB above rest");
    assert!(told >= 5 && slowest < Duration::from_secs(2), "{told} messages, the slowest took {slowest:?}");
}

/// What the kernel says of the node's memory, in KiB: what is resident now, or the most that ever was.
fn memory(node: &Node, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).unwrap();
    line.trim().strip_suffix(" kB").unwrap().trim().parse().unwrap()
}
