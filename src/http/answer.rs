//! An operation over HTTP: run once, within its time, and answered with the status that the client's form of answer
//! asks for (GraphQL over HTTP, section 6.4).

use super::accept::MediaType;
use super::problem::Problem;
use super::{HttpState, bearer, run};
use crate::domain::client::ClientAddress;
use crate::error::Code;
use crate::graphql::operation::{Kind, Operation, Outcome, Parameters};
use async_graphql::{Executor, ServerError};
use async_graphql_axum::GraphQLResponse;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

/// How an operation came.
pub(super) struct Call<'a> {
    /// Whether the method promises that nothing is changed (RFC 9110, section 9.2.1).
    pub(super) is_safe: bool,
    pub(super) headers: &'a HeaderMap,
    pub(super) client: ClientAddress,
    pub(super) media: MediaType,
}

/// A refused operation's answer has no `data`.
#[derive(Serialize)]
struct Refusal {
    errors: Vec<ServerError>,
}

impl Call<'_> {
    /// Does what is asked for.
    pub(super) async fn answer<E: Executor>(
        &self,
        state: &HttpState<E>,
        parameters: Parameters,
    ) -> Result<Response, Problem> {
        let Operation { request, kind } = match Operation::prepare(parameters) {
            Ok(operation) => operation,
            Err(errors) => return Ok(self.refuse(errors)),
        };
        match kind {
            Some(Kind::Mutation) if self.is_safe => return Err(Problem::mutation_by_get()),
            Some(Kind::Subscription) => return Err(Problem::subscription()),
            _ => {}
        }
        let request = request.data(bearer::caller(self.headers, state).await).data(self.client);
        let response = run::once(&state.executor, request, state.settings.run_limit).await?;
        Ok(match Outcome::from(response) {
            Outcome::Refused(errors) => self.refuse(errors),
            Outcome::Answered(response) => {
                let mut response = GraphQLResponse::from(response).into_response();
                response.headers_mut().insert(CONTENT_TYPE, self.media.header());
                response
            }
        })
    }

    fn refuse(&self, errors: Vec<ServerError>) -> Response {
        let status = match self.media {
            MediaType::Json => StatusCode::OK,
            MediaType::GraphQl => StatusCode::BAD_REQUEST,
        };
        self.media.respond(status, &Refusal { errors })
    }
}

impl Problem {
    fn mutation_by_get() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, Code::QueryRefused, "mutations come by POST").allowing("POST")
    }

    fn subscription() -> Self {
        let message = "subscriptions run over WebSockets at this path, with the sub-protocol graphql-transport-ws";
        Self::new(StatusCode::BAD_REQUEST, Code::QueryRefused, message)
    }
}
