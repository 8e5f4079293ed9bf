//! The effects that bend how time and identity appear.

/// How a server or a conversation feels. It sets the rates of the effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mood {
    /// Hardly anything is bent.
    Calm,
    /// Neither.
    Neutral,
    /// Much is.
    Restless,
}

/// One of the effects, each of which is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// People appear less steady than they are.
    IdentityDrift,
    /// Messages come a little later than they were sent.
    TemporalWobble,
    /// Messages may be shown as of a moment at which they were not sent.
    ArtisticChronology,
    /// People seem to type who do not.
    PhantomTyping,
    /// The messages of a conversation come on one beat.
    HarmonicSynchronization,
}

impl Effect {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::IdentityDrift,
        Self::TemporalWobble,
        Self::ArtisticChronology,
        Self::PhantomTyping,
        Self::HarmonicSynchronization,
    ];

    /// What the API and the settings call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::IdentityDrift => "IDENTITY_DRIFT",
            Self::TemporalWobble => "TEMPORAL_WOBBLE",
            Self::ArtisticChronology => "ARTISTIC_CHRONOLOGY",
            Self::PhantomTyping => "PHANTOM_TYPING",
            Self::HarmonicSynchronization => "HARMONIC_SYNCHRONIZATION",
        }
    }
}

/// How steady a person appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stability {
    /// As they are.
    Stable,
    /// Wavering.
    Fluctuating,
    /// Hardly to be held.
    Unstable,
}
