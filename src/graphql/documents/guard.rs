//! What is refused before a document is parsed. The parser recurses without bound: a few kilobytes of nested lists
//! would overflow its stack and end the process, before any limit of the schema is asked. So every document, on every
//! transport, passes [`check`] first, which reads it once from front to back and allocates nothing.

use super::limits::{DocumentLimits, exceeded};
use crate::error::{Code, Error, Result};

/// Bytes of a name. Far more than any has: errors repeat names, and a long one would make them long.
const MAX_NAME: usize = 255;

/// Goes well where parsing the document is safe: `QUERY_REFUSED` that names the limit otherwise. It says nothing of
/// whether the document is right. Tells how many tokens it has.
pub fn check(document: &str, limits: &DocumentLimits) -> Result<usize> {
    if document.len() > limits.bytes {
        return Err(exceeded(limits.bytes, "bytes", "max-document-bytes"));
    }
    let size = measure(document)?;
    if size.tokens > limits.tokens {
        return Err(exceeded(limits.tokens, "tokens", "max-document-tokens"));
    }
    if size.depth > limits.nesting {
        return Err(exceeded(limits.nesting, "brackets within each other", "max-nesting"));
    }
    Ok(size.tokens)
}

/// How large a document is.
#[derive(Default)]
struct Size {
    tokens: usize,
    /// That of its deepest bracket.
    depth: usize,
}

fn measure(document: &str) -> Result<Size> {
    let mut size = Size::default();
    let mut depth = 0_usize;
    let mut rest = document.as_bytes();
    while let Some((lexeme, after)) = next(rest)? {
        rest = after;
        match lexeme {
            Lexeme::Ignored => continue,
            Lexeme::Open => depth += 1,
            Lexeme::Close => depth = depth.saturating_sub(1),
            Lexeme::Other => {}
        }
        size.tokens += 1;
        size.depth = size.depth.max(depth);
    }
    Ok(size)
}

fn refused(message: String) -> Error {
    Error::new(Code::QueryRefused, message)
}

/// What a document is made of, as far as its size and depth go.
enum Lexeme {
    /// White space, commas and comments.
    Ignored,
    /// A bracket that opens.
    Open,
    /// A bracket that closes.
    Close,
    /// Any other token.
    Other,
}

