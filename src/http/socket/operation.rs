//! One operation on a socket, from its beginning to its end.

use super::closing::End;
use super::operations::Line;
use super::writer::Content;
use crate::graphql::operation::{Fate, Kind, Operation, Outcome, Parameters, has_failed, server_error};
use crate::http::run::{shielded, too_long};
use async_graphql::{Data, Executor, Response};
use futures_util::stream::{BoxStream, Peekable};
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::value::to_raw_value;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// What the operations of one connection run on.
#[derive(Clone)]
pub(super) struct Ground<E> {
    pub(super) executor: E,
    /// What each of them finds beside it.
    pub(super) session: Arc<Data>,
    /// For how long one may run that is no subscription.
    pub(super) run_limit: Duration,
}

/// Runs it, and tells its client whatever comes of it.
pub(super) async fn run<E: Executor>(ground: Ground<E>, parameters: Parameters, line: Line) {
    let last = match shielded(results(ground, parameters, &line)).await {
        Ok(Ok(last)) => last,
        Ok(Err(_)) => return,
        Err(panic) => Content::Error(vec![server_error(&panic)]),
    };
    line.close(last).await;
}

/// Passes its results on, and returns what is to be said last.
async fn results<E: Executor>(ground: Ground<E>, parameters: Parameters, line: &Line) -> Result<Content, End> {
    let Operation { request, kind } = match Operation::prepare(parameters) {
        Ok(operation) => operation,
        Err(errors) => return Ok(Content::Error(errors)),
    };
    let listens = kind == Some(Kind::Subscription);
    let mut responses = ground.executor.execute_stream(request, Some(ground.session)).peekable();
    let first = if listens {
        responses.next().await
    } else {
        match timeout(ground.run_limit, responses.next()).await {
            Ok(first) => first,
            Err(_) => return Ok(Content::Error(vec![server_error(&too_long())])),
        }
    };
    match first.map(Outcome::from) {
        None => return Ok(Content::Complete),
        Some(Outcome::Refused(errors)) => return Ok(Content::Error(errors)),
        Some(Outcome::Answered(first)) if listens && never_began(&first, &mut responses) => {
            return Ok(Content::Error(first.errors));
        }
        Some(Outcome::Answered(first)) if listens => {
            let mut event = Some(first);
            while let Some(told) = event {
                let fate = Fate::from(&told);
                if fate != Fate::Withheld {
                    tell(line, &told).await?;
                }
                event = if fate == Fate::Lost { None } else { responses.next().await };
            }
        }
        Some(Outcome::Answered(only)) => tell(line, &only).await?,
    }
    Ok(Content::Complete)
}

/// Whether a subscription's resolver has failed, and not the first of its events: then there is nothing behind it.
fn never_began(first: &Response, rest: &mut Peekable<BoxStream<'static, Response>>) -> bool {
    has_failed(first) && matches!(Pin::new(rest).peek().now_or_never(), Some(None))
}

async fn tell(line: &Line, response: &Response) -> Result<(), End> {
    match to_raw_value(response) {
        Ok(json) => line.next(json.into()).await,
        Err(_) => Err(End::Gone),
    }
}
