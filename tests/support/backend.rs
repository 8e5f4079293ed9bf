//! The stores that a story runs on, and nodes of the real binary on them.

use super::mongo::{self, TestMongo};
use super::stores::{self, TestDatabase};
use natterjack::store::sql::{Sql, SqlOptions};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait as _, Query};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

/// How long a node may take until it listens.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Whether the tests are to take their time: `NATTERJACK_LONG_TESTS=1 scripts/test`.
pub(crate) fn is_long_run() -> bool {
    std::env::var_os("NATTERJACK_LONG_TESTS").is_some()
}

/// Effects under which all nodes are to run: `TEST_AMBIENCE=all cargo nextest run --test faults`. What is promised of delivery
/// holds under all of them.
#[expect(clippy::disallowed_methods, reason = "what a run of the tests is to be like is told by whoever starts it")]
fn ambience() -> Option<String> {
    std::env::var("TEST_AMBIENCE").ok()
}

/// One combination of stores, empty at first, for one test alone.
pub(crate) struct Backend {
    binary: PathBuf,
    settings: Vec<(&'static str, String)>,
    folder: TempDir,
    database: Option<TestDatabase>,
    mongo: Option<TestMongo>,
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

    /// These databases.
    pub(crate) fn new(database: Option<TestDatabase>, mongo: Option<TestMongo>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = vec![
            ("NATTERJACK_LISTEN", "127.0.0.1:0".to_owned()),
            ("NATTERJACK_DATA_DIR", folder.path().join("data").display().to_string()),
            ("NATTERJACK_JWT_SECRET", "a secret that all nodes of one test share".to_owned()),
            ("NATTERJACK_LOG", "warn".to_owned()),
            // All of a test's people come from one address; what is told of limits turns them on.
            ("NATTERJACK_RATE_LIMITS", "off".to_owned()),
        ];
        settings.extend(ambience().map(|effects| ("NATTERJACK_AMBIENCE", effects)));
        settings.extend(database.as_ref().map(|database| ("DATABASE_URL", database.url().to_owned())));
        settings.extend(mongo.as_ref().map(|mongo| ("MONGODB_URL", mongo.url().to_owned())));
        Self { binary: env!("CARGO_BIN_EXE_natterjack").into(), settings, folder, database, mongo }
    }

    /// The same stores under another build of the binary.
    #[must_use]
    pub(crate) fn built(self, binary: PathBuf) -> Self {
        Self { binary, ..self }
    }

    /// The same stores with one setting more, or another value of one.
    #[must_use]
    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.set(variable, value);
        self
    }

    /// Nodes that start from now on have this setting more, or another value of it.
    pub(crate) fn set(&mut self, variable: &'static str, value: impl Into<String>) {
        self.settings.push((variable, value.into()));
    }

    /// Where the nodes keep their SQLite file, where that is their database.
    pub(crate) fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The SQL database, for what no operation does.
    pub(crate) async fn raw(&self) -> DatabaseConnection {
        Database::connect(self.database_url()).await.unwrap()
    }

    /// The database of the message log, where that is not the SQL database.
    pub(crate) async fn raw_log(&self) -> Option<mongodb::Database> {
        match &self.mongo {
            Some(mongo) => Some(mongo.raw().await),
            None => None,
        }
    }

    /// Where the people, the sessions and the conversations are kept.
    pub(crate) fn database_url(&self) -> String {
        let file = || format!("sqlite://{}", self.data_folder().join("natterjack.db").display());
        self.database.as_ref().map_or_else(file, |database| database.url().to_owned())
    }

    /// Where the message log is kept, where that is not the database.
    pub(crate) fn log_url(&self) -> Option<&str> {
        self.mongo.as_ref().map(TestMongo::url)
    }

    /// Makes the database one in which nobody was notified of anything yet, as a node of an earlier version leaves it.
    pub(crate) async fn forget_notifications(&self) {
        let raw = self.raw().await;
        raw.execute(&Query::delete().from_table("notifications").take()).await.unwrap();
        raw.execute(&Query::update().table("projections").value("revision", -1).take()).await.unwrap();
        raw.close().await.unwrap();
    }

    /// How much is owed to the message log.
    pub(crate) async fn owed(&self) -> usize {
        let raw = self.raw().await;
        let count = Query::select().expr(Expr::col(Asterisk).count()).from("outbox").take();
        let row = raw.query_one(&count).await.unwrap().unwrap();
        raw.close().await.unwrap();
        usize::try_from(row.try_get_by_index::<i64>(0).unwrap()).unwrap()
    }

    /// One more handle on the database.
    pub(crate) async fn sql(&self) -> Sql {
        Sql::connect(&self.database_url(), &SqlOptions::default()).await.unwrap()
    }

    /// Starts one more node on these stores, and returns once it listens.
    pub(crate) async fn node(&self) -> Node {
        self.node_at("127.0.0.1:0").await
    }

    /// The same at that address, where a node that was there before is found again.
    pub(crate) async fn node_at(&self, address: &str) -> Node {
        let mut command = self.command("serve");
        command.env("NATTERJACK_LISTEN", address);
        Self::listening(command).await
    }

    /// Starts one more node, and shows what it logs.
    pub(crate) async fn logging_node(&self) -> (Node, Log) {
        let mut command = self.command("serve");
        command.stderr(Stdio::piped());
        let mut node = Self::listening(command).await;
        let log = Log(BufReader::new(node.child.stderr.take().unwrap()).lines());
        (node, log)
    }

    async fn listening(mut command: Command) -> Node {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(START_LIMIT, lines.next_line()).await.expect("the node listens in time").unwrap();
        let line = line.expect("the node says where it listens before it ends");
        let url = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("it said {line:?}")).to_owned();
        Node { child, url }
    }

    /// The binary with these settings, and nothing else from this process's environment.
    pub(crate) fn command(&self, command: &str) -> Command {
        let mut process = Command::new(&self.binary);
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

    /// Sends it a signal: `STOP`, `CONT`.
    pub(crate) async fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().await.unwrap().success());
    }

    /// Asks it to end, and waits until it has; whether it ended well.
    pub(crate) async fn terminate(mut self) -> bool {
        self.signal("TERM").await;
        timeout(Duration::from_secs(30), self.child.wait()).await.expect("it ends in time").unwrap().success()
    }
}

/// What a node writes to its log. To be read on: a node whose log nobody reads comes to a stop.
pub(crate) struct Log(Lines<BufReader<ChildStderr>>);

impl Log {
    /// Reads on to the next line that holds the text.
    pub(crate) async fn line_with(&mut self, text: &str, limit: Duration) -> String {
        let found = timeout(limit, async {
            while let Some(line) = self.0.next_line().await.unwrap() {
                if line.contains(text) {
                    return line;
                }
            }
            panic!("the log ended without {text:?}");
        });
        found.await.unwrap_or_else(|_| panic!("no line with {text:?} in time"))
    }

    /// The next line, however long it takes; none once the node has ended.
    pub(crate) async fn next_line(&mut self) -> Option<String> {
        self.0.next_line().await.unwrap()
    }

    /// All that is left to read, to the node's end.
    pub(crate) async fn rest(mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.0.next_line().await.unwrap() {
            lines.push(line);
        }
        lines
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
