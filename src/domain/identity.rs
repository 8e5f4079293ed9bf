//! People as issuers know them whom this server trusts.

use super::clock::Timestamp;
use super::ids::UserId;
use super::secret::Key;

/// What a person is known again by: a keyed hash of the issuer's name and of the one that the issuer has for the person. So
/// it may outlive the account, without a word of the person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityKey(pub [u8; 32]);

impl IdentityKey {
    /// The one of that person of that issuer's.
    pub fn new(key: &Key, issuer: &str, subject: &str) -> Self {
        Self(key.mac(&[b"identity", issuer.as_bytes(), subject.as_bytes()]))
    }
}

/// Who a person of an issuer's is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What they are known again by.
    pub key: IdentityKey,
    /// Whose account they came to.
    pub user: UserId,
    /// Whether the person may not sign in for the time being.
    pub is_suspended: bool,
    /// When that account was deleted.
    pub closed_at: Option<Timestamp>,
}

impl Identity {
    /// Whether a token that was issued then, if it says so, is one of a person who comes anew, after having deleted an
    /// account: one that is older may still lie about in some app.
    pub fn begins_anew(&self, issued_at: Option<Timestamp>) -> bool {
        self.closed_at.is_some_and(|closed_at| issued_at.is_some_and(|issued_at| issued_at > closed_at))
    }
}
