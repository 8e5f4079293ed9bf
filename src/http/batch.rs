//! Several operations in one request, which some clients send: one after another, and answered in their order.

use super::HttpState;
use super::answer::{Call, Refusal};
use super::asker::Asker;
use super::{bearer, results, run};
use crate::error::{Code, Error};
use crate::graphql::Caller;
use crate::graphql::operation::{Kind, Operation, Outcome, Parameters, server_error};
use async_graphql::{Executor, Response, ServerError};
use axum::http::StatusCode;
use serde::Serialize;
use std::time::Duration;
use tokio::time::Instant;

/// What comes of one of them.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Answered(Box<Response>),
    Refused(Refusal),
}

impl Call<'_> {
    /// Does them all, within the time of one. What is wrong with one of them is said in its place and stops none of the
    /// others: the status is 200.
    pub(super) async fn answer_all<E: Executor>(
        &self,
        state: &HttpState<E>,
        batch: Vec<Parameters>,
    ) -> axum::response::Response {
        let caller = bearer::caller(self.headers, state).await;
        let viewer = if let Caller::Viewer(viewer) = &caller { Some(viewer) } else { None };
        let asker = Asker::new(&state.rates, viewer, self.client);
        let end = Instant::now() + state.settings.run_limit;
        let mut answers = Vec::with_capacity(batch.len());
        for (n, parameters) in batch.into_iter().enumerate() {
            let left = end.saturating_duration_since(Instant::now());
            // Of the first, the address was counted when the request came.
            let counted = if n == 0 { asker.request_of_viewer() } else { asker.request() };
            let answer = match counted {
                Ok(()) => self.answer_one(state, parameters, &caller, left).await,
                Err(error) => Err(vec![server_error(&error)]),
            };
            answers.push(answer.unwrap_or_else(|errors| Answer::Refused(Refusal { errors })));
        }
        self.media.respond(StatusCode::OK, &answers)
    }

    async fn answer_one<E: Executor>(
        &self,
        state: &HttpState<E>,
        parameters: Parameters,
        caller: &Caller,
        limit: Duration,
    ) -> Result<Answer, Vec<ServerError>> {
        let observer = self.observer(state);
        let operation = results::prepare(&state.documents, &observer, parameters).await?;
        let seen = observer.begin(&operation);
        let Operation { request, kind, .. } = operation;
        if kind == Some(Kind::Subscription) {
            seen.refuse();
            let error = Error::new(Code::QueryRefused, "a subscription does not come in a batch");
            return Err(vec![server_error(&error)]);
        }
        let request = request.data(caller.clone()).data(self.client);
        let outcome = seen.through(run::once(&state.executor, request, limit)).await;
        match outcome.map_err(|error| vec![server_error(&error)])? {
            Outcome::Refused(errors) => Err(errors),
            Outcome::Answered(response) => Ok(Answer::Answered(Box::new(response))),
        }
    }
}
