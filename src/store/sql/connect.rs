//! How the databases are opened: pools, time limits, and what makes a commit last.

use super::Sql;
use super::failure::is_passing;
use super::in_time::InTime;
use crate::error::{Error, Result};
use sea_orm::DatabaseConnection;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, SqlitePool};
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How the database is reached, and how long it may take.
#[derive(Clone, Debug)]
pub struct SqlOptions {
    /// Connections to Postgres at the most. SQLite has one that writes and a few that read.
    pub max_connections: u32,
    /// How long an operation waits for a connection, a new one or one that is in use.
    pub acquire_timeout: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
}

impl Default for SqlOptions {
    fn default() -> Self {
        Self {
            max_connections: 16,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(10),
        }
    }
}

impl SqlOptions {
    /// When we stop waiting for a statement that the database should have ended by itself.
    fn patience(&self) -> Duration {
        self.acquire_timeout + self.statement_timeout + Duration::from_secs(1)
    }
}

/// Postgres connections idle for longer are asked whether they still live before they are used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// SQLite connections that read.
const SQLITE_READERS: u32 = 4;
/// How long SQLite waits for another process that writes.
const SQLITE_BUSY: Duration = Duration::from_secs(5);

impl Sql {
    /// Opens `postgres://user:password@host/database` or `sqlite://path/of/a/file`; the file is made where it is not
    /// there, with its folder. Fails with `INVALID_INPUT` where the address is of neither kind.
    pub async fn connect(url: &str, options: &SqlOptions) -> Result<Self> {
        match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => postgres(url, options).await,
            Some(("sqlite", _)) => sqlite(url, options).await,
            _ => Err(malformed("must begin with postgres:// or sqlite://")),
        }
    }

    /// Closes the connections once they are not in use any more. Nothing may be asked afterwards.
    pub async fn close(&self) -> Result<()> {
        self.reader.inner().close_by_ref().await?;
        Ok(self.writer.inner().close_by_ref().await?)
    }
}

/// The address may hold a password, so no message repeats it.
fn malformed(message: &'static str) -> Error {
    Error::invalid("databaseUrl", message)
}

async fn postgres(url: &str, options: &SqlOptions) -> Result<Sql> {
    let server = PgConnectOptions::from_str(url).map_err(|_| malformed("is not the address of a Postgres database"))?;
    let millis = options.statement_timeout.as_millis().to_string();
    let server = server.application_name("natterjack").disable_statement_logging().options([
        ("synchronous_commit", "on"),
        ("statement_timeout", &millis),
        // Of a node that has died without a word, whose locks would stay until the network notices.
        ("idle_in_transaction_session_timeout", &millis),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(server)
        .await?;
    let pool = InTime::new(DatabaseConnection::from(pool), options.patience());
    Ok(Sql { reader: pool.clone(), writer: pool })
}

/// Readers do not wait for the writer, nor it for them: that is what the write-ahead log is for. Writers of this
/// process queue for the one connection that writes, first come, first served; SQLite by itself lets them try at
/// random until one is lucky.
async fn sqlite(url: &str, options: &SqlOptions) -> Result<Sql> {
    let file = SqliteConnectOptions::from_str(url).map_err(|_| malformed("is not the address of a SQLite file"))?;
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(malformed("must name a file: each connection would have a memory of its own"));
    }
    make_folder_of(file.get_filename()).await?;
    let file = file
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY)
        .disable_statement_logging();

    let writer = sqlite_writer(&file, options).await?;
    let reader = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .acquire_timeout(options.acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(file.pragma("query_only", "ON"))
        .await?;
    let in_time = |pool: SqlitePool| InTime::new(DatabaseConnection::from(pool), options.patience());
    Ok(Sql { reader: in_time(reader), writer: in_time(writer) })
}

async fn make_folder_of(file: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    tokio::fs::create_dir_all(folder).await.map_err(Error::internal)
}

/// The first connection of all turns the write-ahead log on. SQLite does not wait for the lock that this takes, so
/// where several processes open a new file at once, we do.
async fn sqlite_writer(file: &SqliteConnectOptions, options: &SqlOptions) -> Result<SqlitePool> {
    let deadline = Instant::now() + SQLITE_BUSY;
    loop {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(options.acquire_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            // Where SQLite itself has rolled a transaction back (the disk was full), the driver still takes the
            // connection to be in it, and could never begin another.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(file.clone());
        match pool.await {
            Err(error) if is_passing(&error) && Instant::now() < deadline => sleep(Duration::from_millis(10)).await,
            settled => return Ok(settled?),
        }
    }
}
