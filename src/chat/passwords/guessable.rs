//! Passwords that are guessed first. NIST SP 800-63B, section 5.1.1.2, asks that those be refused which are commonly used,
//! expected or compromised, and that no other rule be made of what a password holds.

use crate::domain::user::Password;
use crate::error::{Error, Result};
use zxcvbn::{Score, zxcvbn};

/// How many characters zxcvbn looks at together. It tries all that stand in for letters in all their meanings, on every piece of
/// what it is given: a hundred characters that are made for that cost it seconds.
const PIECE: usize = 24;
/// How many such pieces are looked at.
const PIECES: usize = 4;

/// `INVALID_INPUT` on `password` where it is one of the most common ones, or would be met within a million guesses of one who
/// knows how people choose them and how this one is called: what zxcvbn calls too guessable, and what the limits on guessing
/// are no protection from for long.
///
/// zxcvbn (D. Wheeler, USENIX Security 2016; MIT licence) has in it the 30,000 most common passwords of M. Burnett's ten million,
/// and common words and names, and knows their usual disguises, rows of keys, repeats and dates.
pub(super) fn check(password: &Password, names: &[String]) -> Result<()> {
    // The part of an address before the @, and the whole of it.
    let parts = names.iter().flat_map(|name| [name.as_str(), name.split('@').next().unwrap_or_default()]);
    let known: Vec<String> =
        parts.flat_map(|part| pieces(&characters(part))).chain(["natterjack".to_owned()]).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    // The whole is no easier than any piece of it, but where it is one again and again.
    let whole = characters(password.as_str());
    if pieces(repeated(&whole)).into_iter().take(PIECES).any(|piece| zxcvbn(&piece, &known).score() >= Score::Two) {
        return Ok(());
    }
    Err(Error::invalid("password", "is among those that are guessed first: choose a longer or a less common one"))
}

fn characters(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn pieces(characters: &[char]) -> Vec<String> {
    characters.chunks(PIECE).map(String::from_iter).collect()
}

/// What these are twice and more, the last time perhaps in part; all of them where they are nothing so.
fn repeated(characters: &[char]) -> &[char] {
    let is_period = |length: &usize| characters.iter().zip(&characters[*length..]).all(|(one, next)| one == next);
    let length = (1..=characters.len() / 2).find(is_period).unwrap_or(characters.len());
    &characters[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(text: &str, names: &[&str]) -> bool {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let checked = check(&Password::parse_new(text.to_owned()).unwrap(), &names);
        checked.is_err_and(|error| error.field() == ["password"])
    }

    #[test]
    fn the_most_common_ones_are_refused_in_any_disguise() {
        for common in [
            "password",
            "12345678",
            "iloveyou",
            "PASSWORD",
            "p@ssw0rd",
            "drowssap",
            "password1",
            "qwertyuiop",
            "aaaaaaaa",
            "abcdefgh",
            "football1",
            "12121990",
            "Baseball",
            "natterjack",
        ] {
            assert!(is_refused(common, &[]), "{common}");
            assert!(is_refused(&common.repeat(4), &[]), "{common}, again and again");
        }
    }

    #[test]
    fn the_owners_names_are_refused_and_others_are_not() {
        for name in [
            "Zaphod.Beeblebrox",
            "zaphod.beeblebrox@example.org",
            "Zaphod Beeblebrox",
            "zaphod.beeblebrox.of.betelgeuse@a-company-with-a-long-name.example",
        ] {
            assert!(is_refused(name, &[name]), "{name}");
            assert!(!is_refused(name, &["ada"]), "{name}");
        }
        assert!(is_refused("zaphod.beeblebrox", &["zaphod.beeblebrox@example.org"]));
    }

    #[test]
    fn no_rule_is_made_of_what_a_password_holds() {
        for good in [
            "correct horse",
            "vjqzmwkt",
            "qzvxkwqz",
            "70395288",
            "лягушка в пруду",
            "🐸🐸 in the pond",
            "three frogs jump over one very slow bicycle",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa vjqzmwkt",
        ] {
            assert!(!is_refused(good, &[]), "{good}");
        }
    }
}
