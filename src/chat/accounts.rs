//! Making an account, and signing in.

use super::Chat;
use super::access::Viewer;
use super::codes::{contact_taken, right};
use super::limits::{Attempt, Guess};
use super::passwords::Fit;
use super::tokens::{RefreshToken, TokenPair};
use crate::domain::client::ClientAddress;
use crate::domain::clock::Timestamp;
use crate::domain::contact::{Contact, MobileNumber};
use crate::domain::ids::{SessionId, UserId};
use crate::domain::page::{Page, Window};
use crate::domain::user::{Email, Login, Matching, NamePlace, NewAccount, Password, Session, User, Username};
use crate::error::{Code, Error, Result};
use crate::store::accounts::{Credentials, PeopleFilter, Registered};
use crate::store::codes::Tried;
use crate::store::sessions::Begun;
use tracing::warn;

/// What a person gives to have an account, with nothing wrong in it.
#[derive(Debug)]
pub struct Registration {
    /// To sign in by and to be found by.
    pub username: Option<Username>,
    /// To sign in by.
    pub email: Option<Email>,
    /// To sign in by.
    pub mobile_number: Option<MobileNumber>,
    /// What to show.
    pub display_name: Option<String>,
    /// Where a picture of them is.
    pub avatar_url: Option<String>,
    /// To sign in with.
    pub password: Option<Password>,
    /// The code that was sent to the mobile number or the email, as it was typed.
    pub code: Option<String>,
    /// What the device calls itself.
    pub device_name: Option<String>,
}

impl Registration {
    /// Whither a code may have been sent.
    fn contacts(&self) -> Vec<Contact> {
        let number = self.mobile_number.clone().map(Contact::MobileNumber);
        number.into_iter().chain(self.email.clone().map(Contact::Email)).collect()
    }

    /// `INVALID_INPUT` where an account could not be signed in to again.
    fn check(&self, has_code: bool) -> Result<()> {
        let has_contact = self.mobile_number.is_some() || self.email.is_some();
        let has_name = self.username.is_some() || self.email.is_some();
        let wrong = if has_code {
            (!has_contact).then_some(("mobileNumber", "give the mobile number or the email that the code was sent to"))
        } else if has_contact && !has_name {
            Some(("code", "give the code that was sent to the mobile number, or a username or an email"))
        } else if self.password.is_none() {
            Some(("password", "choose a password"))
        } else {
            (!has_name).then_some(("username", "give a username or an email"))
        };
        wrong.map_or(Ok(()), |(field, message)| Err(Error::invalid(field, message)))
    }
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
    /// Whether the account has just been made.
    pub is_new: bool,
}

impl Chat {
    /// Makes an account and signs it in. `ALREADY_TAKEN` on `username`, `email` or `mobileNumber`; `INVALID_INPUT` where something is
    /// missing, and on `password` where it is one that is guessed first; `RATE_LIMITED` where too many come from there. Of a
    /// registration by code, also `WRONG_CREDENTIALS` or `CODE_EXPIRED` on `code`.
    pub async fn register(&self, mut registration: Registration, by: ClientAddress) -> Result<SignedIn> {
        let code = registration.code.take();
        let contacts = registration.contacts();
        registration.check(code.is_some())?;
        let attempt = self.attempt_to_register(&registration, &contacts, code.is_some(), by).await?;
        let device_name = registration.device_name.take();
        let account = match self.new_account(registration).await {
            Ok(account) => account,
            Err(error) => {
                // A password that is refused has cost its look.
                if error.code() == Code::Unavailable {
                    self.limits.forgive(attempt).await;
                }
                return Err(error);
            }
        };
        let (session, refresh) = self.new_session(account.id, device_name, account.created_at);
        let (registered, proven) = match code {
            None => (self.accounts.register(&account, &session, refresh.hash()).await?, None),
            Some(code) => self.register_by_code(contacts, &code, account, &session, refresh).await?,
        };
        match registered {
            Registered::Done => {
                self.limits.succeeded_by_code(attempt, proven.as_slice(), by).await;
                Ok(SignedIn { is_new: true, ..self.signed_in(&session, refresh)? })
            }
            Registered::UsernameTaken => Err(username_taken()),
            Registered::EmailTaken => Err(contact_taken("email")),
            Registered::MobileNumberTaken => Err(contact_taken("mobileNumber")),
        }
    }

    /// Counts a registration, and what is tried with it.
    async fn attempt_to_register(
        &self,
        registration: &Registration,
        contacts: &[Contact],
        has_code: bool,
        by: ClientAddress,
    ) -> Result<Attempt> {
        let contacts: Vec<_> = contacts.iter().map(Contact::key).collect();
        let names: Vec<_> =
            registration.username.as_ref().map(Username::key).into_iter().chain(contacts.clone()).collect();
        let codes = contacts.iter().filter(|_| has_code).map(|to| Guess::Code { to });
        let guesses: Vec<_> = codes.chain([Guess::Registration { names: &names }]).collect();
        self.limits.attempt(&guesses, by).await
    }

    /// Registers with the code that was sent to the first of the contacts for which one counts: the key of that one too.
    async fn register_by_code(
        &self,
        contacts: Vec<Contact>,
        code: &str,
        account: NewAccount,
        session: &Session,
        refresh: RefreshToken,
    ) -> Result<(Registered, Option<String>)> {
        let (mut outcome, mut proven) = (Tried::Gone, None);
        for contact in contacts {
            let proof = self.proof(contact, code)?;
            proven = Some(proof.contact.key());
            let account = account.clone().proving(&proof.contact);
            outcome = self.codes.store.register(&proof, &account, session, refresh.hash()).await?;
            if outcome != Tried::Gone {
                break;
            }
        }
        let (registered, ended) = right(outcome)?;
        self.tell_of_ends(&ended);
        Ok((registered, proven))
    }

