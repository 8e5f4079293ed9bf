//! Every statement is answered by an index: what the server's profiler notes is looked through for scans.

use super::{TestMongo, append, with_one_message};
use crate::support::messages::{
    a_conversation, a_person, delete, edit, emoji, message, pin, react, reply, revision, under, unreact,
};
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use natterjack::domain::batch::{Attempt, Write};
use natterjack::domain::ids::ConversationId;
use natterjack::domain::message::Revision;
use natterjack::domain::page::{Take, Window};
use natterjack::domain::words::SearchTerms;
use natterjack::store::log::{ReactionsBy, ReactorsOf, RepliesTo, UnreadBy};
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
        // A search reads no message that the index does not name.
        assert!(!plan.contains("words: 1") || examined == 0, "{note}");
        assert!(examined <= 12, "{examined} documents were examined by {note}");
        kinds.push((note.get_str("op").unwrap().to_owned(), plan.to_owned()));
    }
    // It would prove nothing about what the profiler has not seen.
    for index in ["_id: 1", "seq: 1", "revision: 1", "clientId: 1", "replyTo: 1", "seq: -1", "user: 1", "words: 1"] {
        assert!(kinds.iter().any(|(_, plan)| plan.contains(index)), "{index} in {kinds:?}");
    }
    assert!(kinds.len() > 12, "{kinds:?}");
}

async fn fill(mongo: &TestMongo, conversation: ConversationId) {
    let author = a_person();
    let writes: Vec<_> =
        (0..CROWD).map(|n| Write::Append(under(&n.to_string(), message(conversation, author, "hello")))).collect();
    let born = mongo.commit(conversation, &writes, Attempt::First).await.unwrap().changed;
    let reactions: Vec<_> = born.iter().map(|message| Write::Amend(react(message.id, author, "🐸"))).collect();
    mongo.commit(conversation, &reactions, Attempt::First).await.unwrap();
}

async fn read_and_write_everything(mongo: &TestMongo, conversation: ConversationId) {
    let (ada, ben) = (a_person(), a_person());
    let (a, b) = (under("a", message(conversation, ada, "a")), under("b", message(conversation, ben, "b")));
    let writes = [Write::Append(a.clone()), Write::Append(b.clone())];
    for attempt in [Attempt::First, Attempt::Again, Attempt::First] {
        mongo.commit(conversation, &writes, attempt).await.unwrap();
    }
    let born = mongo.find(&[a.id]).await.unwrap().remove(0);
    append(mongo, reply(&born, ben, "answer")).await;
    let changes = [react(a.id, ben, "🐸"), react(b.id, ben, "🐸"), pin(&born, ada), edit(a.id, "aa"), delete(b.id)];
    let changes = changes.map(Write::Amend);
    mongo.commit(conversation, &changes, Attempt::First).await.unwrap();
    mongo.commit(conversation, &[Write::Amend(react(a.id, ada, "❤️"))], Attempt::First).await.unwrap();
    mongo.commit(conversation, &[Write::Amend(unreact(a.id, ada, "❤️"))], Attempt::First).await.unwrap();

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
    let to = RepliesTo { conversation, message: a.id };
    for take in [Take::First(2), Take::Last(2)] {
        let window = Window { after: None, before: None, take };
        assert_eq!(mongo.pinned(conversation, &window).await.unwrap().items.len(), 1);
        assert_eq!(mongo.replies(to, &window).await.unwrap().items.len(), 1);
    }
    assert_eq!(mongo.reply_counts(&[to]).await.unwrap()[&to], 1);
    let of = ReactorsOf { conversation, message: a.id, emoji: emoji("🐸"), limit: 3 };
    assert_eq!(mongo.reactors(std::slice::from_ref(&of)).await.unwrap()[&of], [ben]);
    let by = ReactionsBy { conversation, message: a.id, user: ben };
    assert_eq!(mongo.reactions_by(&[by]).await.unwrap()[&by], [emoji("🐸")]);
    mongo.under(conversation, ada, a.body.client_id().unwrap()).await.unwrap().unwrap();
    let unread = [ada, ben].map(|user| UnreadBy { conversation, user, after: revision(1) });
    mongo.unread(&unread).await.unwrap();
    let window = Window { after: None, before: None, take: Take::First(2) };
    for text in ["aa", "a aa", "hello"] {
        mongo.search(&[conversation], &SearchTerms::parse(text).unwrap(), &window).await.unwrap();
    }
}
