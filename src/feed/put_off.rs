//! What is put off by the effects of ambience: bells that wait, in their order, until it is time to hear them. Nothing depends on
//! it: whoever reads the log has what they tell at once.

use crate::domain::event::Bell;
use crate::domain::message::Revision;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Bells that wait at once. Where one more comes, the earliest is heard without delay.
const MOST: usize = 256;

/// Those that wait.
#[derive(Debug, Default)]
pub(super) struct PutOff(VecDeque<(Instant, Bell)>);

impl PutOff {
    /// Puts one off for so long, and never before those that wait already; what is to be heard now instead, where it is too many.
    pub(super) fn add(&mut self, bell: Bell, wait: Duration) -> Option<Bell> {
        let due = Instant::now() + wait;
        let due = self.0.back().map_or(due, |(last, _)| due.max(*last));
        self.0.push_back((due, bell));
        if self.0.len() > MOST { self.0.pop_front().map(|(_, bell)| bell) } else { None }
    }

    /// When the first is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.0.front().map(|(due, _)| *due)
    }

    /// Takes out one that is due; to be called until there is none.
    pub(super) fn due(&mut self) -> Option<Bell> {
        self.next_due().filter(|due| *due <= Instant::now())?;
        self.0.pop_front().map(|(_, bell)| bell)
    }

    /// Whether those that wait tell of all up to there.
    pub(super) fn reaches(&self, revision: Revision) -> bool {
        self.0.back().is_some_and(|(_, bell)| bell.to >= revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ConversationId;
    use uuid::Uuid;

    fn bell(to: i64) -> Bell {
        Bell::without_messages(ConversationId::from(Uuid::nil()), Revision::new(to).unwrap())
    }

    fn heard(waiting: &mut PutOff) -> Vec<i64> {
        std::iter::from_fn(|| waiting.due()).map(|bell| bell.to.number()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn bells_are_heard_in_their_order_and_not_before_their_time() {
        let mut waiting = PutOff::default();
        assert_eq!(waiting.next_due(), None);
        assert!(waiting.add(bell(1), Duration::from_millis(300)).is_none());
        assert!(waiting.add(bell(2), Duration::from_millis(100)).is_none());
        assert!(waiting.reaches(Revision::new(2).unwrap()) && !waiting.reaches(Revision::new(3).unwrap()));
        tokio::time::advance(Duration::from_millis(200)).await;
        assert!(heard(&mut waiting).is_empty());
        tokio::time::advance(Duration::from_millis(100)).await;
        assert_eq!(heard(&mut waiting), [1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_so_many_wait() {
        let mut waiting = PutOff::default();
        let now: Vec<_> = (1..=260).filter_map(|n| waiting.add(bell(n), Duration::from_secs(1))).collect();
        assert_eq!(now.iter().map(|bell| bell.to.number()).collect::<Vec<_>>(), [1, 2, 3, 4]);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(heard(&mut waiting), (5..=260).collect::<Vec<_>>());
    }
}
