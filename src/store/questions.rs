//! Questions to a store that many ask at once, asked together. When a node has gone, thousands of clients come to another
//! at the same time, and each wants to know the same few things; and a list of a response asks the same of each of its
//! items. A question is asked after it was put: its answer is never older than it.

use super::group::{Commit, GroupCommit};
use crate::error::{Error, Result};
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;
use std::time::Duration;
use tokio::time::timeout;

/// How long one batch of questions may take.
const LIMIT: Duration = Duration::from_secs(5);

/// One kind of question to a store.
#[async_trait]
pub trait Question: Send + Sync + 'static {
    /// What is asked about.
    type About: Clone + Eq + Hash + Send + Sync + 'static;
    /// What is known of it; the default where the store does not know it.
    type Answer: Clone + Default + Send + Sync + 'static;

    /// Asks about many at once; what is not there is left out.
    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, Self::Answer>>;
}

/// Asks the questions of one kind together.
pub struct Together<Q: Question> {
    batches: GroupCommit<Batch<Q>>,
}

impl<Q: Question> Together<Q> {
    /// For that kind of question.
    pub fn new(question: Q) -> Self {
        Self { batches: GroupCommit::new(Batch(question)) }
    }

    /// The answer to one of them.
    pub async fn ask(&self, about: Q::About) -> Result<Q::Answer> {
        self.batches.submit_with_others(All, about).await
    }

    /// Waits until all that was asked is answered. What is asked afterwards is refused as `UNAVAILABLE`.
    pub async fn close(&self) {
        self.batches.close().await;
    }
}

struct Batch<Q>(Q);

/// All questions of one kind share one queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct All;

impl fmt::Display for All {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("questions")
    }
}

#[async_trait]
impl<Q: Question> Commit for Batch<Q> {
    type Key = All;
    type Job = Q::About;
    type Answer = Q::Answer;

    const STORE: &'static str = "the store";
    const MAX_BATCH: usize = 1_024;
    const MAX_BATCH_BYTES: usize = usize::MAX;
    /// Each of them is one that a client's operation waits for, and goes with it.
    const MAX_WAITING: usize = 1_000_000;
    const IS_GIVEN_UP: bool = true;

    fn bytes(about: &Q::About) -> usize {
        size_of_val(about)
    }

    async fn commit(&self, _: All, about: Vec<Q::About>) -> Result<Vec<Q::Answer>> {
        let each: HashSet<_> = about.iter().cloned().collect();
        let each: Vec<_> = each.into_iter().collect();
        let answers = timeout(LIMIT, self.0.ask(&each)).await;
        let answers = answers.map_err(|late| Error::unavailable(Self::STORE, late))??;
        Ok(about.iter().map(|one| answers.get(one).cloned().unwrap_or_default()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Knows the double of every even number, and counts how often it is asked.
    #[derive(Default)]
    struct Doubles(AtomicUsize);

    #[async_trait]
    impl Question for Doubles {
        type About = u32;
        type Answer = Option<u32>;

        async fn ask(&self, about: &[u32]) -> Result<HashMap<u32, Option<u32>>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(about.iter().filter(|n| *n % 2 == 0).map(|n| (*n, Some(n * 2))).collect())
        }
    }

    #[tokio::test]
    async fn each_gets_its_own_answer_and_few_are_asked() {
        let doubles = Together::new(Doubles::default());
        let answers = join_all((0..500).map(|n| doubles.ask(n % 50))).await;
        for (n, answer) in (0..).zip(answers) {
            let n = n % 50;
            assert_eq!(answer.unwrap(), (n % 2 == 0).then_some(n * 2));
        }
        assert!(doubles.batches.committer().0.0.load(Ordering::Relaxed) <= 3);
    }
}
