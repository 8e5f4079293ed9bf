//! What goes wrong, as the server's users meet it: a code that a program acts on, a sentence that a person reads, and
//! the place in the input that is at fault.
//!
//! Which code when: what the person using the app can put right is one of those up to [`Code::Conflict`] and comes back in a
//! mutation's payload. The rest is for the app's developer or for the operator. [`Code::Unavailable`] is a store
//! that does not answer: the same call may go well later. [`Code::Internal`] is our own mistake. The causes of both
//! go to the log, never to a client.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The input breaks a rule; the message says which.
    InvalidInput,
    /// What the input names does not exist, or the viewer may not know that it does.
    NotFound,
    /// Somebody has that name or address already.
    AlreadyTaken,
    /// The login and the password, or the token, do not fit.
    WrongCredentials,
    /// The one-time code was spent, has run out, or has no tries left.
    CodeExpired,
    /// The viewer may know that it exists, but may not do this with it.
    NotAllowed,
    /// One of the two has blocked the other.
    Blocked,
    /// It contradicts what has been stored before.
    Conflict,
    /// There is no token, or a bad one.
    Unauthenticated,
    /// The operation itself is refused before it runs.
    QueryRefused,
    /// It was tried too often lately.
    RateLimited,
    /// A store does not answer.
    Unavailable,
    /// Our mistake.
    Internal,
}

impl Code {
    /// Its name in GraphQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidInput => "INVALID_INPUT",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyTaken => "ALREADY_TAKEN",
            Self::WrongCredentials => "WRONG_CREDENTIALS",
            Self::CodeExpired => "CODE_EXPIRED",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::Blocked => "BLOCKED",
            Self::Conflict => "CONFLICT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::QueryRefused => "QUERY_REFUSED",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

type Cause = Arc<dyn std::error::Error + Send + Sync>;
type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// A failure with its code. Cloned where several callers wait for one answer.
#[derive(Clone, Debug)]
pub struct Error {
    code: Code,
    message: Cow<'static, str>,
    field: Vec<Cow<'static, str>>,
    retry_after: Option<Duration>,
    cause: Option<Cause>,
}

impl Error {
    /// A failure of that code, which names no field.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), field: Vec::new(), retry_after: None, cause: None }
    }

    /// An input that breaks a rule: the field's name and what it must be.
    pub fn invalid(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidInput, message).within(field)
    }

    /// An input that names what is not there.
    pub fn not_found(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::NotFound, message).within(field)
    }

    /// A store that does not answer; `store` is what a client may read of it: "the message log".
    pub fn unavailable(store: &'static str, cause: impl Into<AnyError>) -> Self {
        let message = format!("{store} is not available now; try again shortly");
        Self { cause: Some(cause.into().into()), ..Self::new(Code::Unavailable, message) }
    }

    /// What was tried too often lately, and can be tried again after that time, in whole seconds and at least one.
    pub fn rate_limited(retry_after: Duration) -> Self {
        Self::too_many("attempts", retry_after)
    }

    /// The same, where `what` says of what there was too much: "requests".
    pub fn too_many(what: &'static str, retry_after: Duration) -> Self {
        let whole = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
        let whole = whole.max(1);
        let message = format!("too many {what}; try again in {}", Seconds(whole));
        Self { retry_after: Some(Duration::from_secs(whole)), ..Self::new(Code::RateLimited, message) }
    }

    /// A mistake of ours.
    pub fn internal(cause: impl Into<AnyError>) -> Self {
        Self { cause: Some(cause.into().into()), ..Self::new(Code::Internal, "internal error") }
    }

    /// The same failure, one step further out: `field` becomes the first of its path.
    #[must_use]
    pub fn within(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field.insert(0, field.into());
        self
    }

    /// The same, where the failure names a field at all: what is said of the whole is still said of the whole.
    #[must_use]
    pub fn beneath(self, field: impl Into<Cow<'static, str>>) -> Self {
        if self.field.is_empty() { self } else { self.within(field) }
    }

    /// The same failure, said of another field of the same input.
    #[must_use]
    pub fn said_of(mut self, field: &'static str) -> Self {
        if let Some(last) = self.field.last_mut() {
            *last = field.into();
        }
        self
    }

    /// What kind of failure it is.
    pub fn code(&self) -> Code {
        self.code
    }

    /// After which time the same may be tried again, in whole seconds, where that is why it failed.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What a person may read of it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The path of the input at fault, outermost first; empty where none is.
    pub fn field(&self) -> &[Cow<'static, str>] {
        &self.field
    }

    /// Whether the person using the app can put it right, so that it belongs into a mutation's payload.
    pub fn is_the_users(&self) -> bool {
        match self.code {
            Code::InvalidInput
            | Code::NotFound
            | Code::AlreadyTaken
            | Code::WrongCredentials
            | Code::CodeExpired
            | Code::NotAllowed
            | Code::Blocked
            | Code::Conflict => true,
            Code::Unauthenticated | Code::QueryRefused | Code::RateLimited | Code::Unavailable | Code::Internal => {
                false
            }
        }
    }
}

/// The message, then what it was caused by: for the log.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut cause = self.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static));
        while let Some(inner) = cause {
            write!(f, ": {inner}")?;
            cause = inner.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} second{plural}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_grows_from_the_inside_out() {
        let error = Error::invalid("text", "is empty").within("input");
        assert_eq!(error.field(), ["input", "text"]);
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_never_too_short() {
        for (millis, seconds) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (180_000, 180)] {
            let error = Error::rate_limited(Duration::from_millis(millis));
            assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
        }
        assert_eq!(Error::rate_limited(Duration::from_secs(1)).message(), "too many attempts; try again in 1 second");
        assert_eq!(Error::internal("").retry_after(), None);
    }

    #[test]
    fn the_cause_is_for_the_log_and_not_in_the_message() {
        let error = Error::internal("the disk is full");
        assert_eq!(error.message(), "internal error");
        assert_eq!(error.to_string(), "internal error: the disk is full");
    }
}
