//! [`Nodes`]: what nodes say of themselves.

use crate::support::make::{at, now};
use crate::support::stores::TestSql;
use natterjack::domain::ids::NodeId;
use natterjack::domain::node::Node;
use natterjack::store::Nodes as _;
use tokio::task::JoinSet;

crate::on_each_sql! {
    a_node_that_beats_is_seen_by_the_others_and_not_by_itself
    the_latest_seen_come_first_and_no_more_than_are_asked_for
    a_node_that_leaves_is_seen_no_more
    what_was_said_long_ago_is_forgotten
    many_nodes_may_beat_at_once
}

fn node(seen_at: i64) -> Node {
    Node { id: NodeId::new(now()), started_at: at(0), seen_at: at(seen_at) }
}

async fn a_node_that_beats_is_seen_by_the_others_and_not_by_itself(sql: TestSql) {
    let (one, other) = (node(1), node(2));
    assert_eq!(sql.others(one.id, 9).await.unwrap(), []);
    sql.beat(&one).await.unwrap();
    sql.beat(&other).await.unwrap();
    assert_eq!(sql.others(one.id, 9).await.unwrap(), [other]);
    assert_eq!(sql.open_again().await.others(other.id, 9).await.unwrap(), [one]);

    for seen_at in [7, 5] {
        let again = Node { seen_at: at(seen_at), ..one };
        sql.beat(&again).await.unwrap();
        assert_eq!(sql.others(other.id, 9).await.unwrap(), [again]);
    }
}

async fn the_latest_seen_come_first_and_no_more_than_are_asked_for(sql: TestSql) {
    let nodes = [node(2), node(4), node(1), node(3)];
    for node in &nodes {
        sql.beat(node).await.unwrap();
    }
    let nobody = NodeId::new(now());
    assert_eq!(sql.others(nobody, 3).await.unwrap(), [nodes[1], nodes[3], nodes[0]]);
    assert_eq!(sql.others(nodes[1].id, 2).await.unwrap(), [nodes[3], nodes[0]]);
    assert_eq!(sql.others(nobody, 9).await.unwrap().len(), 4);
}

async fn a_node_that_leaves_is_seen_no_more(sql: TestSql) {
    let (stays, leaves) = (node(1), node(2));
    sql.beat(&stays).await.unwrap();
    sql.beat(&leaves).await.unwrap();
    for _ in 0..2 {
        sql.leave(leaves.id).await.unwrap();
        assert_eq!(sql.others(NodeId::new(now()), 9).await.unwrap(), [stays]);
    }
}

async fn what_was_said_long_ago_is_forgotten(sql: TestSql) {
    let (old, new) = (node(1_000), node(1_001));
    sql.beat(&old).await.unwrap();
    sql.beat(&new).await.unwrap();
    sql.forget(at(1_001)).await.unwrap();
    assert_eq!(sql.others(NodeId::new(now()), 9).await.unwrap(), [new]);

    let back = Node { seen_at: at(2_000), ..old };
    sql.beat(&back).await.unwrap();
    assert_eq!(sql.others(new.id, 9).await.unwrap(), [back]);
}

async fn many_nodes_may_beat_at_once(sql: TestSql) {
    let again = sql.open_again().await;
    let beats = (0..40).map(|n| {
        let handle = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        let node = node(n);
        async move {
            handle.beat(&node).await.unwrap();
            handle.forget(at(-1)).await.unwrap();
            handle.beat(&Node { seen_at: at(100 + n), ..node }).await.unwrap();
        }
    });
    beats.collect::<JoinSet<_>>().join_all().await;
    let seen = sql.others(NodeId::new(now()), 99).await.unwrap();
    assert_eq!(seen.iter().map(|node| node.seen_at).collect::<Vec<_>>(), (100..140).rev().map(at).collect::<Vec<_>>());
}
