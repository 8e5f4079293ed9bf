//! Identity drift: how steady people appear. Who somebody is never changes.

use super::dice::Dice;
use super::moods::HOUR;
use crate::domain::ambience::Stability;
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;

/// The shares of the hours in which a person is hardly to be held, and in which they waver.
const UNSTABLE: f64 = 0.05;
const FLUCTUATING: f64 = 0.10;
/// The share of the unstable hours in which the name shows it.
const MARKED: f64 = 0.5;
/// What stands behind such a name: a thin space and a tilde.
const MARK: &str = "\u{2009}~";

/// A person's hour.
pub(super) struct Hour([u8; 24]);

impl Hour {
    pub(super) fn of(person: UserId, at: Timestamp) -> Self {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(person.uuid().as_bytes());
        bytes[16..].copy_from_slice(&at.unix_millis().div_euclid(HOUR).to_be_bytes());
        Self(bytes)
    }

    pub(super) fn stability(&self, dice: &Dice) -> Stability {
        let draw = dice.draw("stability", &[&self.0]);
        if draw < UNSTABLE {
            Stability::Unstable
        } else if draw < UNSTABLE + FLUCTUATING {
            Stability::Fluctuating
        } else {
            Stability::Stable
        }
    }

    /// The name as it is shown in this hour.
    pub(super) fn name(&self, dice: &Dice, name: String) -> String {
        let is_marked = self.stability(dice) == Stability::Unstable && dice.draw("mark", &[&self.0]) < MARKED;
        if is_marked { name + MARK } else { name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use uuid::Uuid;

    fn hour(person: u128, minutes: u64) -> Hour {
        let at = Timestamp::from_unix_millis(0).unwrap().plus(Duration::from_secs(60 * minutes));
        Hour::of(Uuid::from_u128(person).into(), at)
    }

    #[test]
    fn over_ten_thousand_people_and_hours_the_shares_are_right() {
        let dice = Dice::of(b"seed");
        let drawn: Vec<_> = (0..100)
            .flat_map(|person| (0..100).map(move |n| hour(person, n * 60)))
            .map(|hour| hour.stability(&dice))
            .collect();
        let count = |of| drawn.iter().filter(|stability| **stability == of).count();
        // 99.9 % of a binomial: 3.29 standard deviations of 21.8 and 30.
        assert!((428..=572).contains(&count(Stability::Unstable)), "{}", count(Stability::Unstable));
        assert!((901..=1_099).contains(&count(Stability::Fluctuating)), "{}", count(Stability::Fluctuating));
    }

    #[test]
    fn a_person_holds_still_within_the_hour_and_mostly_beyond_it() {
        let dice = Dice::of(b"seed");
        for person in 0..1_000 {
            assert_eq!(hour(person, 0).stability(&dice), hour(person, 59).stability(&dice));
        }
        let agree = (0..10_000).filter(|n| hour(1, n * 60).stability(&dice) == hour(1, n * 60 + 60).stability(&dice));
        assert!(agree.count() > 5_000);
    }

    #[test]
    fn a_name_shows_it_now_and_then_and_in_unstable_hours_alone() {
        let dice = Dice::of(b"seed");
        let (mut marked, mut unstable) = (0, 0);
        for person in 0..10_000 {
            let hour = hour(person, 0);
            let is_marked = hour.name(&dice, "Ada".to_owned()) != "Ada";
            let is_unstable = hour.stability(&dice) == Stability::Unstable;
            assert!(is_unstable || !is_marked);
            (marked, unstable) = (marked + u32::from(is_marked), unstable + u32::from(is_unstable));
        }
        assert!((unstable / 3..unstable * 2 / 3).contains(&marked), "{marked} of {unstable}");
    }
}
