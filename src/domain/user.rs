//! People, what they sign in with, and their sessions.

use super::address;
use super::clock::Timestamp;
use super::contact::{Contact, MobileNumber};
use super::group::Assign;
use super::ids::{SessionId, UserId};
use super::lookalike;
use super::page::Cursor;
use super::rules::{
    MAX_ABOUT_LENGTH, MAX_DEVICE_NAME_LENGTH, MAX_DISPLAY_NAME_LENGTH, MAX_EMAIL_LENGTH, MAX_MATCHING_LENGTH,
    MAX_PASSWORD_BYTES, MIN_PASSWORD_LENGTH, USERNAME_LENGTH,
};
use super::text::{fold, is_unprintable, line, lines};
use crate::error::{Error, Result};
use email_address::EmailAddress;
use std::fmt;
use std::str::FromStr as _;

/// A person, as the store keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Unique in the whole server.
    pub id: UserId,
    /// As it was typed; unique whatever its case.
    pub username: Option<String>,
    /// The chosen name.
    pub chosen_name: Option<String>,
    /// Where a picture of them is.
    pub avatar_url: Option<String>,
    /// What the person says of themselves.
    pub about: Option<String>,
    /// For the person alone.
    pub email: Option<String>,
    /// Whether a code that was sent there has come back.
    pub is_email_proven: bool,
    /// For the person alone.
    pub mobile_number: Option<MobileNumber>,
    /// Whether a code that was sent there has come back.
    pub is_mobile_number_proven: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Whether the account is gone: then all of the above that may be `None` is, and the messages are left.
    pub is_deleted: bool,
}

/// What is shown of one whose account is gone.
pub const DELETED_NAME: &str = "Deleted User";

impl User {
    /// What to show: the chosen name, else the username, else `Guest` and four characters of the id; [`DELETED_NAME`] once
    /// the account is gone.
    pub fn display_name(&self) -> String {
        if self.is_deleted {
            return DELETED_NAME.to_owned();
        }
        shown_name(self.id, self.chosen_name.as_deref(), self.username.as_deref())
    }

    /// What look-ups by name compare and lists are sorted by: the shown name, folded.
    pub fn name_key(&self) -> String {
        fold(&self.display_name())
    }

    /// What the username is unique by.
    pub fn username_key(&self) -> Option<String> {
        self.username.clone().map(|username| Username(username).key())
    }

    /// What it must not look like: see [`lookalike::skeleton`].
    pub fn username_skeleton(&self) -> Option<String> {
        self.username.as_deref().map(lookalike::skeleton)
    }

    /// The contacts that are proven to be theirs.
    pub fn proven_contacts(&self) -> Result<Vec<Contact>> {
        let email = self.email.as_deref().filter(|_| self.is_email_proven);
        let broken = || Error::internal("what is stored as an email is none");
        let email = email.map(|email| Email::attempt(email).map(Contact::Email).ok_or_else(broken)).transpose()?;
        let number = self.mobile_number.clone().filter(|_| self.is_mobile_number_proven);
        Ok(number.map(Contact::MobileNumber).into_iter().chain(email).collect())
    }

    /// The person after that change. `INVALID_INPUT` on `username` where nothing would be left to sign in by.
    pub fn changed(&self, change: &ProfileChange) -> Result<Self> {
        let changed = Self {
            username: change.username.applied(self.username.as_ref()),
            chosen_name: change.display_name.applied(self.chosen_name.as_ref()),
            avatar_url: change.avatar_url.applied(self.avatar_url.as_ref()),
            about: change.about.applied(self.about.as_ref()),
            ..self.clone()
        };
        let has_contact = changed.email.is_some() || changed.mobile_number.is_some();
        if self.username.is_some() && changed.username.is_none() && !has_contact {
            return Err(Error::invalid(
                "username",
                "is what the account signs in by: it can be changed, not taken away",
            ));
        }
        Ok(changed)
    }
}

/// What of a person's profile is to be other than it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The username, a [`Username`].
    pub username: Assign,
    /// The chosen name.
    pub display_name: Assign,
    /// Where a picture of them is.
    pub avatar_url: Assign,
    /// What they say of themselves.
    pub about: Assign,
}

impl From<Username> for Assign {
    fn from(username: Username) -> Self {
        Self::from(Some(username.0))
    }
}

