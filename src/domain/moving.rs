//! People who are moved in from another system's user table: one line of it, read into an account that nothing is wrong with.

use super::clock::Timestamp;
use super::contact::MobileNumber;
use super::ids::UserId;
use super::user::{Email, NewAccount, Username, parse_avatar_url, parse_display_name};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};

/// Bytes in what the other system knows a person by.
const MAX_ORIGIN_BYTES: usize = 255;

/// What one line says of a person, as it stands there. What is empty is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What the other system knows the person by.
    pub id: Option<String>,
    /// To sign in by and to be found by.
    pub username: Option<String>,
    /// To sign in by.
    pub email: Option<String>,
    /// To sign in by.
    pub mobile_number: Option<String>,
    /// Whether the other system knows that the email and the number are the person's: `true` or `false`.
    pub contacts_proven: Option<String>,
    /// What to show.
    pub display_name: Option<String>,
    /// Where a picture of them is.
    pub avatar_url: Option<String>,
    /// In the PHC string format, or by bcrypt; none for one who signs in by codes.
    pub password_hash: Option<String>,
    /// When the account was made, RFC 3339.
    pub created_at: Option<String>,
}

impl Row {
    /// The place for what a column says; `None` where there is no such column. Case, underscores, dashes and spaces do not matter:
    /// `createdAt`, `created_at`, `Created at`.
    pub fn column(&mut self, name: &str) -> Option<&mut Option<String>> {
        let is_letter = |c: &char| !matches!(c, '_' | '-' | ' ');
        let name: String = name.chars().filter(is_letter).flat_map(char::to_lowercase).collect();
        match name.as_str() {
            "id" => Some(&mut self.id),
            "username" => Some(&mut self.username),
            "email" => Some(&mut self.email),
            "mobilenumber" => Some(&mut self.mobile_number),
            "contactsproven" => Some(&mut self.contacts_proven),
            "displayname" => Some(&mut self.display_name),
            "avatarurl" => Some(&mut self.avatar_url),
            "passwordhash" => Some(&mut self.password_hash),
            "createdat" => Some(&mut self.created_at),
            _ => None,
        }
    }
}

/// The columns there are, as they are told to people.
pub const COLUMNS: &str =
    "id, username, email, mobileNumber, contactsProven, displayName, avatarUrl, passwordHash, createdAt";

/// A person to be moved in.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// What the other system knows them by; where it says nothing, what they sign in by.
    pub origin: String,
    /// The account.
    pub account: NewAccount,
}

impl Newcomer {
    /// The person of that line; or what is wrong, on the column's name. The other system's moments lie before `now`. `refuse` says
    /// why a hash cannot be checked here, if so.
    pub fn parse(row: Row, now: Timestamp, refuse: impl Fn(&str) -> Option<&'static str>) -> Result<Self> {
        let username = row.username.map(Username::parse_new).transpose()?;
        let email = row.email.map(|email| Email::parse(&email)).transpose()?;
        let mobile_number = row.mobile_number.map(|number| MobileNumber::parse(&number)).transpose()?;
        let contact =
            email.as_ref().map(Email::key).or_else(|| mobile_number.as_ref().map(|number| number.key().to_owned()));
        let signs_in_by = username.as_ref().map(Username::key).or_else(|| contact.clone());
        let signs_in_by =
            signs_in_by.ok_or_else(|| Error::invalid("username", "or an email or a mobileNumber must be there"))?;
        match &row.password_hash {
            Some(hash) => {
                if let Some(why) = refuse(hash) {
                    return Err(Error::invalid("passwordHash", why));
                }
            }
            None if contact.is_none() => {
                return Err(Error::invalid("passwordHash", "must be there where no code can be sent"));
            }
            None => {}
        }
        let are_proven = match row.contacts_proven.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Error::invalid("contactsProven", "must be true or false")),
        };
        let created_at = row.created_at.map_or(Ok(now), |text| parse_moment(&text, now))?;
        let account = NewAccount {
            id: UserId::new(created_at),
            username,
            is_email_proven: are_proven && email.is_some(),
            email,
            is_mobile_number_proven: are_proven && mobile_number.is_some(),
            mobile_number,
            display_name: row.display_name.map(|name| parse_display_name(&name)).transpose()?,
            avatar_url: row.avatar_url.map(|url| parse_avatar_url(&url)).transpose()?,
            password_hash: row.password_hash,
            created_at,
        };
        let origin = match row.id {
            Some(id) if id.len() > MAX_ORIGIN_BYTES => {
                return Err(Error::invalid("id", format!("must have at most {MAX_ORIGIN_BYTES} bytes")));
            }
            // Whatever the other system's ids are, none is a name of another line.
            Some(id) => format!("id:{id}"),
            None => format!("name:{signs_in_by}"),
        };
        Ok(Self { origin, account })
    }
}

