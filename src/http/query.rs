//! GraphQL over HTTP: how a request says what is to be done (the specification of that name, section 5).

use super::accept::MediaType;
use super::answer::Call;
use super::object::Object;
use super::problem::Problem;
use super::{HttpState, socket};
use crate::error::Code;
use crate::graphql::operation::Parameters;
use async_graphql::Executor;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::time::timeout;

/// A query in the address, or the way to a socket.
pub(super) async fn get<E: Executor>(State(state): State<Arc<HttpState<E>>>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    if socket::is_asked_for(&parts.headers) {
        return socket::open(state, &mut parts).await.unwrap_or_else(Problem::into_response);
    }
    respond(&state, &parts, async { from_address(&parts) }).await
}

/// An operation in the body.
pub(super) async fn post<E: Executor>(State(state): State<Arc<HttpState<E>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    respond(&state, &parts, from_body(&state, &parts.headers, body)).await
}

async fn respond<E: Executor>(
    state: &HttpState<E>,
    parts: &Parts,
    parameters: impl Future<Output = Result<Parameters, Problem>>,
) -> Response {
    let Some(media) = MediaType::negotiate(&parts.headers) else {
        return Problem::not_acceptable().into_response();
    };
    let client = state.settings.proxies.client(parts);
    let call = Call { is_safe: parts.method != Method::POST, headers: &parts.headers, client, media };
    match parameters.await {
        Ok(parameters) => call.answer(state, parameters).await,
        Err(problem) => Err(problem),
    }
    .unwrap_or_else(|problem| problem.into_response_as(media))
}

/// The parameters in the address: those that are no text are JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    query: String,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

fn from_address(parts: &Parts) -> Result<Parameters, Problem> {
    let Query(address) =
        Query::<Address>::try_from_uri(&parts.uri).map_err(|error| Problem::invalid(error.body_text()))?;
    Ok(Parameters {
        query: address.query,
        operation_name: address.operation_name,
        variables: address.variables.map(|text| from_json("variables", text.as_bytes())).transpose()?,
        extensions: address.extensions.map(|text| from_json("extensions", text.as_bytes())).transpose()?,
    })
}

async fn from_body<E>(state: &HttpState<E>, headers: &HeaderMap, body: Body) -> Result<Parameters, Problem> {
    if !is_json(headers) {
        // A page of anyone's may send forms and plain texts wherever it wants: they are never taken for operations.
        return Err(Problem::not_json());
    }
    let body = read(state, headers, body).await?;
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::invalid("operations come one by one: batches are not taken"));
    }
    from_json("the body", &body).map(|Object(parameters)| parameters)
}

async fn read<E>(state: &HttpState<E>, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let limit = state.settings.max_body;
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(Problem::too_large(limit));
    }
    match timeout(state.settings.read_limit, to_bytes(body, limit)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(Problem::too_large(limit)),
        Err(_) => Err(Problem::too_slow()),
    }
}

/// Whether the body is said to be JSON, in UTF-8.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(text)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, charset)) if name.eq_ignore_ascii_case("charset") => {
            charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json")) && parts.all(is_utf8)
}

fn from_json<T: DeserializeOwned>(what: &str, text: &[u8]) -> Result<T, Problem> {
    // What is said of a value may repeat the whole of it.
    let brief = |error: serde_json::Error| error.to_string().chars().take(200).collect::<String>();
    serde_json::from_slice(text).map_err(|error| Problem::invalid(format!("{what}: {}", brief(error))))
}

impl Problem {
    fn not_acceptable() -> Self {
        let message = "answers are application/graphql-response+json or application/json";
        Self::new(StatusCode::NOT_ACCEPTABLE, Code::InvalidInput, message)
    }

    fn not_json() -> Self {
        let message = "send the operation as application/json in UTF-8";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidInput, message)
    }

    fn too_large(limit: usize) -> Self {
        let message = format!("the body is longer than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Code::QueryRefused, message)
    }

    fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, Code::QueryRefused, "the body was too long on its way")
    }
}
