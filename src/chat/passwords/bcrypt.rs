//! Hashes by bcrypt, as older systems have made them: checked, never made.

use crate::domain::secret::hmac_sha256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::str::FromStr as _;

/// Each step doubles the time that one check takes; this one takes about a second. Checks share the places of all who sign in.
const MAX_COST: u32 = 14;
/// The longest password that bcrypt looks at, in bytes.
const MAX_BYTES: usize = 72;

/// A hash by bcrypt.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bcrypt<'a> {
    /// `$2b$12$…`, 60 characters.
    hash: Cow<'a, str>,
    form: Form<'a>,
}

/// What of the password was hashed.
#[derive(Debug, PartialEq, Eq)]
enum Form<'a> {
    /// The password itself.
    Plain,
    /// Passlib's `bcrypt_sha256`, version 1: the password's SHA-256, in base64.
    Sha256,
    /// Its version 2: an HMAC of the password under the salt, as it is written.
    Hmac { salt: &'a str },
}

impl<'a> Bcrypt<'a> {
    /// The hash that the text is, if it is one by bcrypt.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("$bcrypt-sha256$") {
            return Self::of_passlib(rest);
        }
        let is_bcrypt = ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix));
        is_bcrypt.then_some(Self { hash: text.into(), form: Form::Plain })
    }

    /// `2b,12$SALT$DIGEST`, or `v=2,t=2b,r=12$SALT$DIGEST`.
    fn of_passlib(rest: &'a str) -> Option<Self> {
        let mut parts = rest.split('$');
        let (config, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
        let (form, config) = match config.strip_prefix("v=2,") {
            Some(config) => (Form::Hmac { salt }, config),
            None => (Form::Sha256, config),
        };
        let (version, cost) = config.split_once(',')?;
        let version = version.strip_prefix("t=").unwrap_or(version);
        let cost: u32 = cost.strip_prefix("r=").unwrap_or(cost).parse().ok()?;
        let is_whole = parts.next().is_none() && matches!(version, "2a" | "2b");
        is_whole.then(|| Self { hash: format!("${version}${cost:02}${salt}{digest}").into(), form })
    }

    /// Says why it cannot be checked, if so.
    pub(super) fn refuse(&self) -> Option<&'static str> {
        match bcrypt::HashParts::from_str(&self.hash) {
            Err(_) => Some("is not a whole hash by bcrypt"),
            Ok(parts) if parts.get_cost() > MAX_COST => Some("is a hash by bcrypt of a cost above 14"),
            Ok(_) => None,
        }
    }

    /// Whether this is the password that was hashed. Of one that is too long for bcrypt, its beginning was.
    pub(super) fn fits(&self, password: &[u8]) -> bool {
        let hashed: Cow<'_, [u8]> = match self.form {
            Form::Plain => password.into(),
            Form::Sha256 => STANDARD.encode(Sha256::digest(password)).into_bytes().into(),
            Form::Hmac { salt } => STANDARD.encode(hmac_sha256(salt.as_bytes(), password)).into_bytes().into(),
        };
        let hashed = &hashed[..hashed.len().min(MAX_BYTES)];
        bcrypt::verify(hashed, &self.hash).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(password: &str, hash: &str) -> bool {
        let bcrypt = Bcrypt::parse(hash).unwrap();
        assert_eq!(bcrypt.refuse(), None, "{hash}");
        bcrypt.fits(password.as_bytes())
    }

    #[test]
    fn hashes_of_all_versions_are_checked() {
        let bytes = bcrypt::hash("correct horse", 4).unwrap();
        for version in ["$2a$", "$2b$", "$2y$"] {
            let hash = bytes.replacen("$2b$", version, 1);
            assert!(fits("correct horse", &hash), "{hash}");
            assert!(!fits("battery staple", &hash), "{hash}");
        }
    }

    #[test]
    fn of_a_long_password_the_beginning_counts_as_it_always_did() {
        let long = "x".repeat(100);
        let hash = bcrypt::hash(&long, 4).unwrap();
        assert!(fits(&long, &hash));
        assert!(!fits(&"x".repeat(71), &hash));
    }

    /// Examples of passlib's own documentation and tests (`passlib.hash.bcrypt_sha256`), whose password is `password`.
    #[test]
    fn passlibs_forms_are_checked() {
        for hash in [
            "$bcrypt-sha256$2a,12$LrmaIX5x4TRtAwEfwJZa1.$2ehnw6LvuIUTM0iz4iz9hTxv21B6KFO",
            "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
        ] {
            assert!(fits("password", hash), "{hash}");
            assert!(!fits("passworD", hash), "{hash}");
        }
    }

    #[test]
    fn what_is_not_whole_or_takes_too_long_is_refused() {
        let tail = "EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
        for hash in ["$2b$", "$2b$12$short", &format!("$2b$15${tail}"), &format!("$2b$99${tail}")] {
            assert!(Bcrypt::parse(hash).unwrap().refuse().is_some(), "{hash}");
        }
        for other in ["", "$argon2id$v=19$", "$bcrypt-sha256$", "$bcrypt-sha256$2b,x$a$b", "$bcrypt-sha256$2x,12$a$b"] {
            assert_eq!(Bcrypt::parse(other), None, "{other}");
        }
    }
}
