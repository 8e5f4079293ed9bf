//! How the server and its conversations feel: one mood for all, one for each, and one for each hour of each.

use super::dice::Dice;
use crate::domain::ambience::Mood;
use crate::domain::clock::Timestamp;
use crate::domain::ids::ConversationId;
use moka::sync::Cache;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How often a look finds a new mood.
const CHANGES: f64 = 0.05;
/// Conversations whose moods are remembered; another begins anew.
const REMEMBERED: u64 = 16_384;
/// At so many messages a minute a conversation is as lively as can be.
const LIVELY: f64 = 30.0;
/// How likely each of [`ALL`] is to be drawn: for the server, where nobody writes, and where it is as lively as can be.
const EVEN: [f64; 3] = [1.0, 1.0, 1.0];
const QUIET: [f64; 3] = [0.6, 0.3, 0.1];
const LOUD: [f64; 3] = [0.1, 0.3, 0.6];
/// Over how many milliseconds the pace is taken.
const MINUTE: f64 = 60_000.0;
/// Milliseconds in an hour.
pub(super) const HOUR: i64 = 3_600_000;

const ALL: [Mood; 3] = [Mood::Calm, Mood::Neutral, Mood::Restless];

/// All of them.
pub(super) struct Moods {
    looks: AtomicU64,
    server: Mutex<Mood>,
    conversations: Cache<ConversationId, Arc<Mutex<Feeling>>>,
}

/// How one conversation feels.
#[derive(Debug)]
struct Feeling {
    mood: Mood,
    /// Messages in the last minute, those longer ago counting less and less.
    pace: f64,
    counted_at: Timestamp,
}

impl Default for Moods {
    fn default() -> Self {
        Self { looks: AtomicU64::new(0), server: Mutex::new(Mood::Neutral), conversations: Cache::new(REMEMBERED) }
    }
}

impl Moods {
    /// How the server feels. One look in twenty finds it in a mood drawn anew.
    pub(super) fn server(&self, dice: &Dice) -> Mood {
        let mut mood = lock(&self.server);
        *mood = self.looked_at(*mood, dice, EVEN);
        *mood
    }

    /// How a conversation feels, and its pace in messages a minute, once so many more have come there. The livelier it is, the
    /// likelier a mood that is drawn anew is a restless one.
    pub(super) fn conversation(&self, id: ConversationId, dice: &Dice, now: Timestamp, more: usize) -> (Mood, f64) {
        let begin = || Arc::new(Mutex::new(Feeling { mood: Mood::Neutral, pace: 0.0, counted_at: now }));
        let feeling = self.conversations.get_with(id, begin);
        let mut feeling = lock(&feeling);
        feeling.count(now, more);
        let loudness = (feeling.pace / LIVELY).min(1.0);
        let swayed = std::array::from_fn(|mood| QUIET[mood] + loudness * (LOUD[mood] - QUIET[mood]));
        feeling.mood = self.looked_at(feeling.mood, dice, swayed);
        (feeling.mood, feeling.pace)
    }

    fn looked_at(&self, mood: Mood, dice: &Dice, likely: [f64; 3]) -> Mood {
        let look = self.looks.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        if dice.draw("whether the mood changes", &[&look]) >= CHANGES {
            return mood;
        }
        let mut left = dice.draw("the mood", &[&look]) * likely.iter().sum::<f64>();
        let drawn = ALL.into_iter().zip(likely).find(|(_, weight)| {
            left -= weight;
            left < 0.0
        });
        drawn.map_or(mood, |(mood, _)| mood)
    }
}

impl Feeling {
    #[expect(clippy::cast_precision_loss, reason = "a few messages and milliseconds")]
    fn count(&mut self, now: Timestamp, more: usize) {
        let millis = now.since(self.counted_at).as_millis() as f64;
        self.pace = self.pace * (-millis / MINUTE).exp() + more as f64;
        self.counted_at = now;
    }
}

/// How a conversation felt in that hour: drawn for the two of them, so that all looks and all nodes agree.
pub(super) fn in_hour(conversation: ConversationId, at: Timestamp, dice: &Dice) -> Mood {
    let (conversation, hour) = (conversation.uuid().into_bytes(), at.unix_millis().div_euclid(HOUR).to_be_bytes());
    dice.choose("the mood of an hour", &[&conversation, &hour], &ALL).copied().unwrap_or(Mood::Neutral)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use uuid::Uuid;

    fn id(n: u128) -> ConversationId {
        Uuid::from_u128(n).into()
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_millis(1_700_000_000_000).unwrap().plus(Duration::from_secs(seconds))
    }

    /// How often each mood is among the looks, in hundredths, and how often one differs from the one before.
    fn shares(looks: impl Iterator<Item = Mood>) -> ([usize; 3], usize) {
        let looks: Vec<_> = looks.collect();
        let share = |mood| looks.iter().filter(|look| **look == mood).count() * 100 / looks.len();
        let changes = looks.windows(2).filter(|two| two[0] != two[1]).count() * 1_000 / looks.len();
        (ALL.map(share), changes)
    }

    #[test]
    fn a_look_in_twenty_draws_a_new_mood_and_two_thirds_of_those_are_another() {
        let (moods, dice) = (Moods::default(), Dice::of(b"seed"));
        let (shares, changes) = shares((0..20_000).map(|_| moods.server(&dice)));
        assert!(shares.iter().all(|share| (28..=39).contains(share)), "{shares:?}");
        // 33.3 of 1,000, and four times the standard deviation of 1.3.
        assert!((28..=39).contains(&changes), "{changes}");
    }

    #[test]
    fn a_lively_conversation_is_restless_and_a_quiet_one_calm() {
        let (moods, dice) = (Moods::default(), Dice::of(b"seed"));
        let ([calm, _, restless], _) = shares((0..20_000).map(|n| moods.conversation(id(1), &dice, at(n), 0).0));
        assert!(calm > 50 && restless < 18, "{calm} {restless}");
        // One a second is more than half a minute's thirty, however the older ones fade.
        let ([calm, _, restless], _) = shares((0..20_000).map(|n| moods.conversation(id(2), &dice, at(n), 1).0));
        assert!(calm < 18 && restless > 50, "{calm} {restless}");
    }

    #[test]
    fn the_pace_is_that_of_the_last_minute() {
        let (moods, dice) = (Moods::default(), Dice::of(b"seed"));
        let pace = |seconds, more| moods.conversation(id(1), &dice, at(seconds), more).1.round();
        assert!((pace(0, 12) - 12.0).abs() < 0.1);
        assert!((pace(60, 0) - 4.0).abs() < 0.1, "e times less");
        assert!(pace(600, 0).abs() < 0.1);
    }

    #[test]
    fn the_mood_of_an_hour_is_the_same_whenever_it_is_asked_for() {
        let dice = Dice::of(b"seed");
        assert_eq!(in_hour(id(1), at(0), &dice), in_hour(id(1), at(1), &dice));
        let (shares, _) = shares((0..10_000).map(|hour| in_hour(id(1), at(hour * 3_600), &dice)));
        assert!(shares.iter().all(|share| (31..=35).contains(share)), "{shares:?}");
    }
}