/// What a person says of themselves: trimmed, at most [`MAX_ABOUT_LENGTH`] characters, `None` where nothing is left; or what is
/// wrong, on the field `about`.
pub fn parse_about(text: &str) -> Result<Option<String>> {
    lines("about", text, MAX_ABOUT_LENGTH)
}

fn shown_name(id: UserId, chosen: Option<&str>, username: Option<&str>) -> String {
    let guest = || {
        let id = id.to_string();
        format!("Guest {}", &id[id.len() - 4..])
    };
    chosen.or(username).map_or_else(guest, str::to_owned)
}

/// A name to sign in by and to be found by: letters `a` to `z` in either case, digits, and `.`, `_`, `-` between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// The name as it was typed, or what is wrong with it, on the field `username`.
    pub fn parse(text: String) -> Result<Self> {
        let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let has_ends = |c: char| c.is_ascii_alphanumeric();
        let is_well_formed = USERNAME_LENGTH.contains(&text.len())
            && text.chars().all(is_inner)
            && text.starts_with(has_ends)
            && text.ends_with(has_ends)
            // A number alone would be taken for a mobile number at sign-in.
            && !text.chars().all(|c| c.is_ascii_digit())
            && MobileNumber::parse(&text).is_err();
        if !is_well_formed {
            let message = format!(
                "must be {} to {} letters, digits, '.', '_' or '-', begin and end with a letter or a digit, and not be digits alone",
                USERNAME_LENGTH.start(),
                USERNAME_LENGTH.end()
            );
            return Err(Error::invalid("username", message));
        }
        Ok(Self(text))
    }

    /// A name to be chosen: not one that is reserved either (see [`lookalike::is_reserved`]).
    pub fn parse_new(text: String) -> Result<Self> {
        let username = Self::parse(text)?;
        if lookalike::is_reserved(username.as_str()) {
            return Err(Error::invalid("username", "is reserved: choose another"));
        }
        Ok(username)
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is unique by.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// What it looks like, by which it is unique too.
    pub fn skeleton(&self) -> String {
        lookalike::skeleton(&self.0)
    }
}

/// An email address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address as it was typed, or what is wrong with it, on the field `email`. Beyond ASCII it is to be in lower case: two
    /// that are one there by our [key](Self::key) may be two hosts by IDNA's mapping (UTS 46), or two people by the host's, and
    /// a code is sent to what was typed.
    pub fn parse(text: &str) -> Result<Self> {
        let email = Self::attempt(text).ok_or_else(|| Error::invalid("email", "is not an email address"))?;
        if text.chars().any(|c| !c.is_ascii() && !c.to_lowercase().eq([c])) {
            return Err(Error::invalid("email", "has letters beyond ASCII that are not in lower case"));
        }
        Ok(email)
    }

    /// One that is stored, or to sign in by; `None` where it can be none.
    pub fn attempt(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_plain = EmailAddress::from_str(text).is_ok_and(|email| email.as_str() == email.email());
        let is_one = is_plain && text.len() <= MAX_EMAIL_LENGTH && !text.chars().any(is_unprintable);
        is_one.then(|| Self(text.to_owned()))
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is unique by. Hosts do not care for case, and no provider of note lets local parts do.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// What a person signs in with, beside the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// The key of a username.
    Username(String),
    /// The key of an email address.
    Email(String),
    /// The digits of a mobile number.
    MobileNumber(String),
}

impl Login {
    /// What it names, whichever kind it is: none is of two kinds.
    pub fn key(&self) -> &str {
        match self {
            Self::Username(key) | Self::Email(key) | Self::MobileNumber(key) => key,
        }
    }

    /// An email, which has an `@`, a mobile number, which no username can be, or a username; `None` where it can be none of them.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains('@') {
            return Email::attempt(text).map(|email| Self::Email(email.key()));
        }
        if let Ok(number) = MobileNumber::parse(text) {
            return Some(Self::MobileNumber(number.key().to_owned()));
        }
        Username::parse(text.to_owned()).ok().map(|username| Self::Username(username.key()))
    }
}

