//! Servers of a test's own, to be killed: started by `scripts/services` on other ports than those that all tests share.

use super::stores::url_of;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

/// The ports, as lines of `NAME=value`.
const PORTS: &str = include_str!("../../scripts/faults.env");

/// A server that a test may kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Postgres,
    MongoDb,
    Nats,
}

impl Service {
    /// What `scripts/services` calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MongoDb => "mongodb",
            Self::Nats => "nats",
        }
    }

    /// The variable that leads to it.
    fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "TEST_POSTGRES_URL",
            Self::MongoDb => "TEST_MONGODB_URL",
            Self::Nats => "TEST_NATS_URL",
        }
    }
}

/// A server that nobody else uses meanwhile. Stopped where it is dropped.
pub(crate) struct OwnServer {
    service: Service,
    url: String,
    /// One test at a time has it, also among processes.
    _lock: File,
}

impl OwnServer {
    /// The server, once it answers; `None`, said aloud, where tests have no services.
    pub(crate) async fn start(service: Service) -> Option<Self> {
        url_of(service.variable())?;
        let lock = off_the_runtime(move || lock(service)).await;
        let env = script(["env"]).await;
        let marker = format!("export {}='", service.variable());
        let url = env.lines().find_map(|line| line.strip_prefix(&marker)?.strip_suffix('\''));
        let server = Self { service, url: url.expect("the script tells where it is").to_owned(), _lock: lock };
        // One that an earlier test was killed over may be in whatever state.
        server.kill().await;
        server.restart().await;
        Some(server)
    }

    /// Where it is, while it runs.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// As a crash would.
    pub(crate) async fn kill(&self) {
        script(["kill", self.service.name()]).await;
    }

    /// Once it has ended; returns when it answers and, where it stores something, takes writes.
    pub(crate) async fn restart(&self) {
        script(["start", self.service.name()]).await;
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        run(&["stop", self.service.name()]);
    }
}

/// Waits until no other test has the server.
fn lock(service: Service) -> File {
    let path = std::env::temp_dir().join(format!("natterjack-faults-{}.lock", service.name()));
    let file = File::options().create(true).truncate(false).write(true).open(path).unwrap();
    file.lock().unwrap();
    file
}

async fn script<const N: usize>(arguments: [&'static str; N]) -> String {
    off_the_runtime(move || run(&arguments)).await
}

async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

fn run(arguments: &[&str]) -> String {
    let ports = PORTS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/services");
    let output = Command::new(script).args(arguments).envs(ports).stdin(Stdio::null()).output().unwrap();
    // A panic on top of a failed test's own would end the whole binary.
    let is_well = output.status.success() || std::thread::panicking();
    assert!(is_well, "scripts/services {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
