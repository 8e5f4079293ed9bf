//! What the transport itself has to say against a request, in the form of a GraphQL response.

use super::accept::MediaType;
use crate::error::{Code, Error};
use crate::graphql::operation::server_error;
use async_graphql::ServerError;
use axum::http::header::{ALLOW, HeaderName, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;

/// A request that did not become an operation.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    error: Box<ServerError>,
    /// What more the headers tell: the methods that would do, or when to come again.
    header: Option<(HeaderName, HeaderValue)>,
}

#[derive(Serialize)]
struct Body<'a> {
    errors: [&'a ServerError; 1],
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, error: Box::new(server_error(&Error::new(code, message))), header: None }
    }

    /// A request that is not one of GraphQL: 400.
    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::InvalidInput, message)
    }

    /// The same, and the methods that would do.
    pub(super) fn allowing(self, methods: &'static str) -> Self {
        Self { header: Some((ALLOW, HeaderValue::from_static(methods))), ..self }
    }

    pub(super) fn into_response_as(self, media: MediaType) -> Response {
        let mut response = media.respond(self.status, &Body { errors: [&self.error] });
        response.headers_mut().extend(self.header);
        response
    }
}

/// An operation that was not run, or not to its end. Its status is the same in both forms of answer: that an answer is 200
/// in the older form is for what the operation itself has come to (GraphQL over HTTP, section 6.4.1), and whoever comes again by
/// themselves, be it a client, a library or a proxy, does so after a 429 or a 503.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match error.code() {
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let header = error.retry_after().map(|wait| (RETRY_AFTER, wait.as_secs().into()));
        Self { status, error: Box::new(server_error(&error)), header }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.into_response_as(MediaType::Json)
    }
}
