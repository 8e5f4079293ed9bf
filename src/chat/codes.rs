//! One-time codes: sent to an email or a mobile number, they show that it is somebody's.
//!
//! Nothing here looks whether there is an account before the right code was given: so neither an answer nor its time tells.

use super::Chat;
use super::access::Viewer;
use super::accounts::{SignedIn, suspended, taken};
use super::couriers::{Couriers, Letter, Place};
use super::limits::Guess;
use super::regularly::regularly;
use super::tokens::bad_token;
use crate::domain::client::ClientAddress;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::contact::{CodeHash, Contact, NewCode, OneTimeCode, Proof};
use crate::domain::ids::{CodeId, UserId};
use crate::domain::rules::CODE_TTL;
use crate::domain::secret::Key;
use crate::domain::user::NewAccount;
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::codes::{ContactSet, SignIn, Tried};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often what has run out is removed.
const PURGE_PERIOD: Duration = Duration::from_mins(10);

/// Codes and those who carry them.
pub(super) struct Codes {
    pub(super) store: Arc<dyn store::Codes>,
    /// Makes the hashes that are stored.
    pub(super) key: Key,
    pub(super) couriers: Couriers,
}

/// A code that is on its way.
#[derive(Debug)]
pub struct CodeSent {
    /// When it runs out.
    pub expires_at: Timestamp,
    /// The code itself, where it is to be echoed.
    pub echo: Option<OneTimeCode>,
}

/// What a person gives to sign in by a code.
#[derive(Debug)]
pub struct CodeAttempt {
    /// Whither it was sent.
    pub to: Contact,
    /// The code, as it was typed.
    pub code: String,
    /// What the device calls itself.
    pub device_name: Option<String>,
}

impl Chat {
    /// Sends a code, in place of the one that was sent there before. `INVALID_INPUT` where none can be sent to such a contact,
    /// `RATE_LIMITED` where too many are asked for.
    pub async fn request_login_code(&self, to: Contact, by: ClientAddress) -> Result<CodeSent> {
        let place = self.codes.couriers.place(&to)?;
        // That one was sent is not given back.
        self.limits.attempt(&[Guess::CodeRequest { to: &to.key() }], by).await.map(drop)?;
        let code = OneTimeCode::random();
        let now = self.clock.now();
        let expires_at = now.plus(CODE_TTL);
        self.codes.store.insert(&NewCode { hash: self.codes.hash(&to, &code), expires_at }).await?;
        let echo = match place {
            Place::Echo => Some(code),
            Place::Queue(place) => {
                place.send(Letter { id: CodeId::new(now), to, code, expires_at });
                None
            }
        };
        Ok(CodeSent { expires_at, echo })
    }

    /// Signs in by a code, and begins an account where there is none. `WRONG_CREDENTIALS` or `CODE_EXPIRED` on `code`; `NOT_ALLOWED`
    /// for one who is suspended; `RATE_LIMITED` where too many were tried.
    pub async fn login_by_code(&self, attempt: CodeAttempt, by: ClientAddress) -> Result<SignedIn> {
        let CodeAttempt { to, code, device_name } = attempt;
        let key = to.key();
        let attempt = self.limits.attempt(&[Guess::Code { to: &key }], by).await?;
        let proof = self.proof(to, &code)?;
        let now = self.clock.now();
        let account = NewAccount::of_contact(UserId::new(now), proof.contact.clone(), now);
        let (session, refresh) = self.new_session(account.id, device_name, now);
        let signed_in = right(self.codes.store.sign_in(&proof, &account, &session, refresh.hash()).await?)?;
        self.limits.succeeded_by_code(attempt, &[key], by).await;
        match signed_in {
            SignIn::Done { session, is_new, ended } => {
                self.tell_of_ends(&ended);
                Ok(SignedIn { is_new, ..self.signed_in(&session, refresh)? })
            }
            SignIn::Suspended => Err(suspended()),
        }
    }

