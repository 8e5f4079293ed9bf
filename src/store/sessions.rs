//! Sign-ins and the tokens that renew them.

use crate::domain::clock::Timestamp;
use crate::domain::ids::SessionId;
use crate::domain::user::{Session, TokenHash};
use crate::error::Result;
use async_trait::async_trait;
use std::time::Duration;

/// A refresh token that is to be traded for its successor.
#[derive(Clone, Copy)]
pub struct Rotation {
    /// The session that the token names.
    pub session: SessionId,
    /// The token's hash.
    pub presented: TokenHash,
    /// The hash of its one successor.
    pub successor: TokenHash,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// For how long after the trade the same token still gets the same successor.
    pub grace: Duration,
    /// When the successor runs out.
    pub expires_at: Timestamp,
}

/// What became of a [`Rotation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// The successor now counts, from the session's `last_used_at` until its `expires_at`.
    Done(Session),
    /// It was traded a moment ago for the same successor; the session is as that trade left it.
    Repeated(Session),
    /// It was not, or no longer, this session's token: the session has now been ended.
    Reused(Session),
    /// There is no such session, or it has ended or run out.
    Gone,
}

/// Sign-ins.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Begins a session with its first refresh token; whether it did: not where the person is suspended.
    async fn insert(&self, session: &Session, refresh: TokenHash) -> Result<bool>;

    /// Those of the sessions that are there, also ended ones.
    async fn find(&self, ids: &[SessionId]) -> Result<Vec<Session>>;

    /// Trades a refresh token. Atomic: of any number at once with the same token one is `Done`, the others are `Repeated`.
    async fn rotate(&self, rotation: &Rotation) -> Result<Rotated>;

    /// Ends a session; whether it was live until then.
    async fn end(&self, id: SessionId, at: Timestamp) -> Result<bool>;

    /// Those of the sessions that have been ended, or are not there.
    async fn ended_among(&self, ids: &[SessionId]) -> Result<Vec<SessionId>>;
}
