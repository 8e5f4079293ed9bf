//! Making an account, and signing in.

use super::Chat;
use super::access::Viewer;
use super::tokens::{RefreshToken, TokenPair};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::page::{Page, Window};
use crate::domain::user::{Email, Login, NamePlace, NewAccount, Password, Session, User, Username};
use crate::error::{Code, Error, Result};
use crate::store::accounts::{PeopleFilter, Registered};

/// What a person gives to have an account, with nothing wrong in it.
#[derive(Debug)]
pub struct Registration {
    /// To sign in by and to be found by.
    pub username: Option<Username>,
    /// To sign in by.
    pub email: Option<Email>,
    /// What to show.
    pub display_name: Option<String>,
    /// Where a picture of them is.
    pub avatar_url: Option<String>,
    /// To sign in with.
    pub password: Password,
    /// What the device calls itself.
    pub device_name: Option<String>,
}

/// What a person gives to sign in; what cannot be right, whosoever it is, is `None`.
#[derive(Debug)]
pub struct LoginAttempt {
    /// Who they say they are.
    pub login: Option<Login>,
    /// The password they gave.
    pub password: Option<Password>,
    /// What the device calls itself.
    pub device_name: Option<String>,
}

/// Someone who has just signed in.
pub struct SignedIn {
    /// Who.
    pub viewer: Viewer,
    /// What the device goes on with.
    pub tokens: TokenPair,
}

impl Chat {
    /// Makes an account and signs it in. `ALREADY_TAKEN` on `username` or `email`; `INVALID_INPUT` where there is neither.
    pub async fn register(&self, registration: Registration) -> Result<SignedIn> {
        let Registration { username, email, display_name, avatar_url, password, device_name } = registration;
        if username.is_none() && email.is_none() {
            return Err(Error::invalid("username", "give a username or an email"));
        }
        let password_hash = self.passwords.hash(password).await?;
        let now = self.clock.now();
        let id = UserId::new(now);
        let account = NewAccount { id, username, email, display_name, avatar_url, password_hash, created_at: now };
        let (session, refresh) = self.new_session(id, device_name, now);
        match self.accounts.register(&account, &session, refresh.hash()).await? {
            Registered::Done => self.signed_in(&session, refresh),
            Registered::UsernameTaken => Err(username_taken()),
            Registered::EmailTaken => Err(taken("email", "somebody has this email already")),
        }
    }

    /// Signs in by password. `WRONG_CREDENTIALS` whether the account is not there or the password is another, and
    /// after the same work; `NOT_ALLOWED` for one who has the password and is suspended.
    pub async fn login(&self, attempt: LoginAttempt) -> Result<SignedIn> {
        let LoginAttempt { login, password, device_name } = attempt;
        let credentials = match &login {
            Some(login) => self.accounts.credentials(login).await?,
            None => None,
        };
        let Some(password) = password else {
            return Err(wrong_credentials());
        };
        let hash = credentials.as_ref().map(|credentials| credentials.password_hash.as_str());
        let is_right = self.passwords.is_right(password, hash).await?;
        let Some(credentials) = credentials.filter(|_| is_right) else {
            return Err(wrong_credentials());
        };
        let (session, refresh) = self.new_session(credentials.user, device_name, self.clock.now());
        // Asked for again within: the person may be suspended meanwhile.
        if credentials.is_suspended || !self.sessions.insert(&session, refresh.hash()).await? {
            return Err(Error::new(Code::NotAllowed, "this account is suspended"));
        }
        self.signed_in(&session, refresh)
    }

    /// Those of the people who exist.
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>> {
        self.accounts.find(ids).await
    }

    /// The person with that username, whatever its case.
    pub async fn user_by_username(&self, username: &Username) -> Result<Option<User>> {
        self.accounts.find_by_username(&username.key()).await
    }

    /// Everyone but the viewer, by name; of those, the ones whose name or username holds the folded text, and who are online
    /// in the viewer's eyes or are not.
    pub async fn people(
        &self,
        viewer: &Viewer,
        matching: String,
        is_online: Option<bool>,
        window: &Window<NamePlace>,
    ) -> Result<Page<(NamePlace, User)>> {
        self.accounts.page(&PeopleFilter { except: viewer.user, matching, is_online }, window).await
    }

    pub(super) fn signed_in(&self, session: &Session, refresh: RefreshToken) -> Result<SignedIn> {
        let tokens = self.tokens.pair(session, refresh)?;
        let viewer = Viewer { user: session.user, session: session.id, expires_at: tokens.access_expires_at };
        Ok(SignedIn { viewer, tokens })
    }

    fn new_session(&self, user: UserId, device_name: Option<String>, now: Timestamp) -> (Session, RefreshToken) {
        let session = Session {
            id: SessionId::new(now),
            user,
            device_name,
            created_at: now,
            last_used_at: now,
            expires_at: self.tokens.refresh_expiry(now),
            ended_at: None,
        };
        let refresh = RefreshToken::first(session.id);
        (session, refresh)
    }
}

/// The answer where somebody else has the username.
pub(super) fn username_taken() -> Error {
    taken("username", "somebody has this username already")
}

fn taken(field: &'static str, message: &'static str) -> Error {
    Error::new(Code::AlreadyTaken, message).within(field)
}

fn wrong_credentials() -> Error {
    Error::new(Code::WrongCredentials, "the login and the password do not fit together")
}
