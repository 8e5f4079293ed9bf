//! Keys of the server's own, and what is made with them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;

/// A secret key as long as SHA-256's block, the longest that HMAC uses whole (RFC 2104). Never printed.
#[derive(Clone)]
pub struct Key([u8; 64]);

impl Key {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
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
}
