//! By what a request is known again: in its answer, in the log, in traces, and in the measures that it is counted in.

use super::HttpState;
use crate::domain::clock::Timestamp;
use crate::domain::ids::RequestId;
use crate::measures::Path;
use crate::traces::Parent;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use tokio::time::Instant;

/// What bears a request's id, in both directions. No standard has it; proxies and clients of all kinds do.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken, in bytes.
const MAX_ID: usize = 128;
/// The longest `traceparent` and `tracestate` that are looked at, in bytes (W3C Trace Context, sections 3.2 and 3.3).
const MAX_TRACEPARENT: usize = 64;
const MAX_TRACESTATE: usize = 512;

/// By what a request is known again.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    /// Its id: the one that it bears, or one that was made for it.
    pub(super) id: Arc<str>,
    /// The trace that it says to be part of.
    pub(super) parent: Option<Arc<Parent>>,
}

impl Trail {
    fn of(headers: &HeaderMap, now: Timestamp) -> Self {
        let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| is_sane(id, MAX_ID));
        let id = id.map_or_else(|| RequestId::new(now).to_string().into(), Arc::from);
        Self { id, parent: parent(headers).map(Arc::new) }
    }

    /// That of the request which these are the parts of.
    pub(super) fn of_parts(parts: &Parts) -> Self {
        // Every request has passed `note` before.
        parts.extensions.get().cloned().unwrap_or_else(|| Self { id: "none".into(), parent: None })
    }
}

/// Whether a stranger's name for something may stand in the log, in a header and in a trace as it is.
pub(super) fn is_sane(name: &str, max: usize) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte);
    (1..=max).contains(&name.len()) && name.bytes().all(is_plain)
}

fn parent(headers: &HeaderMap) -> Option<Parent> {
    let of = |name: &str, max: usize| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.filter(|value| value.len() <= max).map(str::to_owned)
    };
    let traceparent = of("traceparent", MAX_TRACEPARENT)?;
    Some(Parent { traceparent, tracestate: of("tracestate", MAX_TRACESTATE).unwrap_or_default() })
}

/// Puts the trail beside every request and the id into its answer, and counts it.
pub(super) async fn note<E>(State(state): State<Arc<HttpState<E>>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let trail = Trail::of(request.headers(), state.gate.now());
    let (method, path) = (method(request.method()), path(request.uri().path()));
    let id = HeaderValue::from_str(&trail.id);
    request.extensions_mut().insert(trail);
    let mut response = next.run(request).await;
    if let Ok(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    state.measures.transport.count_request(method, path, response.status().as_u16(), began.elapsed());
    response
}

/// What the measures call a method.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn path(path: &str) -> Path {
    match path {
        "/graphql" => Path::Graphql,
        "/health/live" | "/health/ready" => Path::Health,
        "/metrics" => Path::Metrics,
        _ => Path::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(pairs: &[(&'static str, &str)]) -> Trail {
        Trail::of(&headers(pairs), Timestamp::from_unix_millis(0).unwrap())
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), value.parse().unwrap());
        pairs.iter().map(header).collect()
    }

    #[test]
    fn an_id_is_taken_where_it_is_sane_and_made_otherwise() {
        for id in ["7d0eedab", "a/b:c.d-e_f+g=", &"x".repeat(MAX_ID)] {
            assert_eq!(&*trail(&[("x-request-id", id)]).id, id);
        }
        for id in ["", "two words", "a\"b", "{}", "ä", &"x".repeat(MAX_ID + 1)] {
            assert!(trail(&[("x-request-id", id)]).id.parse::<RequestId>().is_ok(), "{id}");
        }
        assert_ne!(trail(&[]).id, trail(&[]).id);
    }

    #[test]
    fn a_trace_is_taken_where_it_is_short_enough_to_be_one() {
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parent = trail(&[("traceparent", traceparent), ("tracestate", "a=1")]).parent.unwrap();
        assert_eq!((&*parent.traceparent, &*parent.tracestate), (traceparent, "a=1"));
        assert!(trail(&[("traceparent", &"0".repeat(MAX_TRACEPARENT + 1))]).parent.is_none());
        assert!(trail(&[("tracestate", "a=1")]).parent.is_none());
    }
}
