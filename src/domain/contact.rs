//! Where a person can be reached: email addresses and mobile numbers, and the one-time codes that prove them.

use super::clock::Timestamp;
use super::user::Email;
use crate::error::{Error, Result};
use phonenumber::Mode;
use std::fmt::{self, Write as _};

/// Digits of a mobile number with its country's code (ITU-T E.164 has at most 15).
const NUMBER_LENGTH: std::ops::RangeInclusive<usize> = 10..=15;
/// Digits of a one-time code.
const CODE_LENGTH: usize = 6;

/// A mobile number, by its digits with the country's code: with a plus or without it is the same number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MobileNumber(String);

impl MobileNumber {
    /// The number that the text is once spaces, dashes, parentheses and a plus are cleaned away, or what is wrong with it, on
    /// the field `mobileNumber`.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = || {
            let (least, most) = (NUMBER_LENGTH.start(), NUMBER_LENGTH.end());
            let message =
                format!("must be {least} to {most} digits; spaces, dashes, parentheses and a plus do not count");
            Error::invalid("mobileNumber", message)
        };
        let (mut digits, mut pluses) = (String::new(), 0);
        for c in text.trim().chars() {
            match c {
                '0'..='9' if digits.len() < *NUMBER_LENGTH.end() => digits.push(c),
                '+' if pluses == 0 => pluses += 1,
                _ if is_decoration(c) => {}
                _ => return Err(refused()),
            }
        }
        if NUMBER_LENGTH.contains(&digits.len()) { Ok(Self(digits)) } else { Err(refused()) }
    }

    /// The number of those digits, which a store has kept.
    pub(crate) fn of_stored(digits: String) -> Self {
        Self(digits)
    }

    /// The digits alone: what it is unique by.
    pub fn key(&self) -> &str {
        &self.0
    }

    /// A plus and the digits, as gateways take it (E.164).
    pub fn e164(&self) -> String {
        format!("+{}", self.0)
    }
}

/// In the groups that its country writes it in, as libphonenumber has them: `+49 1512 3456789`. A number that is of no known
/// plan is a plus and its digits.
impl fmt::Display for MobileNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(self).unwrap_or_else(|| self.e164()))
    }
}

/// `None` where the library does not know the number, or would show another one: it takes away what it holds for a prefix.
fn grouped(number: &MobileNumber) -> Option<String> {
    let known = phonenumber::parse(None, number.e164()).ok()?;
    let mut shown = String::new();
    write!(shown, "{}", known.format().mode(Mode::International)).ok()?;
    let is_the_same = shown.chars().filter(char::is_ascii_digit).eq(number.0.chars());
    is_the_same.then_some(shown)
}

/// What people and keyboards put between digits, also where a number is copied from a page.
fn is_decoration(c: char) -> bool {
    let is_dash = matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let is_space = matches!(c, ' ' | '\u{A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}');
    is_dash || is_space || matches!(c, '(' | ')')
}

/// Where a person can be sent a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// An email address.
    Email(Email),
    /// A mobile number.
    MobileNumber(MobileNumber),
}

impl Contact {
    /// The contact that the text is as a whole, if it is one.
    pub fn of_text(text: &str) -> Option<Self> {
        let number = MobileNumber::parse(text).map(Self::MobileNumber);
        number.or_else(|_| Email::parse(text).map(Self::Email)).ok()
    }

    /// The field of an input that it stands in.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::MobileNumber(_) => "mobileNumber",
        }
    }

    /// What it is unique by among all of its kind.
    pub fn key(&self) -> String {
        match self {
            Self::Email(email) => email.key(),
            Self::MobileNumber(number) => number.key().to_owned(),
        }
    }
}

/// A one-time code: six digits. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(String);

impl OneTimeCode {
    /// A new one, of the thread's random generator, which is cryptographically secure and seeded by the operating system.
    pub fn random() -> Self {
        Self(format!("{:06}", rand::random_range(0..1_000_000_u32)))
    }

