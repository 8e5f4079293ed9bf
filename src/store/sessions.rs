//! Sign-ins and the tokens that renew them.

use crate::domain::clock::Timestamp;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::user::{Session, TokenHash};
use crate::error::Result;
use crate::store::accounts::CredentialsVersion;
use async_trait::async_trait;
use std::time::Duration;
use uuid::Uuid;

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
    /// The successor now counts, from the session's `issued_at` until its `expires_at`.
    Done(Session),
    /// It was traded a moment ago for the same successor, which may have been traded since; the session is as that trade
    /// left it.
    Repeated(Session),
    /// It was not, or no longer, this session's token: the session has now been ended.
    Reused(Session),
    /// There is no such session, or it has ended or run out.
    Gone,
}

/// What became of a session to be begun by a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is begun.
    Done,
    /// The person is suspended; nothing is stored.
    Suspended,
    /// What was shown has been made void meanwhile, or the account is gone; nothing is stored.
    Void,
}

/// The place of a session among those that have ended: by when, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndPlace {
    /// When it was ended, by the clock of whoever did it.
    pub at: Timestamp,
    /// Tells apart those that ended at once.
    pub session: SessionId,
}

impl EndPlace {
    /// Before all that end then.
    pub fn before(at: Timestamp) -> Self {
        Self { at, session: SessionId::from(Uuid::nil()) }
    }
}

/// Sign-ins.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Begins a session with its first refresh token; whether it did: not where the person is suspended or their account
    /// is gone.
    async fn insert(&self, session: &Session, refresh: TokenHash) -> Result<bool>;

    /// The same for one who has shown a password, as long as that version of their credentials stands.
    async fn insert_by_password(
        &self,
        session: &Session,
        refresh: TokenHash,
        shown: CredentialsVersion,
    ) -> Result<Begun>;

    /// Those of the sessions that are there, also ended ones.
    async fn find(&self, ids: &[SessionId]) -> Result<Vec<Session>>;

    /// A person's sessions that live at that time, the latest use first.
    async fn of_user(&self, user: UserId, at: Timestamp) -> Result<Vec<Session>>;

    /// Trades a refresh token. Atomic: of any number at once with the same token one is `Done`, the others are `Repeated`.
    /// So is, within the grace of its own trade, each token that the session has had, however many trades have followed.
    async fn rotate(&self, rotation: &Rotation) -> Result<Rotated>;

    /// Ends a session; whether it was live until then.
    async fn end(&self, id: SessionId, at: Timestamp) -> Result<bool>;

    /// Ends all sessions of a person; those that this has ended.
    async fn end_all(&self, user: UserId, at: Timestamp) -> Result<Vec<SessionId>>;

    /// The sessions that have ended after that place, in their order, `limit` at the most. An end may show some seconds
    /// after its time: whoever reads on is to begin that much earlier.
    async fn ended_since(&self, after: EndPlace, limit: u32) -> Result<Vec<EndPlace>>;

    /// Notes that these sessions were used then, where that is later than what is known.
    async fn note_uses(&self, uses: &[(SessionId, Timestamp)]) -> Result<()>;

    /// Forgets sessions that ended or ran out before that time, `limit` at the most; how many.
    async fn forget(&self, before: Timestamp, limit: u32) -> Result<usize>;
}
