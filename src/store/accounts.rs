//! People's accounts.

use crate::domain::ids::UserId;
use crate::domain::page::{Page, Window};
use crate::domain::user::{Login, NamePlace, NewAccount, Session, TokenHash, User};
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
}

/// Which people a list is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Everyone but this one.
    pub except: UserId,
    /// A folded text that their name or username holds, letter for letter; empty for everyone.
    pub matching: String,
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

    /// The people in the order of [`NamePlace`].
    async fn page(&self, filter: &PeopleFilter, window: &Window<NamePlace>) -> Result<Page<(NamePlace, User)>>;
}
