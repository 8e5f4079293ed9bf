//! Those that are compared: the server, another build of it, npm's graphql-ws, and axum alone. Each is a process of its own.

use super::bench::process::pin_to;
use super::plan::Plan;
use super::support::backend::{Backend, Node};
use super::support::client::Person;
use super::support::crowd;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Natterjack,
    /// Another build of the same.
    Beside,
    GraphqlWs,
    Axum,
}

impl Kind {
    pub(crate) const PEERS: [Self; 2] = [Self::GraphqlWs, Self::Axum];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Natterjack => "natterjack",
            Self::Beside => "beside",
            Self::GraphqlWs => "graphql-ws",
            Self::Axum => "axum alone",
        }
    }

    /// Whether people and conversations are registered there, rather than taken as they come.
    fn is_natterjack(self) -> bool {
        matches!(self, Self::Natterjack | Self::Beside)
    }
}

/// One of them, running, with the people and conversations of a plan.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    http: reqwest::Client,
    url: String,
    pid: u32,
    /// Who may send and listen, where that matters.
    people: Vec<Person>,
    pub(crate) conversations: Vec<String>,
    authors: Vec<usize>,
    _process: Process,
}

/// Ends with this.
enum Process {
    Node { _node: Box<(Node, Backend)> },
    Peer { _child: Child },
}

/// What the others are made of.
pub(crate) struct Peers {
    /// The packages of npm that graphql-ws stands on, fetched once for a run.
    packages: Option<TempDir>,
    /// The other build.
    beside: Option<PathBuf>,
}

impl Peers {
    /// These, and as they are to take their turns.
    pub(crate) async fn prepare(kinds: &[Kind], beside: Option<PathBuf>) -> Self {
        let packages = if kinds.contains(&Kind::GraphqlWs) { Some(installed().await) } else { None };
        Self { packages, beside }
    }
}

async fn installed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/fanout/peers");
    for file in ["package.json", "package-lock.json", "graphql-ws.mjs"] {
        std::fs::copy(peers.join(file), folder.path().join(file)).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder.path());
    let output = npm.output().await.expect("npm is needed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

impl Server {
    /// Starts it with nobody listening.
    pub(crate) async fn start(kind: Kind, plan: &Plan, peers: &Peers) -> Self {
        let mut command = match kind {
            Kind::Natterjack => return Self::natterjack(kind, plan, None).await,
            Kind::Beside => return Self::natterjack(kind, plan, peers.beside.clone()).await,
            Kind::GraphqlWs => {
                let mut node = Command::new("node");
                let folder = peers.packages.as_ref().expect("they were prepared").path();
                node.arg("graphql-ws.mjs").current_dir(folder).env("NODE_ENV", "production");
                node
            }
            Kind::Axum => {
                let mut bare = Command::new(std::env::current_exe().unwrap());
                bare.arg("--bare").env("TOKIO_WORKER_THREADS", "1");
                bare
            }
        };
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("it says where it listens");
        let url = line.strip_prefix("listening on ").unwrap().to_owned();
        let pid = child.id().unwrap();
        pin_to("0", pid).await;
        Self {
            kind,
            http: reqwest::Client::new(),
            url,
            pid,
            people: Vec::new(),
            conversations: (0..plan.conversations.len()).map(|n| format!("cnv_{n:032x}")).collect(),
            authors: Vec::new(),
            _process: Process::Peer { _child: child },
        }
    }

    async fn natterjack(kind: Kind, plan: &Plan, build: Option<PathBuf>) -> Self {
        let mut backend = Backend::sqlite().await.unwrap().with("NATTERJACK_ACCESS_TOKEN_TTL", "1day");
        if let Some(build) = build {
            backend = backend.built(build);
        }
        // As many as the core that it is pinned to once everything is there.
        let backend = backend.with("TOKIO_WORKER_THREADS", "1");
        let node = backend.node().await;
        let people = crowd::people(&backend, &node, "person", plan.people).await;
        let groups = plan.conversations.iter().map(|members| {
            let members: Vec<_> = members.iter().map(|person| &people[*person]).collect();
            async move { members[0].group("a group", &members[1..]).await }
        });
        let conversations = crowd::in_order(groups).await;
        pin_to("0", node.pid()).await;
        Self {
            kind,
            http: reqwest::Client::new(),
            url: node.url.clone(),
            pid: node.pid(),
            people,
            conversations,
            authors: plan.conversations.iter().map(|members| members[0]).collect(),
            _process: Process::Node { _node: Box::new((node, backend)) },
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// What opens a socket of that person's.
    pub(crate) fn init(&self, person: usize) -> Value {
        let token = self.people.get(person).and_then(|person| person.client.token.clone());
        json!({ "type": "connection_init", "payload": { "token": token } })
    }

    /// Sends that text to that conversation.
    pub(crate) async fn send(&self, conversation: usize, text: String) {
        let id = &self.conversations[conversation];
        if self.kind.is_natterjack() {
            let query = "mutation($i: SendMessageInput!) { sendMessage(input: $i) { errors { code } } }";
            let input = json!({ "to": { "conversationId": id }, "text": text });
            let sent = self.people[self.authors[conversation]].client.data(query, json!({ "i": input })).await;
            assert_eq!(sent["sendMessage"]["errors"], json!([]));
        } else {
            let message = json!({ "conversation": id, "text": text });
            let sent = self.http.post(format!("{}/send", self.url)).json(&message).send().await.unwrap();
            assert!(sent.status().is_success());
        }
    }
}
