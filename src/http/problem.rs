//! What the transport itself has to say against a request, in the form of a GraphQL response.

use super::accept::MediaType;
use crate::error::{Code, Error};
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;

/// A request that did not become an operation.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: Code,
    message: Cow<'static, str>,
    /// The methods that would do, where this one does not.
    allow: Option<HeaderValue>,
}

#[derive(Serialize)]
struct Body<'a> {
    errors: [Item<'a>; 1],
}

#[derive(Serialize)]
struct Item<'a> {
    message: &'a str,
    extensions: Extensions,
}

#[derive(Serialize)]
struct Extensions {
    code: &'static str,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), allow: None }
    }

    /// A request that is not one of GraphQL: 400.
    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::InvalidInput, message)
    }

    /// The same, and the methods that would do.
    pub(super) fn allowing(self, methods: &'static str) -> Self {
        Self { allow: Some(HeaderValue::from_static(methods)), ..self }
    }

    pub(super) fn into_response_as(self, media: MediaType) -> Response {
        let extensions = Extensions { code: self.code.name() };
        let body = Body { errors: [Item { message: &self.message, extensions }] };
        let mut response = media.respond(self.status, &body);
        if let Some(allow) = self.allow {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }
}

/// An operation that could not be run to its end.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match error.code() {
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.code(), error.message().to_owned())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.into_response_as(MediaType::Json)
    }
}
