//! Artistic chronology: messages that are shown as of a moment at which they were not sent.

use super::dice::Dice;
use super::moods;
use crate::domain::ambience::Mood;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, MessageId};
use std::time::Duration;

/// How far a message may be moved, either way.
const FARTHEST: Duration = Duration::from_secs(2);

/// The share of messages that are moved.
fn moved(mood: Mood) -> f64 {
    match mood {
        Mood::Calm => 0.05,
        Mood::Neutral => 0.10,
        Mood::Restless => 0.20,
    }
}

/// As of when a message is shown, drawn by its id in the mood of the hour in which it was sent: all looks agree.
pub(super) fn shown_at(conversation: ConversationId, message: MessageId, sent_at: Timestamp, dice: &Dice) -> Timestamp {
    let mood = moods::in_hour(conversation, sent_at, dice);
    let id = message.uuid().into_bytes();
    if dice.draw("whether it is moved", &[&id]) >= moved(mood) {
        return sent_at;
    }
    let by = dice.draw("by how much it is moved", &[&id]).mul_add(2.0, -1.0);
    let distance = FARTHEST.mul_f64(by.abs());
    if by < 0.0 { sent_at.minus(distance) } else { sent_at.plus(distance) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_share_of_those_that_are_moved_fits_the_mood_and_none_is_moved_far() {
        let dice = Dice::of(b"seed");
        let sent_at = Timestamp::from_unix_millis(1_700_000_000_000).unwrap();
        for mood in [Mood::Calm, Mood::Neutral, Mood::Restless] {
            let felt = |n: &u128| moods::in_hour(Uuid::from_u128(*n).into(), sent_at, &dice) == mood;
            let conversation = Uuid::from_u128((0..1_000).find(felt).unwrap()).into();
            let shown = |n| shown_at(conversation, Uuid::from_u128(n).into(), sent_at, &dice);
            let others: Vec<_> = (0..10_000).map(shown).filter(|shown| *shown != sent_at).collect();
            let expected = moved(mood) * 10_000.0;
            // 99.9 % of a binomial.
            let bound = 3.29 * (expected * (1.0 - moved(mood))).sqrt();
            #[expect(clippy::cast_precision_loss, reason = "thousands")]
            let found = others.len() as f64;
            assert!((found - expected).abs() < bound, "{mood:?}: {found}");
            assert!(others.iter().all(|shown| shown.since(sent_at) <= FARTHEST && sent_at.since(*shown) <= FARTHEST));
            let earlier = others.iter().filter(|shown| **shown < sent_at).count() * 10;
            assert!((others.len() * 4..others.len() * 6).contains(&earlier), "{earlier} tenths of {}", others.len());
            assert_eq!(shown(7), shown(7));
        }
    }
}
