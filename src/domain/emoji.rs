//! One emoji, as Unicode defines it.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Joins emoji into one (UTS #51, ED-16).
const JOINER: char = '\u{200D}';
/// Bytes of one emoji. The longest that are recommended have 35.
const MAX_BYTES: usize = 128;

/// One emoji: one of those that Unicode recommends for general interchange (UTS #51, ED-27; flags, keycaps and skin tones
/// among them), or several of them joined into one by U+200D. What a device sends without its presentation selector
/// ("unqualified", ED-19: `❤` for `❤️`) is the same emoji as with it, and kept with it. Digits and letters are none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Emoji(String);

impl Emoji {
    /// The emoji in its full form; `INVALID_INPUT` on the field `emoji` where it is none, or several.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = || Error::invalid("emoji", "must be one emoji");
        if text.len() > MAX_BYTES {
            return Err(refused());
        }
        if let Some(whole) = recommended(text) {
            return Ok(Self(whole.to_owned()));
        }
        if !text.contains(JOINER) {
            return Err(refused());
        }
        let parts: Option<Vec<&str>> = text.split(JOINER).map(recommended).collect();
        Ok(Self(parts.ok_or_else(refused)?.join(JOINER.encode_utf8(&mut [0; 4]))))
    }

    /// What a store has kept.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Its characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The full form of a recommended emoji.
fn recommended(text: &str) -> Option<&'static str> {
    emojis::get(text).map(emojis::Emoji::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_taken_as_it_is() {
        for emoji in [
            "👍",
            "👍🏽",
            "❤️",
            "🇩🇪",
            "1️⃣",
            "#️⃣",
            "©️",
            "👨‍👩‍👧‍👦",
            "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
            "👩🏽‍🚀",
            "🏳️‍🌈",
            "🫠",
            // Not recommended, and yet one.
            "🐸‍🔥",
        ] {
            assert_eq!(Emoji::parse(emoji).unwrap().as_str(), emoji);
        }
    }

    #[test]
    fn the_selector_makes_no_difference() {
        for (bare, full) in [("❤", "❤️"), ("©", "©️"), ("1⃣", "1️⃣"), ("❤‍🔥", "❤️‍🔥")] {
            assert_eq!(Emoji::parse(bare).unwrap().as_str(), full);
        }
    }

    #[test]
    fn what_is_none_or_more_than_one_is_refused() {
        let long = vec!["🐸"; 40].join("\u{200D}");
        for other in
            ["", " ", "a", "1", "#", "👍👍", "👍 ", "🇩", "🇽🇽", ":+1:", "\u{200D}", "👍\u{200D}", "❤\u{FE0E}", &long]
        {
            assert_eq!(Emoji::parse(other).unwrap_err().field(), ["emoji"], "{other}");
        }
    }
}
