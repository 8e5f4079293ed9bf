//! When a message comes to those who listen: a little later than it was sent, and on its conversation's beat.

use super::dice::Dice;
use crate::domain::ambience::Mood;
use crate::domain::clock::Timestamp;
use crate::domain::ids::ConversationId;
use crate::domain::message::Revision;
use std::time::Duration;

/// The slowest beat, in milliseconds. The others divide it, so that all nodes keep time whatever pace each has heard.
const SLOWEST: u64 = 400;

/// How late a message comes: drawn within what fits the mood, and stretched or shortened.
pub(super) fn wobble(mood: Mood, conversation: ConversationId, revision: Revision, dice: &Dice) -> Duration {
    let (least, most) = match mood {
        Mood::Calm => (0.0, 0.150),
        Mood::Neutral => (0.0, 0.400),
        Mood::Restless => (0.050, 0.600),
    };
    let (conversation, revision) = (conversation.uuid().into_bytes(), revision.number().to_be_bytes());
    let about: [&[u8]; 2] = [&conversation, &revision];
    let seconds = dice.draw("wobble", &about).mul_add(most - least, least);
    Duration::from_secs_f64(seconds * dice.draw("wobble factor", &about).mul_add(0.7, 0.8))
}

/// The first beat that is not before that moment. Where beats fall is known from the conversation's id and the clock alone: `pace`,
/// in messages a minute, only says how many of them are passed over.
pub(super) fn beat(conversation: ConversationId, pace: f64, from: Timestamp) -> Timestamp {
    let period = if pace < 10.0 {
        SLOWEST
    } else if pace < 30.0 {
        SLOWEST / 2
    } else {
        SLOWEST / 4
    };
    // The last bytes of an id are random.
    let id = conversation.uuid().as_u64_pair().1;
    let millis = u64::try_from(from.unix_millis()).unwrap_or_default() + id % SLOWEST;
    from.plus(Duration::from_millis(millis.next_multiple_of(period) - millis))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(n: u128) -> ConversationId {
        Uuid::from_u128(n).into()
    }

    #[test]
    fn delays_are_spread_as_the_mood_has_it() {
        let dice = Dice::of(b"seed");
        // Least, mean and most, in milliseconds: the mean of the factor is 1.15.
        for (mood, least, mean, most) in
            [(Mood::Calm, 0.0, 86.25, 225.0), (Mood::Neutral, 0.0, 230.0, 600.0), (Mood::Restless, 40.0, 373.75, 900.0)]
        {
            let drawn = |n| wobble(mood, id(1), Revision::new(n).unwrap(), &dice).as_secs_f64() * 1_000.0;
            let delays: Vec<_> = (1..=10_000).map(drawn).collect();
            assert!(delays.iter().all(|delay| (least..most).contains(delay)), "{mood:?}");
            let found = delays.iter().sum::<f64>() / 10_000.0;
            assert!((found - mean).abs() < mean * 0.03, "{mood:?}: {found}");
            let (low, high) = (mean * 0.25, mean * 1.75);
            assert!(delays.iter().any(|delay| *delay < low) && delays.iter().any(|delay| *delay > high), "{mood:?}");
        }
    }

    #[test]
    fn beats_are_the_same_for_all_and_a_slow_one_falls_on_a_fast_one() {
        let now = |millis: i64| Timestamp::from_unix_millis(1_700_000_000_000 + millis).unwrap();
        for (pace, period) in [(0.0, 400), (10.0, 200), (30.0, 100)] {
            let beats: std::collections::BTreeSet<_> =
                (0..2_000).map(|millis| beat(id(7), pace, now(millis))).collect();
            let beats: Vec<_> = beats.into_iter().collect();
            assert!(beats.windows(2).all(|two| two[1].since(two[0]) == Duration::from_millis(period)), "{pace}");
            assert!(beats.iter().all(|at| beat(id(7), 100.0, *at) == *at), "each is one of the fastest");
            assert!((0..2_000).all(|millis| beat(id(7), pace, now(millis)) >= now(millis)));
        }
        assert_ne!(beat(id(7), 0.0, now(0)), beat(id(8), 0.0, now(0)), "each conversation has its own");
    }
}
