//! Who the people of trusted issuers are here.

use crate::domain::clock::Timestamp;
use crate::domain::identity::{Identity, IdentityKey};
use crate::domain::ids::UserId;
use crate::domain::user::NewAccount;
use crate::error::Result;
use async_trait::async_trait;

/// Someone of an issuer's who is to have an account.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// What they are known again by.
    pub key: IdentityKey,
    /// When the token was issued that says so, if it says it.
    pub issued_at: Option<Timestamp>,
    /// The account, unless they have one.
    pub account: NewAccount,
}

/// What became of a [`Newcomer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// The account is made.
    New,
    /// They have one already, or had one and do not begin anew; nothing is stored.
    Known(Identity),
}

/// Who the people of trusted issuers are here.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Those of them who have, or had, an account.
    async fn find(&self, keys: &[IdentityKey]) -> Result<Vec<Identity>>;

    /// Makes the account of one who has none, or whose account was deleted and who begins anew ([`Identity::begins_anew`]);
    /// without the username or the email that somebody else has. Atomic: of any number at once with the same key one is
    /// `New`, and the others learn whose account it is.
    async fn enrol(&self, newcomer: &Newcomer) -> Result<Enrolled>;

    /// Those of the people who no longer come in by an issuer: they are suspended, or their accounts were deleted, or they
    /// never came so.
    async fn shut_out_among(&self, users: &[UserId]) -> Result<Vec<UserId>>;
}
