//! Lines that break, servers that say nothing, processes that vanish in the middle of a transaction.

use super::relay::Relay;
use super::{TestMongo, append, head_number, key, with_one_message};
use crate::support::messages::{a_conversation, a_person, message, revision};
use mongodb::bson::doc;
use mongodb::options::ReadConcern;
use natterjack::domain::batch::Written;
use natterjack::domain::event::Bell;
use natterjack::domain::message::Revision;
use natterjack::error::Code;
use natterjack::measures::StoreMeasures;
use natterjack::store::mongo::MongoLog;
use natterjack::store::{LogReads as _, MessageLog, Probe as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

async fn relayed(mongo: &TestMongo) -> (Relay, MongoLog) {
    let database = mongo.raw().await;
    let server = mongo.url().split("://").nth(1).unwrap();
    let server = server.split(['/', ',']).next().unwrap().to_owned();
    let relay = Relay::to(server).await;
    let log = MongoLog::connect(&relay.url(database.name()), &StoreMeasures::default()).await.unwrap();
    (relay, log)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answers_are_lost_is_stored_once_and_rung() {
    let Some((mongo, conversation)) = with_one_message().await else {
        return;
    };
    let (relay, log) = relayed(&mongo).await;
    let bells = Arc::new(Mutex::new(Vec::<Bell>::new()));
    let belfry = Arc::clone(&bells);
    let log = MessageLog::new(Arc::new(log), move |bell| belfry.lock().unwrap().push(bell));
    // The driver itself asks a second time: that answer is lost too.
    for (losses, number) in [(1, 2), (2, 3), (3, 4)] {
        relay.cut_commits(losses);
        let written = log.append(message(conversation, a_person(), "hello")).await.unwrap();
        let Written::Appended(message) = written else {
            panic!("{written:?}");
        };
        assert_eq!(message.seq, revision(number));
        assert_eq!(relay.commits_to_cut(), 0);
        assert_eq!(bells.lock().unwrap().last().unwrap().to, revision(number));
    }
    assert_eq!(head_number(&mongo, conversation).await, revision(4));
    assert_eq!(mongo.since(conversation, Revision::ZERO, 10).await.unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_unavailable_and_then_itself_again() {
    let Some((mongo, conversation)) = with_one_message().await else {
        return;
    };
    let (relay, log) = relayed(&mongo).await;
    let writer = MessageLog::new(Arc::new(log.clone()), |_| ());
    relay.keep_silent(true);
    let began = Instant::now();
    let (ping, read, written) = tokio::join!(
        log.ping(),
        log.since(conversation, Revision::ZERO, 1),
        writer.append(message(conversation, a_person(), "hello")),
    );
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(ping.unwrap_err().code(), Code::Unavailable);
    assert_eq!(read.unwrap_err().code(), Code::Unavailable);
    assert_eq!(written.unwrap_err().code(), Code::Unavailable);

    relay.keep_silent(false);
    let began = Instant::now();
    while log.ping().await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "it stays away");
    }
    let before = head_number(&mongo, conversation).await;
    append(&log, message(conversation, a_person(), "hello")).await;
    assert_eq!(head_number(&mongo, conversation).await, before.next());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_vanished_within_a_commit_holds_nobody_up_for_long() {
    let Some((mongo, known)) = with_one_message().await else {
        return;
    };
    // What is left of such a process: a transaction that has changed the head and is never heard of again.
    let (relay, vanished) = relayed(&mongo).await;
    drop(vanished);
    let options = format!("{}&appName=natterjack", relay.url(mongo.raw().await.name()));
    let client = mongodb::Client::with_uri_str(options).await.unwrap();
    let mut session = client.start_session().await.unwrap();
    session.start_transaction().read_concern(ReadConcern::snapshot()).await.unwrap();
    let heads = client.default_database().unwrap().collection::<mongodb::bson::Document>("heads");
    let unbegun = a_conversation();
    for conversation in [known, unbegun] {
        let raise = doc! { "$inc": { "revision": 1_i64 } };
        let raised = heads.update_one(doc! { "_id": key(conversation) }, raise).upsert(true);
        raised.session(&mut session).await.unwrap();
    }

    let began = Instant::now();
    let node = MessageLog::new(Arc::new(mongo.open_again().await), |_| ());
    for (conversation, number) in [(known, 2), (unbegun, 1)] {
        let written = node.append(message(conversation, a_person(), "hello")).await.unwrap();
        let Written::Appended(message) = written else {
            panic!("{written:?}");
        };
        assert_eq!(message.seq, revision(number));
    }
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    // Should it come back, it learns that it was given up.
    session.commit_transaction().await.unwrap_err();
    assert_eq!(head_number(&mongo, known).await, revision(2));
}
