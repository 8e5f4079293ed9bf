//! Every statement is answered by an index: what the server's profiler notes is looked through for scans.

use super::{TestMongo, with_one_message};
use crate::support::messages::{a_conversation, a_person, delete, edit, message, revision, under};
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use natterjack::domain::batch::{Attempt, Write};
use natterjack::domain::ids::ConversationId;
use natterjack::domain::message::Revision;
use natterjack::domain::page::{Take, Window};
use natterjack::store::log::UnreadBy;
use natterjack::store::{LogReads as _, LogStore as _};

/// Conversations in the database, and messages in each.
const CROWD: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_answered_by_an_index() {
    let Some((mongo, conversation)) = with_one_message().await else {
        return;
    };
    for _ in 0..CROWD {
        fill(&mongo, a_conversation()).await;
    }
    let database = mongo.raw().await;
    database.run_command(doc! { "profile": 2 }).await.unwrap();
    read_and_write_everything(&mongo, conversation).await;
    database.run_command(doc! { "profile": 0 }).await.unwrap();

    let notes = database.collection::<Document>("system.profile").find(doc! {}).await.unwrap();
    let notes: Vec<Document> = notes.try_collect().await.unwrap();
    let mut kinds = Vec::new();
    for note in &notes {
        let plan = note.get_str("planSummary").unwrap_or_default();
        assert!(!plan.contains("COLLSCAN"), "{note}");
        let examined = note.get_i32("docsExamined").unwrap_or_default();
        assert!(examined <= 12, "{examined} documents were examined by {note}");
        kinds.push((note.get_str("op").unwrap().to_owned(), plan.to_owned()));
    }
    // It would prove nothing about what the profiler has not seen.
    for index in ["_id: 1", "seq: 1", "revision: 1", "clientId: 1"] {
        assert!(kinds.iter().any(|(_, plan)| plan.contains(index)), "{index} in {kinds:?}");
    }
    assert!(kinds.len() > 12, "{kinds:?}");
}

async fn fill(mongo: &TestMongo, conversation: ConversationId) {
    let author = a_person();
    let writes: Vec<_> =
        (0..CROWD).map(|n| Write::Append(under(&n.to_string(), message(conversation, author, "hello")))).collect();
    mongo.commit(conversation, &writes, Attempt::First).await.unwrap();
}

async fn read_and_write_everything(mongo: &TestMongo, conversation: ConversationId) {
    let (ada, ben) = (a_person(), a_person());
    let (a, b) = (under("a", message(conversation, ada, "a")), under("b", message(conversation, ben, "b")));
    let writes = [Write::Append(a.clone()), Write::Append(b.clone())];
    for attempt in [Attempt::First, Attempt::Again, Attempt::First] {
        mongo.commit(conversation, &writes, attempt).await.unwrap();
    }
    let changes = [Write::Amend(edit(a.id, "aa")), Write::Amend(delete(b.id))];
    mongo.commit(conversation, &changes, Attempt::First).await.unwrap();

    mongo.heads(&[conversation]).await.unwrap();
    mongo.latest(&[conversation]).await.unwrap();
    mongo.find(&[a.id, b.id]).await.unwrap();
    mongo.since(conversation, Revision::ZERO, 3).await.unwrap();
    mongo.since(conversation, revision(4), 3).await.unwrap();
    for take in [Take::First(2), Take::Last(2)] {
        for (after, before) in [(None, None), (Some(revision(1)), None), (None, Some(revision(3)))] {
            mongo.page(conversation, &Window { after, before, take }).await.unwrap();
        }
    }
    let unread = [ada, ben].map(|user| UnreadBy { conversation, user, after: revision(1) });
    mongo.unread(&unread).await.unwrap();
}