    /// Makes a contact the viewer's, proven by the code that was sent there. `WRONG_CREDENTIALS` or `CODE_EXPIRED` on `code`;
    /// `ALREADY_TAKEN` on the contact where somebody else has proven it; `RATE_LIMITED` where too many codes were tried.
    pub async fn set_contact(&self, viewer: &Viewer, to: Contact, code: &str, by: ClientAddress) -> Result<()> {
        let key = to.key();
        let attempt = self.limits.attempt(&[Guess::Code { to: &key }], by).await?;
        let proof = self.proof(to, code)?;
        let set = right(self.codes.store.set_contact(viewer.user, viewer.session, &proof, self.clock.now()).await?)?;
        self.limits.succeeded_by_code(attempt, &[key], by).await;
        match set {
            ContactSet::Done(ended) => {
                self.tell_of_ends(&ended);
                Ok(())
            }
            ContactSet::Taken => Err(contact_taken(proof.contact.field()).within("to")),
            ContactSet::ShutOut => Err(bad_token()),
        }
    }

    /// Spends a code that was sent to one of the person's proven contacts: so it shows that it is they. `WRONG_CREDENTIALS` or
    /// `CODE_EXPIRED` on `code`; `RATE_LIMITED` where too many were tried.
    pub(super) async fn spend_code_of(&self, user: UserId, code: &str, by: ClientAddress) -> Result<()> {
        let person = self.accounts.find(&[user]).await?.pop();
        let contacts = person.map(|person| person.proven_contacts()).transpose()?.unwrap_or_default();
        let keys: Vec<_> = contacts.iter().map(Contact::key).collect();
        let guesses: Vec<_> = keys.iter().map(|to| Guess::Code { to }).collect();
        let attempt = self.limits.attempt(&guesses, by).await?;
        let proofs: Vec<_> = contacts.into_iter().map(|to| self.proof(to, code)).collect::<Result<_>>()?;
        right(self.codes.store.spend(&proofs, self.clock.now()).await?)?;
        self.limits.succeeded_by_code(attempt, &keys, by).await;
        Ok(())
    }

    /// What shows that the contact is theirs who give the code: every code that is tried passes here, whatever it is tried for.
    /// `WRONG_CREDENTIALS` where it can be none.
    pub(super) fn proof(&self, contact: Contact, code: &str) -> Result<Proof> {
        let code = OneTimeCode::attempt(code).ok_or_else(wrong_code)?;
        let hash = self.codes.hash(&contact, &code);
        Ok(Proof { contact, hash })
    }

    /// Removes what has run out, now and then, until it is told to stop.
    pub async fn purge_codes(self: Arc<Self>, stop: CancellationToken) {
        let undone = "codes that have run out are removed later";
        regularly(PURGE_PERIOD, stop, undone, || self.codes.purge(&*self.clock)).await;
    }

    /// Sends the codes that are asked for, until it is told to stop.
    pub async fn carry_codes(self: Arc<Self>, stop: CancellationToken) {
        self.codes.couriers.run(Arc::clone(&self.clock), stop).await;
    }
}

impl Codes {
    /// A part at a time, as long as there are any.
    async fn purge(&self, clock: &dyn Clock) -> Result<()> {
        while self.store.purge(clock.now()).await? > 0 {}
        Ok(())
    }

    fn hash(&self, to: &Contact, code: &OneTimeCode) -> CodeHash {
        let (kind, contact) = (to.field().as_bytes(), to.key());
        CodeHash {
            contact: self.key.mac(&[b"contact", kind, contact.as_bytes()]),
            code: self.key.mac(&[b"code", kind, contact.as_bytes(), code.as_str().as_bytes()]),
        }
    }
}

/// What came of the right code, or what is said of another.
pub(super) fn right<T>(tried: Tried<T>) -> Result<T> {
    match tried {
        Tried::Right(value) => Ok(value),
        Tried::Wrong => Err(wrong_code()),
        Tried::Gone => {
            Err(Error::new(Code::CodeExpired, "this code does not count any more; ask for another").within("code"))
        }
    }
}

fn wrong_code() -> Error {
    Error::new(Code::WrongCredentials, "this is not the code that was sent").within("code")
}

/// The answer where somebody else has the contact of that field.
pub(super) fn contact_taken(field: &'static str) -> Error {
    match field {
        "email" => taken("email", "somebody has this email already"),
        _ => taken("mobileNumber", "somebody has this mobile number already"),
    }
}
