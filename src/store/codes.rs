//! One-time codes, and what the one who has the right one may do: show that a contact is theirs, and sign in by it.
//!
//! A contact is one account's at the most, whether it is proven or somebody has only given it. Whoever proves one that is not proven
//! gets it. To sign in by it is to get the account that has given it, unless that account has proven something else: what was set
//! on it before, its password, its sessions and its other contact, is void. To bring it to another account takes it away
//! from the one that has given it, which keeps what else it signs in by; where that is nothing, it is closed.

use crate::domain::clock::Timestamp;
use crate::domain::contact::{NewCode, Proof};
use crate::domain::ids::{SessionId, UserId};
use crate::domain::user::{NewAccount, Session, TokenHash};
use crate::error::Result;
use crate::store::accounts::Registered;
use async_trait::async_trait;

/// What became of a code that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried<T> {
    /// It was the right one. It is spent, unless what it was for says otherwise.
    Right(T),
    /// It was another than was sent: that was one of the tries.
    Wrong,
    /// None was sent, or it was spent, has run out, or has no tries left.
    Gone,
}

impl<T> Tried<T> {
    /// The same for what comes of the right one.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Tried<U> {
        match self {
            Self::Right(value) => Tried::Right(with(value)),
            Self::Wrong => Tried::Wrong,
            Self::Gone => Tried::Gone,
        }
    }
}

/// What became of a sign-in by code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The session is begun.
    Done {
        /// Of the person whose the contact is.
        session: Session,
        /// Whether the account has just been made.
        is_new: bool,
        /// The sessions that were void, and have been ended.
        ended: Vec<SessionId>,
    },
    /// The person may not sign in for the time being; nothing is stored, and the code is not spent.
    Suspended,
}

/// What became of a contact that is to be somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactSet {
    /// It is, and is proven. These sessions have been ended, of an account that was closed.
    Done(Vec<SessionId>),
    /// It is proven to be another's; nothing is stored, and the code is not spent.
    Taken,
    /// The person is let in no more; nothing is stored, and the code is not spent.
    ShutOut,
}

/// Codes that were sent. Each method is one transaction; however many come at once, by whichever nodes, a code is spent once, and
/// of all that are given for it [`CODE_TRIES`](crate::domain::rules::CODE_TRIES) are looked at.
#[async_trait]
pub trait Codes: Send + Sync {
    /// Stores a code, in place of the one that was sent to the same contact before; its tries begin anew.
    async fn insert(&self, code: &NewCode) -> Result<()>;

    /// Spends the code that was sent to one of these contacts. One that is right for one of them is right; the tries of the others
    /// are counted.
    async fn spend(&self, proofs: &[Proof], at: Timestamp) -> Result<Tried<()>>;

    /// Signs in the person whose the contact is, or becomes by this: begins the session in their name. Where it is nobody's, or that of
    /// somebody who has proven something else, this makes the account, which has the contact, proven.
    async fn sign_in(
        &self,
        proof: &Proof,
        account: &NewAccount,
        session: &Session,
        refresh: TokenHash,
    ) -> Result<Tried<SignIn>>;

    /// Registers as [`Accounts::register`](super::Accounts::register) does, an account which has the contact, proven; with the
    /// sessions that have been ended, of an account that was closed. The code is spent where that goes well.
    async fn register(
        &self,
        proof: &Proof,
        account: &NewAccount,
        session: &Session,
        refresh: TokenHash,
    ) -> Result<Tried<(Registered, Vec<SessionId>)>>;

    /// Makes the contact that person's, in place of the one of its kind that they have. They are let in by that session, or by a
    /// trusted issuer where there is none.
    async fn set_contact(
        &self,
        user: UserId,
        by: Option<SessionId>,
        proof: &Proof,
        at: Timestamp,
    ) -> Result<Tried<ContactSet>>;

    /// Removes what has run out before then, and says how many those were.
    async fn purge(&self, before: Timestamp) -> Result<u64>;
}
