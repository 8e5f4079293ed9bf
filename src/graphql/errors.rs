//! How failures reach clients: in a mutation's payload where the person using the app can put it right, at the top
//! level with a code in the extensions otherwise.

use crate::error::{Code, Error};
use async_graphql::{Enum, ErrorExtensions as _, ServerError, SimpleObject};
use std::fmt;
use tracing::{error, warn};

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Code")]
pub enum ErrorCode {
    /// The input breaks a rule; the message says which.
    InvalidInput,
    /// What the input names does not exist, or is not for the viewer to see.
    NotFound,
    /// Somebody has that name or address already.
    AlreadyTaken,
    /// The login and the password, or the refresh token, do not fit.
    WrongCredentials,
    /// The one-time code was spent, has run out, or has no tries left: ask for another.
    CodeExpired,
    /// The viewer may see it, but may not do this with it.
    NotAllowed,
    /// One of the two has blocked the other.
    Blocked,
    /// It contradicts what was stored before.
    Conflict,
    /// At the top level: there is no token, or a bad one.
    Unauthenticated,
    /// At the top level: the operation was refused before it ran.
    QueryRefused,
    /// At the top level: it was tried too often lately; the extensions say in `retryAfter` after how many seconds it can be tried
    /// again.
    RateLimited,
    /// At the top level: a store does not answer; the same operation may go well later.
    Unavailable,
    /// At the top level: a mistake of the server's, which its log tells under the `errorId` in the extensions.
    Internal,
}

/// Why a mutation did not do what was asked.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// What a program acts on.
    pub code: ErrorCode,
    /// What a person reads.
    pub message: String,
    /// The path of the input at fault, e.g. `["input", "text"]`.
    pub field: Option<Vec<String>>,
}

impl From<&Error> for UserError {
    fn from(error: &Error) -> Self {
        let field: Vec<_> = error.field().iter().map(ToString::to_string).collect();
        let field = (!field.is_empty()).then_some(field);
        Self { code: error.code().into(), message: error.message().to_owned(), field }
    }
}

/// A failure at the top level. Made of an [`Error`] without its cause, which only the log may tell.
#[derive(Clone, Debug)]
pub struct Fault(async_graphql::Error);

/// A resolver's result.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let code = error.code();
        let fault = async_graphql::Error::new(error.message()).extend_with(|_, extensions| {
            extensions.set("code", code.name());
            if !error.field().is_empty() {
                extensions.set("field", error.field().iter().map(ToString::to_string).collect::<Vec<_>>());
            }
            if let Some(wait) = error.retry_after() {
                extensions.set("retryAfter", wait.as_secs());
            }
        });
        match code {
            Code::Internal => {
                let id = ErrorId::random();
                error!(error_id = %id, %error, "internal error");
                Self(fault.extend_with(|_, extensions| extensions.set("errorId", id.to_string())))
            }
            Code::Unavailable => {
                warn!(%error, "unavailable");
                Self(fault)
            }
            _ => Self(fault),
        }
    }
}

impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        fault.0
    }
}

impl From<Fault> for ServerError {
    /// Said of no field.
    fn from(Fault(error): Fault) -> Self {
        let mut said = Self::new(error.message, None);
        said.extensions = error.extensions;
        said
    }
}

/// By which an operator finds in the log what a client was told of: 64 random bits, in hexadecimal.
struct ErrorId(u64);

impl ErrorId {
    fn random() -> Self {
        Self(rand::random())
    }
}

impl fmt::Display for ErrorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A field that is null where there is nothing, and also, with its error, where it cannot be told: its neighbours stand.
pub fn nullable<T>(outcome: std::result::Result<Option<T>, Error>) -> Option<Result<T>> {
    outcome.transpose().map(|outcome| outcome.map_err(Into::into))
}

/// A mutation's payload. What went wrong and the user can put right stands in it.
pub trait Payload: Default {
    /// The payload of a mutation that did nothing, and why.
    fn refused(errors: Vec<UserError>) -> Self;
}

/// A mutation's answer: the payload, or `null` with an error at the top level.
pub fn answer<P: Payload>(outcome: std::result::Result<P, Error>) -> Option<Result<P>> {
    match outcome {
        Ok(payload) => Some(Ok(payload)),
        Err(error) if error.is_the_users() => Some(Ok(P::refused(vec![UserError::from(&error.beneath("input"))]))),
        Err(error) => Some(Err(error.into())),
    }
}
