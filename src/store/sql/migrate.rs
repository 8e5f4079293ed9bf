//! Bringing the database's shape up to date.

use super::Sql;
use crate::error::Result;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend};

impl Sql {
    /// Applies the versions that are missing, all or none. Safe from any number of nodes at once: one applies them
    /// while the others wait, up to a minute on Postgres and up to five seconds on SQLite. Then indexes what a version
    /// has left to be indexed, however long that takes; where it is cut off, the next call goes on.
    pub async fn migrate(&self) -> Result<()> {
        let tx = self.writer.begin().await?;
        match apply(tx.inner()).await {
            Ok(()) => tx.commit().await?,
            Err(error) => {
                super::undo(tx).await;
                return Err(error);
            }
        }
        self.index_backlog().await
    }
}

/// Not within the time limits of common statements: an index over many messages takes longer.
async fn apply(tx: &DatabaseTransaction) -> Result<()> {
    // SQLite's one writer at a time is lock enough.
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        tx.execute_unprepared("SET LOCAL lock_timeout = '60s'").await?;
        // Any number will do that nothing else on this database takes.
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7236840212001975)").await?;
    }
    Ok(Migrator::up(tx, None).await?)
}
