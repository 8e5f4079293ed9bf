//! An operation, whichever transport has brought it: prepared, run, told result by result, and its last word. A panic
//! anywhere in it is one `INTERNAL` error of its own.

use super::asker::Asker;
use super::observer::{Observed, Observer};
use super::run::{panicked, shielded, too_long};
use crate::error;
use crate::feed::{Event, Rendition};
use crate::graphql::documents::Documents;
use crate::graphql::operation::{Fate, Kind, Operation, Outcome, Parameters, has_failed, server_error};
use crate::graphql::telling::{Group, Groups, Tap, Tapped, Teller};
use crate::rate::Place;
use async_graphql::{Data, Executor, Response, ServerError};
use futures_util::future::{BoxFuture, Either};
use futures_util::stream::{self, BoxStream, Peekable, Stream};
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::value::{RawValue, to_raw_value};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
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
pub(super) enum Begun<E> {
    /// To its end.
    Over(LastWord),
    /// To where its subscriber is told of events as one of a group.
    Listens(Box<Telling<E>>),
}

/// The same, before anybody is told.
enum Beginning {
    Over(LastWord),
    Listens { group: Arc<Group>, tapped: Tapped, places: Option<(Place, Option<Place>)> },
}

/// Runs the operation and passes its results on.
pub(super) async fn run<E: Executor, L: Line>(
    ground: Ground<E>,
    operation: Operation,
    line: &L,
) -> Result<LastWord, Gone> {
    match begin(ground, operation, line).await? {
        Begun::Over(last) => Ok(last),
        Begun::Listens(telling) => telling.tell(line).await,
    }
}

/// Begins the operation and passes its results on, but for those of one who listens as one of a group.
pub(super) fn begin<E: Executor, L: Line>(
    ground: Ground<E>,
    operation: Operation,
    line: &L,
) -> impl Future<Output = Result<Begun<E>, Gone>> {
    let executor = ground.executor.clone();
    let mut seen = ground.observer.begin(&operation);
    // What it takes to begin is large, and held no longer than that by the thousands who listen.
    let beginning = Box::new((ground, operation));
    async move {
        let span = seen.span();
        let begins = Box::pin(shielded(try_to_begin(beginning, line, &mut seen).instrument(span)));
        let last = match begins.await {
            Ok(Ok(Beginning::Listens { group, tapped: Tapped { viewer, events }, places })) => {
                let teller = Teller::new(group, viewer);
                let telling = Telling { executor, teller, events, making: None, seen, _places: places };
                return Ok(Begun::Listens(Box::new(telling)));
            }
            Ok(Ok(Beginning::Over(last))) => last,
            Ok(Err(gone)) => return Err(gone),
            Err(panic) => LastWord::Failed(vec![server_error(&panic)]),
        };
        seen.end_with(&last);
        Ok(Begun::Over(last))
    }
}

async fn try_to_begin<E: Executor, L: Line>(
    beginning: Box<(Ground<E>, Operation)>,
    line: &L,
    seen: &mut Observed,
) -> Result<Beginning, Gone> {
    let (ground, mut operation) = *beginning;
    let listens = operation.kind == Some(Kind::Subscription);
    let places = match listens.then(|| ground.asker.subscription()).transpose() {
        Ok(places) => places,
        Err(error) => return Ok(Beginning::Over(LastWord::Failed(vec![server_error(&error)]))),
    };
    let asking = if listens { ground.groups.asking(&mut operation) } else { None };
    let tap = Arc::<Tap>::default();
    let request = if asking.is_some() { operation.request.data(Arc::clone(&tap)) } else { operation.request };
    let responses = ground.executor.execute_stream(request, Some(ground.session));
    let mut responses = responses.map(|response| (response, line.place())).peekable();
    let first = if listens {
        responses.next().await
    } else {
        match timeout(ground.run_limit, responses.next()).await {
            Ok(first) => first,
            Err(_) => return Ok(Beginning::Over(LastWord::Failed(vec![server_error(&too_long())]))),
        }
    };
    let Some((first, place)) = first else {
        return Ok(match (asking, tap.take()) {
            (Some(asking), Some(tapped)) => Beginning::Listens { group: ground.groups.join(asking), tapped, places },
            _ => Beginning::Over(LastWord::Complete),
        });
    };
    match Outcome::from(first) {
        Outcome::Refused(errors) => return Ok(Beginning::Over(LastWord::Failed(errors))),
        Outcome::Answered(first) if listens && never_began(&first, &mut responses) => {
            return Ok(Beginning::Over(LastWord::Failed(first.errors)));
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
    Ok(Beginning::Over(LastWord::Complete))
}

/// One who is told of events as one of a group.
pub(super) struct Telling<E> {
    executor: E,
    teller: Teller,
    events: BoxStream<'static, error::Result<Event>>,
    /// What is told next, where it is not there yet.
    making: Option<BoxFuture<'static, error::Result<Rendition>>>,
    seen: Observed,
    _places: Option<(Place, Option<Place>)>,
}

/// What such a one is told.
pub(super) enum Told {
    /// A result.
    Result(Arc<RawValue>),
    /// A result by a fault of the server's: the client stands before it still. Nothing but the last word follows.
    Lost(Arc<RawValue>),
    /// Nothing more.
    Last(LastWord),
}

impl<E: Executor> Telling<E> {
    /// Tells it all.
    async fn tell<L: Line>(mut self, line: &L) -> Result<LastWord, Gone> {
        loop {
            match poll_fn(|cx| self.poll_told(cx)).await {
                Told::Result(json) => line.next(json, line.place()).await?,
                Told::Lost(json) => line.next(json, L::Place::default()).await?,
                Told::Last(last) => return Ok(last),
            }
        }
    }

    /// What it is told next.
    pub(super) fn poll_told(&mut self, cx: &mut Context<'_>) -> Poll<Told> {
        let polled = catch_unwind(AssertUnwindSafe(|| self.poll_rendition(cx)));
        let rendition = ready!(polled.unwrap_or_else(|_| Poll::Ready(Err(panicked()))));
        let last = match rendition {
            Ok(Some(Rendition::Told(json))) => {
                self.seen.note_result();
                return Poll::Ready(Told::Result(json));
            }
            Ok(Some(Rendition::Lost(json, fault))) => {
                self.seen.note_loss(fault);
                self.events = stream::empty().boxed();
                return Poll::Ready(Told::Lost(json));
            }
            Ok(Some(Rendition::Withheld) | None) => LastWord::Complete,
            Err(error) => LastWord::Failed(vec![server_error(&error)]),
        };
        self.seen.end_with(&last);
        Poll::Ready(Told::Last(last))
    }

    fn poll_rendition(&mut self, cx: &mut Context<'_>) -> Poll<error::Result<Option<Rendition>>> {
        loop {
            let rendition = if let Some(making) = &mut self.making {
                let made = ready!(making.as_mut().poll(cx));
                self.making = None;
                made?
            } else {
                let Some(event) = ready!(self.events.poll_next_unpin(cx)) else { return Poll::Ready(Ok(None)) };
                match self.teller.tell(&self.executor, event) {
                    Either::Left(rendition) => rendition,
                    Either::Right(making) => {
                        self.making = Some(making.instrument(self.seen.span()).boxed());
                        continue;
                    }
                }
            };
            if !matches!(rendition, Rendition::Withheld) {
                return Poll::Ready(Ok(Some(rendition)));
            }
        }
    }
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
