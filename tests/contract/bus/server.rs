//! NATS servers for tests: the one that others use too, and own ones that may be killed.

use super::PATIENCE;
use crate::support::ports::free_port;
use serde_json::Value;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// The address of the server that is there for tests, or `None`, said aloud, where there is none.
#[expect(clippy::disallowed_methods, reason = "tests learn from it where services are")]
pub(super) fn shared() -> Option<String> {
    std::env::var("TEST_NATS_URL").ok().or_else(|| left_out("TEST_NATS_URL is not set"))
}

fn left_out<T>(reason: &str) -> Option<T> {
    // Nobody would read there what was left out.
    assert!(std::env::var_os("CI").is_none(), "{reason}");
    let thread = std::thread::current();
    let line = format!("LEFT OUT: {}: {reason}\n", thread.name().unwrap_or_default());
    // Past the harness, which shows what a test prints only where it fails; in one piece, since others write too.
    let _ = std::io::stderr().write_all(line.as_bytes());
    None
}

/// A NATS server of one's own, killed when it is dropped.
pub(super) struct Server {
    process: Child,
    options: Vec<String>,
    port: u16,
    monitor: u16,
}

impl Server {
    /// A server that answers; `None`, said aloud, where there is no program for it.
    pub(super) async fn start(options: &[&str]) -> Option<Self> {
        shared()?;
        let options: Vec<_> = options.iter().copied().map(str::to_owned).collect();
        let (port, monitor) = (free_port(), free_port());
        let process = spawn(&options, port, monitor).or_else(|| left_out("there is no program nats-server"))?;
        let server = Self { process, options, port, monitor };
        server.answers().await;
        Some(server)
    }

    /// A server that has ended.
    pub(super) async fn absent() -> Option<Self> {
        let mut server = Self::start(&[]).await?;
        server.kill().await;
        Some(server)
    }

    /// Once it has ended.
    pub(super) async fn restart(&mut self) {
        self.process = spawn(&self.options, self.port, self.monitor).expect("nats-server starts");
        self.answers().await;
    }

    async fn answers(&self) {
        until(async || self.ask("varz").await.is_some()).await;
    }

    /// As a crash would.
    pub(super) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Its connections stay open, and nothing moves on them.
    pub(super) async fn freeze(&self) {
        self.signal("STOP").await;
    }

    pub(super) async fn thaw(&self) {
        self.signal("CONT").await;
    }

    async fn signal(&self, signal: &str) {
        let id = self.process.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status().await;
        assert!(sent.unwrap().success());
    }

    pub(super) fn url(&self) -> String {
        format!("nats://{}", self.address())
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The subjects of all subscriptions of all clients.
    pub(super) async fn subscriptions(&self) -> Vec<String> {
        let connections = self.ask("connz?subs=1").await.expect("the server answers");
        let lists = connections["connections"].as_array().unwrap().iter();
        let subjects = lists.filter_map(|connection| connection["subscriptions_list"].as_array());
        subjects.flatten().map(|subject| subject.as_str().unwrap().to_owned()).collect()
    }

    /// How many clients it has.
    pub(super) async fn connections(&self) -> usize {
        let connections = self.ask("connz").await.expect("the server answers");
        connections["connections"].as_array().unwrap().len()
    }

    /// A way to this server by another port, closed at first.
    pub(super) fn road(&self) -> Road {
        Road { port: free_port(), to: self.port }
    }

    async fn ask(&self, question: &str) -> Option<Value> {
        let answer = reqwest::get(format!("http://127.0.0.1:{}/{question}", self.monitor)).await;
        answer.ok()?.json().await.ok()
    }
}

/// A way to a server, closed at first.
pub(super) struct Road {
    port: u16,
    to: u16,
}

impl Road {
    pub(super) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    async fn gate(&self) -> TcpListener {
        TcpListener::bind(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Turns away so many who come.
    pub(super) async fn turn_away(&self, count: usize) {
        let gate = self.gate().await;
        for _ in 0..count {
            timeout(PATIENCE, gate.accept()).await.expect("somebody comes").unwrap();
        }
    }

    /// Turns away who comes, until nobody has come for that long or ten have; answers how many did.
    pub(super) async fn turn_all_away(&self, quiet: Duration) -> usize {
        let gate = self.gate().await;
        let mut count = 0;
        while count < 10 && timeout(quiet, gate.accept()).await.is_ok() {
            count += 1;
        }
        count
    }

    /// Open until what is returned is dropped.
    pub(super) async fn open(&self) -> JoinSet<()> {
        let (gate, to) = (self.gate().await, self.to);
        let mut open = JoinSet::new();
        open.spawn(async move {
            let mut passing = JoinSet::new();
            while let Ok((mut from, _)) = gate.accept().await {
                passing.spawn(async move {
                    let mut to = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                    let _ = copy_bidirectional(&mut from, &mut to).await;
                });
            }
        });
        open
    }
}

fn spawn(options: &[String], port: u16, monitor: u16) -> Option<Child> {
    // Where Debian keeps it, an ordinary user's PATH does not look.
    ["nats-server", "/usr/sbin/nats-server"].into_iter().find_map(|program| {
        Command::new(program)
            .args(["-a", "127.0.0.1"])
            .args(["-p", &port.to_string(), "-m", &monitor.to_string()])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .ok()
    })
}

/// Waits until it is so.
pub(super) async fn until(is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("it comes to be so");
}
