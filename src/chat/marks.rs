//! How read and delivered marks move: many at once in one transaction, then told.

use crate::bus::Bus;
use crate::domain::conversation::{Marks, MarksMove, Member};
use crate::domain::event::{ReceiptMoved, ReceiptsMoved, Ring, Topic};
use crate::domain::ids::{ConversationId, UserId};
use crate::error::{Error, Result};
use crate::store::Conversations;
use crate::store::conversations::MarksAdvanced;
use crate::store::group::Commit;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a batch of moves may take.
const COMMIT_LIMIT: Duration = Duration::from_secs(5);

/// Moves marks in batches, whosesoever and wherever.
pub(super) struct Mover {
    conversations: Arc<dyn Conversations>,
    bus: Arc<dyn Bus>,
}

/// All moves of a process share one queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct AllMarks;

impl fmt::Display for AllMarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("marks")
    }
}

impl Mover {
    pub(super) fn new(conversations: Arc<dyn Conversations>, bus: Arc<dyn Bus>) -> Self {
        Self { conversations, bus }
    }
}

#[async_trait]
impl Commit for Mover {
    type Key = AllMarks;
    type Job = MarksMove;
    type Answer = ();

    const STORE: &'static str = "the database";
    const MAX_BATCH: usize = 1_024;
    const MAX_BATCH_BYTES: usize = usize::MAX;

    fn bytes(_: &MarksMove) -> usize {
        size_of::<MarksMove>()
    }

    async fn commit(&self, _: AllMarks, moves: Vec<MarksMove>) -> Result<Vec<()>> {
        let answers = vec![(); moves.len()];
        let moves = merged(moves);
        let advanced = timeout(COMMIT_LIMIT, self.conversations.advance_marks(&moves)).await;
        for advanced in advanced.map_err(|late| Error::unavailable(Self::STORE, late))?? {
            let (topic, ring) = (Topic::Conversation(advanced.conversation), receipts(advanced, &moves));
            self.bus.publish(topic, Arc::new(Ring::Receipts(ring)));
        }
        Ok(answers)
    }
}

/// What is told of a conversation's marks that some of the merged moves have moved.
fn receipts(advanced: MarksAdvanced, moves: &[MarksMove]) -> ReceiptsMoved {
    let at = |member: &Member| {
        let place = (member.conversation, member.user);
        let found = moves.binary_search_by_key(&place, |one| (one.conversation, one.user));
        found.ok().and_then(|index| moves.get(index)).map(|one| one.at)
    };
    let receipt = |member: &Member| Some(ReceiptMoved::of(member, at(member)?));
    let MarksAdvanced { conversation, version, members } = advanced;
    ReceiptsMoved { conversation, version, moved: members.iter().filter_map(receipt).collect() }
}

/// One move for each membership, to the furthest of its marks; in one order on every node, so that two never wait for
/// each other.
fn merged(moves: Vec<MarksMove>) -> Vec<MarksMove> {
    let mut by_member: BTreeMap<(ConversationId, UserId), MarksMove> = BTreeMap::new();
    for one in moves {
        let furthest = by_member.entry((one.conversation, one.user)).or_insert(one);
        furthest.marks = Marks {
            delivered_seq: furthest.marks.delivered_seq.max(one.marks.delivered_seq),
            read_seq: furthest.marks.read_seq.max(one.marks.read_seq),
        };
        furthest.at = furthest.at.max(one.at);
        furthest.is_sent |= one.is_sent;
    }
    by_member.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::message::Revision;
    use uuid::Uuid;

    #[test]
    fn moves_of_one_member_become_one_to_the_furthest() {
        let at = |n| Revision::new(n).unwrap();
        let one = |user, delivered, read, millis| MarksMove {
            conversation: ConversationId::from(Uuid::nil()),
            user: UserId::from(Uuid::from_u128(user)),
            marks: Marks { delivered_seq: at(delivered), read_seq: at(read) },
            at: Timestamp::from_unix_millis(millis).unwrap(),
            is_sent: false,
        };
        let merged = merged(vec![one(2, 9, 1, 5), one(1, 1, 1, 1), one(2, 3, 3, 4)]);
        assert_eq!(merged, [one(1, 1, 1, 1), one(2, 9, 3, 5)]);
    }
}
