//! Nodes notice each other, and say where a bus is missing between them.

use crate::support::backend::{Backend, Log, Node};
use crate::support::make::now;
use crate::support::stores::url_of;
use natterjack::domain::ids::NodeId;
use natterjack::domain::node;
use natterjack::store::Nodes as _;
use natterjack::store::sql::Sql;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// What the warning names.
const SETTING: &str = "NATS_URL";
/// Two beats of five seconds, and time to spare on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// All that nodes have said in the database.
async fn said(sql: &Sql) -> Vec<node::Node> {
    sql.others(NodeId::new(now()), 99).await.unwrap()
}

/// Returns once each of so many nodes has been seen to beat so often again.
async fn beaten(sql: &Sql, nodes: usize, beats: usize) {
    let mut seen: HashMap<NodeId, Vec<node::Node>> = HashMap::new();
    let looking = async {
        while seen.values().filter(|said| said.len() > beats).count() < nodes {
            for node in said(sql).await {
                let said = seen.entry(node.id).or_default();
                if said.last() != Some(&node) {
                    said.push(node);
                }
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, looking).await.expect("they beat in time");
}

async fn two_nodes_without_a_bus_are_both_told_once(backend: Backend) {
    let (one, mut log_of_one) = backend.logging_node().await;
    let (other, mut log_of_other) = backend.logging_node().await;
    for log in [&mut log_of_one, &mut log_of_other] {
        let line = log.line_with(SETTING, PATIENCE).await;
        assert!(line.contains("WARN") && line.contains("another node runs on this database"), "{line}");
    }
    let sql = backend.sql().await;
    beaten(&sql, 2, 1).await;
    for (node, log) in [(one, log_of_one), (other, log_of_other)] {
        assert!(node.terminate().await);
        assert!(!log.rest().await.iter().any(|line| line.contains(SETTING)), "it is said once");
    }
    assert_eq!(said(&sql).await, [], "who stops leaves");
}

#[tokio::test]
async fn two_nodes_without_a_bus_are_both_told_once_on_sqlite() {
    two_nodes_without_a_bus_are_both_told_once(Backend::sqlite().await.unwrap()).await;
}

#[tokio::test]
async fn two_nodes_without_a_bus_are_both_told_once_on_postgres() {
    if let Some(backend) = Backend::postgres().await {
        two_nodes_without_a_bus_are_both_told_once(backend).await;
    }
}

/// Ends the node and gives its log, which names the setting nowhere.
async fn assert_said_nothing(node: Node, log: Log) {
    assert!(node.terminate().await);
    let lines = log.rest().await;
    assert!(!lines.iter().any(|line| line.contains(SETTING)), "{lines:#?}");
}

#[tokio::test]
async fn a_node_that_was_killed_and_started_again_alone_is_told_of_nobody() {
    let backend = Backend::sqlite().await.unwrap();
    let first = backend.node().await;
    let sql = backend.sql().await;
    beaten(&sql, 1, 0).await;
    first.kill().await;
    let left = said(&sql).await;
    assert_eq!(left.len(), 1, "one that is killed leaves what it said");

    let (again, log) = backend.logging_node().await;
    beaten(&sql, 1, 2).await;
    assert_said_nothing(again, log).await;
    assert!(said(&sql).await.iter().all(|node| left.contains(node)), "it may have been found dead by then");
}

#[tokio::test]
async fn two_nodes_with_a_bus_are_told_nothing() {
    let Some(nats) = url_of("TEST_NATS_URL") else { return };
    let backend = Backend::sqlite().await.unwrap().with(SETTING, nats);
    let ((one, log_of_one), (other, log_of_other)) = (backend.logging_node().await, backend.logging_node().await);
    beaten(&backend.sql().await, 2, 2).await;
    assert_said_nothing(one, log_of_one).await;
    assert_said_nothing(other, log_of_other).await;
}
