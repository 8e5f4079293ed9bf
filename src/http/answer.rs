//! An operation over HTTP: run once, within its time, and answered with the status that the client's form of answer
//! asks for (GraphQL over HTTP, section 6.4).

use super::accept::{MediaType, Streaming};
use super::observer::Observer;
use super::problem::Problem;
use super::trail::Trail;
use super::{HttpState, bearer, event_stream, results, run};
use crate::domain::client::ClientAddress;
use crate::error::{Code, Error};
use crate::graphql::Caller;
use crate::graphql::operation::{Kind, Operation, Outcome, Parameters};
use crate::measures::Transport;
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
    pub(super) trail: Trail,
    pub(super) media: MediaType,
    pub(super) streaming: Streaming,
}

/// A refused operation's answer has no `data`.
#[derive(Serialize)]
pub(super) struct Refusal {
    pub(super) errors: Vec<ServerError>,
}

impl Call<'_> {
    /// Does what is asked for.
    pub(super) async fn answer<E: Executor>(
        &self,
        state: &HttpState<E>,
        parameters: Parameters,
    ) -> Result<Response, Problem> {
        let observer = self.observer(state);
        let operation = match results::prepare(&state.documents, &observer, parameters).await {
            Ok(operation) => operation,
            Err(errors) if self.streaming == Streaming::Always => return Ok(event_stream::refuse(errors)),
            Err(errors) => return Ok(self.refuse(errors)),
        };
        let problem = match (operation.kind, self.streaming) {
            (Some(Kind::Mutation), _) if self.is_safe => Some(Problem::mutation_by_get()),
            (Some(Kind::Subscription), Streaming::Never) => Some(Problem::subscription()),
            (Some(Kind::Subscription), _) | (_, Streaming::Always) => {
                return event_stream::answer(self, state, operation).await;
            }
            _ => None,
        };
        let seen = observer.begin(&operation);
        if let Some(problem) = problem {
            seen.refuse();
            return Err(problem);
        }
        let Operation { request, .. } = operation;
        let work = async {
            let caller = self.caller(state).await?;
            let request = request.data(caller).data(self.client);
            run::once(&state.executor, request, state.settings.run_limit).await
        };
        Ok(match seen.through(work).await? {
            Outcome::Refused(errors) => self.refuse(errors),
            Outcome::Answered(response) => {
                let mut response = GraphQLResponse::from(response).into_response();
                response.headers_mut().insert(CONTENT_TYPE, self.media.header());
                response
            }
        })
    }

    /// On whose behalf it is asked. `RATE_LIMITED` where that person has asked for too much lately; the address is counted before
    /// any work is done.
    pub(super) async fn caller<E: Executor>(&self, state: &HttpState<E>) -> Result<Caller, Error> {
        let caller = bearer::caller(self.headers, state).await;
        if let Caller::Viewer(viewer) = &caller {
            state.rates.request(viewer.user)?;
        }
        Ok(caller)
    }

    /// What sees its operations.
    pub(super) fn observer<E>(&self, state: &HttpState<E>) -> Observer {
        let transport = if self.streaming == Streaming::Always { Transport::Sse } else { Transport::Http };
        Observer::new(&state.measures, transport, self.trail.clone())
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
        let message = "subscriptions run over WebSockets at this path, with the sub-protocol graphql-transport-ws, or are \
            asked for with `Accept: text/event-stream`";
        Self::new(StatusCode::BAD_REQUEST, Code::QueryRefused, message)
    }
}
