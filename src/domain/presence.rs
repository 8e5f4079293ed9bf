//! Whether people are here.

use super::clock::Timestamp;
use super::ids::UserId;

/// Whether a person is online.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Whether a socket of the person's is open, or was until a moment ago.
    pub is_online: bool,
    /// When the last one was closed; `None` while one is open, for one who never had any, and where it is not to be seen.
    pub last_seen_at: Option<Timestamp>,
}

/// That a person has come to a node or gone from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Who.
    pub user: UserId,
    /// Whether the person is there now.
    pub is_here: bool,
}

/// Counts, for the whole server, the changes of people that others see: each gets the next number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeopleVersion(pub i64);

/// What others see of a person has changed. It stands under the number of the latest of these changes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed<T> {
    /// Its number.
    pub version: PeopleVersion,
    /// Who.
    pub user: UserId,
    /// What it is now.
    pub now: T,
}
