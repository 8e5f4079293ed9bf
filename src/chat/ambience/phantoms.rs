//! Phantom typing: now and then somebody seems to type who does not.

use super::dice::Dice;
use super::moods;
use crate::domain::ambience::Mood;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, UserId};
use std::time::Duration;

/// Between two moments at which somebody may seem to type in a conversation, in milliseconds.
const PERIOD: i64 = 5 * 60 * 1_000;
/// For how long at the least, and by how much longer at the most.
const SHORTEST: Duration = Duration::from_secs(2);
const LONGER: Duration = Duration::from_secs(3);

/// How likely it is that somebody does.
fn likely(mood: Mood) -> f64 {
    match mood {
        Mood::Calm => 0.1,
        Mood::Neutral => 0.2,
        Mood::Restless => 0.4,
    }
}

/// A moment at which somebody may seem to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    conversation: ConversationId,
    at: Timestamp,
}

impl Moment {
    /// The first one that is after that. They lie five minutes apart, the same on every node, and elsewhere in each conversation.
    pub(super) fn after(conversation: ConversationId, now: Timestamp, dice: &Dice) -> Self {
        let offset = dice.draw("moments", &[&conversation.uuid().into_bytes()]);
        let offset = i64::try_from(Duration::from_millis(PERIOD.unsigned_abs()).mul_f64(offset).as_millis());
        let since = (now.unix_millis() - offset.unwrap_or_default()).rem_euclid(PERIOD);
        Self { conversation, at: now.plus(Duration::from_millis((PERIOD - since).unsigned_abs())) }
    }

    /// When it is.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Whether anybody seems to type then, and for how long.
    pub fn lasts(&self, dice: &Dice) -> Option<Duration> {
        let mood = moods::in_hour(self.conversation, self.at, dice);
        let is_one = self.draw("whether somebody seems to type", dice) < likely(mood);
        is_one.then(|| SHORTEST + LONGER.mul_f64(self.draw("for how long", dice)))
    }

    /// Who of these it is.
    pub(super) fn who(&self, among: &[UserId], dice: &Dice) -> Option<UserId> {
        dice.choose("who seems to type", &[&self.bytes()], among).copied()
    }

    fn draw(&self, question: &str, dice: &Dice) -> f64 {
        dice.draw(question, &[&self.bytes()])
    }

    fn bytes(&self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(self.conversation.uuid().as_bytes());
        bytes[16..].copy_from_slice(&self.at.unix_millis().to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(n: u128) -> ConversationId {
        Uuid::from_u128(n).into()
    }

    #[test]
    fn moments_lie_five_minutes_apart() {
        let dice = Dice::of(b"seed");
        let mut now = Timestamp::from_unix_millis(1_700_000_000_000).unwrap();
        let mut last = None;
        for _ in 0..100 {
            let moment = Moment::after(id(1), now, &dice);
            assert!(moment.at > now && moment.at.since(now) <= Duration::from_mins(5));
            assert_eq!(
                Moment::after(id(1), now.plus(Duration::from_millis(1)), &dice).at.since(moment.at).as_secs() % 300,
                0
            );
            if let Some(last) = last.replace(moment.at) {
                assert_eq!(moment.at.since(last), Duration::from_mins(5));
            }
            now = moment.at;
        }
    }

    #[test]
    fn how_often_somebody_seems_to_type_fits_the_mood_and_it_ends_soon() {
        let dice = Dice::of(b"seed");
        let at = Timestamp::from_unix_millis(1_700_000_000_000).unwrap();
        for mood in [Mood::Calm, Mood::Neutral, Mood::Restless] {
            let felt = |moment: &Moment| moods::in_hour(moment.conversation, moment.at, &dice) == mood;
            let moments = (0..).map(|n| Moment { conversation: id(n), at }).filter(felt).take(10_000);
            let lasts: Vec<_> = moments.filter_map(|moment| moment.lasts(&dice)).collect();
            #[expect(clippy::cast_precision_loss, reason = "thousands")]
            let found = lasts.len() as f64;
            let expected = likely(mood) * 10_000.0;
            assert!((found - expected).abs() < 3.29 * (expected * (1.0 - likely(mood))).sqrt(), "{mood:?}: {found}");
            assert!(lasts.iter().all(|lasts| (SHORTEST..=SHORTEST + LONGER).contains(lasts)));
        }
    }

    #[test]
    fn it_is_one_of_those_who_may_be_it() {
        let dice = Dice::of(b"seed");
        let moment = Moment::after(id(1), Timestamp::from_unix_millis(0).unwrap(), &dice);
        assert_eq!(moment.who(&[], &dice), None);
        let people: Vec<UserId> = (0..10).map(|n| Uuid::from_u128(n).into()).collect();
        assert!(people.contains(&moment.who(&people, &dice).unwrap()));
        assert_eq!(moment.who(&people, &dice), moment.who(&people, &dice));
    }
}
