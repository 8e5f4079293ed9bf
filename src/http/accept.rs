//! Which form of answer a client wants (GraphQL over HTTP, section 6; RFC 9110, section 12.5.1).

use axum::Json;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

/// The forms that an answer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`, which older clients expect: what is refused as GraphQL is 200 all the same.
    Json,
    /// `application/graphql-response+json`, whose status tells what came of the request.
    GraphQl,
}

impl MediaType {
    /// What `Content-Type` says.
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
        })
    }

    pub(super) fn respond(self, status: StatusCode, body: &impl Serialize) -> Response {
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, self.header());
        response
    }

    /// What the client likes best: JSON where it does not care, the newer form where it names both alike; `None` where
    /// it takes neither.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let texts = headers.get_all(ACCEPT).iter().map(|value| value.to_str().unwrap_or_default());
        let ranges: Vec<Range<'_>> =
            texts.flat_map(|text| text.split(',')).filter(|text| !text.trim().is_empty()).map(Range::parse).collect();
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        let json = Liking::of("json", &ranges);
        let graphql = Liking::of("graphql-response+json", &ranges);
        match (json, graphql) {
            (None, None) => None,
            (Some(_), None) => Some(Self::Json),
            (None, Some(_)) => Some(Self::GraphQl),
            (Some(json), Some(graphql)) => {
                let is_better = graphql.weight > json.weight || graphql.weight == json.weight && graphql.is_named;
                Some(if is_better { Self::GraphQl } else { Self::Json })
            }
        }
    }
}

/// How well a client likes a form.
struct Liking {
    /// In thousandths.
    weight: u16,
    /// Whether it was asked for by its name.
    is_named: bool,
}

impl Liking {
    /// By the most specific of the ranges that hold `application/subtype`.
    fn of(subtype: &str, ranges: &[Range<'_>]) -> Option<Self> {
        let specificity = |range: &&Range<'_>| range.specificity(subtype);
        let range = ranges.iter().filter(|range| range.specificity(subtype) > 0).max_by_key(specificity)?;
        let liking = Self { weight: range.weight, is_named: range.specificity(subtype) == 3 };
        (range.weight > 0).then_some(liking)
    }
}

/// One part of an `Accept` header.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    weight: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next().and_then(|name| name.split_once('/')).unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Self { kind, subtype, weight: weight.map_or(1_000, thousandths) }
    }

    /// How exactly it names the type: from 3 for the type itself to 1 for any; 0 where it names another.
    fn specificity(&self, subtype: &str) -> u8 {
        match (self.kind, self.subtype) {
            ("*", "*") => 1,
            (kind, "*") if kind.eq_ignore_ascii_case("application") => 2,
            (kind, own) if kind.eq_ignore_ascii_case("application") && own.eq_ignore_ascii_case(subtype) => 3,
            _ => 0,
        }
    }
}

/// A weight of at most three decimals; what is none is as good as not said.
fn thousandths(text: &str) -> u16 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    match (whole, format!("{decimals:0<3}").parse()) {
        ("0", Ok(thousandths)) if decimals.len() <= 3 => thousandths,
        _ => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &'static str) -> Option<MediaType> {
        MediaType::negotiate(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
    }

    #[test]
    fn a_client_that_does_not_care_gets_json() {
        assert_eq!(MediaType::negotiate(&HeaderMap::new()), Some(MediaType::Json));
        for accept in ["", "*/*", "application/*", "text/html,application/xhtml+xml,*/*;q=0.8"] {
            assert_eq!(negotiated(accept), Some(MediaType::Json), "{accept}");
        }
    }

    #[test]
    fn the_greater_weight_wins() {
        for (accept, wanted) in [
            ("application/json", MediaType::Json),
            ("application/json; charset=utf-8", MediaType::Json),
            ("Application/GraphQL-Response+JSON", MediaType::GraphQl),
            ("application/graphql-response+json, application/json;q=0.9", MediaType::GraphQl),
            ("application/json;q=0.9, application/graphql-response+json", MediaType::GraphQl),
            ("application/graphql-response+json;q=0.1, application/json;q=0.25", MediaType::Json),
            ("application/json, application/graphql-response+json", MediaType::GraphQl),
            ("application/json, */*", MediaType::Json),
            ("application/graphql-response+json, */*", MediaType::GraphQl),
            ("application/json;q=0, */*", MediaType::GraphQl),
            ("application/json;q=0.5, */*", MediaType::GraphQl),
            ("application/graphql-response+json;q=0, */*;q=0.1", MediaType::Json),
        ] {
            assert_eq!(negotiated(accept), Some(wanted), "{accept}");
        }
    }

    #[test]
    fn a_client_that_takes_neither_is_told() {
        for accept in ["text/html", "text/*", "application/xml", "*/*;q=0", "application/json;q=0.000", "nonsense"] {
            assert_eq!(negotiated(accept), None, "{accept}");
        }
    }
}
