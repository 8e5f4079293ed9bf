//! An operation, whichever transport has brought it: prepared, run, told result by result, and its last word. A panic
//! anywhere in it is one `INTERNAL` error of its own.

use super::asker::Asker;
use super::observer::{Observed, Observer};
use super::run::{shielded, too_long};
use crate::feed::Rendition;
use crate::graphql::documents::Documents;
use crate::graphql::operation::{Fate, Kind, Operation, Outcome, Parameters, has_failed, server_error};
use crate::graphql::telling::{Group, Groups, Tap, Tapped, Teller};
use crate::rate::Place;
use async_graphql::{Data, Executor, Response, ServerError};
use futures_util::stream::{Peekable, Stream};
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::value::{RawValue, to_raw_value};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tracing::Instrument as _;

/// What the operations of one connection run on.
#[derive(Clone)]
pub(super) struct Ground<E> {
    pub(super) executor: E,
    /// What their documents pass before.
    pub(super) documents: Arc<Documents>,
    /// Sees them.
    pub(super) observer: Observer,
    /// Whose subscriptions are told of events together.
    pub(super) groups: Arc<Groups>,
    /// What each of them finds beside it.
    pub(super) session: Arc<Data>,
    /// By whom and from where they are asked for.
    pub(super) asker: Asker,
    /// For how long one may run that is no subscription.
    pub(super) run_limit: Duration,
}

/// The way to the client of one operation.
pub(super) trait Line: Sync {
    /// What is to be known of a result beside what it says.
    type Place: Default + Send;

    /// That of the result that has just come.
    fn place(&self) -> Self::Place;

    /// Tells the client one result, once there is room for it.
    fn next(&self, response: Arc<RawValue>, place: Self::Place) -> impl Future<Output = Result<(), Gone>> + Send;
}

/// There is nobody to tell anything any more.
#[derive(Debug)]
pub(super) struct Gone;

/// What is said when nothing more comes.
pub(super) enum LastWord {
    /// It is over.
    Complete,
    /// It has failed as a whole. No result was told, but where that is a mistake of ours.
    Failed(Vec<ServerError>),
}

/// Guards and parses: the errors of a refusal otherwise.
pub(super) async fn prepare(
    documents: &Documents,
    observer: &Observer,
    parameters: Parameters,
) -> Result<Operation, Vec<ServerError>> {
    let prepared = shielded(async { documents.prepare(parameters) }).await;
    let prepared = prepared.unwrap_or_else(|panic| Err(vec![server_error(&panic)]));
    prepared.inspect_err(|errors| observer.refuse(errors))
}

/// How far an operation has come.
enum Begun {
    /// To its end.
    Over(LastWord),
    /// To where its subscriber is told of events as one of a group.
    Listens { group: Arc<Group>, tapped: Tapped, places: Option<(Place, Option<Place>)> },
}

/// Runs the operation and passes its results on.
pub(super) fn run<E: Executor, L: Line>(
    ground: Ground<E>,
    operation: Operation,
    line: &L,
) -> impl Future<Output = Result<LastWord, Gone>> {
    let executor = ground.executor.clone();
    let mut seen = ground.observer.begin(&operation);
    // What it takes to begin is large, and held no longer than that by the thousands who listen.
    let beginning = Box::new((ground, operation));
    async move {
        let span = seen.span();
        let begins = Box::pin(shielded(begin(beginning, line, &mut seen).instrument(span.clone())));
        let told = match begins.await {
            Ok(Ok(Begun::Listens { group, tapped, places: _places })) => {
                shielded(tell_tapped(&executor, group, tapped, line, &mut seen).instrument(span)).await
            }
            Ok(Ok(Begun::Over(last))) => Ok(Ok(last)),
            Ok(Err(gone)) => return Err(gone),
            Err(panic) => Err(panic),
        };
        let last = told.unwrap_or_else(|panic| Ok(LastWord::Failed(vec![server_error(&panic)])))?;
        if let LastWord::Failed(errors) = &last {
            seen.note_failure(errors);
        }
        seen.end();
        Ok(last)
    }
}

