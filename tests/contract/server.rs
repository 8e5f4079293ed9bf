//! Opening a database: its shape, what all nodes share, and what happens when many come at once.

use crate::support::make::{at, person};
use crate::support::relay::Relay;
use crate::support::stores::{self, TestSql};
use natterjack::error::Code;
use natterjack::store::sql::{Sql, SqlOptions};
use natterjack::store::{Probe as _, ServerFacts};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

crate::on_each_sql! {
    migrating_twice_changes_nothing
    four_nodes_may_open_and_migrate_an_empty_database_at_once
    all_nodes_share_the_facts_of_the_first
    a_database_without_tables_does_not_answer_a_ping
}

async fn migrating_twice_changes_nothing(sql: TestSql) {
    let ada = person(&*sql, "ada").await;
    sql.migrate().await.unwrap();
    sql.open_again().await.migrate().await.unwrap();
    assert_eq!(natterjack::store::Accounts::find(&*sql, &[ada]).await.unwrap().len(), 1);
}

async fn four_nodes_may_open_and_migrate_an_empty_database_at_once(sql: TestSql) {
    let empty = Arc::new(sql.empty().await);
    let nodes = (0..4).map(|_| {
        let empty = Arc::clone(&empty);
        async move {
            let node = empty.open().await;
            node.migrate().await.unwrap();
            node.ping().await.unwrap();
            parts(&node.facts(at(0)).await.unwrap())
        }
    });
    let facts = nodes.collect::<JoinSet<_>>().join_all().await;
    assert!(facts.iter().all(|each| *each == facts[0]));
}

fn parts(facts: &ServerFacts) -> (String, [u8; 64], [u8; 64]) {
    (facts.id.to_string(), *facts.draft_key.as_bytes(), *facts.refresh_key.as_bytes())
}

async fn all_nodes_share_the_facts_of_the_first(sql: TestSql) {
    let first = sql.facts(at(0)).await.unwrap();
    let later = sql.open_again().await.facts(at(9)).await.unwrap();
    assert_eq!(parts(&first), parts(&later));
    assert_ne!(first.draft_key.as_bytes(), &[0; 64]);
    assert_ne!(first.draft_key.as_bytes(), first.refresh_key.as_bytes());
}

async fn a_database_without_tables_does_not_answer_a_ping(sql: TestSql) {
    sql.ping().await.unwrap();
    sql.empty().await.open().await.ping().await.unwrap_err();
}

#[tokio::test]
async fn an_address_of_neither_kind_is_refused_without_repeating_its_password() {
    for address in [
        "",
        "natterjack.db",
        "mysql://ada:secret@localhost/chat",
        "postgres://ada:secret@local host/chat",
        "sqlite::memory:",
        "sqlite://chat.db?mode=memory",
    ] {
        let error = Sql::connect(address, &SqlOptions::default()).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidInput, "{address}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable() {
    let options = SqlOptions::default();
    // The port of nothing.
    let error = Sql::connect("postgres://ada:secret@127.0.0.1:1/chat", &options).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn connections_that_have_fallen_silent_are_replaced() {
    let Some(postgres) = stores::postgres().await else {
        return;
    };
    let relay = Relay::before(postgres.url()).await;
    let options = SqlOptions {
        max_connections: 2,
        acquire_timeout: Duration::from_secs(2),
        statement_timeout: Duration::from_millis(300),
        ..SqlOptions::default()
    };
    let sql = Sql::connect(relay.url(), &options).await.unwrap();
    let ask_thrice = async || <[_; 3]>::from(tokio::join!(sql.ping(), sql.ping(), sql.ping()));
    // On a busy machine a connection may already have been replaced here.
    while ask_thrice().await.iter().any(Result::is_err) {}

    // Silent are those that are open at that moment, and the pool may open others before it asks.
    for tries in 1.. {
        relay.silence();
        let answers = ask_thrice().await;
        if answers.iter().any(|answer| matches!(answer, Err(error) if error.code() == Code::Unavailable)) {
            break;
        }
        assert!(tries < 10, "{answers:?}");
    }
    sql.ping().await.unwrap();
}