/// A password as it was typed. Never printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A password to be set, or what is wrong with it, on the field `password`.
    pub fn parse_new(text: String) -> Result<Self> {
        if text.chars().count() < MIN_PASSWORD_LENGTH {
            return Err(Error::invalid("password", format!("must have at least {MIN_PASSWORD_LENGTH} characters")));
        }
        Self::attempt(text)
            .ok_or_else(|| Error::invalid("password", format!("must have at most {MAX_PASSWORD_BYTES} bytes")))
    }

    /// A password to be tried; `None` where it is longer than any can be.
    pub fn attempt(text: String) -> Option<Self> {
        (text.len() <= MAX_PASSWORD_BYTES).then_some(Self(text))
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What goes into the hash.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A name to show: trimmed, 1 to [`MAX_DISPLAY_NAME_LENGTH`] characters; or what is wrong, on the field `displayName`.
pub fn parse_display_name(text: &str) -> Result<String> {
    line("displayName", text, MAX_DISPLAY_NAME_LENGTH)
}

/// A device's name: trimmed, 1 to [`MAX_DEVICE_NAME_LENGTH`] characters; or what is wrong, on the field `deviceName`.
pub fn parse_device_name(text: &str) -> Result<String> {
    line("deviceName", text, MAX_DEVICE_NAME_LENGTH)
}

/// What to look names up by, folded; or what is wrong with it, on the field `matching`.
pub fn parse_matching(text: &str) -> Result<String> {
    if text.chars().count() > MAX_MATCHING_LENGTH {
        return Err(Error::invalid("matching", format!("must have at most {MAX_MATCHING_LENGTH} characters")));
    }
    // Postgres keeps no U+0000, so no name can hold one.
    if text.contains('\0') {
        return Err(Error::invalid("matching", "must not hold the character U+0000"));
    }
    Ok(fold(text.trim()))
}

/// What to look people up by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// Folded; names are to hold it.
    pub text: String,
    /// What the whole of it is, where it is a contact: of those who have proven it.
    pub contact: Option<Contact>,
}

impl Matching {
    /// What the text looks for; or what is wrong with it, on the field `matching`.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self { text: parse_matching(text)?, contact: Contact::of_text(text) })
    }
}

/// Where a picture is: `https`, or `http` to this machine for development; or what is wrong, on the field `avatarUrl`.
pub fn parse_avatar_url(text: &str) -> Result<String> {
    address::parse("avatarUrl", text)
}

/// An account to be made. It has a username, an email or a mobile number, or is reached by way of a trusted issuer.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Chosen before it is stored.
    pub id: UserId,
    /// To sign in by and to be found by.
    pub username: Option<Username>,
    /// To sign in by.
    pub email: Option<Email>,
    /// Whether a code that was sent there has come back.
    pub is_email_proven: bool,
    /// To sign in by.
    pub mobile_number: Option<MobileNumber>,
    /// Whether a code that was sent there has come back.
    pub is_mobile_number_proven: bool,
    /// What to show.
    pub display_name: Option<String>,
    /// Where a picture of them is.
    pub avatar_url: Option<String>,
    /// In the PHC string format; none for one who does not sign in by a password.
    pub password_hash: Option<String>,
    /// When, by the server's clock.
    pub created_at: Timestamp,
}

impl NewAccount {
    /// The account of somebody of whom nothing is known but a contact, which they have proven.
    pub fn of_contact(id: UserId, contact: Contact, created_at: Timestamp) -> Self {
        let nobody = Self {
            id,
            username: None,
            email: None,
            is_email_proven: false,
            mobile_number: None,
            is_mobile_number_proven: false,
            display_name: None,
            avatar_url: None,
            password_hash: None,
            created_at,
        };
        match contact {
            Contact::Email(email) => Self { email: Some(email), is_email_proven: true, ..nobody },
            Contact::MobileNumber(number) => {
                Self { mobile_number: Some(number), is_mobile_number_proven: true, ..nobody }
            }
        }
    }

    /// The same account, which has proven that contact of its own.
    #[must_use]
    pub fn proving(self, contact: &Contact) -> Self {
        match contact {
            Contact::Email(_) => Self { is_email_proven: true, ..self },
            Contact::MobileNumber(_) => Self { is_mobile_number_proven: true, ..self },
        }
    }

    /// What look-ups by name compare and lists are sorted by: the shown name, folded.
    pub fn name_key(&self) -> String {
        fold(&shown_name(self.id, self.display_name.as_deref(), self.username.as_ref().map(Username::as_str)))
    }
}

/// A person's place in the list of people: by name, then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamePlace {
    /// The folded name.
    pub name_key: String,
    /// Tells apart people of one name.
    pub user: UserId,
}

impl Cursor for NamePlace {
    const KIND: &str = "name";

