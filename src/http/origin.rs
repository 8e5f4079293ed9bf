//! From which pages browsers may call: cross-origin resource sharing for requests, and the same check for sockets,
//! which browsers leave to the server.

use super::trail::REQUEST_ID;
use crate::error::{Error, Result};
use axum::http::header::{HOST, ORIGIN, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method};
use std::time::Duration;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use url::{Origin, Url};

/// For how long a browser may keep what it was told; none keeps it for longer than a day.
const MAX_AGE: Duration = Duration::from_hours(1);

/// From which pages browsers may call, beside those of the server's own address. Programs other than browsers are not
/// concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// From no others.
    #[default]
    Own,
    /// From those of these origins.
    Listed(Vec<Origin>),
    /// From any page there is.
    Any,
}

impl Origins {
    /// Those of a list: all where `*` is in it, none but the own where it is empty. `INVALID_INPUT` where one is none.
    pub fn parse(list: &[impl AsRef<str>]) -> Result<Self> {
        let texts = list.iter().map(|text| text.as_ref().trim());
        match list {
            [] => Ok(Self::Own),
            _ if texts.clone().any(|text| text == "*") => Ok(Self::Any),
            _ => texts.map(origin_of).collect::<Result<_>>().map(Self::Listed),
        }
    }
}

fn origin_of(text: &str) -> Result<Origin> {
    let url = Url::parse(text).ok().filter(|url| url.path() == "/" && url.query().is_none());
    let origin = url.map(|url| url.origin()).filter(Origin::is_tuple);
    origin.ok_or_else(|| Error::invalid("origins", format!("`{text}` is not an origin like https://chat.example")))
}

impl Origins {
    /// What tells browsers so.
    pub(super) fn layer(&self) -> CorsLayer {
        let allowed = match self {
            Self::Own => AllowOrigin::list([]),
            Self::Any => AllowOrigin::any(),
            Self::Listed(origins) => {
                let origins = origins.clone();
                AllowOrigin::predicate(move |header, _| origin(header).is_some_and(|origin| origins.contains(&origin)))
            }
        };
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::POST])
            // What a page may send is what it asks for: no header but `Authorization` says anything of who calls, and cookies
            // are not looked at.
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers([RETRY_AFTER, REQUEST_ID])
            .max_age(MAX_AGE)
    }

    /// Whether the page that the request comes from may open a socket; what comes from no page may.
    pub(super) fn allow(&self, headers: &HeaderMap) -> bool {
        let Some(header) = headers.get(ORIGIN) else {
            return true;
        };
        let Some(origin) = origin(header) else {
            return *self == Self::Any;
        };
        match self {
            Self::Any => true,
            Self::Listed(origins) if origins.contains(&origin) => true,
            Self::Own | Self::Listed(_) => is_own(&origin, headers.get(HOST)),
        }
    }
}

/// The origin in the header; `None` for `null`, which pages without one send.
fn origin(header: &HeaderValue) -> Option<Origin> {
    Url::parse(header.to_str().ok()?).ok().map(|url| url.origin()).filter(Origin::is_tuple)
}

/// Whether it is where the request went. The scheme is the page's: a proxy may have taken the encryption off.
fn is_own(origin: &Origin, host: Option<&HeaderValue>) -> bool {
    let Origin::Tuple(scheme, ..) = origin else {
        return false;
    };
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    Url::parse(&format!("{scheme}://{host}")).is_ok_and(|url| url.origin() == *origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(origins: &str, origin: &'static str) -> bool {
        let headers = [(ORIGIN, origin), (HOST, "chat.example:8000")];
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        let list: Vec<_> = origins.split_terminator(',').collect();
        Origins::parse(&list).unwrap().allow(&HeaderMap::from_iter(headers))
    }

    #[test]
    fn the_own_address_is_always_allowed() {
        for origins in ["", "https://other.example", "*"] {
            assert!(allows(origins, "http://chat.example:8000"), "{origins}");
            assert!(allows(origins, "https://CHAT.example:8000"), "{origins}");
        }
    }

    #[test]
    fn others_are_allowed_as_listed() {
        for origin in ["http://chat.example", "http://other.example:8000", "null", "file://", "nonsense"] {
            assert!(!allows("", origin), "{origin}");
        }
        let listed = "https://other.example, http://localhost:3000/";
        assert!(allows(listed, "https://other.example:443") && allows(listed, "http://localhost:3000"));
        assert!(
            !allows(listed, "http://other.example") && !allows(listed, "http://localhost") && !allows(listed, "null")
        );
        assert!(allows("*", "http://anywhere.example") && allows("*", "null"));
    }

    #[test]
    fn what_comes_from_no_page_is_allowed() {
        assert!(Origins::Own.allow(&HeaderMap::new()));
    }

    #[test]
    fn a_list_holds_origins_only() {
        for text in ["chat.example", "https://chat.example/app", "https://chat.example?a", "", "null", "file:///"] {
            assert!(Origins::parse(&["https://a.example", text]).is_err(), "{text}");
        }
    }
}