async fn begin<E: Executor, L: Line>(
    beginning: Box<(Ground<E>, Operation)>,
    line: &L,
    seen: &mut Observed,
) -> Result<Begun, Gone> {
    let (ground, mut operation) = *beginning;
    let listens = operation.kind == Some(Kind::Subscription);
    let places = match listens.then(|| ground.asker.subscription()).transpose() {
        Ok(places) => places,
        Err(error) => return Ok(Begun::Over(LastWord::Failed(vec![server_error(&error)]))),
    };
    let group = if listens { ground.groups.of(&mut operation) } else { None };
    let tap = Arc::<Tap>::default();
    let request = if group.is_some() { operation.request.data(Arc::clone(&tap)) } else { operation.request };
    let responses = ground.executor.execute_stream(request, Some(ground.session));
    let mut responses = responses.map(|response| (response, line.place())).peekable();
    let first = if listens {
        responses.next().await
    } else {
        match timeout(ground.run_limit, responses.next()).await {
            Ok(first) => first,
            Err(_) => return Ok(Begun::Over(LastWord::Failed(vec![server_error(&too_long())]))),
        }
    };
    let Some((first, place)) = first else {
        return Ok(match (group, tap.take()) {
            (Some(group), Some(tapped)) => Begun::Listens { group, tapped, places },
            _ => Begun::Over(LastWord::Complete),
        });
    };
    match Outcome::from(first) {
        Outcome::Refused(errors) => return Ok(Begun::Over(LastWord::Failed(errors))),
        Outcome::Answered(first) if listens && never_began(&first, &mut responses) => {
            return Ok(Begun::Over(LastWord::Failed(first.errors)));
        }
        Outcome::Answered(first) if listens => {
            let mut event = Some((first, place));
            while let Some((told, place)) = event {
                seen.note_event(&told);
                event = match Fate::from(&told) {
                    Fate::Told => {
                        tell(line, &told, place).await?;
                        seen.note_result();
                        responses.next().await
                    }
                    Fate::Withheld => responses.next().await,
                    // The client stands before it still.
                    Fate::Lost => {
                        seen.note_failure(&told.errors);
                        tell(line, &told, L::Place::default()).await?;
                        None
                    }
                };
            }
        }
        Outcome::Answered(only) => {
            seen.note_answer(&only);
            tell(line, &only, place).await?;
        }
    }
    Ok(Begun::Over(LastWord::Complete))
}

/// Tells a subscriber as one of its group.
async fn tell_tapped<E: Executor, L: Line>(
    executor: &E,
    group: Arc<Group>,
    tapped: Tapped,
    line: &L,
    seen: &mut Observed,
) -> Result<LastWord, Gone> {
    let Tapped { viewer, mut events } = tapped;
    let mut teller = Teller::new(group, viewer);
    while let Some(event) = events.next().await {
        let place = line.place();
        match teller.tell(executor, event).await {
            Ok(Rendition::Told(json)) => {
                line.next(json, place).await?;
                seen.note_result();
            }
            Ok(Rendition::Withheld) => {}
            // The client stands before it still.
            Ok(Rendition::Lost(json, fault)) => {
                seen.note_loss(fault);
                line.next(json, L::Place::default()).await?;
                break;
            }
            Err(error) => return Ok(LastWord::Failed(vec![server_error(&error)])),
        }
    }
    Ok(LastWord::Complete)
}

/// Whether a subscription's resolver has failed, and not the first of its events: then there is nothing behind it.
fn never_began<S: Stream + Unpin>(first: &Response, rest: &mut Peekable<S>) -> bool {
    has_failed(first) && matches!(Pin::new(rest).peek().now_or_never(), Some(None))
}

async fn tell<L: Line>(line: &L, response: &Response, place: L::Place) -> Result<(), Gone> {
    match to_raw_value(response) {
        Ok(json) => line.next(json.into(), place).await,
        Err(_) => Err(Gone),
    }
}
