//! One subscriber of a group.

use super::dependence::Dependence;
use super::{Given, Group};
use crate::chat::Viewer;
use crate::domain::ids::UserId;
use crate::domain::message::Revision;
use crate::error::{Error, Result};
use crate::feed::{Event, Form, Herald, Rendition};
use crate::graphql::event;
use crate::graphql::eyes::Eyes;
use async_graphql::Executor;
use futures_util::future::{BoxFuture, Either, FutureExt as _};
use std::sync::{Arc, Weak};
use tokio::time::Instant;

/// Has one subscriber told of events, of each as the whole group is wherever that is the same.
pub struct Teller {
    group: Arc<Group>,
    viewer: Viewer,
    /// Nothing that was read before is told. Else one who is slow would be told of somebody's new name, and then, in bytes
    /// that were made for quicker ones, of the old.
    not_before: Instant,
}

impl Teller {
    /// That viewer, as one of the group.
    pub fn new(group: Arc<Group>, viewer: Viewer) -> Self {
        Self { group, viewer, not_before: Instant::now() }
    }

    /// What the subscriber is told of that, where it is there, or how it is made: `INTERNAL` where it cannot be said at all.
    /// Before that is done, nothing else is to be asked for.
    pub fn tell<E: Executor>(
        &mut self,
        executor: &E,
        event: Result<Event>,
    ) -> Either<Rendition, impl Future<Output = Result<Rendition>> + use<E>> {
        let not_before = self.not_before;
        let known = event.as_ref().ok().and_then(|event| Some((event, event.renditions()?)));
        let form = known.and_then(|(event, renditions)| {
            if !is_new(event) {
                self.not_before = not_before.max(renditions.found());
            }
            Some((renditions, form(&self.group, event, Some(self.viewer))?))
        });
        if let Some((renditions, (_, form))) = &form
            && let Some(ready) = renditions.ready(*form, not_before)
        {
            return Either::Left(ready);
        }
        let form = form.map(|(_, form)| form);
        if form.is_none() {
            self.not_before = Instant::now();
        }
        let (group, viewer, executor) = (Arc::clone(&self.group), self.viewer, executor.clone());
        Either::Right(async move {
            let (Some((eyes, form)), Ok(event)) = (form, &event) else {
                return group.render(&executor, Given { eyes: Eyes::Of(viewer), event }).await;
            };
            let Some(renditions) = event.renditions() else { return Err(gone()) };
            if let (None, Some(kind)) = (form.viewer, event.kind()) {
                renditions.herald(kind, form.group, || Crier::of(&group, &executor));
            }
            let make = group.render(&executor, Given { eyes, event: Ok(event.clone()) });
            renditions.of(form, not_before, make).await
        })
    }
}

/// Has a group's events executed before any of it asks.
struct Crier<E> {
    id: u64,
    group: Weak<Group>,
    executor: E,
}

impl<E: Executor> Crier<E> {
    fn of(group: &Arc<Group>, executor: &E) -> Arc<dyn Herald> {
        Arc::new(Self { id: group.id, group: Arc::downgrade(group), executor: executor.clone() })
    }
}

impl<E: Executor> Herald for Crier<E> {
    fn group(&self) -> u64 {
        self.id
    }

    fn make(&self, event: &Event) -> Option<(Form, BoxFuture<'static, Result<Rendition>>)> {
        let (group, executor) = (self.group.upgrade()?, self.executor.clone());
        let (eyes, form) = form(&group, event, None)?;
        let given = Given { eyes, event: Ok(event.clone()) };
        Some((form, async move { group.render(&executor, given).await }.boxed()))
    }
}

/// Nobody of the group is there any more.
fn gone() -> Error {
    Error::internal("nobody asks for this any more")
}

/// In whose eyes the event is shown to that viewer, or to any of the group, and which others are told the same bytes. `None`
/// where that depends on who looks, and nobody was named.
fn form(group: &Group, event: &Event, viewer: Option<Viewer>) -> Option<(Eyes, Form)> {
    let dependence = group.selected().of(event::type_of(event));
    let place = place(event).filter(|_| dependence.meets(Dependence::PLACE));
    let form = Form { group: group.id, viewer: None, place };
    if dependence.meets(moved_by(event, viewer.map(|viewer| viewer.user))) {
        let viewer = viewer?;
        return Some((Eyes::Of(viewer), Form { viewer: Some(viewer.user), ..form }));
    }
    let but = if dependence.meets(Dependence::AUTHOR) { author(event) } else { None };
    Some((Eyes::Anybody { but }, form))
}

/// Whether it is a new message: of anything that clients know of already it says nothing.
fn is_new(event: &Event) -> bool {
    matches!(event, Event::Message { message, .. } if message.revision == message.seq)
}

/// All that makes a difference who looks at it, when that viewer does, or anybody but its author.
fn moved_by(event: &Event, viewer: Option<UserId>) -> Dependence {
    let message = match event {
        Event::Message { message, .. } => message,
        _ if place(event).is_none() => return Dependence::VIEWER | Dependence::PLACE,
        _ => return Dependence::VIEWER,
    };
    let conditions = [
        (true, Dependence::VIEWER),
        (Some(message.author) == viewer, Dependence::AUTHOR),
        (message.reply_to.is_some(), Dependence::REPLY),
        (message.notice.is_some(), Dependence::NOTICE),
        (!message.reactions.is_empty(), Dependence::REACTIONS),
    ];
    conditions.into_iter().filter_map(|(is_so, dependence)| is_so.then_some(dependence)).collect()
}

fn author(event: &Event) -> Option<UserId> {
    if let Event::Message { message, .. } = event { Some(message.author) } else { None }
}

/// Where a client then stands in the conversation, if that is known.
fn place(event: &Event) -> Option<Revision> {
    match event {
        Event::Message { message, .. } => Some(message.revision),
        Event::Receipt { position, .. } | Event::Typing { position, .. } => *position,
        _ => None,
    }
}
