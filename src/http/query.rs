//! GraphQL over HTTP: how a request says what is to be done (the specification of that name, section 5).

use super::accept::Accepted;
use super::answer::Call;
use super::object::Object;
use super::problem::Problem;
use super::trail::Trail;
use super::{HttpState, socket};
use crate::error::Code;
use crate::graphql::operation::Parameters;
use async_graphql::Executor;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use percent_encoding::percent_decode_str;
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
    respond(&state, &parts, async { from_address(&parts).map(Asked::One) }).await
}

/// An operation in the body.
pub(super) async fn post<E: Executor>(State(state): State<Arc<HttpState<E>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    respond(&state, &parts, from_body(&state, &parts.headers, body)).await
}

/// What a request asks for.
enum Asked {
    One(Parameters),
    Batch(Vec<Parameters>),
}

async fn respond<E: Executor>(
    state: &HttpState<E>,
    parts: &Parts,
    asked: impl Future<Output = Result<Asked, Problem>>,
) -> Response {
    let mut response = match Accepted::negotiate(&parts.headers) {
        Some(accepted) => respond_as(accepted, state, parts, asked).await,
        None => Problem::not_acceptable().into_response(),
    };
    response.headers_mut().append(VARY, HeaderValue::from_name(ACCEPT));
    response
}

async fn respond_as<E: Executor>(
    Accepted { media, streaming }: Accepted,
    state: &HttpState<E>,
    parts: &Parts,
    asked: impl Future<Output = Result<Asked, Problem>>,
) -> Response {
    let client = state.settings.proxies.client(parts);
    let (is_safe, headers, trail) = (parts.method != Method::POST, &parts.headers, Trail::of_parts(parts));
    let call = Call { is_safe, headers, client, trail, media, streaming };
    // Counted before what it says is read.
    let asked = match state.rates.request(client) {
        Ok(()) => asked.await,
        Err(error) => Err(error.into()),
    };
    match asked {
        Ok(Asked::One(parameters)) => call.answer(state, parameters).await,
        Ok(Asked::Batch(batch)) => Ok(call.answer_all(state, batch).await),
        Err(problem) => Err(problem),
    }
    .unwrap_or_else(|problem| problem.into_response_as(media))
}

/// The parameters in the address: those that are no text are JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    query: Option<String>,
    #[serde(alias = "id")]
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

fn from_address(parts: &Parts) -> Result<Parameters, Problem> {
    check_encoding(&parts.uri)?;
    let Query(address) =
        Query::<Address>::try_from_uri(&parts.uri).map_err(|error| Problem::invalid(error.body_text()))?;
    let parameters = Parameters {
        query: address.query,
        document_id: address.document_id,
        operation_name: address.operation_name,
        variables: address.variables.map(|text| from_json("variables", text.as_bytes())).transpose()?,
        extensions: address.extensions.map(|text| from_json("extensions", text.as_bytes())).transpose()?,
    };
    if parameters.are_whole() { Ok(parameters) } else { Err(Problem::invalid("missing field `query`")) }
}

/// What is no text, encoded so that it fits an address (RFC 3986, section 2.1), is not guessed at.
fn check_encoding(uri: &Uri) -> Result<(), Problem> {
    let query = uri.query().unwrap_or_default();
    let is_code = |rest: &str| rest.as_bytes().get(..2).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
    let is_encoded = query.split('%').skip(1).all(is_code);
    if is_encoded && percent_decode_str(query).decode_utf8().is_ok() {
        return Ok(());
    }
    Err(Problem::invalid("the query string is not percent-encoded UTF-8"))
}

async fn from_body<E>(state: &HttpState<E>, headers: &HeaderMap, body: Body) -> Result<Asked, Problem> {
    if !is_json(headers) {
        // A page of anyone's may send forms and plain texts wherever it wants: they are never taken for operations.
        return Err(Problem::not_json());
    }
    let body = read(state, headers, body).await?;
    if body.trim_ascii_start().starts_with(b"[") {
        return batch(&body, state.settings.max_batch).map(Asked::Batch);
    }
    from_json("the body", &body).map(|Object(parameters)| Asked::One(parameters))
}

fn batch(body: &[u8], limit: usize) -> Result<Vec<Parameters>, Problem> {
    if limit < 2 {
        return Err(Problem::invalid("operations come one by one: batches are not taken"));
    }
    let batch: Vec<Object<Parameters>> = from_json("the batch", body)?;
    match batch.len() {
        0 => Err(Problem::invalid("there is nothing in the batch")),
        length if length > limit => {
            let message =
                format!("a batch may have {limit} operations (NATTERJACK_MAX_BATCH), and this one has {length}");
            Err(Problem::new(StatusCode::BAD_REQUEST, Code::QueryRefused, message))
        }
        _ => Ok(batch.into_iter().map(|Object(parameters)| parameters).collect()),
    }
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
