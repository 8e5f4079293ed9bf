//! Connections that answer in time. The database has its own limit for a statement; this one is for a database, or
//! a network before it, that says nothing at all.

use super::failure::unavailable;
use crate::error::Result;
use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};
use sea_orm::{RuntimeErr, sqlx};
use std::io;
use std::time::Duration;
use tokio::time::timeout;

/// A pool or a transaction, and how long it may take over one statement, waiting for a connection included.
#[derive(Clone, Debug)]
pub(super) struct InTime<C> {
    inner: C,
    limit: Duration,
}

impl<C> InTime<C> {
    pub(super) fn new(inner: C, limit: Duration) -> Self {
        Self { inner, limit }
    }

    /// Without the limit.
    pub(super) fn inner(&self) -> &C {
        &self.inner
    }

    async fn within<T>(&self, answer: impl Future<Output = Result<T, DbErr>> + Send) -> Result<T, DbErr> {
        let Ok(answer) = timeout(self.limit, answer).await else {
            let silent = sqlx::Error::Io(io::ErrorKind::TimedOut.into());
            return Err(DbErr::Conn(RuntimeErr::SqlxError(silent.into())));
        };
        answer
    }
}

impl InTime<DatabaseConnection> {
    /// Begins a transaction. In SQLite it takes the writer's lock at once: one that begins as a reader cannot become
    /// the writer where another has written since.
    pub(super) async fn begin(&self) -> Result<InTime<DatabaseTransaction>> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = self.within(self.inner.begin_with_options(options)).await?;
        Ok(InTime::new(begun, self.limit))
    }
}

impl InTime<DatabaseTransaction> {
    /// Makes it last. Where this fails as unavailable, it may last all the same.
    pub(super) async fn commit(self) -> Result<()> {
        let committed = timeout(self.limit, self.inner.commit()).await;
        Ok(committed.map_err(unavailable)??)
    }

    /// Undoes it, so that its locks are gone once this returns.
    pub(super) async fn rollback(self) -> Result<()> {
        let undone = timeout(self.limit, self.inner.rollback()).await;
        Ok(undone.map_err(unavailable)??)
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send> ConnectionTrait for InTime<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.within(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.within(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.within(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.within(self.inner.query_all_raw(statement)).await
    }
}
