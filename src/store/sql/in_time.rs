//! Connections that answer in time. The database has its own limit for a statement; this one is for a database, or
//! a network before it, that says nothing at all.

use super::failure::is_away;
use crate::error::Result;
use crate::measures::{StoreOperation, StoreTimes};
use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _, sqlx,
};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tracing::trace;

/// A pool or a transaction, and how long it may take over one statement, waiting for a connection included.
#[derive(Clone, Debug)]
pub(super) struct InTime<C> {
    inner: C,
    patience: Patience,
}

/// How long an answer may take, and what it means that one was not waited for.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    limit: Duration,
    /// Until when the connections are in doubt.
    doubt: Arc<Mutex<Option<Instant>>>,
    times: StoreTimes,
}

impl Patience {
    /// For how long one answer that was not waited for casts doubt on all connections.
    const DOUBT: Duration = Duration::from_secs(5);

    pub(super) fn new(limit: Duration, times: StoreTimes) -> Self {
        Self { limit, doubt: Arc::default(), times }
    }

    /// Whether an answer was not waited for lately: a connection that is given back may then be a dead one.
    pub(super) fn has_doubts(&self) -> bool {
        let doubt = self.doubt.lock().unwrap_or_else(PoisonError::into_inner);
        doubt.is_some_and(|until| Instant::now() < until)
    }

    async fn wait<T>(
        &self,
        operation: StoreOperation,
        answer: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let began = Instant::now();
        let answer = self.wait_for(answer).await;
        match &answer {
            Err(error) if is_away(error) => self.times.count_unavailable(),
            _ => self.times.observe(operation, began.elapsed()),
        }
        answer
    }

    async fn wait_for<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let mut waiting = Waiting { patience: self, is_answered: false };
        let Ok(answer) = timeout(self.limit, answer).await else {
            let silent = sqlx::Error::Io(io::ErrorKind::TimedOut.into());
            return Err(DbErr::Conn(RuntimeErr::SqlxError(silent.into())));
        };
        waiting.is_answered = true;
        answer
    }
}

/// Notices also that the one who waits has gone away.
struct Waiting<'a> {
    patience: &'a Patience,
    is_answered: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            let mut doubt = self.patience.doubt.lock().unwrap_or_else(PoisonError::into_inner);
            *doubt = Some(Instant::now() + Patience::DOUBT);
        }
    }
}

impl<C> InTime<C> {
    pub(super) fn new(inner: C, patience: Patience) -> Self {
        Self { inner, patience }
    }

    /// Without the limit.
    pub(super) fn inner(&self) -> &C {
        &self.inner
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
        let begun = self.patience.wait(StoreOperation::Begin, self.inner.begin_with_options(options)).await?;
        Ok(InTime::new(begun, self.patience.clone()))
    }
}

impl InTime<DatabaseTransaction> {
    /// Makes it last. Where this fails as unavailable, it may last all the same.
    pub(super) async fn commit(self) -> Result<()> {
        Ok(self.patience.wait(StoreOperation::Commit, self.inner.commit()).await?)
    }

    /// Undoes it, so that its locks are gone once this returns.
    pub(super) async fn rollback(self) -> Result<()> {
        Ok(self.patience.wait(StoreOperation::Write, self.inner.rollback()).await?)
    }
}

/// For whoever wants to see what is asked of the database. What is asked about is bound, and so not shown.
fn told(sql: &str) {
    trace!(%sql, "statement");
}

#[async_trait]
impl<C: ConnectionTrait + Send> ConnectionTrait for InTime<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        told(&statement.sql);
        self.patience.wait(StoreOperation::Write, self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        told(sql);
        self.patience.wait(StoreOperation::Write, self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        told(&statement.sql);
        self.patience.wait(StoreOperation::Read, self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        told(&statement.sql);
        self.patience.wait(StoreOperation::Read, self.inner.query_all_raw(statement)).await
    }
}
