//! One file, in its forms, and how it is answered with.

use super::coding::Coding;
use crate::error::Code;
use crate::http::problem::Problem;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use bytes::Bytes;
use std::borrow::Cow;
use std::fmt::Write as _;

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A year, the longest that is of any use (RFC 9111, section 1.2.2); `immutable` is RFC 8246.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// To be asked for each time, and answered with 304.
const ASKED_FOR: &str = "no-cache";
/// How many bytes of the hash make the tag: 128 bits do not meet by chance.
const TAG_BYTES: usize = 16;

/// How a file is served.
pub(super) struct Terms {
    /// What it is.
    pub(super) kind: &'static str,
    /// What a page of it may load and do.
    pub(super) policy: &'static str,
    /// Whether its name changes with what is in it.
    pub(super) is_hashed: bool,
}

/// A file.
#[derive(Clone)]
pub(in crate::http) struct File {
    headers: HeaderMap,
    /// As it is.
    whole: Body,
    /// Compressed, the smallest last.
    smaller: Vec<Body>,
}

/// A file in one form.
#[derive(Clone)]
pub(super) struct Body {
    coding: Coding,
    bytes: Bytes,
    /// Of this form alone (RFC 9110, section 8.8.3.3).
    tag: String,
}

impl Body {
    pub(super) fn new(coding: Coding, bytes: Cow<'static, [u8]>, hash: [u8; 32]) -> Self {
        let bytes = match bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        let mut tag = String::from('"');
        for byte in &hash[..TAG_BYTES] {
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push('"');
        Self { coding, bytes, tag }
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let texts = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut tags = texts.flat_map(|text| text.split(',')).map(str::trim);
        // Weakly compared, as section 13.1.2 has it.
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.tag)
    }
}

impl File {
    pub(super) fn new(terms: &Terms, whole: Body, smaller: Vec<Body>) -> Self {
        let headers = [
            (CONTENT_TYPE, terms.kind),
            (CACHE_CONTROL, if terms.is_hashed { FOR_EVER } else { ASKED_FOR }),
            (VARY, "accept-encoding"),
            (CONTENT_SECURITY_POLICY, terms.policy),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
            (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
            (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        ];
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        Self { headers: HeaderMap::from_iter(headers), whole, smaller }
    }

    /// By GET and HEAD.
    pub(in crate::http) fn route<S: Clone + Send + Sync + 'static>(self) -> MethodRouter<S> {
        get(async move |headers: HeaderMap| self.answer(&headers)).fallback(wrong_method)
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let body = self.body(asked);
        let mut headers = self.headers.clone();
        headers.extend(HeaderValue::from_str(&body.tag).ok().map(|tag| (ETAG, tag)));
        if body.is_known(asked) {
            headers.remove(CONTENT_TYPE);
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.extend(body.coding.token().map(|token| (CONTENT_ENCODING, HeaderValue::from_static(token))));
        (headers, body.bytes.clone()).into_response()
    }

    /// In the form that the client likes best, the smallest of several; as it is, for one who takes none.
    fn body(&self, asked: &HeaderMap) -> &Body {
        let bodies = std::iter::once(&self.whole).chain(&self.smaller);
        let weighed = bodies.map(|body| (body.coding.weight(asked), body)).filter(|(weight, _)| *weight > 0);
        // Of equals, it takes the last.
        weighed.max_by_key(|(weight, _)| *weight).map_or(&self.whole, |(_, body)| body)
    }
}

async fn wrong_method() -> Problem {
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, Code::InvalidInput, "this is a page, to be got by GET");
    problem.allowing("GET,HEAD")
}
