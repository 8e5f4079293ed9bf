//! People's accounts.

use crate::domain::clock::Timestamp;
use crate::domain::contact::Contact;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::page::{Page, Window};
use crate::domain::presence::{Changed, PeopleVersion};
use crate::domain::user::{Login, Matching, NamePlace, NewAccount, ProfileChange, Session, TokenHash, User};
use crate::error::Result;
use async_trait::async_trait;

/// What became of an account to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It is made, and its session begun.
    Done,
    /// Somebody has that username, or one that looks like it; nothing is stored.
    UsernameTaken,
    /// Somebody has that email; nothing is stored.
    EmailTaken,
    /// Somebody has that mobile number; nothing is stored.
    MobileNumberTaken,
}

/// How often what a person signs in with was made void. A sign-in that has begun before that ends in nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialsVersion(pub i64);

/// Whom a login names, and how that person shows who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The person.
    pub user: UserId,
    /// In the PHC string format.
    pub password_hash: String,
    /// As of which change of what they sign in with.
    pub version: CredentialsVersion,
    /// Whether the person may not sign in for the time being.
    pub is_suspended: bool,
}

/// What became of a change of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileUpdate {
    /// The person is as it says.
    Changed(User),
    /// The person was so before; nothing is stored.
    Unchanged(User),
    /// Somebody else has that username, or one that looks like it; nothing is stored.
    UsernameTaken,
}

/// A password to be set in another's place.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// Whose.
    pub user: UserId,
    /// The hash of the one that is there; `None` where there is none.
    pub from: Option<String>,
    /// The hash of the new one, in the PHC string format.
    pub to: String,
    /// By which session it is done, which goes on; none for one who came by a trusted issuer.
    pub keep: Option<SessionId>,
}

/// Which people a list is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Everyone but this one.
    pub except: UserId,
    /// Those whose name or username holds the text, letter for letter, which it does where that is empty; and the one who has proven
    /// the contact.
    pub matching: Matching,
    /// Those who are online in the eyes of the one left out, or those who are not: who is apart from that one by a block is
    /// not.
    pub is_online: Option<bool>,
}

/// The people who have an account.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Stores the account and its first session, both or neither. Usernames, emails and mobile numbers are unique by their keys,
    /// usernames by what they look like too, whoever comes first and however many come at once; a contact that is not
    /// proven goes to whoever proves it ([`Codes`](super::Codes)).
    async fn register(&self, account: &NewAccount, session: &Session, refresh: TokenHash) -> Result<Registered>;

    /// Those of the people who exist, also where their accounts are gone.
    async fn find(&self, ids: &[UserId]) -> Result<Vec<User>>;

    /// The person whose username has that key.
    async fn find_by_username(&self, key: &str) -> Result<Option<User>>;

    /// The person who has proven that contact.
    async fn find_by_contact(&self, contact: &Contact) -> Result<Option<User>>;

    /// What the one who signs in so must show; `None` where there is nobody, or nobody with a password.
    async fn credentials(&self, login: &Login) -> Result<Option<Credentials>>;

    /// The hash of a person's password; `None` where they have none, or there is no such person.
    async fn password_hash(&self, user: UserId) -> Result<Option<String>>;

    /// Sets a password and ends the person's other sessions, both or neither: those that this has ended. `None` where the
    /// password is not, or no longer, the one in whose place it was to be set, or the person is let in no more.
    async fn set_password(&self, new: &NewPassword, at: Timestamp) -> Result<Option<Vec<SessionId>>>;

    /// Deletes a person's account, in one transaction: they have no name, no password, nothing to sign in by and no
    /// session from then on; what they own or were told goes too: blocks of theirs and of them, notifications, reports, and
    /// where they are. Others see something new of them ([`PeopleVersion`]), twice. Their memberships stand; from then on
    /// they are among those who are [`leaving`](Self::leaving), and nobody can bring them into a conversation. The sessions
    /// that this has ended; `None` where there is no such person any more.
    async fn delete(&self, user: UserId, at: Timestamp) -> Result<Option<Vec<SessionId>>>;

    /// People whose accounts were deleted and from whom something may be left to be taken away, those first that were
    /// deleted first, each with when that was; those after that one, `limit` at the most.
    async fn leaving(&self, after: Option<(UserId, Timestamp)>, limit: u32) -> Result<Vec<(UserId, Timestamp)>>;

    /// Takes away, once more, what was written of theirs while they were being deleted. They are not leaving any more,
    /// unless they have memberships.
    async fn finish_leaving(&self, user: UserId, at: Timestamp) -> Result<()>;

    /// Keeps another hash of the same password, unless the person has a different one by now; whether it did.
    async fn renew_password_hash(&self, of: UserId, from: &str, to: &str) -> Result<bool>;

    /// Suspends a person, or ends that. One who is suspended has no session, and none can begin: those that this has ended
    /// are the answer. `None` where there is no such person. Doing it twice is harmless.
    async fn set_suspended(&self, user: UserId, is_suspended: bool, at: Timestamp) -> Result<Option<Vec<SessionId>>>;

    /// Changes a person's profile, and gives it the next number of [`PeopleVersion`] where it is another thereby; `None`
    /// where there is no such person. Fails as [`User::changed`] does. Usernames are unique as in [`Accounts::register`].
    async fn update_profile(&self, user: UserId, change: &ProfileChange) -> Result<Option<ProfileUpdate>>;

    /// Whose profile has changed since, by number, `limit` at the most.
    async fn profiles_since(&self, after: PeopleVersion, limit: u32) -> Result<Vec<Changed<()>>>;

    /// The people who have an account, in the order of [`NamePlace`].
    async fn page(&self, filter: &PeopleFilter, window: &Window<NamePlace>) -> Result<Page<(NamePlace, User)>>;
}
