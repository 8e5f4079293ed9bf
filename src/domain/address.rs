//! Addresses on the web that people give: of pictures and of attachments. Nothing here fetches them.

use super::rules::MAX_URL_LENGTH;
use crate::error::{Error, Result};
use url::{Host, Url};

/// The address in its one form: `https`, or `http` to this machine for development; or what is wrong, on that field.
pub fn parse(field: &'static str, text: &str) -> Result<String> {
    let refused = || Error::invalid(field, "must be an https address");
    let url = Url::parse(text).map_err(|_| refused())?;
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let is_fit =
        (url.scheme() == "https" || (url.scheme() == "http" && is_local)) && url.as_str().len() <= MAX_URL_LENGTH;
    if is_fit { Ok(url.into()) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_fetches_from_elsewhere_is_taken() {
        for fit in ["https://example.org/a.png", "http://localhost:8000/a", "http://127.0.0.1/", "http://[::1]/"] {
            assert!(parse("url", fit).is_ok(), "{fit}");
        }
        let long = format!("https://example.org/{}", "a".repeat(MAX_URL_LENGTH));
        for unfit in [
            "",
            "a.png",
            "//example.org",
            "http://example.org",
            "data:text/html,<p>",
            "javascript:alert(1)",
            "file:///",
            &long,
        ] {
            assert_eq!(parse("url", unfit).unwrap_err().field(), ["url"], "{unfit}");
        }
    }
}
