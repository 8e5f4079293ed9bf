//! How a database is opened, whichever it is.

use super::in_time::Patience;
use super::{Sql, postgres, sqlite};
use crate::error::{Error, Result};
use crate::measures::StoreMeasures;
use std::time::Duration;

/// How the database is reached, and how long it may take.
#[derive(Clone, Debug)]
pub struct SqlOptions {
    /// Connections to Postgres at the most. SQLite has one that writes and a few that read.
    pub max_connections: u32,
    /// How long an operation waits for a connection to Postgres, a new one or one that is in use. So long one that is away
    /// is waited for, of which clients are to be told within 2 s.
    pub acquire_timeout: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// Where it is noted how long answers take.
    pub measures: StoreMeasures,
}

impl Default for SqlOptions {
    fn default() -> Self {
        Self {
            max_connections: 16,
            acquire_timeout: Duration::from_millis(1_500),
            statement_timeout: Duration::from_secs(10),
            measures: StoreMeasures::default(),
        }
    }
}

impl SqlOptions {
    /// When we stop waiting for a statement that the database, which operators call `store`, should have ended by itself.
    pub(super) fn patience(&self, store: &'static str) -> Patience {
        let limit = self.acquire_timeout + self.statement_timeout + Duration::from_secs(1);
        Patience::new(limit, self.measures.of(store))
    }
}

impl Sql {
    /// Opens `postgres://user:password@host/database` or `sqlite://path/of/a/file`; the file is made where it is not
    /// there, with its folder. Fails with `INVALID_INPUT` where the address is of neither kind.
    pub async fn connect(url: &str, options: &SqlOptions) -> Result<Self> {
        match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => postgres::open(url, options).await,
            Some(("sqlite", _)) => sqlite::open(url, options).await,
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
pub(super) fn malformed(message: &'static str) -> Error {
    Error::invalid("databaseUrl", message)
}
