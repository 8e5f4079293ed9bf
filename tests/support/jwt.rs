//! Tokens of any make, good and bad.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use rsa::rand_core::OsRng;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// What stands before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410).
const ED25519: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// What stands before the 32 bytes of a P-256 key in PKCS#8 (RFC 5915, RFC 5958).
const P256: [u8; 35] = [
    0x30, 0x41, 2, 1, 0, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3,
    1, 7, 4, 0x27, 0x30, 0x25, 2, 1, 1, 4, 0x20,
];

/// RSA keys, as files have them: made once in a process, since they are slow to make.
pub(crate) static RSA_OWN: LazyLock<String> = LazyLock::new(|| rsa_of(2_048));
pub(crate) static RSA_ISSUER: LazyLock<String> = LazyLock::new(|| rsa_of(2_048));
/// One of too few bits.
pub(crate) static RSA_WEAK: LazyLock<String> = LazyLock::new(|| rsa_of(1_024));

/// A key, and the id by which others know it.
#[derive(Clone)]
pub(crate) struct TestKey {
    pub(crate) id: Option<String>,
    pub(crate) algorithm: Algorithm,
    signs: EncodingKey,
    /// As files have it.
    pub(crate) pem: String,
}

impl TestKey {
    /// A new Ed25519 key, whose id is its thumbprint.
    pub(crate) fn ed25519() -> Self {
        let der = [&ED25519[..], &rand::random::<[u8; 32]>()].concat();
        Self::named_by_thumbprint(Algorithm::EdDSA, EncodingKey::from_ed_der(&der), pem_of(&der))
    }

    /// A new P-256 key, whose id is its thumbprint.
    pub(crate) fn p256() -> Self {
        // Below the order of the curve, whatever the rest is.
        let mut secret: [u8; 32] = rand::random();
        secret[0] = 1;
        let der = [&P256[..], &secret].concat();
        Self::named_by_thumbprint(Algorithm::ES256, EncodingKey::from_ec_der(&der), pem_of(&der))
    }

    /// That RSA key, whose id is its thumbprint.
    pub(crate) fn rsa(pem: &str) -> Self {
        let signs = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        Self::named_by_thumbprint(Algorithm::RS256, signs, pem.to_owned())
    }

    /// That secret, which has no id.
    pub(crate) fn secret(secret: &[u8]) -> Self {
        let signs = EncodingKey::from_secret(secret);
        Self { id: None, algorithm: Algorithm::HS256, signs, pem: String::new() }
    }

    fn named_by_thumbprint(algorithm: Algorithm, signs: EncodingKey, pem: String) -> Self {
        let thumbprint = Jwk::from_encoding_key(&signs, algorithm).unwrap().thumbprint(ThumbprintHash::SHA256);
        Self { id: Some(thumbprint.unwrap()), algorithm, signs, pem }
    }

    /// The same under another algorithm, where its kind has several.
    #[must_use]
    pub(crate) fn by(&self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self.clone() }
    }

    /// The same under another id, or under none.
    #[must_use]
    pub(crate) fn called(&self, id: Option<&str>) -> Self {
        Self { id: id.map(str::to_owned), ..self.clone() }
    }

    /// What others check its signatures with.
    pub(crate) fn public(&self) -> Value {
        let mut public = Jwk::from_encoding_key(&self.signs, self.algorithm).unwrap();
        public.common.key_id.clone_from(&self.id);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        serde_json::to_value(public).unwrap()
    }

    /// The head of a token that it signs.
    pub(crate) fn head(&self, typ: &str) -> Value {
        let mut head = json!({ "alg": format!("{:?}", self.algorithm), "typ": typ });
        if let Some(id) = &self.id {
            head["kid"] = json!(id);
        }
        head
    }

    /// A token of that head and those claims, signed by this key whatever the head says.
    pub(crate) fn token(&self, head: &Value, claims: &Value) -> String {
        self.token_of(&head.to_string(), &claims.to_string())
    }

    /// The same of texts that need not be JSON.
    pub(crate) fn token_of(&self, head: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.signature(&message);
        format!("{message}.{signature}")
    }

    /// The signature of that message.
    pub(crate) fn signature(&self, message: &str) -> String {
        crypto::sign(message.as_bytes(), &self.signs, self.algorithm).unwrap()
    }
}

fn rsa_of(bits: usize) -> String {
    let key = RsaPrivateKey::new(&mut OsRng, bits).unwrap();
    key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
}

fn pem_of(der: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}

/// What a token says, unchecked.
pub(crate) fn claims_of(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode_claims(token).unwrap()
}

/// The object with these members more, or others in their place; those that are to be `null` are gone.
pub(crate) fn with(object: &Value, more: &Value) -> Value {
    let mut object = object.as_object().unwrap().clone();
    object.extend(more.as_object().unwrap().clone());
    object.retain(|_, member| !member.is_null());
    object.into()
}
