//! By what a document is known again.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// SHA-256 of a document's text (FIPS 180-4), shown in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocumentHash([u8; 32]);

impl DocumentHash {
    /// That of the text, byte for byte: white space counts.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// As it is shown: 64 digits in lower case, and nothing else.
    pub fn parse(shown: &str) -> Option<Self> {
        let digits = shown.as_bytes();
        let is_digit = |digit: &u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 64 || !digits.iter().all(is_digit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_shown_and_read_again() {
        let hash = DocumentHash::of("{ a }");
        assert_eq!(DocumentHash::parse(&hash.to_string()), Some(hash));
        let shown = "0".repeat(63);
        for other in
            [format!("{shown}g"), format!("{shown}A"), shown.clone(), format!("{shown}00"), format!("{shown}é")]
        {
            assert_eq!(DocumentHash::parse(&other), None, "{other}");
        }
    }
}
