//! What is kept in Postgres or SQLite: everything, or everything but the message log. One code for both; where they
//! differ, it says so in a word or two.
//!
//! In Postgres each statement of a transaction sees what was committed before the statement (`READ COMMITTED`), so a
//! statement after the one that took a lock sees what the lock's last holder has done. In SQLite writers come one by one.

mod accounts;
mod admission;
mod asked;
mod attempts;
mod batches;
mod blocks;
mod changes;
mod codes;
mod commit;
mod connect;
mod contacts;
mod conversations;
mod departed;
mod entity;
mod failure;
mod groups;
mod hold;
mod identities;
mod in_time;
mod insert;
mod log;
mod marks;
mod members;
mod migrate;
mod moves;
mod moving;
mod names;
mod nodes;
mod notifications;
mod outbox;
mod people_head;
mod postgres;
mod presence;
mod projections;
mod pushes;
mod reactions;
mod reports;
mod rotation;
mod server;
mod sessions;
mod sqlite;
mod window;
mod words;
mod words_backlog;

pub use connect::SqlOptions;

use super::Probe;
use crate::error::Result;
use async_trait::async_trait;
use entity::server as server_row;
use in_time::InTime;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait as _, QuerySelect as _,
};
use tracing::debug;

/// What operators call the databases.
const SQLITE: &str = "sqlite";
const POSTGRES: &str = "postgres";

/// A Postgres or a SQLite database. Cheap to clone; all clones share the connections.
#[derive(Clone, Debug)]
pub struct Sql {
    reader: InTime<DatabaseConnection>,
    /// In Postgres the same pool.
    writer: InTime<DatabaseConnection>,
}

/// What a transaction is done on.
type Tx = InTime<DatabaseTransaction>;

impl Sql {
    /// Does the work as one transaction: all of it lasts once this returns, or nothing. Dropped half-way, it does
    /// nothing or, while it commits, all.
    async fn transaction<T>(&self, work: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        let tx = self.writer.begin().await?;
        match work(&tx).await {
            Ok(done) => {
                tx.commit().await?;
                Ok(done)
            }
            Err(error) => {
                undo(tx).await;
                Err(error)
            }
        }
    }
}

/// Where it cannot be said, the database will find out by itself.
async fn undo(tx: Tx) {
    if let Err(error) = tx.rollback().await {
        debug!(%error, "rollback failed");
    }
}

#[async_trait]
impl Probe for Sql {
    fn name(&self) -> &'static str {
        match self.reader.get_database_backend() {
            DbBackend::Sqlite => SQLITE,
            _ => POSTGRES,
        }
    }

    async fn ping(&self) -> Result<()> {
        let one = server_row::Entity::find().select_only().column(server_row::Column::Singleton);
        one.into_tuple::<i16>().one(&self.reader).await?;
        Ok(())
    }
}
