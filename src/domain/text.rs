//! Texts that people typed: how they are cleaned and compared.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text as look-ups compare it: compatibility forms unified, accents taken off, lower case.
///
/// The folding is Unicode's NFKD (UAX #15) without combining marks, then the standard's lower case.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a character may not stand in a name: control characters, those that turn the direction of what follows them
/// (Unicode's bidirectional formatting, UAX #9), and those of no width or of nothing but width.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{2069}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        )
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
