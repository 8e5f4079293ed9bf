//! Texts that people typed: how they are cleaned and compared.

use crate::error::{Error, Result};
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

/// A text of some lines: trimmed, at most `max` printable characters, `None` where nothing is left; or what is wrong with
/// it, on that field.
pub fn lines(field: &'static str, text: &str, max: usize) -> Result<Option<String>> {
    let text = text.trim();
    // Lines may be broken in it.
    let is_odd = |c: char| is_unprintable(c) && c != '\n';
    if text.chars().count() > max || text.chars().any(is_odd) {
        return Err(Error::invalid(field, format!("must be at most {max} printable characters")));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A text of one line: trimmed, 1 to `max` printable characters; or what is wrong with it, on that field.
pub fn line(field: &'static str, text: &str, max: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().nth(max).is_some() || text.chars().any(is_unprintable) {
        return Err(Error::invalid(field, format!("must be 1 to {max} printable characters")));
    }
    Ok(text.to_owned())
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
