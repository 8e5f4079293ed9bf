//! Which nodes run: each says so again and again in the database that they share, and looks who else does. Who was on one
//! that runs no more is taken off it.

use super::Attendance;
use crate::domain::clock::Clock;
use crate::domain::ids::NodeId;
use crate::domain::node::Node;
use crate::error::Result;
use crate::store::Nodes;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// A node that has said nothing for so many periods runs no more: two beats may be late or lost.
const LAPSE: u32 = 3;
/// After so long what a node said is removed: it was killed, and could not leave. Longer than clocks differ.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
/// Nodes that are looked at, the latest seen: one that is killed and started again all day leaves thousands behind.
const MAX_OTHERS: u32 = 1_000;
/// How long a node that stops waits for the database to take back what it said.
const LEAVE_LIMIT: Duration = Duration::from_secs(2);

/// This node's sign of life, and what it sees of the others'.
pub struct Heartbeat {
    nodes: Arc<dyn Nodes>,
    attendance: Arc<Attendance>,
    clock: Arc<dyn Clock>,
    /// How often a node says that it runs.
    period: Duration,
    me: Node,
    others: watch::Sender<BTreeSet<NodeId>>,
}

impl Heartbeat {
    /// That of a node which starts now and says so once in each period, which is to be the same on all. Nothing is said
    /// before [`Heartbeat::run`].
    pub fn new(nodes: Arc<dyn Nodes>, attendance: Arc<Attendance>, clock: Arc<dyn Clock>, period: Duration) -> Self {
        let now = clock.now();
        let me = Node { id: NodeId::new(now), started_at: now, seen_at: now };
        Self { nodes, attendance, clock, period, me, others: watch::Sender::default() }
    }

    /// The other nodes that run. One counts once it has said so for a second time under this node's eyes, within two
    /// beats of both: what stands in the database may have been said by one that was killed since.
    pub fn others(&self) -> watch::Receiver<BTreeSet<NodeId>> {
        self.others.subscribe()
    }

    /// Says that this node runs and who is on it, and looks for others, until it is told to stop; then leaves.
    pub async fn run(self, stop: CancellationToken) {
        tokio::join!(stop.run_until_cancelled(self.beat_on()), self.attendance.run(self.me.id, &stop));
        match timeout(LEAVE_LIMIT, self.leave()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(%error, "the other nodes cannot be told that this one stops"),
            Err(_) => warn!("the other nodes cannot be told in time that this one stops"),
        }
    }

    async fn beat_on(&self) {
        let mut census = Census::new(self.period);
        let mut ticks = interval(self.period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.beat(&mut census).await {
                warn!(%error, "the other nodes cannot be told that this one runs");
            }
        }
    }

    async fn beat(&self, census: &mut Census) -> Result<()> {
        let now = self.clock.now();
        let stood_there = self.nodes.beat(&Node { seen_at: now, ..self.me }).await?;
        self.attendance.announced(stood_there);
        let running = census.take(&self.nodes.others(self.me.id, MAX_OTHERS).await?, Instant::now());
        self.others.send_if_modified(|others| std::mem::replace(others, running) != *others);
        self.nodes.remove_silent(&census.silent()).await?;
        self.nodes.forget(now.minus(FORGOTTEN_AFTER)).await?;
        self.attendance.clear().await
    }

    /// Where another node runs, it takes off this one, at its next beat, all who have not come to another by then.
    async fn leave(&self) -> Result<()> {
        self.nodes.leave(self.me.id).await?;
        let is_last = self.others.borrow().is_empty();
        if is_last { self.attendance.clear().await } else { Ok(()) }
    }
}

/// What was seen of the other nodes, and when it last changed.
#[derive(Debug)]
struct Census {
    signs: HashMap<NodeId, Sign>,
    lapse: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Sign {
    node: Node,
    /// When it was seen to be another than before.
    moved_at: Option<Instant>,
    /// How often it was looked at since without being another. Time alone would not do: while the database is away, nobody
    /// says anything.
    looks: u32,
}

impl Census {
    fn new(period: Duration) -> Self {
        Self { signs: HashMap::new(), lapse: period.saturating_mul(LAPSE) }
    }

