//! Ambience: effects that bend how time and identity appear. They bend what is shown and when, and nothing else: what is stored,
//! the order of a conversation, receipts and the promises of delivery are as they are without. The rest of the chat comes in
//! here only where the operator has turned an effect on.
//!
//! All chance is drawn from one seed, and by what it is about wherever looks are to agree: by person and hour, by message, by
//! conversation and moment. So they agree on all nodes too, without a word between them.

mod chronology;
mod delay;
mod dice;
mod drift;
mod moods;
mod phantoms;

pub use dice::Dice;
pub use phantoms::Moment;

use super::Chat;
use crate::domain::ambience::{Effect, Mood, Stability};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::conversation::MembershipState;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::{Message, Revision};
use crate::error::Result;
use crate::store::conversations::FirstMembers;
use drift::Hour;
use moods::Moods;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Among so many members one is looked for who seems to type.
const CANDIDATES: u32 = 100;

/// The effects that are on, one at least.
pub struct Ambience {
    effects: BTreeSet<Effect>,
    dice: Dice,
    clock: Arc<dyn Clock>,
    moods: Moods,
}

/// Somebody seems to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phantom {
    /// Who.
    pub user: UserId,
    /// For how long.
    pub lasts: Duration,
}

impl Ambience {
    /// These effects.
    pub fn new(effects: BTreeSet<Effect>, dice: Dice, clock: Arc<dyn Clock>) -> Self {
        Self { effects, dice, clock, moods: Moods::default() }
    }

    /// Those that are on.
    pub fn effects(&self) -> impl Iterator<Item = Effect> {
        self.effects.iter().copied()
    }

    /// How the server feels.
    pub fn mood(&self) -> Mood {
        self.moods.server(&self.dice)
    }

    /// How steady a person appears, for an hour at a time.
    pub fn stability(&self, person: UserId) -> Stability {
        if self.has(Effect::IdentityDrift) { self.hour(person).stability(&self.dice) } else { Stability::Stable }
    }

    /// A person's name as it is shown.
    pub fn name(&self, person: UserId, name: String) -> String {
        if self.has(Effect::IdentityDrift) { self.hour(person).name(&self.dice, name) } else { name }
    }

    /// As of when a message is shown to one who asks for the artistic chronology.
    pub fn shown_at(&self, message: &Message) -> Timestamp {
        if self.has(Effect::ArtisticChronology) {
            chronology::shown_at(message.conversation, message.id, message.created_at, &self.dice)
        } else {
            message.created_at
        }
    }

    /// For how long those who listen to a conversation wait for what has come there: so many messages, up to that revision. At most
    /// 1.3 seconds.
    pub fn put_off(&self, conversation: ConversationId, to: Revision, messages: usize) -> Duration {
        let now = self.clock.now();
        let mut due = now;
        if self.has(Effect::TemporalWobble) || self.has(Effect::HarmonicSynchronization) {
            let (mood, pace) = self.moods.conversation(conversation, &self.dice, now, messages);
            if self.has(Effect::TemporalWobble) {
                due = due.plus(delay::wobble(mood, conversation, to, &self.dice));
            }
            if self.has(Effect::HarmonicSynchronization) {
                due = delay::beat(conversation, pace, due);
            }
        }
        due.since(now)
    }

    /// When somebody may next seem to type in a conversation; never where that is off.
    pub fn next_moment(&self, conversation: ConversationId) -> Option<Moment> {
        self.has(Effect::PhantomTyping).then(|| Moment::after(conversation, self.clock.now(), &self.dice))
    }

    fn has(&self, effect: Effect) -> bool {
        self.effects.contains(&effect)
    }

    fn hour(&self, person: UserId) -> Hour {
        Hour::of(person, self.clock.now())
    }
}

impl Chat {
    /// The effects that are on; `None` where there are none.
    pub fn ambience(&self) -> Option<&Ambience> {
        self.ambience.as_ref()
    }

    /// Who seems to type at that moment, if anybody: a member who is online, does not type, and is not apart from another by a
    /// block where there are but two.
    pub async fn phantom(&self, conversation: ConversationId, moment: &Moment) -> Result<Option<Phantom>> {
        let Some(Ambience { dice, .. }) = self.ambience() else { return Ok(None) };
        let Some(lasts) = moment.lasts(dice) else { return Ok(None) };
        let of = FirstMembers { conversation, state: MembershipState::Joined, limit: CANDIDATES };
        let members = self.first_members(&[of]).await?.remove(&of).unwrap_or_default();
        let mut people: Vec<UserId> = members.iter().map(|member| member.user).collect();
        let presences = self.presence.presences(&people).await?;
        let typing = self.typing(conversation);
        people.retain(|person| {
            presences.get(person).is_some_and(|presence| presence.is_online) && !typing.contains(person)
        });
        if let [one, other] = &*members
            && !self.blocks.apart(one.user, &[other.user]).await?.is_empty()
        {
            people.clear();
        }
        people.sort();
        Ok(moment.who(&people, dice).map(|user| Phantom { user, lasts }))
    }
}
