//! What a failed statement means: that the database does not answer now, or that we have made a mistake.

use crate::error::Error;
use sea_orm::sqlx::postgres::PgDatabaseError;
use sea_orm::sqlx::sqlite::SqliteError;
use sea_orm::sqlx::{self, error::DatabaseError};
use sea_orm::{DbErr, RuntimeErr};

/// A failure of the database's, after which the same call may go well.
pub(super) fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::unavailable("the database", cause)
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_away(&error) { unavailable(error) } else { Self::internal(error) }
    }
}

/// Whether the database does not answer now.
pub(super) fn is_away(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => is_passing(cause),
        _ => false,
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_passing(&error) { unavailable(error) } else { Self::internal(error) }
    }
}

pub(super) fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        // What comes after a connection broke in the middle of an answer is a protocol error too.
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => is_passing_in_database(&**error),
        _ => false,
    }
}

fn is_passing_in_database(error: &(dyn DatabaseError + 'static)) -> bool {
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        is_passing_in_postgres(&code)
    } else if error.try_downcast_ref::<SqliteError>().is_some() {
        code.parse().is_ok_and(is_passing_in_sqlite)
    } else {
        false
    }
}

/// By class, and by code where the class says too little (PostgreSQL's manual, appendix A).
fn is_passing_in_postgres(code: &str) -> bool {
    /// Connection, transaction rollback, insufficient resources, operator intervention (its time-outs among them),
    /// system error.
    const CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
    /// A standby that was the primary; two time-outs of a transaction; a lock not to be had in time.
    const CODES: [&str; 4] = ["25006", "25P03", "25P04", "55P03"];
    CLASSES.iter().any(|class| code.starts_with(class)) || CODES.contains(&code)
}

/// By primary result code, which an extended one holds in its low byte (SQLite's manual, "Result and Error Codes").
fn is_passing_in_sqlite(code: i32) -> bool {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const NO_MEMORY: i32 = 7;
    const IO_ERROR: i32 = 10;
    const FULL: i32 = 13;
    const CANNOT_OPEN: i32 = 14;
    matches!(code & 0xff, BUSY | LOCKED | NO_MEMORY | IO_ERROR | FULL | CANNOT_OPEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadlock_passes_and_a_broken_constraint_does_not() {
        for passing in ["40P01", "40001", "57014", "57P01", "53300", "55P03"] {
            assert!(is_passing_in_postgres(passing), "{passing}");
        }
        for lasting in ["23505", "42P01", "22021", "25P02"] {
            assert!(!is_passing_in_postgres(lasting), "{lasting}");
        }
    }

    #[test]
    fn a_busy_file_passes_also_by_its_extended_codes() {
        for passing in [5, 517, 261, 13, 10, 778] {
            assert!(is_passing_in_sqlite(passing), "{passing}");
        }
        for lasting in [1, 19, 2067, 1555, 787] {
            assert!(!is_passing_in_sqlite(lasting), "{lasting}");
        }
    }
}
