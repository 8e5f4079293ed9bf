//! How a SQLite file is opened: who writes, who reads, and what makes a commit last.

use super::connect::{SqlOptions, malformed};
use super::failure::is_passing;
use super::in_time::InTime;
use super::{SQLITE, Sql};
use crate::error::{Error, Result};
use sea_orm::DatabaseConnection;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, SqlitePool};
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// SQLite connections that read.
const READERS: u32 = 4;
/// How long SQLite waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a question waits for a connection. A file is never away, and one that many write to is waited for.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);

/// Readers do not wait for the writer, nor it for them: that is what the write-ahead log is for. Writers of this
/// process queue for the one connection that writes, first come, first served; SQLite by itself lets them try at
/// random until one is lucky.
pub(super) async fn open(url: &str, options: &SqlOptions) -> Result<Sql> {
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
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();

    let writer = open_writer(&file).await?;
    let reader = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(QUEUE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(file.pragma("query_only", "ON"))
        .await?;
    let patience = options.patience(SQLITE);
    let in_time = |pool: SqlitePool| InTime::new(DatabaseConnection::from(pool), patience.clone());
    Ok(Sql { reader: in_time(reader), writer: in_time(writer) })
}

async fn make_folder_of(file: &Path) -> Result<()> {
    let Some(folder) = file.parent() else { return Ok(()) };
    // Its owner's alone: it holds hashes of passwords, and keys.
    tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await.map_err(Error::internal)
}

/// The first connection of all turns the write-ahead log on. SQLite does not wait for the lock that this takes, so
/// where several processes open a new file at once, we do.
async fn open_writer(file: &SqliteConnectOptions) -> Result<SqlitePool> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(QUEUE_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            // Where SQLite itself has rolled a transaction back (the disk was full), the driver still takes the
            // connection to be in it, and would begin no other but only a savepoint.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(file.clone());
        match pool.await {
            Err(error) if is_passing(&error) && Instant::now() < deadline => sleep(Duration::from_millis(10)).await,
            settled => return Ok(settled?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::ConnectionTrait as _;

    #[tokio::test]
    async fn a_transaction_that_sqlite_itself_has_ended_is_over_for_the_driver_too() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("natterjack.db").display());
        let sql = Sql::connect(&url, &SqlOptions::default()).await.unwrap();
        sql.migrate().await.unwrap();
        // Breaks the table's one rule; stands for a full disk.
        let broken = "INSERT OR ROLLBACK INTO server (singleton, id, draft_key, refresh_key) VALUES (2, 0, 0, 0)";
        let outcome = sql.transaction(async |tx| Ok(tx.execute_unprepared(broken).await?)).await;
        assert!(outcome.is_err());
        let pool = sql.writer.inner().get_sqlite_connection_pool();
        assert!(!pool.acquire().await.unwrap().is_in_transaction());
    }
}
