//! Issuers of tokens that this server trusts: which there are, and what a token of one of theirs says.
//!
//! A token's own word of who has made it only chooses among them. Whether it is so is decided by the keys which that issuer
//! publishes, and by what the operator has set: the algorithms, and whom a token must be meant for.

mod claims;
mod key_set;
mod keys;

pub(super) use claims::Vouched;

use super::tokens::{ISSUER, bad_token};
use crate::domain::clock::Clock;
use crate::error::{Code, Error, Result};
use async_trait::async_trait;
use claims::Claims;
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, AlgorithmFamily, Header, Validation};
use keys::Keys;
use serde::Deserialize;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// By how much an issuer's clock may differ, in seconds.
const LEEWAY: u64 = 30;
/// The longest name of an issuer, in bytes.
const MAX_NAME: usize = 255;

/// Where an issuer's keys are read from.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The set of keys (RFC 7517, section 5) as it is now, of a bounded length. Ends in a set time.
    async fn read(&self) -> Result<Vec<u8>, String>;
}

/// What is expected of an issuer's tokens.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Their `iss`, to the letter.
    pub issuer: String,
    /// Their `aud`, or one of them.
    pub audiences: Vec<String>,
    /// Their `alg`: of those that sign with a private key.
    pub algorithms: Vec<String>,
}

/// An issuer that this server trusts.
pub struct Issuer {
    name: String,
    rules: Validation,
    keys: Keys,
}

impl Issuer {
    /// The one of which so much is expected, and whose keys are found there. `INVALID_INPUT` where that is too little.
    pub fn new(trust: &Trust, source: Arc<dyn KeySource>) -> Result<Self> {
        let Trust { issuer, audiences, algorithms } = trust;
        if issuer.is_empty() || issuer.len() > MAX_NAME || issuer == ISSUER {
            return Err(refused(format!("an issuer has 1 to {MAX_NAME} bytes and is not {ISSUER:?}")));
        }
        if audiences.is_empty() || audiences.iter().any(String::is_empty) {
            return Err(refused(format!("{issuer}: say for whom its tokens are meant, as `audience`")));
        }
        let algorithms = algorithms.iter().map(|name| algorithm(name)).collect::<Option<Vec<_>>>();
        let Some(algorithms) = algorithms.filter(|algorithms| !algorithms.is_empty()) else {
            let known = "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and EdDSA";
            return Err(refused(format!("{issuer}: its `algorithms` are some of {known}")));
        };
        let mut rules = Validation::default();
        rules.set_issuer(&[issuer]);
        rules.set_audience(audiences);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.validate_nbf = true;
        rules.leeway = LEEWAY;
        Ok(Self { name: issuer.clone(), rules, keys: Keys::new(issuer.clone(), algorithms, source) })
    }

    /// Reads its keys for the first time. Without it they are read when they are first asked for.
    pub async fn read_keys(&self) -> Result<(), String> {
        self.keys.read().await
    }

    /// What a token says that this issuer has signed: `UNAUTHENTICATED` for any other, `UNAVAILABLE` where that cannot be
    /// known because its keys cannot be had.
    pub(super) async fn open(&self, token: &str, clock: &dyn Clock) -> Result<Vouched> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| bad_token())?;
        if !is_fit(&header) {
            return Err(bad_token());
        }
        let key = self.keys.of(&header).await?;
        let rules = Validation { algorithms: vec![header.alg], ..self.rules.clone() };
        let decoded = jsonwebtoken::decode::<Claims>(token, key.checks(), &rules).map_err(|_| bad_token())?;
        decoded.claims.vouched(&self.name, clock.now()).ok_or_else(bad_token)
    }
}

/// Whether it is the head of a token that says who somebody is. What it says of keys is overlooked but for their id.
fn is_fit(header: &Header) -> bool {
    let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
    let typ = typ.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    // What is critical must be understood (RFC 7515, section 4.1.11), and nothing of the kind is.
    matches!(typ, None | Some("jwt" | "at+jwt"))
        && header.crit.is_none()
        && header.enc.is_none()
        && header.zip.is_none()
}

/// The algorithm of that name, if whoever checks by it cannot sign by it.
fn algorithm(name: &str) -> Option<Algorithm> {
    name.parse().ok().filter(|algorithm: &Algorithm| algorithm.family() != AlgorithmFamily::Hmac)
}

/// All issuers that this server trusts.
#[derive(Default)]
pub struct Issuers(Vec<Issuer>);

impl Issuers {
    /// These. `INVALID_INPUT` where one comes twice.
    pub fn new(issuers: Vec<Issuer>) -> Result<Self> {
        for (at, issuer) in issuers.iter().enumerate() {
            if issuers[..at].iter().any(|other| other.name == issuer.name) {
                return Err(refused(format!("{} comes twice", issuer.name)));
            }
        }
        Ok(Self(issuers))
    }

    /// The one that a token says it is of, if this server trusts it.
    pub(super) fn named_by(&self, token: &str) -> Option<&Issuer> {
        #[derive(Deserialize)]
        struct Named {
            iss: String,
        }
        if self.0.is_empty() {
            return None;
        }
        let Named { iss } = jsonwebtoken::dangerous::insecure_decode_claims(token).ok()?;
        self.0.iter().find(|issuer| issuer.name == iss)
    }

    /// Keeps their keys as they are published, until it is told to stop.
    pub(super) async fn keep(&self, stop: CancellationToken) {
        stop.run_until_cancelled(join_all(self.0.iter().map(|issuer| issuer.keys.keep()))).await;
    }
}

fn refused(message: String) -> Error {
    Error::new(Code::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;

    #[async_trait]
    impl KeySource for Nowhere {
        async fn read(&self) -> Result<Vec<u8>, String> {
            Err("nowhere".to_owned())
        }
    }

    fn issuer(issuer: &str, audience: &str, algorithms: &[&str]) -> Result<Issuer> {
        let algorithms = algorithms.iter().map(|name| (*name).to_owned()).collect();
        let trust = Trust { issuer: issuer.to_owned(), audiences: vec![audience.to_owned()], algorithms };
        Issuer::new(&trust, Arc::new(Nowhere))
    }

    #[test]
    fn an_issuer_has_a_name_an_audience_and_algorithms_with_a_private_key() {
        for algorithms in [&["RS256"][..], &["ES256", "EdDSA"], &["PS256"]] {
            assert!(issuer("https://id.example.org", "chat", algorithms).is_ok());
        }
        for algorithms in [&[][..], &["HS256"], &["RS256", "HS512"], &["none"], &["rs256"]] {
            assert!(issuer("https://id.example.org", "chat", algorithms).is_err(), "{algorithms:?}");
        }
        for (name, audience) in [("", "chat"), ("natterjack", "chat"), ("https://id.example.org", "")] {
            assert!(issuer(name, audience, &["RS256"]).is_err(), "{name} {audience}");
        }
    }

    #[test]
    fn no_issuer_comes_twice() {
        let some = |names: [&str; 2]| names.map(|name| issuer(name, "chat", &["RS256"]).unwrap()).into();
        assert!(Issuers::new(some(["https://a.example.org", "https://a.example.org/"])).is_ok());
        assert!(Issuers::new(some(["https://a.example.org", "https://a.example.org"])).is_err());
    }
}
