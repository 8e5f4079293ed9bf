//! How a Postgres database is opened: the pool, time limits, and what makes a commit last.

use super::connect::{SqlOptions, malformed};
use super::in_time::InTime;
use super::{POSTGRES, Sql};
use crate::error::Result;
use sea_orm::DatabaseConnection;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, PgConnection};
use std::io;
use std::str::FromStr as _;
use std::time::Duration;
use tokio::time::timeout;

/// How long a transaction may wait for its next statement. That of a node which stands still, or has died without a
/// word, holds its locks for so long, and then the other nodes go on; well below what they wait for a commit.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(1);
/// Postgres connections idle for longer are asked whether they still live before they are used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// How long a living Postgres connection takes to say so, at the most.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

pub(super) async fn open(url: &str, options: &SqlOptions) -> Result<Sql> {
    let server = PgConnectOptions::from_str(url).map_err(|_| malformed("is not the address of a Postgres database"))?;
    let millis = |limit: Duration| limit.as_millis().to_string();
    let server = server.application_name("natterjack").disable_statement_logging().options([
        ("synchronous_commit", "on"),
        // What the transactions here are written for, whatever the server's own default is.
        ("default_transaction_isolation", "read committed"),
        ("statement_timeout", &millis(options.statement_timeout)),
        ("idle_in_transaction_session_timeout", &millis(IDLE_IN_TRANSACTION)),
    ]);
    let patience = options.patience(POSTGRES);
    let doubtful = patience.clone();
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= TRUSTED_IDLE {
                    ask(connection).await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
        .after_release(move |connection, _| {
            let has_doubts = doubtful.has_doubts();
            Box::pin(async move {
                if has_doubts {
                    ask(connection).await?;
                }
                Ok(true)
            })
        })
        .connect_with(server)
        .await?;
    let pool = InTime::new(DatabaseConnection::from(pool), patience);
    Ok(Sql { reader: pool.clone(), writer: pool })
}

/// Goes well where the connection lives. A dead one, whose end the network has not told us of, must not hold its
/// place in the pool until it does: that takes a quarter of an hour.
async fn ask(connection: &mut PgConnection) -> sqlx::Result<()> {
    let silent = |_| sqlx::Error::Io(io::ErrorKind::TimedOut.into());
    timeout(PING_TIMEOUT, connection.ping()).await.map_err(silent)?
}
