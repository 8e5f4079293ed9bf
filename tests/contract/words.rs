//! The index of words as each database keeps it: what is gone from it, how it comes to be, and that searching uses it.

use crate::on_each_sql;
use crate::support::messages::{a_conversation, a_person, delete, edit, message};
use crate::support::mongo::mongodb;
use crate::support::stores::{TestSql, postgres};
use mongodb::bson::{Document, doc};
use natterjack::domain::batch::{Attempt, Write};
use natterjack::domain::ids::{ConversationId, MessageId};
use natterjack::domain::page::{Take, Window};
use natterjack::domain::words::SearchTerms;
use natterjack::store::log::MAX_BATCH;
use natterjack::store::{LogReads, LogStore};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};
use std::time::Duration;
use tokio::time::{sleep, timeout};

on_each_sql! {
    words_that_nobody_says_any_more_are_gone_from_storage
    messages_older_than_the_index_are_indexed_by_migrating
    a_log_erased_before_it_was_indexed_is_passed_over
}

async fn write(store: &dyn LogStore, conversation: ConversationId, writes: &[Write]) {
    for batch in writes.chunks(MAX_BATCH) {
        store.commit(conversation, batch, Attempt::First).await.unwrap();
    }
}

/// Stores that many messages, which all hold `toad` and each a number of its own; their ids.
async fn fill(store: &dyn LogStore, conversation: ConversationId, count: usize) -> Vec<MessageId> {
    let new: Vec<_> = (0..count).map(|n| message(conversation, a_person(), format!("toad n{n:05}"))).collect();
    let ids = new.iter().map(|new| new.id).collect();
    write(store, conversation, &new.into_iter().map(Write::Append).collect::<Vec<_>>()).await;
    ids
}

async fn found(store: &dyn LogReads, of: &[ConversationId], text: &str) -> usize {
    let window = Window { after: None, before: None, take: Take::First(100) };
    store.search(of, &SearchTerms::parse(text).unwrap(), &window).await.unwrap().items.len()
}

async fn raw(sql: &TestSql) -> DatabaseConnection {
    Database::connect(sql.url()).await.unwrap()
}

