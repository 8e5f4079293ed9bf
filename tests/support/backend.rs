//! The stores that a story runs on, and nodes of the real binary on them.

use super::mongo::{self, TestMongo};
use super::stores::{self, TestDatabase};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a node may take until it listens.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Whether the tests are to take their time: `NATTERJACK_LONG_TESTS=1 scripts/test`.
pub(crate) fn is_long_run() -> bool {
    std::env::var_os("NATTERJACK_LONG_TESTS").is_some()
}

/// One combination of stores, empty at first, for one test alone.
pub(crate) struct Backend {
    settings: Vec<(&'static str, String)>,
    folder: TempDir,
    _database: Option<TestDatabase>,
    _mongo: Option<TestMongo>,
}

impl Backend {
    /// Everything in one SQLite file, as without any setting.
    #[expect(clippy::unused_async, reason = "all backends are made alike")]
    pub(crate) async fn sqlite() -> Option<Self> {
        Some(Self::new(None, None))
    }

    /// Everything in Postgres.
    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::new(Some(stores::postgres_database().await?), None))
    }

    /// The log in MongoDB, the rest in Postgres.
    pub(crate) async fn mongodb() -> Option<Self> {
        Some(Self::new(Some(stores::postgres_database().await?), Some(mongo::empty().await?)))
    }

    fn new(database: Option<TestDatabase>, mongo: Option<TestMongo>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = vec![
            ("NATTERJACK_LISTEN", "127.0.0.1:0".to_owned()),
            ("NATTERJACK_DATA_DIR", folder.path().join("data").display().to_string()),
            ("NATTERJACK_JWT_SECRET", "a secret that all nodes of one test share".to_owned()),
            ("NATTERJACK_LOG", "warn".to_owned()),
        ];
        settings.extend(database.as_ref().map(|database| ("DATABASE_URL", database.url().to_owned())));
        settings.extend(mongo.as_ref().map(|mongo| ("MONGODB_URL", mongo.url().to_owned())));
        Self { settings, folder, _database: database, _mongo: mongo }
    }

    /// The same stores with one setting more, or another value of one.
    #[must_use]
    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((variable, value.into()));
        self
    }

    /// Where the nodes keep their SQLite file, where that is their database.
    pub(crate) fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts one more node on these stores, and returns once it listens.
    pub(crate) async fn node(&self) -> Node {
        let mut child = self.command("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(START_LIMIT, lines.next_line()).await.expect("the node listens in time").unwrap();
        let line = line.expect("the node says where it listens before it ends");
        let url = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("it said {line:?}")).to_owned();
        Node { child, url }
    }

    /// The binary with these settings, and nothing else from this process's environment.
    pub(crate) fn command(&self, command: &str) -> Command {
        let mut process = Command::new(env!("CARGO_BIN_EXE_natterjack"));
        process.arg(command).env_clear().envs(self.settings.iter().cloned());
        process.current_dir(self.folder.path()).stdin(Stdio::null()).kill_on_drop(true);
        process
    }
}

/// A running process of the real binary. It is killed where it is dropped.
pub(crate) struct Node {
    child: Child,
    /// `http://host:port`
    pub(crate) url: String,
}

impl Node {
    /// Its process's id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Ends it as a crash would.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, and waits until it has; whether it ended well.
    pub(crate) async fn terminate(mut self) -> bool {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
        timeout(Duration::from_secs(30), self.child.wait()).await.expect("it ends in time").unwrap().success()
    }
}

/// Runs each of the stories, `async fn(Backend)`, unchanged on every combination of stores.
macro_rules! on_every_backend {
    ($($story:ident)+) => {
        on_every_backend! { @ sqlite $($story)+ }
        on_every_backend! { @ postgres $($story)+ }
        on_every_backend! { @ mongodb $($story)+ }
    };
    (@ $backend:ident $($story:ident)+) => {
        mod $backend {
            $(
                #[tokio::test]
                async fn $story() {
                    if let Some(backend) = crate::support::backend::Backend::$backend().await {
                        super::$story(backend).await;
                    }
                }
            )+
        }
    };
}
pub(crate) use on_every_backend;
