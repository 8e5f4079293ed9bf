//! How a post is signed: HMAC-SHA-256 over its id, the time and its body, as Standard Webhooks has it.

use crate::domain::clock::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Signs posts.
pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    pub(super) fn new(secret: &[u8]) -> Self {
        // As RFC 2104 has it: a key longer than a block is hashed first.
        let mut block = [0; 64];
        if secret.len() <= block.len() {
            block[..secret.len()].copy_from_slice(secret);
        } else {
            block[..32].copy_from_slice(&Sha256::digest(secret));
        }
        Self(Hmac::new((&block).into()))
    }

    /// What stands in the head of a post made then.
    pub(super) fn headers(&self, id: &str, at: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        let seconds = at.unix_seconds().to_string();
        let signed = [id.as_bytes(), b".", seconds.as_bytes(), b".", body];
        let mac = signed.iter().fold(self.0.clone(), Hmac::chain_update);
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        [("webhook-id", id.to_owned()), ("webhook-timestamp", seconds), ("webhook-signature", signature)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Standard Webhooks' own libraries.
    #[test]
    fn a_post_is_signed_as_others_check_it() {
        let signer = Signer::new(&STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let at = Timestamp::from_unix_millis(1_614_265_330_999).unwrap();
        let headers = signer.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
        let expected = [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ];
        assert_eq!(headers.map(|(name, value)| (name, value)), expected.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn a_key_longer_than_a_block_is_hashed_first() {
        let at = Timestamp::from_unix_millis(0).unwrap();
        let of = |secret: &[u8]| Signer::new(secret).headers("a", at, b"{}");
        assert_eq!(of(&[7; 65]), of(&Sha256::digest([7; 65])));
        assert_ne!(of(&[7; 64]), of(&[7; 63]));
    }
}