    /// Takes in what the nodes now say of themselves; those of them that run.
    fn take(&mut self, nodes: &[Node], now: Instant) -> BTreeSet<NodeId> {
        let sign = |node: &Node| {
            let before = self.signs.get(&node.id);
            let has_moved = before.is_some_and(|before| before.node.seen_at != node.seen_at);
            let moved_at = if has_moved { Some(now) } else { before.and_then(|before| before.moved_at) };
            let looks = before.filter(|_| !has_moved).map_or(0, |before| before.looks + 1);
            (node.id, Sign { node: *node, moved_at, looks })
        };
        self.signs = nodes.iter().map(sign).collect();
        let runs = |sign: &Sign| sign.moved_at.is_some_and(|at| now.duration_since(at) < self.lapse);
        self.signs.iter().filter(|(_, sign)| runs(sign)).map(|(id, _)| *id).collect()
    }

    /// Those that have been silent for so long that they run no more, also where they were never seen to.
    fn silent(&self) -> Vec<Node> {
        self.signs.values().filter(|sign| sign.looks >= LAPSE).map(|sign| sign.node).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use uuid::Uuid;

    const PERIOD: Duration = Duration::from_secs(5);

    fn node(id: u128, seen_at: i64) -> Node {
        let at = |millis| Timestamp::from_unix_millis(millis).unwrap();
        Node { id: NodeId::from(Uuid::from_u128(id)), started_at: at(0), seen_at: at(seen_at) }
    }

    fn ids(ids: impl IntoIterator<Item = u128>) -> BTreeSet<NodeId> {
        ids.into_iter().map(|id| node(id, 0).id).collect()
    }

    #[test]
    fn only_a_node_that_says_something_new_runs() {
        let (mut census, start) = (Census::new(PERIOD), Instant::now());
        assert_eq!(census.take(&[node(1, 10), node(2, 10)], start), ids([]));
        assert_eq!(census.take(&[node(1, 10), node(2, 20)], start + PERIOD), ids([2]));
        assert_eq!(census.take(&[node(1, 10), node(2, 20), node(3, 30)], start + PERIOD * 2), ids([2]));
        // A clock that was set back is no sign of death.
        assert_eq!(census.take(&[node(3, 5), node(2, 30)], start + PERIOD * 3), ids([2, 3]));
        assert_eq!(census.take(&[node(1, 10)], start + PERIOD * 4), ids([]), "who has left runs no more");
    }

    #[test]
    fn a_node_that_falls_silent_runs_for_three_beats_more() {
        let (mut census, start) = (Census::new(PERIOD), Instant::now());
        census.take(&[node(1, 10)], start);
        assert_eq!(census.take(&[node(1, 20)], start), ids([1]));
        assert_eq!(census.take(&[node(1, 20)], start + PERIOD * 2), ids([1]));
        assert_eq!(census.take(&[node(1, 20)], start + PERIOD * 3), ids([]));
        assert_eq!(census.take(&[node(1, 30)], start + PERIOD * 9), ids([1]));
    }
    #[test]
    fn a_node_is_dead_once_three_looks_have_found_nothing_new() {
        let (mut census, start) = (Census::new(PERIOD), Instant::now());
        let (one, other) = (node(1, 10), node(2, 10));
        for look in 0..3 {
            census.take(&[one, Node { seen_at: node(2, 20 + look).seen_at, ..other }], start);
            assert_eq!(census.silent(), []);
        }
        census.take(&[one, node(2, 30)], start);
        assert_eq!(census.silent(), [one]);
        census.take(&[node(1, 11), node(2, 40)], start);
        assert_eq!(census.silent(), [], "it has woken");
    }
}