    async fn new_account(&self, registration: Registration) -> Result<NewAccount> {
        let Registration { username, email, mobile_number, display_name, avatar_url, password, .. } = registration;
        let password_hash = match password {
            Some(password) => {
                let names = [username.as_ref().map(Username::as_str), email.as_ref().map(Email::as_str)];
                let names: Vec<_> = names.into_iter().flatten().chain(display_name.as_deref()).collect();
                Some(self.passwords.hash(password, &names).await?)
            }
            None => None,
        };
        let now = self.clock.now();
        Ok(NewAccount {
            id: UserId::new(now),
            username,
            email,
            is_email_proven: false,
            mobile_number,
            is_mobile_number_proven: false,
            display_name,
            avatar_url,
            password_hash,
            created_at: now,
        })
    }

    /// Signs in by password. `WRONG_CREDENTIALS` whether the account is not there or the password is another, and
    /// after the same work; `NOT_ALLOWED` for one who has the password and is suspended; `RATE_LIMITED` where it was tried too
    /// often. Whoever goes through costs nothing.
    pub async fn login(&self, attempt: LoginAttempt, by: ClientAddress) -> Result<SignedIn> {
        let LoginAttempt { login, password, device_name } = attempt;
        let guess = Guess::Password { login: login.as_ref().map_or("", Login::key) };
        let attempt = self.limits.attempt(&[guess], by).await?;
        let credentials = match &login {
            Some(login) => self.accounts.credentials(login).await?,
            None => None,
        };
        let Some(password) = password else {
            return Err(wrong_credentials());
        };
        let hash = credentials.as_ref().map(|credentials| credentials.password_hash.as_str());
        let fit = self.passwords.check(&password, hash).await?;
        let Some(credentials) = credentials.filter(|_| fit != Fit::Wrong) else {
            return Err(wrong_credentials());
        };
        self.limits.succeeded(attempt).await;
        if fit == Fit::Old {
            self.renew(&credentials, password).await;
        }
        let (session, refresh) = self.new_session(credentials.user, device_name, self.clock.now());
        if credentials.is_suspended {
            return Err(suspended());
        }
        // Asked for again within: the person may be suspended, or the password void, meanwhile.
        match self.sessions.insert_by_password(&session, refresh.hash(), credentials.version).await? {
            Begun::Done => self.signed_in(&session, refresh),
            Begun::Suspended => Err(suspended()),
            Begun::Void => Err(wrong_credentials()),
        }
    }

    /// Hashes the password as is done now, in place of an older hash of it. Where that does not go well it is tried again at the
    /// next sign-in.
    async fn renew(&self, of: &Credentials, password: Password) {
        let renewed = async {
            let hash = self.passwords.hash_again(password).await?;
            self.accounts.renew_password_hash(of.user, &of.password_hash, &hash).await
        };
        if let Err(error) = renewed.await {
            warn!(user = %of.user, %error, "an old hash of a password stays for now");
        }
    }

    /// Those of the people who exist, also where their accounts are gone: what names them is shown so.
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>> {
        self.accounts.find(ids).await
    }

    /// A person who has an account.
    pub(super) async fn person(&self, id: UserId) -> Result<Option<User>> {
        Ok(self.accounts.find(&[id]).await?.pop().filter(|user| !user.is_deleted))
    }

    /// The person with that username, whatever its case.
    pub async fn user_by_username(&self, username: &Username) -> Result<Option<User>> {
        self.accounts.find_by_username(&username.key()).await
    }

    /// The person who has proven that contact.
    pub async fn user_by_contact(&self, contact: &Contact) -> Result<Option<User>> {
        self.accounts.find_by_contact(contact).await
    }

    /// Everyone but the viewer, by name; of those, the ones who match, and who are online in the viewer's eyes or are not.
    pub async fn people(
        &self,
        viewer: &Viewer,
        matching: Matching,
        is_online: Option<bool>,
        window: &Window<NamePlace>,
    ) -> Result<Page<(NamePlace, User)>> {
        self.accounts.page(&PeopleFilter { except: viewer.user, matching, is_online }, window).await
    }

    pub(super) fn signed_in(&self, session: &Session, refresh: RefreshToken) -> Result<SignedIn> {
        let tokens = self.tokens.pair(session, refresh)?;
        let viewer = Viewer { user: session.user, session: Some(session.id), expires_at: tokens.access_expires_at };
        Ok(SignedIn { viewer, tokens, is_new: false })
    }

    pub(super) fn new_session(
        &self,
        user: UserId,
        device_name: Option<String>,
        now: Timestamp,
    ) -> (Session, RefreshToken) {
        let session = Session {
            id: SessionId::new(now),
            user,
            device_name,
            created_at: now,
            issued_at: now,
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
    taken("username", "somebody has this username already, or one that looks like it")
}

/// The answer where somebody else has what that field says.
pub(super) fn taken(field: &'static str, message: &'static str) -> Error {
    Error::new(Code::AlreadyTaken, message).within(field)
}

/// The answer to one who has shown who they are, and may not sign in for the time being.
pub(super) fn suspended() -> Error {
    Error::new(Code::NotAllowed, "this account is suspended")
}

fn wrong_credentials() -> Error {
    Error::new(Code::WrongCredentials, "the login and the password do not fit together")
}
