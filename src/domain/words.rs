//! Words: by which messages are found, and what is looked for.
//!
//! A text is folded and cut at Unicode's word boundaries (UAX #29), and once more at all that is neither letter nor digit:
//! so is `l'été` found by `ete`, and `example.com` by `com`. Scripts that put no spaces between words are cut into each two
//! characters that stand together, and the last one alone: since a word is found by its beginning, every character begins one.
//!
//! What was stored is taken away again by cutting the same text once more. Whoever changes how texts are cut, or their
//! [`fold`], must index all messages anew.

use super::ids::{MessageId, UserId};
use super::message::Message;
use super::page::Cursor;
use super::rules::MAX_SEARCH_LENGTH;
use super::text::fold;
use crate::error::{Error, Result};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use unicode_segmentation::UnicodeSegmentation as _;

/// Different words of one text; further ones do not count.
pub const MAX_WORDS: usize = 4_096;
/// Bytes of a word; of a longer one, its beginning counts.
pub const MAX_WORD_BYTES: usize = 64;
/// The word that every message has which has any: by it, those that can be found are listed in the order of time.
pub const EVERY_MESSAGE: &str = "";

/// The different words of a text. All consist of letters and digits.
pub fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let folded = folded(text);
    for word in stretches(&folded).flat_map(|stretch| parts(stretch, Last::Alone)) {
        if words.len() == MAX_WORDS {
            break;
        }
        if !words.contains(word) {
            words.insert(word.to_owned());
        }
    }
    words
}

/// The words by which a message is indexed; none of a tombstone, of a notice, and of one that says nothing in words.
pub fn index_words(message: &Message) -> BTreeSet<String> {
    let said = message.text.as_deref().filter(|_| message.author != UserId::SYSTEM);
    said.map(index_words_of_text).unwrap_or_default()
}

/// The same of what a person says.
pub fn index_words_of_text(text: &str) -> BTreeSet<String> {
    let mut words = words(text);
    if !words.is_empty() {
        words.insert(EVERY_MESSAGE.to_owned());
    }
    words
}

/// What is looked for: beginnings of words, all of which a message must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerms(Vec<String>);

impl SearchTerms {
    /// What the text asks for; nothing, which no message holds, where there is neither letter nor digit in it.
    /// `INVALID_INPUT` on `text` where that has more than [`MAX_SEARCH_LENGTH`] characters.
    pub fn parse(text: &str) -> Result<Self> {
        if text.chars().nth(MAX_SEARCH_LENGTH).is_some() {
            return Err(Error::invalid("text", format!("has at most {MAX_SEARCH_LENGTH} characters")));
        }
        let folded = folded(text);
        let asked = stretches(&folded).flat_map(|stretch| parts(stretch, Last::WithTheOneBefore));
        let asked: BTreeSet<&str> = asked.collect();
        // Sorted, a word stands right before the longer ones that begin with it: whoever holds one of those holds it too.
        let mut terms: Vec<&str> = Vec::with_capacity(asked.len());
        for word in asked {
            if terms.last().is_some_and(|last| word.starts_with(last)) {
                terms.pop();
            }
            terms.push(word);
        }
        // The longest are likely to be the rarest.
        terms.sort_by_key(|term| std::cmp::Reverse(term.len()));
        Ok(Self(terms.into_iter().map(ToOwned::to_owned).collect()))
    }

    /// The beginnings of words, the longest first, none of them the beginning of another.
    pub fn beginnings(&self) -> &[String] {
        &self.0
    }

    /// Whether the message holds all of them. Nothing is held by none.
    pub fn are_held_by(&self, message: &Message) -> bool {
        self.are_among(&index_words(message))
    }

    fn are_among(&self, words: &BTreeSet<String>) -> bool {
        let is_held = |term: &String| words.range(term.clone()..).next().is_some_and(|word| word.starts_with(term));
        !self.0.is_empty() && self.0.iter().all(is_held)
    }
}

/// A message's place among those that were found, the newest first: by its id, which begins with the moment of its sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchPlace(pub MessageId);

impl Ord for SearchPlace {
    fn cmp(&self, other: &Self) -> Ordering {
        // Backwards: the list begins with the newest.
        other.0.cmp(&self.0)
    }
}

impl PartialOrd for SearchPlace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Cursor for SearchPlace {
    const KIND: &str = "found";

