//! Who is online.

use super::caller::ContextExt as _;
use super::errors::Result;
use super::eyes::Eyes;
use super::scalars::{DateTime, lookup};
use super::telling::told;
use super::user::User;
use crate::domain::presence as domain;
use crate::domain::rules::MAX_IDS;
use crate::error::Error;
use crate::feed::{Event, PresenceTurn};
use async_graphql::{Context, ID, Object, SimpleObject, Subscription};
use futures_util::stream::Stream;

/// Whether a person is online, as far as the viewer may see it. Those of whom one blocks the other see each other offline.
#[derive(Clone, Copy, SimpleObject)]
pub struct Presence {
    /// Whether a socket of the person's is open, on any node, or was until some seconds ago.
    #[graphql(tag = "for all")]
    is_online: bool,
    /// When the last one was closed; null while the person is online, and for a viewer who shares no conversation with them.
    #[graphql(tag = "for all")]
    last_seen_at: Option<DateTime>,
}

impl From<domain::Presence> for Presence {
    fn from(presence: domain::Presence) -> Self {
        Self { is_online: presence.is_online, last_seen_at: presence.last_seen_at.map(Into::into) }
    }
}

/// Somebody has come online or gone.
pub struct PresenceChanged {
    eyes: Eyes,
    turn: PresenceTurn,
}

impl PresenceChanged {
    /// The change in the eyes of somebody who may see it.
    pub fn new(eyes: impl Into<Eyes>, turn: PresenceTurn) -> Self {
        Self { eyes: eyes.into(), turn }
    }
}

/// Somebody has come online or gone. It is told as it is now, and may say again what is known.
#[Object]
impl PresenceChanged {
    /// When that was found.
    #[graphql(tag = "for all")]
    pub async fn at(&self) -> DateTime {
        self.turn.at.into()
    }

    /// Who.
    #[graphql(tag = "for all")]
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, self.eyes, self.turn.user).await
    }

    /// Whether that person is online now.
    #[graphql(tag = "for all")]
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
        let begin = async {
            let viewer = ctx.viewer()?;
            if user_ids.as_ref().is_some_and(|ids| ids.len() > MAX_IDS) {
                return Err(Error::invalid("userIds", format!("must be at most {MAX_IDS} ids")).into());
            }
            // The id of nobody is that of one who never comes.
            let users = user_ids.map(|ids| ids.iter().filter_map(lookup).collect());
            Ok((viewer, ctx.feed().presence(&viewer, users).await))
        };
        told(ctx, begin, |eyes, event| match event {
            Event::Presence(turn) => Some(PresenceChanged::new(eyes, *turn)),
            _ => None,
        })
        .await
    }
}
