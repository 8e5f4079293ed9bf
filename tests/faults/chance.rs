//! What is left to chance comes from one seed, which is told where a test fails, and can be given.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::ops::Range;
use std::time::Duration;

/// Gives a test the seed that another run has told.
const VARIABLE: &str = "NATTERJACK_TEST_SEED";

/// A source of random choices.
pub(crate) struct Chance(StdRng);

impl Chance {
    /// The source of a whole test. What it prints is shown where the test fails.
    #[expect(clippy::disallowed_methods, reason = "a test's seed is no setting of the server's")]
    pub(crate) fn of_test() -> Self {
        let given = std::env::var(VARIABLE).ok().map(|seed| seed.parse().expect("the seed is a number"));
        let seed = given.unwrap_or_else(rand::random::<u64>);
        println!("{VARIABLE}={seed} makes the same random choices again");
        Self(StdRng::seed_from_u64(seed))
    }

    /// A source for one of several who choose at the same time.
    pub(crate) fn fork(&mut self) -> Self {
        Self(StdRng::seed_from_u64(self.0.random()))
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0.random_range(0..count)
    }

    pub(crate) fn one_in(&mut self, count: u32) -> bool {
        self.0.random_ratio(1, count)
    }

    pub(crate) fn duration(&mut self, range: Range<Duration>) -> Duration {
        self.0.random_range(range)
    }
}
