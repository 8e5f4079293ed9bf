//! One subscriber of a group.

use super::dependence::Dependence;
use super::{Given, Group};
use crate::chat::Viewer;
use crate::domain::ids::UserId;
use crate::domain::message::Revision;
use crate::error::Result;
use crate::feed::{Event, Form, Rendition};
use crate::graphql::event;
use crate::graphql::eyes::Eyes;
use async_graphql::Executor;
use std::sync::Arc;
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

    /// What the subscriber is told of that. `INTERNAL` where that cannot be said at all.
    pub async fn tell<E: Executor>(&mut self, executor: &E, event: Result<Event>) -> Result<Rendition> {
        let eyes = Eyes::Of(self.viewer);
        // What it takes to execute one is large, and not held by the thousands who find it done.
        let make = |given| Box::pin(self.group.render(executor, given));
        let Ok(event) = event else { return make(Given { eyes, event }).await };
        let Some(renditions) = event.renditions() else {
            self.not_before = Instant::now();
            return make(Given { eyes, event: Ok(event) }).await;
        };
        let (eyes, form) = self.form(&event);
        let rendition = if let Some(ready) = renditions.ready(form, self.not_before) {
            ready
        } else {
            let make = async { make(Given { eyes, event: Ok(event.clone()) }).await };
            Box::pin(renditions.of(form, self.not_before, make)).await?
        };
        if !is_new(&event) {
            self.not_before = self.not_before.max(renditions.found());
        }
        Ok(rendition)
    }

    /// In whose eyes the event is shown, and which others are told the same bytes.
    fn form(&self, event: &Event) -> (Eyes, Form) {
        let dependence = self.group.selected().of(event::type_of(event));
        let place = place(event).filter(|_| dependence.meets(Dependence::PLACE));
        let form = Form { group: self.group.id, viewer: None, place };
        if dependence.meets(moved_by(event, self.viewer.user)) {
            return (Eyes::Of(self.viewer), Form { viewer: Some(self.viewer.user), ..form });
        }
        let but = if dependence.meets(Dependence::AUTHOR) { author(event) } else { None };
        (Eyes::Anybody { but }, form)
    }
}

/// Whether it is a new message: of anything that clients know of already it says nothing.
fn is_new(event: &Event) -> bool {
    matches!(event, Event::Message { message, .. } if message.revision == message.seq)
}

/// All that makes a difference who looks at it, when that viewer does.
fn moved_by(event: &Event, viewer: UserId) -> Dependence {
    let message = match event {
        Event::Message { message, .. } => message,
        _ if place(event).is_none() => return Dependence::VIEWER | Dependence::PLACE,
        _ => return Dependence::VIEWER,
    };
    let conditions = [
        (true, Dependence::VIEWER),
        (message.author == viewer, Dependence::AUTHOR),
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
