//! Texts that people typed: how they are cleaned and compared.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text as look-ups compare it: compatibility forms unified, accents taken off, lower case.
///
/// The folding is Unicode's NFKD (UAX #15) without combining marks, then the standard's lower case.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a character may not stand in a name: control characters, and those that turn the direction of what follows
/// them or are not seen (Unicode's bidirectional formatting, zero-width and byte order marks).
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_widths_fold_away() {
        assert_eq!(fold("ÅngSTRÖM"), "angstrom");
        assert_eq!(fold("Ｎａｔｔｅｒ"), "natter");
        assert_eq!(fold("Привет"), "привет");
    }

    #[test]
    fn a_name_cannot_turn_its_neighbours_around() {
        assert!(is_unprintable('\u{202E}'));
        assert!(!is_unprintable('é'));
    }
}
