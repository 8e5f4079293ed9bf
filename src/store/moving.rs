//! People who are moved in from another system.

use crate::domain::ids::UserId;
use crate::domain::user::NewAccount;
use crate::error::Result;
use async_trait::async_trait;

/// What a person is known by who is moved in: a keyed hash of what the other system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(pub [u8; 32]);

/// What became of one who was to be moved in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovedIn {
    /// They are here now.
    Done(UserId),
    /// They were moved in before, whatever has become of them since.
    Before(Option<UserId>),
    /// Somebody has that username; nothing is stored.
    UsernameTaken,
    /// Somebody has that email; nothing is stored.
    EmailTaken,
    /// Somebody has that mobile number; nothing is stored.
    MobileNumberTaken,
}

/// Whether it is done or only tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earnest {
    /// It lasts.
    Done,
    /// Nothing is stored.
    Tried,
}

/// Moving people in.
#[async_trait]
pub trait Moving: Send + Sync {
    /// Makes these accounts one after another, all or none, but for those that cannot be; what became of each, in their order.
    /// One origin is moved in once and never again.
    async fn move_in(&self, people: &[(Origin, NewAccount)], earnest: Earnest) -> Result<Vec<MovedIn>>;
}