/// The one number that the statement answers with.
async fn number(raw: &DatabaseConnection, statement: &str) -> i64 {
    let statement = Statement::from_string(raw.get_database_backend(), statement);
    raw.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

async fn words_that_nobody_says_any_more_are_gone_from_storage(sql: TestSql) {
    let (conversation, raw) = (a_conversation(), raw(&sql).await);
    let [kept, edited, deleted] = fill(&*sql, conversation, 3).await[..] else { panic!("three") };
    let entries = async || number(&raw, "SELECT COUNT(*) FROM message_words").await;
    // The word that every message has, and two of its own.
    assert_eq!(entries().await, 9);
    write(&*sql, conversation, &[Write::Amend(edit(edited, "toad")), Write::Amend(delete(deleted))]).await;
    assert_eq!(entries().await, 5);
    let stale = "SELECT COUNT(*) FROM message_words WHERE word IN ('n00001', 'n00002')";
    assert_eq!(number(&raw, stale).await, 0);
    write(&*sql, conversation, &[Write::Amend(delete(kept)), Write::Amend(edit(edited, "🐸"))]).await;
    assert_eq!(entries().await, 0);

    // More entries than go in one statement.
    fill(&*sql, conversation, 5_000).await;
    let other = a_conversation();
    fill(&*sql, other, 2).await;
    assert_eq!(entries().await, 15_006);
    sql.erase(conversation).await.unwrap();
    assert_eq!(entries().await, 6);
    assert_eq!(found(&*sql, &[conversation, other], "toad").await, 2);
    raw.close().await.unwrap();
}

/// Takes the database back to where there was no index of words.
async fn forget(raw: &DatabaseConnection) {
    for statement in [
        "DROP TABLE message_words",
        "DROP TABLE words_backlog",
        "DELETE FROM seaql_migrations WHERE version = 'm0010_words'",
    ] {
        raw.execute_unprepared(statement).await.unwrap();
    }
}

async fn messages_older_than_the_index_are_indexed_by_migrating(sql: TestSql) {
    let (one, two, raw) = (a_conversation(), a_conversation(), raw(&sql).await);
    // More than are indexed at once.
    fill(&*sql, one, 600).await;
    let ids = fill(&*sql, two, 3).await;
    write(&*sql, two, &[Write::Amend(delete(ids[0])), Write::Amend(edit(ids[1], "frog"))]).await;
    let before = number(&raw, "SELECT COUNT(*) FROM message_words").await;
    forget(&raw).await;

    let nodes = [sql.open_again().await, sql.open_again().await];
    let (here, there) = tokio::join!(nodes[0].migrate(), nodes[1].migrate());
    here.unwrap();
    there.unwrap();
    assert_eq!(number(&raw, "SELECT COUNT(*) FROM message_words").await, before);
    assert_eq!(number(&raw, "SELECT COUNT(*) FROM words_backlog").await, 0);
    assert_eq!(found(&nodes[0], &[one, two], "toad").await, 100);
    for text in ["n00000", "n00599", "frog"] {
        assert_eq!(found(&nodes[0], &[one, two], text).await, 1, "{text}");
    }
    raw.close().await.unwrap();
}

async fn a_log_erased_before_it_was_indexed_is_passed_over(sql: TestSql) {
    let (one, two, raw) = (a_conversation(), a_conversation(), raw(&sql).await);
    fill(&*sql, one, 3).await;
    fill(&*sql, two, 3).await;
    sql.erase(one).await.unwrap();
    forget(&raw).await;
    sql.open_again().await.migrate().await.unwrap();
    assert_eq!(found(&*sql, &[one, two], "toad").await, 3);
    raw.close().await.unwrap();
}

/// Conversations with 40 messages each.
async fn crowd(store: &dyn LogStore, count: usize) -> Vec<ConversationId> {
    let mut conversations = Vec::new();
    for _ in 0..count {
        let conversation = a_conversation();
        fill(store, conversation, 40).await;
        conversations.push(conversation);
    }
    conversations
}

/// Waits until nobody else is connected: what a connection has counted is told when it ends.
async fn until_alone(raw: &DatabaseConnection) {
    let others =
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'natterjack'";
    let alone = async {
        while number(raw, others).await > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(20), alone).await.expect("the connections end");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_reads_no_more_of_the_index_than_is_asked_for() {
    let Some(sql) = postgres().await else { return };
    let raw = raw(&sql).await;
    let conversations = crowd(&*sql, 200).await;
    sql.close().await.unwrap();
    raw.execute_unprepared("VACUUM ANALYZE message_words").await.unwrap();
    until_alone(&raw).await;
    let scans = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'message_words'";
    let entries = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE relname = 'message_words'";
    let before = (number(&raw, scans).await, number(&raw, entries).await);

    let node = sql.open_again().await;
    // Of few, since whoever asks for all of a small table is better answered without the index.
    let few = &conversations[..10];
    assert_eq!(found(&node, few, "n00007").await, 10);
    assert_eq!(found(&node, few, "n00007 toad").await, 10);
    assert_eq!(found(&node, few, "absent").await, 0);
    node.close().await.unwrap();
    until_alone(&raw).await;
    assert_eq!(number(&raw, scans).await, before.0, "never the whole table");
    assert_eq!(number(&raw, entries).await - before.1, 20, "entries for 20 messages");
    raw.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn mongodb_gives_words_to_messages_older_than_the_index() {
    let Some(mongo) = mongodb().await else { return };
    let conversation = a_conversation();
    let ids = fill(&*mongo, conversation, 600).await;
    write(&*mongo, conversation, &[Write::Amend(delete(ids[0])), Write::Amend(edit(ids[1], "frog"))]).await;
    let database = mongo.raw().await;
    let messages = database.collection::<Document>("messages");
    let words = async |of: &str| messages.count_documents(doc! { "words": of }).await.unwrap();
    assert_eq!((words("toad").await, words("").await, words("frog").await), (598, 599, 1));

    messages.drop_index("words").await.unwrap();
    messages.update_many(doc! {}, doc! { "$unset": { "words": 1 } }).await.unwrap();
    let migrations = database.collection::<Document>("migrations");
    migrations.delete_one(doc! { "_id": "0010_message_words" }).await.unwrap();
    let nodes = [mongo.open_again().await, mongo.open_again().await];
    let (here, there) = tokio::join!(nodes[0].migrate(), nodes[1].migrate());
    here.unwrap();
    there.unwrap();
    assert_eq!((words("toad").await, words("").await, words("frog").await), (598, 599, 1));
    assert_eq!(found(&nodes[0], &[conversation], "n00599 toad").await, 1);
    assert_eq!(found(&nodes[0], &[conversation], "frog").await, 1);
}
