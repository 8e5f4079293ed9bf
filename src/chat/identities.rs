//! People who come by a trusted issuer: each bears an account from the first time that one of their tokens is seen.

use super::Chat;
use super::access::Viewer;
use super::accounts::{SignedIn, suspended};
use super::issuers::{Issuer, Vouched};
use super::sessions::MAX_TOKEN;
use super::tokens::bad_token;
use crate::domain::event::{Ring, Topic};
use crate::domain::identity::{Identity, IdentityKey};
use crate::domain::ids::UserId;
use crate::domain::user::NewAccount;
use crate::error::{Code, Error, Result};
use crate::store::Identities;
use crate::store::identities::{Enrolled, Newcomer};
use crate::store::questions::Question;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tracing::info;

/// What a person gives to sign in by a trusted issuer.
#[derive(Debug)]
pub struct ExternalLogin {
    /// The issuer's token.
    pub token: String,
    /// What the device calls itself.
    pub device_name: Option<String>,
}

/// Whose account it is, and whether it has just been made.
enum Arrival {
    New(UserId),
    Known(Identity),
}

impl Chat {
    /// Signs in whom a trusted issuer's token names, who gets an account where there is none yet. `WRONG_CREDENTIALS` on
    /// `token` where it does not count, `NOT_ALLOWED` for one who is suspended.
    pub async fn login_external(&self, attempt: ExternalLogin) -> Result<SignedIn> {
        let ExternalLogin { token, device_name } = attempt;
        if token.len() > MAX_TOKEN {
            return Err(wrong_token());
        }
        let issuer = self.issuers.named_by(&token).ok_or_else(wrong_token)?;
        let vouched = issuer.open(&token, &*self.clock).await.map_err(of_the_login)?;
        let (user, is_new) = match self.arrive(&vouched).await? {
            Arrival::New(user) => (user, true),
            Arrival::Known(identity) if identity.closed_at.is_some() => return Err(wrong_token()),
            Arrival::Known(identity) => (identity.user, false),
        };
        let (session, refresh) = self.new_session(user, device_name, self.clock.now());
        if !self.sessions.insert(&session, refresh.hash()).await? {
            return Err(suspended());
        }
        Ok(SignedIn { is_new, ..self.signed_in(&session, refresh)? })
    }

    /// Whom a bearer token of that issuer's names, who gets an account where there is none yet: `UNAUTHENTICATED` where it
    /// does not count, or the person is suspended or has deleted the account since.
    pub(super) async fn authenticate_external(&self, issuer: &Issuer, token: &str) -> Result<Viewer> {
        let vouched = issuer.open(token, &*self.clock).await?;
        let user = match self.arrive(&vouched).await? {
            Arrival::New(user) => user,
            Arrival::Known(identity) if identity.is_suspended || identity.closed_at.is_some() => {
                return Err(bad_token());
            }
            Arrival::Known(identity) => identity.user,
        };
        Ok(Viewer { user, session: None, expires_at: vouched.expires_at })
    }

    /// Where people of issuers are kept.
    pub fn identities(&self) -> &dyn Identities {
        &*self.identities
    }

    /// Keeps the keys of trusted issuers as they are published, until it is told to stop.
    pub async fn keep_issuers(self: Arc<Self>, stop: CancellationToken) {
        self.issuers.keep(stop).await;
    }

    /// Tells all nodes that a person is not let in any more, for those who came without a session.
    pub(super) fn tell_of_shutting_out(&self, user: UserId) {
        self.bus.publish(Topic::Sessions, Arc::new(Ring::ShutOut(user)));
    }

    async fn arrive(&self, vouched: &Vouched) -> Result<Arrival> {
        let Vouched { issuer, subject, issued_at, profile, .. } = vouched;
        let key = IdentityKey::new(&self.draft_key, issuer, subject);
        let known = self.identities_by_key.ask(key).await?;
        if let Some(known) = known.filter(|known| !known.begins_anew(*issued_at)) {
            return Ok(Arrival::Known(known));
        }
        let now = self.clock.now();
        let account = NewAccount {
            id: UserId::new(now),
            username: profile.username.clone(),
            // Proven there, and not here: nobody is let into an account by what an issuer says of an email.
            is_email_proven: false,
            email: profile.email.clone(),
            mobile_number: None,
            is_mobile_number_proven: false,
            display_name: profile.display_name.clone(),
            avatar_url: profile.avatar_url.clone(),
            password_hash: None,
            created_at: now,
        };
        let user = account.id;
        match self.identities.enrol(&Newcomer { key, issued_at: *issued_at, account }).await? {
            Enrolled::New => {
                info!(%user, %issuer, "somebody new of a trusted issuer");
                Ok(Arrival::New(user))
            }
            Enrolled::Known(identity) => Ok(Arrival::Known(identity)),
        }
    }
}

/// Every request with an issuer's token asks whose it is.
pub(super) struct IdentityByKey(pub(super) Arc<dyn Identities>);

#[async_trait]
impl Question for IdentityByKey {
    type About = IdentityKey;
    type Answer = Option<Identity>;

    async fn ask(&self, about: &[IdentityKey]) -> Result<HashMap<IdentityKey, Option<Identity>>> {
        let found = self.0.find(about).await?;
        Ok(found.into_iter().map(|identity| (identity.key, Some(identity))).collect())
    }
}

/// A token that does not count, where it was given to sign in by.
fn of_the_login(error: Error) -> Error {
    if error.code() == Code::Unauthenticated { wrong_token() } else { error }
}

fn wrong_token() -> Error {
    Error::new(Code::WrongCredentials, "the token is not valid here, or no longer").within("token").within("external")
}