fn parse_moment(text: &str, now: Timestamp) -> Result<Timestamp> {
    let wrong = |message| Error::invalid("createdAt", message);
    let moment = DateTime::parse_from_rfc3339(text.trim());
    let moment = moment.map_err(|_| wrong("must be a moment like 2026-01-31T12:00:00Z"))?;
    let moment = Timestamp::from(moment.with_timezone(&Utc));
    if moment > now || moment.unix_millis() < 0 {
        return Err(wrong("must lie between 1970 and now"));
    }
    Ok(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_unix_millis(1_769_860_800_000).unwrap()
    }

    fn row(columns: &[(&str, &str)]) -> Row {
        let mut row = Row::default();
        for (name, value) in [&[("username", "ada"), ("passwordHash", "hash")], columns].concat() {
            *row.column(name).unwrap() = (!value.is_empty()).then(|| value.to_owned());
        }
        row
    }

    fn parse(columns: &[(&str, &str)]) -> Result<Newcomer> {
        Newcomer::parse(row(columns), now(), |hash| (hash == "bad").then_some("is bad"))
    }

    #[test]
    fn a_line_is_an_account() {
        let Newcomer { origin, account } = parse(&[
            ("id", "4711"),
            ("e-mail", "Ada@Example.org"),
            ("Display name", " Ada "),
            ("created_at", "2024-02-29T12:00:00+01:00"),
        ])
        .unwrap();
        assert_eq!((origin.as_str(), account.password_hash.as_deref()), ("id:4711", Some("hash")));
        assert!(!account.is_email_proven, "nobody has said so");
        assert_eq!(account.email.unwrap().as_str(), "Ada@Example.org");
        assert_eq!(account.display_name.unwrap(), "Ada");
        assert_eq!(account.created_at.to_string(), "2024-02-29T11:00:00.000Z");
    }

    #[test]
    fn contacts_are_proven_where_it_is_said() {
        let said = [("email", "ada@example.org"), ("mobile_number", "+49 1512 345678"), ("passwordHash", "")];
        let account = parse(&[&said[..], &[("contacts_proven", "true")]].concat()).unwrap().account;
        assert!(account.is_email_proven && account.is_mobile_number_proven && account.password_hash.is_none());
        assert_eq!(account.mobile_number.unwrap().key(), "491512345678");
        let account = parse(&[said[0], ("contacts_proven", "true")]).unwrap().account;
        assert!(account.is_email_proven && !account.is_mobile_number_proven);
        let account = parse(&said).unwrap().account;
        assert!(!account.is_email_proven && !account.is_mobile_number_proven);
    }

    #[test]
    fn who_has_no_id_there_is_known_by_their_name() {
        assert_eq!(parse(&[("username", "Ada")]).unwrap().origin, "name:ada");
        assert_eq!(parse(&[("username", ""), ("email", "Ada@example.org")]).unwrap().origin, "name:ada@example.org");
    }

    #[test]
    fn what_is_wrong_is_told_by_its_column() {
        for (column, value, field) in [
            ("username", "a b", "username"),
            ("username", "", "username"),
            ("email", "nobody", "email"),
            ("mobile_number", "12345", "mobileNumber"),
            ("contacts_proven", "yes", "contactsProven"),
            ("display_name", "x\u{202e}", "displayName"),
            ("avatar_url", "javascript:alert(1)", "avatarUrl"),
            ("password_hash", "bad", "passwordHash"),
            ("password_hash", "", "passwordHash"),
            ("created_at", "yesterday", "createdAt"),
            ("created_at", "2026-02-01T00:00:00Z", "createdAt"),
            ("created_at", "1969-12-31T00:00:00Z", "createdAt"),
            ("id", &"x".repeat(256), "id"),
        ] {
            assert_eq!(parse(&[(column, value)]).unwrap_err().field(), [field], "{column}: {value}");
        }
    }

    #[test]
    fn there_are_no_other_columns() {
        for name in COLUMNS.split(", ") {
            assert!(Row::default().column(name).is_some(), "{name}");
        }
        assert!(Row::default().column("password").is_none());
    }
}
