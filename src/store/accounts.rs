//! People's accounts.

use crate::domain::clock::Timestamp;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::page::{Page, Window};
use crate::domain::presence::{Changed, PeopleVersion};
use crate::domain::user::{Login, NamePlace, NewAccount, ProfileChange, Session, TokenHash, User};
use crate::error::Result;
use async_trait::async_trait;

/// What became of an account to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It is made, and its session begun.
    Done,
    /// Somebody has that username; nothing is stored.
    UsernameTaken,
    /// Somebody has that email; nothing is stored.
    EmailTaken,
}

/// Whom a login names, and how that person shows who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The person.
    pub user: UserId,
    /// In the PHC string format.
    pub password_hash: String,
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
    /// Somebody else has that username; nothing is stored.
    UsernameTaken,
}

/// Which people a list is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Everyone but this one.
    pub except: UserId,
    /// A folded text that their name or username holds, letter for letter; empty for everyone.
    pub matching: String,
    /// Those who are online in the eyes of the one left out, or those who are not: who is apart from that one by a block is
    /// not.
    pub is_online: Option<bool>,
}

/// The people who have an account.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Stores the account and its first session, both or neither. Usernames and emails are unique by their keys,
    /// whoever comes first and however many come at once.
    async fn register(&self, account: &NewAccount, session: &Session, refresh: TokenHash) -> Result<Registered>;

    /// Those of the people who exist.
    async fn find(&self, ids: &[UserId]) -> Result<Vec<User>>;

    /// The person whose username has that key.
    async fn find_by_username(&self, key: &str) -> Result<Option<User>>;

    /// What the one who signs in so must show.
    async fn credentials(&self, login: &Login) -> Result<Option<Credentials>>;

    /// Suspends a person, or ends that. One who is suspended has no session, and none can begin: those that this has ended
    /// are the answer. `None` where there is no such person. Doing it twice is harmless.
    async fn set_suspended(&self, user: UserId, is_suspended: bool, at: Timestamp) -> Result<Option<Vec<SessionId>>>;

    /// Changes a person's profile, and gives it the next number of [`PeopleVersion`] where it is another thereby; `None`
    /// where there is no such person. Fails as [`User::changed`] does. Usernames are unique as in [`Accounts::register`].
    async fn update_profile(&self, user: UserId, change: &ProfileChange) -> Result<Option<ProfileUpdate>>;

    /// Whose profile has changed since, by number, `limit` at the most.
    async fn profiles_since(&self, after: PeopleVersion, limit: u32) -> Result<Vec<Changed<()>>>;

    /// The people in the order of [`NamePlace`].
    async fn page(&self, filter: &PeopleFilter, window: &Window<NamePlace>) -> Result<Page<(NamePlace, User)>>;
}