    fn to_text(&self) -> String {
        self.0.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

/// Beyond what names are folded by, what Unicode's full case folding does to single characters of two languages, and
/// without the characters of no width that stand within words.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for stretch in cut_where(text, folds_by_itself) {
        if stretch.starts_with(folds_by_itself) {
            folded.extend(stretch.chars().map(|c| c.to_ascii_lowercase()));
            continue;
        }
        for c in fold(stretch).chars() {
            match c {
                'ς' => folded.push('σ'),
                'ß' => folded.push_str("ss"),
                '\u{AD}' | '\u{200C}' | '\u{200D}' | '\u{2060}' | '\u{FEFF}' => {}
                c => folded.push(c),
            }
        }
    }
    folded
}

/// Whether folding does nothing to the character but to make it lower case, whatever stands beside it: most of what is
/// written, which then costs a tenth.
fn folds_by_itself(c: char) -> bool {
    c.is_ascii() || matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

/// The text cut where a script without spaces meets anything else.
fn stretches(text: &str) -> impl Iterator<Item = &str> {
    cut_where(text, has_no_spaces)
}

/// The text cut wherever a character differs in that from the one before it.
fn cut_where(text: &str, is_so: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_first_so = is_so(rest.chars().next()?);
        let end = rest.find(|c| is_so(c) != is_first_so).unwrap_or(rest.len());
        let (stretch, left) = rest.split_at(end);
        rest = left;
        Some(stretch)
    })
}

/// What becomes of the last character of several without spaces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// It is a word by itself, too, so that it can be asked for.
    Alone,
    /// It is part of the last pair, so that no more is asked for than that.
    WithTheOneBefore,
}

fn parts(stretch: &str, last: Last) -> Box<dyn Iterator<Item = &str> + '_> {
    let is_cut_at = |c: char| !c.is_alphanumeric();
    if stretch.chars().next().is_some_and(has_no_spaces) {
        return Box::new(stretch.split(is_cut_at).flat_map(move |run| pairs(run, last)));
    }
    let words = stretch.unicode_words().flat_map(move |word| word.split(is_cut_at));
    Box::new(words.filter(|word| !word.is_empty()).map(beginning))
}

/// Each two characters that stand together, and maybe the last one.
fn pairs(run: &str, last: Last) -> impl Iterator<Item = &str> {
    let begins = run.char_indices().map(|(begin, _)| begin);
    let ends = run.char_indices().map(|(begin, c)| begin + c.len_utf8()).skip(1);
    let only_one = run.chars().nth(1).is_none();
    let alone = run.char_indices().next_back().filter(|_| only_one || last == Last::Alone);
    begins.zip(ends).map(|(begin, end)| &run[begin..end]).chain(alone.map(|(begin, _)| &run[begin..]))
}

fn beginning(word: &str) -> &str {
    &word[..word.floor_char_boundary(MAX_WORD_BYTES)]
}

