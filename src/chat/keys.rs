//! The keys that this server signs its access tokens with, and by which it knows them again.
//!
//! A token says by its head which of them it is signed with, and that head must be the one that this server writes, to the
//! letter: so neither another algorithm nor a key that the token brings along is ever looked at, and a key's id is compared
//! and nothing else.

use super::tokens::{ACCESS_TYPE, bad_token};
use crate::error::{Code, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bits of an RSA key: fewer can be broken (NIST SP 800-131A), more are not checked by the library in use.
pub(super) const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;

/// A key that signs and checks.
pub struct SigningKey {
    /// What every token bears that it signs.
    header: Header,
    signs: EncodingKey,
    checks: DecodingKey,
    /// What others may know of it; a secret has nothing of the kind.
    public: Option<Jwk>,
}

impl SigningKey {
    /// HS256 with that secret of at least 32 bytes (RFC 7518, section 3.2), whose tokens bear no key's id.
    pub fn of_secret(secret: &[u8]) -> Self {
        Self {
            header: header(Algorithm::HS256, None),
            signs: EncodingKey::from_secret(secret),
            checks: DecodingKey::from_secret(secret),
            public: None,
        }
    }

    /// `EdDSA` or RS256 with that private key, in PEM: Ed25519 in PKCS#8, or RSA of 2,048 to 4,096 bits in PKCS#8 or PKCS#1. Its id
    /// is its thumbprint (RFC 7638), so that it is the same on every node, whatever the file is called.
    pub fn of_pem(pem: &[u8]) -> Result<Self> {
        let unusable = |_| refused("is no private key of Ed25519 or RSA in PEM, without a passphrase");
        let (signs, algorithm) = match EncodingKey::from_ed_pem(pem) {
            Ok(key) => (key, Algorithm::EdDSA),
            Err(_) => (EncodingKey::from_rsa_pem(pem).map_err(unusable)?, Algorithm::RS256),
        };
        let mut public = Jwk::from_encoding_key(&signs, algorithm).map_err(unusable)?;
        if let AlgorithmParameters::RSA(rsa) = &public.algorithm
            && !rsa_bits(&rsa.n).is_some_and(|bits| RSA_BITS.contains(&bits))
        {
            let message = format!("is an RSA key that has not {} to {} bits", RSA_BITS.start(), RSA_BITS.end());
            return Err(refused(message));
        }
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(Error::internal)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let checks = DecodingKey::from_jwk(&public).map_err(Error::internal)?;
        Ok(Self { header: header(algorithm, Some(id)), signs, checks, public: Some(public) })
    }
}

/// All keys of this server.
pub struct Keyring {
    signs: SigningKey,
    others: Vec<SigningKey>,
}

impl Keyring {
    /// One that signs, and others whose tokens count too. `INVALID_INPUT` where one of them comes twice.
    pub fn new(signs: SigningKey, others: Vec<SigningKey>) -> Result<Self> {
        let ring = Self { signs, others };
        let heads: Vec<_> = ring.all().map(|key| &key.header).collect();
        let is_twice = |at: usize| heads.get(at).is_some_and(|head| heads[..at].contains(head));
        if (1..heads.len()).any(is_twice) { Err(refused("names a key twice")) } else { Ok(ring) }
    }

    /// What others check this server's tokens with (RFC 7517, section 5), as JSON; `None` where no key has a public half.
    pub fn public(&self) -> Result<Option<String>> {
        let keys: Vec<Jwk> = self.all().filter_map(|key| key.public.clone()).collect();
        let set = (!keys.is_empty()).then(|| serde_json::to_string(&JwkSet { keys }));
        set.transpose().map_err(Error::internal)
    }

    /// A token that says so.
    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<String> {
        jsonwebtoken::encode(&self.signs.header, claims, &self.signs.signs).map_err(Error::internal)
    }

    /// What a token says that one of these keys has signed: `UNAUTHENTICATED` for any other, and where it does not hold to
    /// those rules.
    pub(super) fn open<T: DeserializeOwned>(&self, token: &str, rules: &Validation) -> Result<T> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| bad_token())?;
        let key = self.all().find(|key| key.header == header).ok_or_else(bad_token)?;
        let rules = Validation { algorithms: vec![key.header.alg], ..rules.clone() };
        let decoded = jsonwebtoken::decode::<T>(token, &key.checks, &rules).map_err(|_| bad_token())?;
        Ok(decoded.claims)
    }

    fn all(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.signs).chain(&self.others)
    }
}

/// How long that modulus is, in bits.
pub(super) fn rsa_bits(modulus: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(modulus).ok()?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    let zeros = usize::try_from(bytes[first].leading_zeros()).ok()?;
    Some((bytes.len() - first) * 8 - zeros)
}

fn header(algorithm: Algorithm, id: Option<String>) -> Header {
    Header { typ: Some(ACCESS_TYPE.to_owned()), kid: id, ..Header::new(algorithm) }
}

fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::InvalidInput, message)
}

/// A new RSA key as files have it.
#[cfg(test)]
pub(super) fn new_rsa_pem(bits: usize) -> String {
    use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).unwrap();
    key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8037, appendix A, whose thumbprint stands there too.
    const ED25519: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
        -----END PRIVATE KEY-----\n";
    const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

    #[test]
    fn a_keys_id_is_its_thumbprint() {
        let key = SigningKey::of_pem(ED25519.as_bytes()).unwrap();
        assert_eq!(key.header.kid.as_deref(), Some(THUMBPRINT));
    }

    #[test]
    fn what_is_no_private_key_of_enough_bits_is_refused() {
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
            -----END PUBLIC KEY-----\n";
        for pem in ["", "secret", public, &ED25519.replace("MC4C", "MC4D")] {
            assert!(SigningKey::of_pem(pem.as_bytes()).is_err(), "{pem}");
        }
        let weak = SigningKey::of_pem(new_rsa_pem(1_024).as_bytes()).err().unwrap();
        assert!(weak.message().contains("2048"), "{weak}");
    }

    #[test]
    fn only_public_halves_are_shown() {
        let rsa = new_rsa_pem(2_048);
        let [signs, other] = [&rsa, ED25519].map(|pem| SigningKey::of_pem(pem.as_bytes()).unwrap());
        let ring = Keyring::new(signs, vec![other, SigningKey::of_secret(&[7; 32])]).unwrap();
        let shown: serde_json::Value = serde_json::from_str(&ring.public().unwrap().unwrap()).unwrap();
        let names = |key: &serde_json::Value| key.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        let shown: Vec<_> = shown["keys"].as_array().unwrap().iter().map(names).collect();
        assert_eq!(shown, ["alg e kid kty n use", "alg crv kid kty use x"]);

        let secret = Keyring::new(SigningKey::of_secret(&[7; 32]), Vec::new()).unwrap();
        assert_eq!(secret.public().unwrap(), None);
    }

    #[test]
    fn no_key_is_named_twice() {
        let key = || SigningKey::of_pem(ED25519.as_bytes()).unwrap();
        assert!(Keyring::new(key(), vec![key()]).is_err());
        assert!(Keyring::new(key(), vec![SigningKey::of_secret(&[7; 32])]).is_ok());
    }
}
