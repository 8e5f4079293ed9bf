//! Keys of the server's own, and what is made with them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256, Sha512};
use std::fmt;

/// HMAC-SHA-256 (RFC 2104), for what others have made with a key of theirs.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // Of any length: none is refused.
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(message));
    mac.map(|mac| mac.finalize().into_bytes().into()).unwrap_or_default()
}

/// A secret key as long as SHA-256's block, the longest that HMAC uses whole (RFC 2104). Never printed.
#[derive(Clone)]
pub struct Key([u8; 64]);

impl Key {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// The key for that purpose, made of a secret of any length: HMAC-SHA-512, whose output is as long as a key. Keys for different
    /// purposes say nothing of each other, nor of the secret.
    pub fn derived(secret: &[u8], purpose: &str) -> Self {
        // As RFC 2104 has it: a key longer than a block is hashed first.
        let mut block = [0; 128];
        if secret.len() <= block.len() {
            block[..secret.len()].copy_from_slice(secret);
        } else {
            block[..64].copy_from_slice(&Sha512::digest(secret));
        }
        Self(Hmac::<Sha512>::new((&block).into()).chain_update(purpose).finalize().into_bytes().into())
    }

    /// HMAC-SHA-256 over the parts, each behind its length, so that no two lists of parts run together.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let empty = Hmac::<Sha256>::new((&self.0).into());
        let whole = parts
            .iter()
            .fold(empty, |mac, part| mac.chain_update((part.len() as u64).to_be_bytes()).chain_update(part));
        whole.finalize().into_bytes().into()
    }
}

impl From<[u8; 64]> for Key {
    fn from(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        let key = Key::from([7; 64]);
        assert_ne!(key.mac(&[b"ab", b"c"]), key.mac(&[b"a", b"bc"]));
        assert_ne!(key.mac(&[b"a"]), Key::from([8; 64]).mac(&[b"a"]));
    }

    #[test]
    fn a_derived_key_is_of_its_secret_and_its_purpose() {
        let derived = |secret: &[u8], purpose| *Key::derived(secret, purpose).as_bytes();
        assert_eq!(derived(&[1; 200], "a"), derived(&[1; 200], "a"));
        assert_ne!(derived(&[1; 200], "a"), derived(&[1; 200], "b"));
        assert_ne!(derived(&[1; 200], "a"), derived(&[1; 201], "a"));
        assert_ne!(derived(&[1; 32], "a"), derived(&[2; 32], "a"));
    }
}
