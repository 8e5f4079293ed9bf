//! Domain values, each unlike every other unless the test says so.

use natterjack::domain::clock::{Clock as _, SystemClock, Timestamp};
use natterjack::domain::contact::MobileNumber;
use natterjack::domain::ids::{SessionId, UserId};
use natterjack::domain::user::{Email, NewAccount, Session, TokenHash, Username};
use natterjack::store::Accounts;
use natterjack::store::accounts::Registered;
use std::time::Duration;

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// That many milliseconds after a fixed moment.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_769_860_800_000 + millis).unwrap()
}

pub(crate) fn token(n: u8) -> TokenHash {
    TokenHash([n; 32])
}

pub(crate) fn session(user: UserId) -> Session {
    Session {
        id: SessionId::new(now()),
        user,
        device_name: Some("A telephone".to_owned()),
        created_at: at(0),
        issued_at: at(0),
        last_used_at: at(0),
        expires_at: at(0).plus(Duration::from_hours(1)),
        ended_at: None,
    }
}

/// An account with that username and nothing else.
pub(crate) fn account(username: &str) -> NewAccount {
    NewAccount {
        id: UserId::new(now()),
        username: Some(Username::parse(username.to_owned()).unwrap()),
        email: None,
        is_email_proven: false,
        mobile_number: None,
        is_mobile_number_proven: false,
        display_name: None,
        avatar_url: None,
        password_hash: Some("$argon2id$".to_owned()),
        created_at: at(0),
    }
}

/// An account with that email and nothing else.
pub(crate) fn account_of_email(email: &str) -> NewAccount {
    NewAccount { username: None, email: Some(Email::parse(email).unwrap()), ..account("nobody") }
}

pub(crate) fn number(text: &str) -> MobileNumber {
    MobileNumber::parse(text).unwrap()
}

/// Stores the account with a session.
pub(crate) async fn register(accounts: &impl Accounts, account: &NewAccount) -> Registered {
    accounts.register(account, &session(account.id), token(0)).await.unwrap()
}

/// A new person of that name, stored.
pub(crate) async fn person(accounts: &impl Accounts, username: &str) -> UserId {
    let account = account(username);
    assert_eq!(register(accounts, &account).await, Registered::Done);
    account.id
}
