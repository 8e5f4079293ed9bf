//! Telling many of one event. A subscription's resolver runs once for each subscriber, and what it would be told is taken
//! from it as events, by a [`Tap`]; those who ask alike are a [`Group`], for which each event is executed once, and its
//! bytes are kept beside the event ([`crate::feed::Renditions`]). Where they depend on who looks, once for each who does.

pub mod dependence;
mod group;
mod teller;

pub use group::{Asking, Group, Groups};
pub use teller::Teller;

use super::errors::Result;
use super::eyes::Eyes;
use crate::chat::Viewer;
use crate::error::{self, Error};
use crate::feed::Event;
use async_graphql::Context;
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// What a subscriber is to be told.
pub struct Tapped {
    /// Who it is.
    pub viewer: Viewer,
    /// The events, each of which the viewer may hear. Ends after an error.
    pub events: BoxStream<'static, error::Result<Event>>,
}

/// Put beside a subscription's request: takes what it would be told, as events, in place of its results.
#[derive(Default)]
pub struct Tap(Mutex<Option<Tapped>>);

impl Tap {
    /// What was taken; nothing where the resolver has failed, or knows no taps.
    pub fn take(&self) -> Option<Tapped> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fill(&self, tapped: Tapped) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tapped);
    }
}

/// One event, to be shown to somebody, or why there is none.
struct Given {
    eyes: Eyes,
    event: error::Result<Event>,
}

/// Put beside a group's request: what its subscription tells of, and to whom.
struct Source(Mutex<Option<mpsc::Receiver<Given>>>);

/// What a subscription's field gives: what it was told to, or else all that begins so, if it is not tapped. `show` gives
/// nothing for an event of another field.
pub(super) async fn told<S, T>(
    ctx: &Context<'_>,
    begin: impl Future<Output = Result<(Viewer, S)>>,
    show: impl Fn(Eyes, Event) -> Option<T> + Send + 'static,
) -> Result<BoxStream<'static, Result<T>>>
where
    S: Stream<Item = error::Result<Event>> + Send + 'static,
    T: Send + 'static,
{
    let show = move |Given { eyes, event }| {
        let elsewhere = || Error::internal("an event was told to a field that it is not for");
        Ok(show(eyes, event?).ok_or_else(elsewhere)?)
    };
    if let Some(Source(source)) = ctx.data_opt() {
        let source = source.lock().unwrap_or_else(PoisonError::into_inner).take();
        let given = stream::unfold(source, async |source| {
            let mut source = source?;
            Some((source.recv().await?, Some(source)))
        });
        return Ok(given.map(show).boxed());
    }
    let (viewer, events) = begin.await?;
    if let Some(tap) = ctx.data_opt::<Arc<Tap>>() {
        tap.fill(Tapped { viewer, events: events.boxed() });
        return Ok(stream::empty().boxed());
    }
    Ok(events.map(move |event| show(Given { eyes: Eyes::Of(viewer), event })).boxed())
}
