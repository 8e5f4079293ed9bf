//! What is peculiar to MongoDB: how it is reached, migrated and indexed, connections that break, processes that vanish.

mod faults;
mod indexes;
mod relay;

use crate::support::messages::{a_conversation, a_person, edit, message};
use crate::support::mongo::{TestMongo, empty, mongodb};
use mongodb::bson::{Document, Uuid, doc};
use natterjack::domain::batch::{Attempt, Write, Written};
use natterjack::domain::ids::ConversationId;
use natterjack::domain::message::{NewMessage, Revision};
use natterjack::error::Code;
use natterjack::measures::StoreMeasures;
use natterjack::store::mongo::MongoLog;
use natterjack::store::{LogReads as _, LogStore as _, Probe as _};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

fn key(conversation: ConversationId) -> Uuid {
    Uuid::from_bytes(conversation.uuid().into_bytes())
}

async fn append(log: &MongoLog, new: NewMessage) -> Written {
    let conversation = new.conversation;
    let committed = log.commit(conversation, &[Write::Append(new)], Attempt::First).await;
    committed.unwrap().written.pop().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn six_nodes_may_migrate_an_empty_database_at_once_and_again() {
    let Some(mongo) = empty().await else { return };
    let mut nodes = Vec::new();
    for _ in 0..6 {
        nodes.push(mongo.open_again().await);
    }
    let migrating: JoinSet<_> = nodes.iter().cloned().map(|node| async move { node.migrate().await }).collect();
    for migrated in migrating.join_all().await {
        migrated.unwrap();
    }
    mongo.migrate().await.unwrap();

    let database = mongo.raw().await;
    let done = database.collection::<Document>("migrations").count_documents(doc! {}).await.unwrap();
    assert_eq!(done, 5);
    let mut indexes = database.collection::<Document>("messages").list_index_names().await.unwrap();
    indexes.sort_unstable();
    assert_eq!(indexes, ["_id_", "client_id", "pinned", "place", "replies", "revision", "words"]);
}

#[tokio::test]
async fn a_closed_port_is_unavailable_in_a_few_seconds() {
    let began = Instant::now();
    let error = MongoLog::connect("mongodb://127.0.0.1:1/chat", &StoreMeasures::default()).await.err().unwrap();
    assert_eq!(error.code(), Code::Unavailable);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_there_answers_a_ping_until_it_is_closed() {
    let Some(mongo) = mongodb().await else { return };
    let node = mongo.open_again().await;
    node.ping().await.unwrap();
    assert_eq!(node.name(), "mongodb");
    timeout(Duration::from_secs(5), node.close()).await.unwrap();
    assert_eq!(node.ping().await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_may_begin_many_logs_at_once() {
    let Some(mongo) = mongodb().await else { return };
    let nodes = [mongo.open_again().await, mongo.open_again().await];
    let beginning: JoinSet<_> = (0..25)
        .flat_map(|_| [a_conversation(); 4])
        .enumerate()
        .map(|(n, conversation)| {
            let node = nodes[n % 2].clone();
            async move { append(&node, message(conversation, a_person(), "first")).await }
        })
        .collect();
    let mut numbers: Vec<_> = beginning
        .join_all()
        .await
        .into_iter()
        .map(|written| match written {
            Written::Appended(message) => (message.conversation, message.seq.number()),
            other => panic!("{other:?}"),
        })
        .collect();
    numbers.sort_unstable();
    assert!(numbers.iter().map(|(_, number)| *number).eq((0..25).flat_map(|_| 1..=4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_another_version_is_an_internal_error_and_no_panic() {
    let Some(mongo) = mongodb().await else { return };
    let (conversation, ada) = (a_conversation(), a_person());
    let new = message(conversation, ada, "hello");
    append(&mongo, new.clone()).await;
    let messages = mongo.raw().await.collection::<Document>("messages");
    for (field, value) in
        [("kind", "POLL".into()), ("revision", mongodb::bson::Bson::from("one")), ("seq", (-1_i64).into())]
    {
        let of_another_version = doc! { "$set": { field: value } };
        messages.update_one(doc! { "conversation": key(conversation) }, of_another_version).await.unwrap();
        assert_eq!(mongo.find(&[new.id]).await.unwrap_err().code(), Code::Internal, "{field}");
        let change = [Write::Amend(edit(new.id, "hello!"))];
        let error = mongo.commit(conversation, &change, Attempt::First).await.unwrap_err();
        assert_eq!(error.code(), Code::Internal, "{field}");
        assert!(!error.to_string().contains("hello"), "{error}");
    }
}

/// A database of its own with one message in it.
async fn with_one_message() -> Option<(TestMongo, ConversationId)> {
    let mongo = mongodb().await?;
    let conversation = a_conversation();
    append(&mongo, message(conversation, a_person(), "hello")).await;
    Some((mongo, conversation))
}

async fn head_number(log: &MongoLog, conversation: ConversationId) -> Revision {
    log.heads(&[conversation]).await.unwrap()[&conversation].revision
}
