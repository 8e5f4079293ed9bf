//! Showing that one is who is signed in, and choosing another password.

use super::Chat;
use super::access::Viewer;
use super::limits::Guess;
use super::passwords::Fit;
use super::tokens::bad_token;
use crate::domain::client::ClientAddress;
use crate::domain::user::Password;
use crate::error::{Code, Error, Result};
use crate::store::accounts::NewPassword;

/// By what somebody who is signed in shows that it is they.
#[derive(Debug)]
pub enum Identification {
    /// The password that they have; `None` where what they gave cannot be any.
    Password(Option<Password>),
    /// A code that was sent to where they are reached.
    Code(String),
}

/// A password to be set.
#[derive(Debug)]
pub struct PasswordChange {
    /// By what the viewer shows that it is they.
    pub proof: Identification,
    /// The password to be.
    pub password: Password,
}

/// How often a change is tried of which another is faster, as one that renews the hash of the same password.
const TRIES: usize = 3;

impl Chat {
    /// Gives the viewer another password, and ends their other sessions with it: their sockets close, and their tokens
    /// count no more. `WRONG_CREDENTIALS` on `currentPassword`, also where there is none and after the same work;
    /// `WRONG_CREDENTIALS` or `CODE_EXPIRED` on `code`; `INVALID_INPUT` on `newPassword` where it is guessed first;
    /// `RATE_LIMITED` where too many were tried.
    pub async fn change_password(&self, viewer: &Viewer, change: PasswordChange, by: ClientAddress) -> Result<()> {
        let PasswordChange { proof, password } = change;
        self.limits.attempt(&[Guess::PasswordChange { user: viewer.user }], by).await.map(drop)?;
        // Before a code is spent for it.
        self.refuse_guessable(viewer, &password).await?;
        let mut to = None;
        for _ in 0..TRIES {
            let from = self.accounts.password_hash(viewer.user).await?;
            // A code is spent once, and counts for all tries.
            if to.is_none() || matches!(proof, Identification::Password(_)) {
                self.check(viewer, "currentPassword", &proof, from.as_deref(), by).await?;
            }
            // Made once one may have it, and once: it takes a place among those who sign in.
            let hash = match to {
                Some(hash) => hash,
                None => self.passwords.hash_again(password.clone()).await?,
            };
            let new = NewPassword { user: viewer.user, from, to: hash.clone(), keep: viewer.session };
            if let Some(ended) = self.accounts.set_password(&new, self.clock.now()).await? {
                self.tell_of_ends(&ended);
                return Ok(());
            }
            to = Some(hash);
        }
        Err(wrong_password("currentPassword"))
    }

    async fn refuse_guessable(&self, viewer: &Viewer, password: &Password) -> Result<()> {
        let person = self.accounts.find(&[viewer.user]).await?.pop().ok_or_else(bad_token)?;
        let names = [&person.username, &person.email, &person.chosen_name].map(Option::as_deref);
        let names: Vec<_> = names.into_iter().flatten().collect();
        let refused = self.passwords.refuse_guessable(password, &names).await;
        refused.map_err(|error| error.said_of("newPassword"))
    }

    /// Goes well where the proof is one for the viewer, whose password has that hash: `WRONG_CREDENTIALS` on the field of
    /// the password; failures of codes on `code`; `RATE_LIMITED` where too many were tried.
    pub(super) async fn check(
        &self,
        viewer: &Viewer,
        field: &'static str,
        proof: &Identification,
        hash: Option<&str>,
        by: ClientAddress,
    ) -> Result<()> {
        let password = match proof {
            Identification::Code(code) => return self.spend_code_of(viewer.user, code, by).await,
            Identification::Password(password) => password.as_ref().ok_or_else(|| wrong_password(field))?,
        };
        let attempt = self.limits.attempt(&[Guess::OwnPassword { user: viewer.user }], by).await?;
        if self.passwords.check(password, hash).await? == Fit::Wrong {
            return Err(wrong_password(field));
        }
        self.limits.succeeded(attempt).await;
        Ok(())
    }
}

/// The answer to a password that is not the viewer's.
fn wrong_password(field: &'static str) -> Error {
    Error::new(Code::WrongCredentials, "this is not the account's password").within(field)
}