    /// A code to be tried, with spaces in it or without; `None` where the text can be none.
    pub fn attempt(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).take(CODE_LENGTH + 1).collect();
        let is_code = digits.len() == CODE_LENGTH && digits.bytes().all(|digit| digit.is_ascii_digit());
        is_code.then_some(Self(digits))
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(…)")
    }
}

/// What is stored of a code, and of the contact to which it was sent: keyed hashes, so that who reads the database learns neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeHash {
    /// Of the contact: there is one code to it at a time.
    pub contact: [u8; 32],
    /// Of the contact and the code.
    pub code: [u8; 32],
}

/// A code that somebody says was sent to a contact. Whoever has the right one has proven that the contact is theirs.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Whither.
    pub contact: Contact,
    /// Of it and of the code that was given.
    pub hash: CodeHash,
}

/// A code that was sent.
#[derive(Clone, Copy, Debug)]
pub struct NewCode {
    /// Of it and of whither.
    pub hash: CodeHash,
    /// From when on it does not count.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> MobileNumber {
        MobileNumber::parse(text).unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn a_number_is_its_digits_however_it_is_written() {
        const KEY: &str = "491512345678";
        for text in ["+49 (1512) 345-678", KEY, " 49 1512\u{A0}345\u{2011}678 ", "(+49)1512345678", "49-1512-345678"] {
            assert_eq!(number(text).key(), KEY, "{text}");
        }
    }

    #[test]
    fn ten_to_fifteen_digits_are_a_number_and_nothing_else_is() {
        for good in ["0000000000", "123456789012345", "+1 (650) 253-0000"] {
            assert!(MobileNumber::parse(good).is_ok(), "{good}");
        }
        let long = "1".repeat(100_000);
        for bad in [
            "",
            "+",
            "123456789",
            "1234567890123456",
            "++491512345678",
            "49151234567x",
            "tel:+4915123456789",
            "+1 650 253 0000 ext. 5",
            "٠١٢٣٤٥٦٧٨٩",
            "1650\n2530000",
            &long,
        ] {
            assert_eq!(MobileNumber::parse(bad).unwrap_err().field(), ["mobileNumber"], "{bad}");
        }
    }

    #[test]
    fn a_number_is_shown_as_its_country_writes_it() {
        for (digits, shown) in [
            ("16502530000", "+1 650-253-0000"),
            ("447912345678", "+44 7912 345678"),
            ("33631966543", "+33 6 31 96 65 43"),
            // Of no plan; and one that the library would show without its nought.
            ("9990000000001", "+9990000000001"),
            ("0000000000", "+0000000000"),
        ] {
            assert_eq!(number(digits).to_string(), shown);
        }
        assert_eq!(number("+33 06 31 96 65 43").to_string().replace(' ', ""), "+330631966543");
    }

    proptest! {
        #[test]
        fn whatever_the_rule_takes_is_shown_with_its_own_digits(digits in "[0-9]{10,15}") {
            let shown = number(&digits).to_string();
            prop_assert_eq!(number(&shown), number(&digits));
        }
    }

    #[test]
    fn a_code_is_six_digits_and_never_shown() {
        let code = OneTimeCode::random();
        assert_eq!(OneTimeCode::attempt(code.as_str()), Some(code.clone()));
        assert!(!format!("{code:?}").contains(code.as_str()));
        assert_eq!(OneTimeCode::attempt(" 012 345 ").unwrap().as_str(), "012345");
        for bad in ["", "12345", "1234567", "12345x", "１２３４５６"] {
            assert_eq!(OneTimeCode::attempt(bad), None, "{bad}");
        }
    }

    #[test]
    fn codes_are_spread_over_all_there_are() {
        let firsts: std::collections::BTreeSet<u8> =
            (0..1_000).map(|_| OneTimeCode::random().as_str().as_bytes()[0]).collect();
        assert_eq!(firsts.len(), 10, "also those that begin with a nought");
    }
}
