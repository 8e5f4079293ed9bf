//! Operations by server-sent events (`PROTOCOL.md` of the npm package graphql-sse, distinct connections mode; the HTML
//! standard, section 9.2): one operation on a connection of its own.
//!
//! A stream that is over ends with `complete`. One that the server cannot go on with, because the token has run out, the
//! session is over or the server stops, ends without: clients come again, and hear there whether they are let in.

use super::HttpState;
use super::answer::{Call, Refusal};
use super::asker::Asker;
use super::lifetime::lifetime;
use super::observer::Observer;
use super::problem::Problem;
use super::results::{self, Gone, Ground, LastWord, Line};
use crate::graphql::operation::{Kind, Operation};
use crate::graphql::{Caller, SocketEnd, Standing};
use crate::measures::Transport;
use async_graphql::{Data, Executor, ServerError};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, StreamExt as _};
use serde_json::value::{RawValue, to_raw_value};
use std::convert::Infallible;
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// What a client gave as the id of the last event that it has taken in.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// By it nginx and others pass on what comes, without gathering it first.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// A line that says nothing.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata: \n\n");

/// Runs the operation, and answers with what comes of it as it comes.
pub(super) async fn answer<E: Executor>(
    call: &Call<'_>,
    state: &HttpState<E>,
    operation: Operation,
) -> Result<Response, Problem> {
    let standing = Arc::new(resumed(call.headers)?);
    let caller = call.caller(state).await?;
    let viewer = match &caller {
        Caller::Viewer(viewer) if operation.kind == Some(Kind::Subscription) => Some(*viewer),
        _ => None,
    };
    let mut session = Data::default();
    session.insert(caller);
    session.insert(call.client);
    session.insert(Arc::clone(&standing));
    let ground = Ground {
        executor: state.executor.clone(),
        documents: Arc::clone(&state.documents),
        groups: Arc::clone(&state.groups),
        observer: Observer::new(&state.measures, Transport::Sse, call.trail.clone()),
        session: Arc::new(session),
        asker: Asker::new(&state.rates, viewer.as_ref(), call.client),
        run_limit: state.settings.run_limit,
    };
    let (frames, waiting) = mpsc::channel(state.settings.stream.queue);
    let (gate, shutdown) = (Arc::clone(&state.gate), state.shutdown.clone());
    state.sockets.spawn(async move {
        let _attending = viewer.map(|viewer| gate.enter(&viewer));
        let end = viewer.map(|viewer| Arc::new(SocketEnd::new(&viewer)));
        tokio::select! {
            () = tell(ground, operation, &standing, &frames) => {}
            _ = lifetime(&*gate, viewer, end.as_ref()) => {}
            () = shutdown.cancelled() => {}
            () = frames.closed() => {}
        }
    });
    Ok(respond(waiting, state.settings.stream.keep_alive))
}

/// What was refused before it could run is told in the form that the client asked for, as the protocol has it: browsers
/// let their pages see nothing of an event stream with another status than 200.
pub(super) fn refuse(errors: Vec<ServerError>) -> Response {
    headed(Body::from(refused(errors)))
}

fn resumed(headers: &HeaderMap) -> Result<Standing, Problem> {
    let text = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty());
    let text = text.map(|value| value.to_str().unwrap_or("not ours"));
    Standing::resuming(text).ok_or_else(|| Problem::invalid("the Last-Event-ID is none that was given here"))
}

async fn tell<E: Executor>(ground: Ground<E>, operation: Operation, standing: &Standing, frames: &mpsc::Sender<Bytes>) {
    let line = EventLine { frames, standing, has_told: AtomicBool::new(false) };
    let mut running = pin!(results::run(ground, operation, &line));
    let last = tokio::select! {
        biased;
        // A client that is cut off before the first event is to come back to where it began.
        place = standing.begun() => {
            if let Some(place) = place && !line.has_told.load(Ordering::Relaxed) {
                let _ = frames.send(format!("id: {place}\n\n").into()).await;
            }
            running.await
        }
        last = &mut running => last,
    };
    let last = match last {
        Ok(LastWord::Complete) => COMPLETE,
        Ok(LastWord::Failed(errors)) => refused(errors),
        Err(Gone) => return,
    };
    let _ = frames.send(last).await;
}

/// The way to the client of one stream.
struct EventLine<'a> {
    frames: &'a mpsc::Sender<Bytes>,
    standing: &'a Standing,
    has_told: AtomicBool,
}

impl Line for EventLine<'_> {
    type Place = Option<String>;

    fn place(&self) -> Option<String> {
        self.standing.text()
    }

    async fn next(&self, response: Arc<RawValue>, place: Option<String>) -> Result<(), Gone> {
        self.has_told.store(true, Ordering::Relaxed);
        self.frames.send(next(&response, place.as_deref())).await.map_err(|_| Gone)
    }
}

/// JSON has no line breaks of its own: one line of data holds all of it.
fn next(response: &RawValue, id: Option<&str>) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("event: next\n{id}data: {response}\n\n").into()
}

fn refused(errors: Vec<ServerError>) -> Bytes {
    let refusal = to_raw_value(&Refusal { errors }).unwrap_or_default();
    [next(&refusal, None), COMPLETE].concat().into()
}

/// What waits, as it comes, and something at least as often as that: so that proxies keep the connection, and that it
/// is noticed where nobody reads any more.
fn respond(waiting: mpsc::Receiver<Bytes>, keep_alive: Duration) -> Response {
    let told = stream::unfold(waiting, move |mut waiting| async move {
        let frame = timeout(keep_alive, waiting.recv()).await.unwrap_or(Some(COMMENT))?;
        Some((frame, waiting))
    });
    // With the first line the head goes out too.
    headed(Body::from_stream(stream::once(ready(COMMENT)).chain(told).map(Ok::<_, Infallible>)))
}

fn headed(body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform")),
        (X_ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}
