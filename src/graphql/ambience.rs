//! The effects that bend how time and identity appear, as clients see that they are on.

use crate::chat;
use crate::domain::ambience::{Effect, Mood as DomainMood, Stability};
use async_graphql::{Enum, SimpleObject};

/// How the server feels: it sets how strong the effects are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainMood")]
pub enum Mood {
    /// Hardly anything is bent.
    Calm,
    /// Neither.
    Neutral,
    /// Much is.
    Restless,
}

/// One of the optional effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Effect")]
pub enum AmbientEffect {
    /// People appear less steady than they are.
    IdentityDrift,
    /// Messages come a little later than they were sent.
    TemporalWobble,
    /// Who asks for it is shown messages as of other moments.
    ArtisticChronology,
    /// People seem to type who do not.
    PhantomTyping,
    /// The messages of a conversation come on one beat.
    HarmonicSynchronization,
}

/// How steady a person appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Stability")]
pub enum IdentityStability {
    /// As they are.
    Stable,
    /// Wavering.
    Fluctuating,
    /// Hardly to be held.
    Unstable,
}

/// The optional effects that bend how time and identity appear. None of them changes what is stored.
#[derive(SimpleObject)]
pub struct Ambience {
    /// How the server feels; NEUTRAL where no effect is on.
    mood: Mood,
    /// Those that are on.
    effects: Vec<AmbientEffect>,
}

impl From<Option<&chat::Ambience>> for Ambience {
    fn from(ambience: Option<&chat::Ambience>) -> Self {
        let mood = ambience.map_or(DomainMood::Neutral, chat::Ambience::mood);
        let effects = ambience.into_iter().flat_map(chat::Ambience::effects).map(Into::into).collect();
        Self { mood: mood.into(), effects }
    }
}