/// Whether the character's script puts no spaces between words. The ranges are Unicode's blocks of Thai, Lao, Myanmar,
/// Khmer, Hiragana, Katakana and Han (Unicode 16, `Blocks.txt`).
fn has_no_spaces(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{2FDF}'
            | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{302F}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}'
            | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}'
            | '\u{F900}'..='\u{FAFF}' | '\u{1AFF0}'..='\u{1B16F}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::super::clock::Timestamp;
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        words(text).into_iter().collect()
    }

    fn terms(text: &str) -> SearchTerms {
        SearchTerms::parse(text).unwrap()
    }

    fn is_found(text: &str, by: &str) -> bool {
        terms(by).are_among(&words(text))
    }

    #[test]
    fn a_text_is_cut_into_folded_words() {
        assert_eq!(cut("The Café, the CAFE'S: 3.14 (ﬁne)!"), ["14", "3", "cafe", "fine", "s", "the"]);
        assert_eq!(cut("snake_case, kebab-case; a@example.com"), ["a", "case", "com", "example", "kebab", "snake"]);
        assert_eq!(cut("co\u{AD}operate می\u{200C}خواهم"), ["cooperate", "میخواهم"]);
        assert_eq!(cut(" \t🐸 … — ?!"), [""; 0]);
    }

    #[test]
    fn words_of_any_language_are_found_by_their_beginning() {
        for (text, by) in [
            ("Die Straße nach Köln", "KOLN strasse"),
            ("Η οδός ΟΔΥΣΣΕΩΣ", "οδυσσεως ΟΔΟΣ"),
            ("Привет, мир", "прив МИР"),
            ("한국어 메시지", "한국 메시"),
            ("مرحبا بالعالم", "مرح"),
            ("मैं किताब पढ़ता हूँ", "किताब"),
            ("שָׁלוֹם עולם", "שלום"),
            ("l'été à Paris", "ete par"),
            ("ＦＵＬＬ width", "full"),
            ("İstanbul", "istanbul"),
        ] {
            assert!(is_found(text, by), "{text} by {by}: {:?} {:?}", cut(text), terms(by));
        }
        assert!(!is_found("unhappy", "happy"), "not in the middle");
        assert!(!is_found("hello there", "hello world"), "all of them");
    }

    #[test]
    fn scripts_without_spaces_are_found_by_any_characters_that_stand_together() {
        assert_eq!(cut("東京タワー"), ["タワ", "ワー", "ー", "京タ", "東京"]);
        for (text, by) in [
            ("東京タワーへ行きました", "東"),
            ("東京タワーへ行きました", "タワー"),
            ("東京タワーへ行きました", "行きまし"),
            ("我在北京大学读书", "大学"),
            ("我在北京大学读书", "书"),
            ("สวัสดีชาวโลก", "ชาวโลก"),
            ("ສະບາຍດີ", "ສະບາຍ"),
            ("ជំរាបសួរ", "សួរ"),
            ("မင်္ဂလာပါ", "လာပါ"),
            ("iPhoneを買った", "iphone 買った"),
            ("ﾃﾚﾋﾞを見る", "テレビ"),
        ] {
            assert!(is_found(text, by), "{text} by {by}: {:?} {:?}", cut(text), terms(by));
        }
        assert!(!is_found("東京タワー", "京東"));
        assert!(!is_found("東京と大阪", "東大"));
    }

    #[test]
    fn a_stretch_that_folds_by_itself_folds_as_within_the_whole() {
        for text in ["E\u{301}te\u{301} 漢\u{301}字か\u{3099}", "ﬁＸ½a\u{1100}\u{1161}b", "İI\u{307}ΣAς"] {
            let whole = fold(text).replace('ς', "σ");
            assert_eq!(folded(text), whole, "{text}");
        }
    }

    #[test]
    fn a_term_that_begins_another_asks_for_nothing_more() {
        assert_eq!(terms("foo food FOODS bar foo").beginnings(), ["foods", "bar"]);
        assert_eq!(terms("東京").beginnings(), ["東京"]);
    }

    #[test]
    fn operators_are_not_words_and_nothing_is_held_by_nothing() {
        for text in ["", " ", "%", "_", "\"\"", "-", "$", "\\", ".*", "' ''='", "\0", "🐸", "&|!*:()"] {
            let terms = terms(text);
            assert_eq!(terms.beginnings(), [""; 0], "{text}");
            assert!(!terms.are_among(&words("hello % _ $")), "{text}");
        }
        assert!(is_found("100% of $set: -minus", "\"100%\" -minus $set"));
    }

    #[test]
    fn what_says_nothing_in_words_is_not_indexed() {
        assert_eq!(index_words_of_text("hello").into_iter().collect::<Vec<_>>(), [EVERY_MESSAGE, "hello"]);
        assert!(index_words_of_text("🐸").is_empty());
    }

    #[test]
    fn words_are_bounded_in_length_and_number() {
        let long = "é".repeat(1_000);
        assert_eq!(cut(&long), ["e".repeat(MAX_WORD_BYTES)]);
        assert!(is_found(&long, &long[..200]));
        let wide = "ж".repeat(1_001);
        assert_eq!(cut(&wide)[0].len(), MAX_WORD_BYTES);
        let many = (0..10_000).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(words(&many).len(), MAX_WORDS);
        let error = SearchTerms::parse(&"é".repeat(MAX_SEARCH_LENGTH + 1)).unwrap_err();
        assert_eq!(error.field(), ["text"]);
        assert!(SearchTerms::parse(&"é".repeat(MAX_SEARCH_LENGTH)).is_ok());
    }

    #[test]
    fn the_newest_stands_first_among_what_was_found() {
        let place = |millis| SearchPlace(MessageId::new(Timestamp::from_unix_millis(millis).unwrap()));
        let (old, new) = (place(1), place(2));
        assert!(new < old);
        assert_eq!(SearchPlace::from_text(&old.to_text()), Some(old));
        assert_eq!(SearchPlace::from_text("usr_7"), None);
    }
}