    fn to_text(&self) -> String {
        format!("{}:{}", self.user, self.name_key)
    }

    fn from_text(text: &str) -> Option<Self> {
        let (user, name_key) = text.split_once(':')?;
        let is_storable = !name_key.contains('\0');
        is_storable.then_some(Self { name_key: name_key.to_owned(), user: user.parse().ok()? })
    }
}

/// A SHA-256 hash of a token: what is stored in the token's place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

/// One sign-in on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Unique in the whole server.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// What the device called itself.
    pub device_name: Option<String>,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it last signed in or took new tokens: these were made then.
    pub issued_at: Timestamp,
    /// When it was last used, to about a minute.
    pub last_used_at: Timestamp,
    /// When its refresh token runs out.
    pub expires_at: Timestamp,
    /// When it was ended, before its time.
    pub ended_at: Option<Timestamp>,
}

impl Session {
    /// Whether its tokens still count.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_plain_and_no_number() {
        for good in ["ada", "Ada.Lovelace", "a-1", "x_y", "7of9"] {
            assert!(Username::parse(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "ab", "a b", ".ada", "ada.", "ада", "a@b", "1234567", "123-456-7890", &"a".repeat(33), "ad\0a"]
        {
            assert_eq!(Username::parse(bad.to_owned()).unwrap_err().field(), ["username"], "{bad}");
        }
    }

    #[test]
    fn an_email_is_an_address_and_nothing_more() {
        assert_eq!(Email::parse(" Ada@Example.org ").unwrap().key(), "ada@example.org");
        for bad in
            ["", "ada", "@example.org", "ada@", "Ada <ada@example.org>", "a b@example.org", "a\u{202e}@example.org"]
        {
            assert_eq!(Email::parse(bad).unwrap_err().field(), ["email"], "{bad}");
        }
    }

    #[test]
    fn an_email_beyond_ascii_is_taken_in_lower_case_alone() {
        for good in ["bücher@example.org", "ada@bücher.example", "v@οδος.example", "v@οδοσ.example"] {
            assert_eq!(Email::parse(good).unwrap().key(), good);
        }
        assert_eq!(Email::parse("V@Bücher.Example").unwrap().key(), "v@bücher.example");
        // By our key one with those above, or with others in ASCII, and other hosts by IDNA.
        for bad in ["v@ΟΔΟΣ.example", "v@BÜCHER.example", "\u{212a}im@example.org", "v@stra\u{1e9e}e.example"] {
            assert_eq!(Email::parse(bad).unwrap_err().field(), ["email"], "{bad}");
            assert!(Login::parse(bad).is_some(), "it may stand there already: {bad}");
        }
    }

    #[test]
    fn a_login_is_told_by_its_form() {
        assert_eq!(Login::parse("Ada"), Some(Login::Username("ada".to_owned())));
        assert_eq!(Login::parse("Ada@example.org"), Some(Login::Email("ada@example.org".to_owned())));
        for number in ["4915123456789", "+49 (1512) 345-6789", "123-456-7890"] {
            assert!(matches!(Login::parse(number), Some(Login::MobileNumber(_))), "{number}");
        }
        assert_eq!(Login::parse("no such login"), None);
    }

    #[test]
    fn a_password_has_its_bounds_and_is_never_shown() {
        assert!(Password::parse_new("short".to_owned()).is_err());
        assert!(Password::parse_new("x".repeat(MAX_PASSWORD_BYTES + 1)).is_err());
        let password = Password::parse_new("correct horse".to_owned()).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }

    #[test]
    fn a_picture_comes_over_https_or_from_this_machine() {
        for good in ["https://example.org/a.png", "http://localhost:9000/a.png", "http://127.0.0.1/a.png"] {
            assert!(parse_avatar_url(good).is_ok(), "{good}");
        }
        for bad in ["http://example.org/a.png", "javascript:alert(1)", "data:image/png;base64,AA==", "a.png", ""] {
            assert_eq!(parse_avatar_url(bad).unwrap_err().field(), ["avatarUrl"], "{bad}");
        }
    }

    #[test]
    fn one_without_a_name_is_a_guest() {
        let id = UserId::from(uuid::Uuid::from_u128(0xbeef));
        assert_eq!(shown_name(id, None, None), "Guest beef");
        assert_eq!(shown_name(id, None, Some("ada")), "ada");
        assert_eq!(shown_name(id, Some("Ada"), Some("ada")), "Ada");
    }
}
