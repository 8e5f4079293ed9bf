//! In which form a client takes a file (RFC 9110, section 12.5.3).

use crate::http::accept::{WHOLE, thousandths};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

/// The forms in which a file may be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// By Brotli (RFC 7932). Browsers take it over TLS, and from this machine.
    Brotli,
    /// By gzip (RFC 1952), which all of them take.
    Gzip,
    /// As it is.
    Identity,
}

impl Coding {
    /// Those that are smaller than the file, the smallest last.
    pub(super) const SMALLER: [Self; 2] = [Self::Gzip, Self::Brotli];

    /// What `Content-Encoding` says.
    pub(super) fn token(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }

    /// Under which name this form of a file is built.
    pub(super) fn name(self, file: &str) -> String {
        format!("{file}{}", self.ending())
    }

    /// The file of which that name would be this form.
    pub(super) fn file(self, name: &str) -> Option<&str> {
        name.strip_suffix(self.ending())
    }

    /// How well whoever sends those headers takes this form, in thousandths; 0 where not at all.
    pub(super) fn weight(self, headers: &HeaderMap) -> u16 {
        let texts = headers.get_all(ACCEPT_ENCODING).iter().map(|value| value.to_str().unwrap_or_default());
        let mut any = None;
        for part in texts.flat_map(|text| text.split(',')) {
            let mut parts = part.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight = weight.map_or(WHOLE, thousandths);
            if self.is_called(name) {
                return weight;
            } else if name == "*" {
                any = Some(weight);
            }
        }
        // What is not said is no leave for anything but the file as it is, which everybody takes, but gladly nobody.
        any.unwrap_or(u16::from(self == Self::Identity))
    }

    fn is_called(self, name: &str) -> bool {
        match self {
            Self::Brotli => name.eq_ignore_ascii_case("br"),
            Self::Gzip => name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip"),
            Self::Identity => name.eq_ignore_ascii_case("identity"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const ALL: [Coding; 3] = [Coding::Brotli, Coding::Gzip, Coding::Identity];

    fn weights(accept: &'static str) -> [u16; 3] {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accept))]);
        ALL.map(|coding| coding.weight(&headers))
    }

    #[test]
    fn forms_are_weighed_as_the_client_says() {
        for (accept, wanted) in [
            ("", [0, 0, 1]),
            ("br", [1000, 0, 1]),
            ("gzip, deflate, br, zstd", [1000, 1000, 1]),
            ("x-gzip", [0, 1000, 1]),
            ("GZIP;q=0.5, Br ; q=0.25", [250, 500, 1]),
            ("br;q=0, *", [0, 1000, 1000]),
            ("*;q=0", [0, 0, 0]),
            ("gzip;q=0, identity;q=0.5", [0, 0, 500]),
            ("identity, br;q=0.1", [100, 0, 1000]),
            ("br;q=lots", [1000, 0, 1]),
            ("brotli", [0, 0, 1]),
        ] {
            assert_eq!(weights(accept), wanted, "{accept}");
        }
        assert_eq!(ALL.map(|coding| coding.weight(&HeaderMap::new())), [0, 0, 1]);
    }

    #[test]
    fn a_form_is_known_by_its_name() {
        assert_eq!(Coding::Brotli.name("a.js"), "a.js.br");
        assert_eq!(Coding::Gzip.file("a.js.gz"), Some("a.js"));
        assert_eq!(Coding::Gzip.file("a.js"), None);
    }
}
