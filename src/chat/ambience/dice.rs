//! Chance that can be had again: the same seed and the same question give the same number, on every node and as often as it is
//! asked.

use crate::domain::secret::Key;

/// What all chance comes from.
#[derive(Clone, Debug)]
pub struct Dice(Key);

impl Dice {
    /// The dice of that seed.
    pub fn of(seed: &[u8]) -> Self {
        Self(Key::derived(seed, "ambience"))
    }

    /// A number from 0 up to 1, itself not among them, evenly spread: the first 53 bits of an HMAC, as many as an `f64` holds.
    pub(super) fn draw(&self, question: &str, about: &[&[u8]]) -> f64 {
        let parts: Vec<&[u8]> = std::iter::once(question.as_bytes()).chain(about.iter().copied()).collect();
        let mac = self.0.mac(&parts);
        let bits = mac.first_chunk().map_or(0, |chunk| u64::from_be_bytes(*chunk)) >> 11;
        to_f64(bits) / to_f64(1 << 53)
    }

    /// One of these, each as likely as the others; `None` where there is none.
    pub(super) fn choose<'a, T>(&self, question: &str, about: &[&[u8]], among: &'a [T]) -> Option<&'a T> {
        among.get(below(self.draw(question, about), among.len()))
    }
}

/// Which of so many parts of the way from 0 to 1 that number lies in.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few at most"
)]
fn below(draw: f64, parts: usize) -> usize {
    (draw * parts as f64) as usize
}

#[expect(clippy::cast_precision_loss, reason = "53 bits are exactly what it holds")]
fn to_f64(bits: u64) -> f64 {
    bits as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer_and_another_another() {
        let dice = Dice::of(b"seed");
        assert!((dice.draw("a", &[b"b"]) - dice.draw("a", &[b"b"])).abs() < f64::EPSILON);
        for other in [dice.draw("a", &[b"c"]), dice.draw("ab", &[]), Dice::of(b"other").draw("a", &[b"b"])] {
            assert!((dice.draw("a", &[b"b"]) - other).abs() > f64::EPSILON);
        }
    }

    #[test]
    fn numbers_are_spread_evenly() {
        let dice = Dice::of(b"seed");
        let mut tenths = [0_u32; 10];
        for n in 0..10_000_u32 {
            tenths[below(dice.draw("n", &[&n.to_be_bytes()]), 10)] += 1;
        }
        // 1,000 in each, and four times the standard deviation of 30.
        assert!(tenths.iter().all(|count| (880..=1_120).contains(count)), "{tenths:?}");
        assert_eq!(dice.choose::<()>("n", &[], &[]), None);
        assert_eq!(dice.choose("n", &[], &[1]), Some(&1));
    }
}
