//! What an issuer's token says of a person.

use crate::chat::tokens::seconds;
use crate::domain::clock::Timestamp;
use crate::domain::user::{Email, Username, parse_avatar_url, parse_display_name};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::time::Duration;

/// The longest name that an issuer may have for a person, in bytes (`OpenID` Connect Core, section 2).
const MAX_SUBJECT: usize = 255;

/// The claims that are looked at. Times are whole seconds; those that only describe the person may be of any kind, and what
/// makes no sense of them is left out.
#[derive(Deserialize)]
pub(super) struct Claims {
    sub: String,
    exp: i64,
    iat: Option<i64>,
    name: Option<Value>,
    picture: Option<Value>,
    preferred_username: Option<Value>,
    email: Option<Value>,
    email_verified: Option<Value>,
    /// Of one that counts only with the proof of a key (RFC 7800): whoever has the token alone is not that person.
    cnf: Option<IgnoredAny>,
    /// Of one that tells what has happened, a sign-out for example (RFC 8417), and signs nobody in.
    events: Option<IgnoredAny>,
}

/// A person whom an issuer vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vouched {
    /// Who does.
    pub(crate) issuer: String,
    /// The issuer's own name for the person.
    pub(crate) subject: String,
    /// Until when.
    pub(crate) expires_at: Timestamp,
    /// Since when, if the token says it.
    pub(crate) issued_at: Option<Timestamp>,
    /// What the person is like.
    pub(crate) profile: Profile,
}

/// What a token says of a person, as far as it can be shown here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// What they would like to be called here.
    pub(crate) username: Option<Username>,
    /// What they are called.
    pub(crate) display_name: Option<String>,
    /// Where a picture of them is.
    pub(crate) avatar_url: Option<String>,
    /// An address that the issuer has found to be theirs.
    pub(crate) email: Option<Email>,
}

impl Claims {
    /// What of it counts at that moment; `None` where it signs nobody in.
    pub(super) fn vouched(&self, issuer: &str, now: Timestamp) -> Option<Vouched> {
        let is_subject = (1..=MAX_SUBJECT).contains(&self.sub.len()) && !self.sub.chars().any(char::is_control);
        let issued_at = match self.iat {
            Some(at) => Some(seconds(at)?),
            None => None,
        };
        let is_of_the_future = issued_at.is_some_and(|at| at > now.plus(Duration::from_secs(super::LEEWAY)));
        if !is_subject || is_of_the_future || self.cnf.is_some() || self.events.is_some() {
            return None;
        }
        Some(Vouched {
            issuer: issuer.to_owned(),
            subject: self.sub.clone(),
            expires_at: seconds(self.exp)?,
            issued_at,
            profile: self.profile(),
        })
    }

    fn profile(&self) -> Profile {
        let text = |claim: &Option<Value>| claim.as_ref().and_then(Value::as_str).map(str::to_owned);
        // Some write the word as a text.
        let is_proven = self.email_verified.as_ref().is_some_and(|claim| *claim == true || *claim == "true");
        Profile {
            username: text(&self.preferred_username).and_then(|name| Username::parse_new(name).ok()),
            display_name: text(&self.name).and_then(|name| parse_display_name(&name).ok()),
            avatar_url: text(&self.picture).and_then(|url| parse_avatar_url(&url).ok()),
            email: text(&self.email).filter(|_| is_proven).and_then(|email| Email::parse(&email).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::{Clock as _, SystemClock};
    use serde_json::json;

    fn vouched(claims: Value) -> Option<Vouched> {
        serde_json::from_value::<Claims>(claims).ok()?.vouched("https://id.example.org", SystemClock.now())
    }

    fn with(more: &Value) -> Value {
        let mut claims = json!({ "sub": "248289761001", "exp": SystemClock.now().unix_seconds() + 60 });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    }

    #[test]
    fn a_person_is_described_by_what_makes_sense() {
        let claims = json!({
            "name": " Ada Lovelace ", "picture": "https://example.org/ada.png", "preferred_username": "ada",
            "email": "ada@example.org", "email_verified": true, "locale": "en",
        });
        let expected = Profile {
            username: Some(Username::parse("ada".to_owned()).unwrap()),
            display_name: Some("Ada Lovelace".to_owned()),
            avatar_url: Some("https://example.org/ada.png".to_owned()),
            email: Some(Email::parse("ada@example.org").unwrap()),
        };
        assert_eq!(vouched(with(&claims)).unwrap().profile, expected);

        let claims = json!({
            "name": ["Ada"], "picture": "javascript:alert(1)", "preferred_username": "1234567890",
            "email": "nonsense", "email_verified": "true",
        });
        assert_eq!(vouched(with(&claims)).unwrap().profile, Profile::default());
    }

    #[test]
    fn an_email_counts_only_once_the_issuer_has_found_it_to_be_theirs() {
        for (is_verified, counts) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!(null), false),
            (json!(1), false),
            (json!("yes"), false),
        ] {
            let claims = json!({ "email": "ada@example.org", "email_verified": is_verified });
            assert_eq!(vouched(with(&claims)).unwrap().profile.email.is_some(), counts, "{claims}");
        }
    }

    #[test]
    fn what_signs_nobody_in_is_refused() {
        let future = SystemClock.now().unix_seconds() + 3_600;
        for claims in [
            json!({ "sub": "" }),
            json!({ "sub": "a\0b" }),
            json!({ "sub": "a".repeat(256) }),
            json!({ "sub": 7 }),
            json!({ "sub": null }),
            json!({ "sub": ["a"] }),
            json!({ "exp": "1900000000" }),
            json!({ "exp": 1_900_000_000.5 }),
            json!({ "exp": i64::MAX }),
            json!({ "iat": future }),
            json!({ "iat": "now" }),
            json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }),
            json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }),
        ] {
            assert_eq!(vouched(with(&claims)), None, "{claims}");
        }
    }
}
