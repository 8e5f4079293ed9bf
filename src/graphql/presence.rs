//! Who is online.

use super::caller::ContextExt as _;
use super::errors::Result;
use super::scalars::{DateTime, lookup};
use super::user::User;
use crate::chat::Viewer;
use crate::domain::presence as domain;
use crate::domain::rules::MAX_IDS;
use crate::error::Error;
use crate::feed::PresenceTurn;
use async_graphql::{Context, ID, Object, SimpleObject, Subscription};
use futures_util::stream::{Stream, StreamExt as _};

/// Whether a person is online, as far as the viewer may see it. Those of whom one blocks the other see each other offline.
#[derive(Clone, Copy, SimpleObject)]
pub struct Presence {
    /// Whether a socket of the person's is open, on any node, or was until some seconds ago.
    is_online: bool,
    /// When the last one was closed; null while the person is online, and for a viewer who shares no conversation with them.
    last_seen_at: Option<DateTime>,
}

impl From<domain::Presence> for Presence {
    fn from(presence: domain::Presence) -> Self {
        Self { is_online: presence.is_online, last_seen_at: presence.last_seen_at.map(Into::into) }
    }
}

/// Somebody has come online or gone.
pub struct PresenceChanged {
    viewer: Viewer,
    turn: PresenceTurn,
}

impl PresenceChanged {
    /// The change in the eyes of somebody who may see it.
    pub fn new(viewer: &Viewer, turn: PresenceTurn) -> Self {
        Self { viewer: *viewer, turn }
    }
}

/// Somebody has come online or gone. It is told as it is now, and may say again what is known.
#[Object]
impl PresenceChanged {
    /// When that was found.
    pub async fn at(&self) -> DateTime {
        self.turn.at.into()
    }

    /// Who.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, &self.viewer, self.turn.user).await
    }

    /// Whether that person is online now.
    async fn presence(&self) -> Presence {
        self.turn.presence.into()
    }
}

/// Hearing who is online.
#[derive(Default)]
pub struct PresenceSubscription;

#[Subscription]
impl PresenceSubscription {
    /// These people coming and going, 1000 at the most; without `userIds`, everyone who shares a conversation with the
    /// viewer.
    async fn presence_changed(
        &self,
        ctx: &Context<'_>,
        user_ids: Option<Vec<ID>>,
    ) -> Result<impl Stream<Item = Result<PresenceChanged>>> {
        let viewer = ctx.viewer()?;
        if user_ids.as_ref().is_some_and(|ids| ids.len() > MAX_IDS) {
            return Err(Error::invalid("userIds", format!("must be at most {MAX_IDS} ids")).into());
        }
        // The id of nobody is that of one who never comes.
        let users = user_ids.map(|ids| ids.iter().filter_map(lookup).collect());
        let turns = ctx.feed().presence(&viewer, users).await;
        Ok(turns.map(move |turn| Ok(PresenceChanged::new(&viewer, turn?))))
    }
}
