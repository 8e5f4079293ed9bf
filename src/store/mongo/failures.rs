//! What the driver's errors are to the house: the one place where they are told apart.

use crate::error::{Error, Result};
use mongodb::error::{
    Error as DriverError, ErrorKind, RETRYABLE_ERROR, RETRYABLE_WRITE_ERROR, TRANSIENT_TRANSACTION_ERROR,
    UNKNOWN_TRANSACTION_COMMIT_RESULT, WriteFailure,
};
use std::time::Duration;
use tokio::time::timeout;

/// What clients read of this store.
pub(super) const STORE: &str = "the message log";

/// A key that must be unique is there already.
const DUPLICATE_KEY: i32 = 11_000;

/// Codes of a server that cannot answer now. Names and numbers: `src/mongo/base/error_codes.yml` in MongoDB's source.
const PASSING: [i32; 24] = [
    6,      // HostUnreachable
    7,      // HostNotFound
    24,     // LockTimeout
    50,     // MaxTimeMSExpired
    64,     // WriteConcernFailed
    89,     // NetworkTimeout
    91,     // ShutdownInProgress
    112,    // WriteConflict
    133,    // FailedToSatisfyReadPreference
    134,    // ReadConcernMajorityNotAvailableYet
    189,    // PrimarySteppedDown
    202,    // NetworkInterfaceExceededTimeLimit
    225,    // TransactionTooOld
    239,    // SnapshotTooOld
    246,    // SnapshotUnavailable
    251,    // NoSuchTransaction
    262,    // ExceededTimeLimit
    9_001,  // SocketException
    10_058, // LegacyNotPrimary
    10_107, // NotWritablePrimary
    11_600, // InterruptedAtShutdown
    11_602, // InterruptedDueToReplStateChange
    13_435, // NotPrimaryNoSecondaryOk
    13_436, // NotPrimaryOrSecondary
];

/// Labels with which the server or the driver says that the same may go well another time.
const PASSING_LABELS: [&str; 4] =
    [RETRYABLE_ERROR, RETRYABLE_WRITE_ERROR, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT];

impl From<DriverError> for Error {
    fn from(error: DriverError) -> Self {
        let cause = describe(&error);
        if is_passing(&error) { Self::unavailable(STORE, cause) } else { Self::internal(cause) }
    }
}

/// Whether something that must be unique was there already.
pub(super) fn is_duplicate(error: &DriverError) -> bool {
    codes(error).contains(&DUPLICATE_KEY)
}

/// Whether the server could not be reached, or went away before it had answered.
pub(super) fn is_away(error: &DriverError) -> bool {
    matches!(
        *error.kind,
        ErrorKind::Io(_)
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::ServerSelection { .. }
            | ErrorKind::DnsResolve { .. }
            | ErrorKind::Shutdown
    )
}

/// Waits for the store so long and no longer: the driver itself waits for a slow answer without end.
pub(super) async fn within<T>(limit: Duration, answer: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(limit, answer).await.unwrap_or_else(|elapsed| Err(Error::unavailable(STORE, elapsed)))
}

fn is_passing(error: &DriverError) -> bool {
    is_away(error)
        || PASSING_LABELS.iter().any(|label| error.contains_label(label))
        || codes(error).iter().any(|code| PASSING.contains(code))
}

fn codes(error: &DriverError) -> Vec<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => vec![command.code],
        ErrorKind::Write(WriteFailure::WriteError(write)) => vec![write.code],
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => vec![concern.code],
        ErrorKind::InsertMany(insert) => {
            let writes = insert.write_errors.iter().flatten().map(|write| write.code);
            writes.chain(insert.write_concern_error.as_ref().map(|concern| concern.code)).collect()
        }
        _ => Vec::new(),
    }
}

/// What the log line may hold. The server's own words and the decoder's quote what they stumble over: texts, ids.
fn describe(error: &DriverError) -> String {
    match &*error.kind {
        ErrorKind::Command(command) => format!("{} ({})", command.code_name, command.code),
        ErrorKind::Write(_) | ErrorKind::InsertMany(_) => format!("write failed with {:?}", codes(error)),
        ErrorKind::Bson(bson) => format!("{} at {:?}", bson.kind, bson.key),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use mongodb::bson::{self, doc};
    use mongodb::error::CommandError;
    use std::io;

    fn command(code: i32) -> DriverError {
        let reply = doc! { "code": code, "codeName": "Named", "errmsg": "dup key: { clientId: \"secret\" }" };
        ErrorKind::Command(bson::deserialize_from_document::<CommandError>(reply).unwrap()).into()
    }

    #[test]
    fn a_server_that_is_away_is_unavailable_and_a_refusal_is_our_mistake() {
        let away = DriverError::from(io::Error::from(io::ErrorKind::ConnectionRefused));
        for error in [away, command(10_107), command(112)] {
            assert_eq!(Error::from(error).code(), Code::Unavailable);
        }
        for error in [command(13), command(DUPLICATE_KEY)] {
            assert_eq!(Error::from(error).code(), Code::Internal);
        }
    }

    #[test]
    fn what_the_server_quotes_is_not_logged() {
        let error = command(DUPLICATE_KEY);
        assert!(is_duplicate(&error));
        assert!(!Error::from(error).to_string().contains("secret"));
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_does_not_answer_is_unavailable() {
        let silence = std::future::pending::<Result<()>>();
        let error = within(Duration::from_secs(1), silence).await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable);
    }
}
