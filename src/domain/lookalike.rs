//! Usernames that one person would take for another's, and those that are nobody's.
//!
//! Usernames are ASCII, so of the confusable characters of Unicode (UTS #39) few are left: `0` and `O`, `1` and `I` and `l`,
//! `rn` and `m`. Since a name is unique whatever its case, `i` goes with `I`. We add `vv` for `w`, and leave the separators
//! out, which the eye passes over: `john.smith` is nobody beside `johnsmith`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Names that would speak for the server or for its operator, or that a program may treat apart: one in each line.
const RESERVED: &str = include_str!("reserved_usernames.txt");

/// What a username looks like: two of one skeleton are confusable. A skeleton is for comparing, not for showing.
///
/// It only gets shorter by pairs that are read from the left: `rrnn` is `rmn`.
pub fn skeleton(username: &str) -> String {
    let mut skeleton = String::with_capacity(username.len());
    for c in username.chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            '.' | '_' | '-' => {}
            '0' => skeleton.push('o'),
            '1' | 'i' => skeleton.push('l'),
            'n' if skeleton.ends_with('r') => replace_last(&mut skeleton, 'm'),
            'v' if skeleton.ends_with('v') => replace_last(&mut skeleton, 'w'),
            c => skeleton.push(c),
        }
    }
    skeleton
}

fn replace_last(text: &mut String, by: char) {
    text.pop();
    text.push(by);
}

/// Whether nobody may choose that username, nor one that looks like it.
pub fn is_reserved(username: &str) -> bool {
    static SKELETONS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let words = RESERVED.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        words.map(skeleton).collect()
    });
    SKELETONS.contains(&skeleton(username))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_has_one_skeleton() {
        for (one, other) in [
            ("paypal", "PayPaI"),
            ("paypal", "paypa1"),
            ("google", "g00gle"),
            ("Ian", "lan"),
            ("modern", "modem"),
            ("wave", "vvave"),
            ("john.smith", "johnsmith"),
            ("john.smith", "john_-smith"),
            ("barn", "BAR-N"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
        }
    }

    #[test]
    fn what_does_not_has_another() {
        for (one, other) in [("ada", "bob"), ("ada1", "ada2"), ("ada1", "ada11"), ("clan", "dan"), ("boss", "bo5s")] {
            assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
        }
    }

    #[test]
    fn the_servers_own_names_and_their_likenesses_are_reserved() {
        for name in
            ["admin", "ADMIN", "Adm1n", "a.d.m.i.n", "root", "r00t", "system", "systern", "natterjack", "deleted"]
        {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["ada", "admiral", "rooter", "roots"] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
