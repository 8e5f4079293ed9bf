//! Which form of answer a client wants (GraphQL over HTTP, section 6; RFC 9110, section 12.5.1).

use axum::Json;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

/// The greatest weight, in thousandths.
pub(super) const WHOLE: u16 = 1_000;

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

    /// What the client likes best, and how well: JSON where it does not care, the newer form where it names both alike;
    /// `None` where it takes neither.
    fn negotiate(ranges: &[Range<'_>]) -> Option<(Self, u16)> {
        if ranges.is_empty() {
            return Some((Self::Json, WHOLE));
        }
        let json = Liking::of("json", ranges);
        let graphql = Liking::of("graphql-response+json", ranges);
        match (json, graphql) {
            (None, None) => None,
            (Some(json), None) => Some((Self::Json, json.weight)),
            (None, Some(graphql)) => Some((Self::GraphQl, graphql.weight)),
            (Some(json), Some(graphql)) => {
                let is_better = graphql.weight > json.weight || graphql.weight == json.weight && graphql.is_named;
                Some(if is_better { (Self::GraphQl, graphql.weight) } else { (Self::Json, json.weight) })
            }
        }
    }
}

/// For what a client takes `text/event-stream`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Streaming {
    /// For nothing.
    Never,
    /// For what comes in no other form.
    Subscriptions,
    /// For everything.
    Always,
}

/// What a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    /// In which form an answer comes, or what is said against a request.
    pub(super) media: MediaType,
    /// What comes as a stream instead.
    pub(super) streaming: Streaming,
}

impl Accepted {
    /// What the client takes; `None` where it takes nothing of what there is. A stream is to be asked for by its name.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let texts = headers.get_all(ACCEPT).iter().map(|value| value.to_str().unwrap_or_default());
        let ranges: Vec<Range<'_>> =
            texts.flat_map(|text| text.split(',')).filter(|text| !text.trim().is_empty()).map(Range::parse).collect();
        let stream = ranges.iter().find(|range| range.is_event_stream() && range.weight > 0);
        Some(match (MediaType::negotiate(&ranges), stream) {
            (None, None) => return None,
            (Some((media, _)), None) => Self { media, streaming: Streaming::Never },
            (None, Some(_)) => Self { media: MediaType::Json, streaming: Streaming::Always },
            (Some((media, weight)), Some(stream)) if stream.weight > weight => {
                Self { media, streaming: Streaming::Always }
            }
            (Some((media, _)), Some(_)) => Self { media, streaming: Streaming::Subscriptions },
        })
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
        Self { kind, subtype, weight: weight.map_or(WHOLE, thousandths) }
    }

    fn is_event_stream(&self) -> bool {
        self.kind.eq_ignore_ascii_case("text") && self.subtype.eq_ignore_ascii_case("event-stream")
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
pub(super) fn thousandths(text: &str) -> u16 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    match (whole, format!("{decimals:0<3}").parse()) {
        ("0", Ok(thousandths)) if decimals.len() <= 3 => thousandths,
        _ => WHOLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &'static str) -> Option<Accepted> {
        Accepted::negotiate(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
    }

    fn negotiated(accept: &'static str) -> Option<MediaType> {
        accepted(accept).map(|accepted| accepted.media)
    }

    #[test]
    fn a_stream_is_asked_for_by_its_name() {
        for (accept, wanted) in [
            ("text/event-stream", Streaming::Always),
            ("Text/Event-Stream; charset=utf-8", Streaming::Always),
            ("text/event-stream, */*;q=0.9", Streaming::Always),
            ("text/event-stream, application/json", Streaming::Subscriptions),
            ("application/graphql-response+json, text/event-stream, multipart/mixed", Streaming::Subscriptions),
            ("text/event-stream;q=0.5, application/json", Streaming::Subscriptions),
            ("text/event-stream;q=0, application/json", Streaming::Never),
            ("*/*", Streaming::Never),
            ("text/*, application/json", Streaming::Never),
        ] {
            assert_eq!(accepted(accept).map(|accepted| accepted.streaming), Some(wanted), "{accept}");
        }
        assert_eq!(Accepted::negotiate(&HeaderMap::new()).map(|accepted| accepted.streaming), Some(Streaming::Never));
    }

    #[test]
    fn a_client_that_does_not_care_gets_json() {
        assert_eq!(Accepted::negotiate(&HeaderMap::new()).map(|accepted| accepted.media), Some(MediaType::Json));
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
