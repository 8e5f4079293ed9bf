//! An issuer's published keys: which of them count, and which of them a token is to be checked with.

use crate::chat::keys::{RSA_BITS, rsa_bits};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// Keys of one set that are looked at: many times what any issuer publishes.
const MAX_KEYS: usize = 100;

/// One key.
pub(crate) struct IssuerKey {
    id: Option<String>,
    /// By which it may be used.
    algorithms: Vec<Algorithm>,
    checks: DecodingKey,
}

impl IssuerKey {
    /// What signatures are checked with.
    pub(super) fn checks(&self) -> &DecodingKey {
        &self.checks
    }

    /// The key, if it is public, for signatures, strong enough, and of one of these algorithms.
    fn new(json: Value, allowed: &[Algorithm]) -> Option<Self> {
        // Whoever reads a private key could sign by it.
        if json.get("d").is_some() {
            return None;
        }
        let key: Jwk = serde_json::from_value(json).ok()?;
        let is_for_signatures = key.common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature);
        let may_check = key.common.key_operations.as_ref().is_none_or(|of| of.contains(&KeyOperations::Verify));
        let own = match key.common.key_algorithm {
            Some(named) => Some(Algorithm::try_from(named).ok()?),
            None => None,
        };
        let fitting = fitting(&key.algorithm)?;
        let fits = |algorithm: &&Algorithm| fitting.contains(algorithm) && own.is_none_or(|own| own == **algorithm);
        let algorithms: Vec<_> = allowed.iter().filter(fits).copied().collect();
        let is_fit = is_for_signatures && may_check && !algorithms.is_empty();
        let checks = DecodingKey::from_jwk(&key).ok().filter(|_| is_fit)?;
        Some(Self { id: key.common.key_id, algorithms, checks })
    }
}

/// What a key of that shape may be used by. Lengths are looked at here: the library trusts them.
fn fitting(key: &AlgorithmParameters) -> Option<&'static [Algorithm]> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let has = |text: &str, length| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == length);
    match key {
        AlgorithmParameters::RSA(key) if RSA_BITS.contains(&rsa_bits(&key.n)?) => {
            Some(&[RS256, RS384, RS512, PS256, PS384, PS512])
        }
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 if has(&key.x, 32) && has(&key.y, 32) => Some(&[ES256]),
            EllipticCurve::P384 if has(&key.x, 48) && has(&key.y, 48) => Some(&[ES384]),
            _ => None,
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 && has(&key.x, 32) => {
            Some(&[EdDSA])
        }
        _ => None,
    }
}

/// All keys of an issuer's that count.
pub(super) struct KeySet(Vec<Arc<IssuerKey>>);

impl KeySet {
    /// Those of a published set that may be used by these algorithms; the others may be for others. Fails where it is no
    /// set.
    pub(super) fn parse(json: &[u8], allowed: &[Algorithm]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Published {
            keys: Vec<Value>,
        }
        let Published { keys } = serde_json::from_slice(json).map_err(|_| "it is no set of keys".to_owned())?;
        let keys = keys.into_iter().take(MAX_KEYS).filter_map(|key| IssuerKey::new(key, allowed));
        Ok(Self(keys.map(Arc::new).collect()))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The key that a token with that head names. One that names none can only mean the only one there is.
    pub(super) fn of(&self, header: &Header) -> Option<Arc<IssuerKey>> {
        let mut fitting = self.0.iter().filter(|key| key.algorithms.contains(&header.alg));
        let found = match &header.kid {
            Some(id) => fitting.find(|key| key.id.as_ref() == Some(id)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        };
        found.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::keys::new_rsa_pem;
    use jsonwebtoken::EncodingKey;
    use serde_json::json;
    use std::sync::LazyLock;

    const ALL: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

    fn rsa(bits: usize) -> Value {
        let key = EncodingKey::from_rsa_pem(new_rsa_pem(bits).as_bytes()).unwrap();
        let key = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
        let mut key = serde_json::to_value(key).unwrap();
        key.as_object_mut().unwrap().remove("alg");
        key
    }

    fn strong() -> Value {
        static STRONG: LazyLock<Value> = LazyLock::new(|| rsa(2_048));
        STRONG.clone()
    }

    fn with(mut key: Value, more: &Value) -> Value {
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        key
    }

    fn ed() -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes(), &ALL).unwrap()
    }

    fn header(algorithm: Algorithm, id: Option<&str>) -> Header {
        Header { kid: id.map(str::to_owned), ..Header::new(algorithm) }
    }

    #[test]
    fn a_key_counts_for_what_it_is_published_for() {
        assert_eq!(set(&[strong()]).0[0].algorithms, [Algorithm::RS256, Algorithm::PS256]);
        assert_eq!(set(&[with(strong(), &json!({ "alg": "PS256" }))]).0[0].algorithms, [Algorithm::PS256]);
        assert_eq!(set(&[ed()]).0[0].algorithms, [Algorithm::EdDSA]);
    }

    #[test]
    fn what_is_no_public_key_for_signatures_is_left_out() {
        let weak = rsa(1_024);
        let point = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
        for unfit in [
            weak,
            with(strong(), &json!({ "use": "enc" })),
            with(strong(), &json!({ "alg": "HS256" })),
            with(strong(), &json!({ "alg": "RSA-OAEP" })),
            with(strong(), &json!({ "key_ops": ["sign"] })),
            with(strong(), &json!({ "d": "AQAB" })),
            with(ed(), &json!({ "x": "AAAA" })),
            with(ed(), &json!({ "x": format!("{point}AAAA") })),
            with(ed(), &json!({ "crv": "P-256" })),
            json!({ "kty": "oct", "k": point }),
            json!({ "kty": "EC", "crv": "P-256", "x": point, "y": "AAAA" }),
            json!({ "kty": "EC", "crv": "P-521", "x": point, "y": point }),
            json!("nonsense"),
            json!(null),
        ] {
            assert_eq!(set(&[unfit.clone(), ed()]).count(), 1, "{unfit}");
        }
        for no_set in ["", "{}", "[]", r#"{"keys":{}}"#, "null"] {
            assert!(KeySet::parse(no_set.as_bytes(), &ALL).is_err(), "{no_set}");
        }
    }

    #[test]
    fn a_token_that_names_no_key_means_the_only_one() {
        let named = |key, id: &str| with(key, &json!({ "kid": id }));
        let keys = set(&[named(strong(), "a"), named(ed(), "b"), named(strong(), "c")]);
        assert!(keys.of(&header(Algorithm::RS256, Some("c"))).is_some());
        assert!(keys.of(&header(Algorithm::EdDSA, None)).is_some());
        assert!(keys.of(&header(Algorithm::RS256, None)).is_none(), "there are two");
        assert!(keys.of(&header(Algorithm::EdDSA, Some("a"))).is_none(), "of another kind");
        assert!(keys.of(&header(Algorithm::RS256, Some("d"))).is_none());
        assert!(keys.of(&header(Algorithm::ES256, None)).is_none());
    }
}