/// The first lexeme, and what comes after it; `None` at the end. What is no token at all counts as one for each byte:
/// the parser will say what is wrong with it.
fn next(rest: &[u8]) -> Result<Option<(Lexeme, &[u8])>> {
    let Some((&first, after)) = rest.split_first() else {
        return Ok(None);
    };
    let found = match first {
        b' ' | b',' | b'\t' | b'\r' | b'\n' => (Lexeme::Ignored, after),
        b'#' => (Lexeme::Ignored, skip(after, |byte| !matches!(byte, b'\r' | b'\n'))),
        b'{' | b'[' | b'(' => (Lexeme::Open, after),
        b'}' | b']' | b')' => (Lexeme::Close, after),
        b'"' => (Lexeme::Other, string(rest, after)?),
        b'.' => (Lexeme::Other, rest.strip_prefix(b"...").unwrap_or(after)),
        b'-' | b'0'..=b'9' => {
            (Lexeme::Other, skip(after, |byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')))
        }
        _ if is_name(first) => (Lexeme::Other, name(rest)?),
        _ => match rest.strip_prefix("\u{feff}".as_bytes()) {
            Some(after_mark) => (Lexeme::Ignored, after_mark),
            None => (Lexeme::Other, after),
        },
    };
    Ok(Some(found))
}

/// What comes after the name that `rest` begins with.
fn name(rest: &[u8]) -> Result<&[u8]> {
    let after = skip(rest, is_name);
    if rest.len() - after.len() > MAX_NAME {
        return Err(refused(format!("the document has a name of more than {MAX_NAME} bytes")));
    }
    Ok(after)
}

/// What comes after the string that `whole` begins with; `inside` is that without its first quote.
fn string<'a>(whole: &'a [u8], inside: &'a [u8]) -> Result<&'a [u8]> {
    whole.strip_prefix(br#"""""#).map_or_else(|| Ok(line_string(inside)), block_string)
}

fn block_string(mut rest: &[u8]) -> Result<&[u8]> {
    loop {
        if let Some(after) = rest.strip_prefix(br#"""""#) {
            return Ok(after);
        }
        let escaped = rest.strip_prefix(br#"\""""#);
        // Where it has no end, the parser takes its first two quotes for an empty string and reads on behind them: what
        // was skipped here would not be hidden from it.
        let no_end = || refused("the document has a block string without an end".to_owned());
        rest = escaped.or_else(|| rest.get(1..)).ok_or_else(no_end)?;
    }
}

/// Ends at its quote, or with its line, where the parser gives up.
fn line_string(mut rest: &[u8]) -> &[u8] {
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' | b'\r' | b'\n' => return after,
            b'\\' => after.get(1..).unwrap_or_default(),
            _ => after,
        };
    }
    rest
}

fn skip(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> &[u8] {
    let length = bytes.iter().take_while(|&&byte| belongs(byte)).count();
    &bytes[length..]
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: DocumentLimits = DocumentLimits { nesting: 64, ..DocumentLimits::DEFAULT };

    fn refusal(document: &str) -> String {
        let error = check(document, &LIMITS).unwrap_err();
        assert_eq!(error.code(), Code::QueryRefused);
        error.message().to_owned()
    }

    /// As deep as that outside its strings and comments, in the eyes of the guard.
    fn is_deep(document: &str) -> bool {
        check(document, &LIMITS).is_err_and(|error| error.message().contains("max-nesting"))
    }

    const DEEP: &str = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";

    #[test]
    fn a_document_may_be_as_long_as_the_limit_and_no_longer() {
        let padded = |bytes: usize| format!("{{a}}{}", " ".repeat(bytes - 3));
        assert!(check(&padded(LIMITS.bytes), &LIMITS).is_ok());
        assert!(refusal(&padded(LIMITS.bytes + 1)).contains("65536 bytes (max-document-bytes)"));
    }

    #[test]
    fn tokens_are_counted_as_the_specification_has_them() {
        let query = |fields: usize| format!("{{{}}}", "a,".repeat(fields));
        assert!(check(&query(LIMITS.tokens - 2), &LIMITS).is_ok());
        assert!(
            refusal(&query(LIMITS.tokens - 1)).contains(&format!("{} tokens (max-document-tokens)", LIMITS.tokens))
        );
        let tokens =
            ["a_Name1", "-1.5e+3", r#""a \" string""#, r#""""a "block" string""""#, "...", "@", "$", ":", "=", "{"];
        for token in tokens {
            assert_eq!(measure(&[token; 3].join(" ")).unwrap().tokens, 3, "{token}");
        }
    }

    #[test]
    fn a_name_has_an_end() {
        let name = |bytes: usize| format!("{{{}}}", "a".repeat(bytes));
        assert!(check(&name(MAX_NAME), &LIMITS).is_ok());
        assert!(refusal(&name(MAX_NAME + 1)).contains("a name of more than 255 bytes"));
    }

    #[test]
    fn comments_commas_and_white_space_are_no_tokens() {
        let document = format!("\u{feff}{{ a{} }}", "\t, # [[[ \"\"\"\n".repeat(2_000));
        assert!(check(&document, &LIMITS).is_ok());
    }

    #[test]
    fn brackets_of_all_kinds_count_together() {
        let nested = |depth: usize| format!("{}{}", "{a(b:[".repeat(depth), "])}".repeat(depth));
        assert!(check(&nested(21), &LIMITS).is_ok());
        assert!(is_deep(&nested(22)));
        assert!(check(&"{a}".repeat(1_000), &LIMITS).is_ok());
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        for hidden in [
            format!(r#"{{a(b:"{DEEP}")}}"#),
            format!(r#"{{a(b:"\"{DEEP}\\")}}"#),
            format!(r#"{{a(b:"""{DEEP}"{DEEP}""{DEEP}""")}}"#),
            format!(r#"{{a(b:"""\"""{DEEP}""")}}"#),
            format!("{{a #{DEEP}\n}}"),
        ] {
            assert!(check(&hidden, &LIMITS).is_ok(), "{hidden}");
        }
    }

    #[test]
    fn nothing_hides_from_the_guard_what_the_parser_sees() {
        for open in [
            format!(r#"{{a(b:""{DEEP}"#),
            format!(r#"{{a(b:"\\"{DEEP}"#),
            format!("{{a(b:\"\n{DEEP}"),
            format!("{{a #\r{DEEP}"),
            format!(r#"{{a(b:""""""{DEEP}"#),
            format!(r#"{{a(b:"""\\""{DEEP}"""{DEEP}"#),
            format!(r##"{{a(b:"#\"{DEEP}"{DEEP}"##),
        ] {
            assert!(is_deep(&open), "{open}");
        }
        assert!(refusal(&format!(r#"{{a(b:["""x"{DEEP}"#)).contains("without an end"));
        assert!(refusal(r#"{a(b:"""\""""#).contains("without an end"));
    }
}
