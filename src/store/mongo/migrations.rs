//! The steps that bring a database up to date, each recorded once it is done.
//!
//! A step must be harmless when it is run again, also while another node runs it: none waits for another, and one that
//! was cut off is taken up at the next start. Old nodes go on writing while a new one migrates, so a step may add what
//! they do not know, and must not take away what they use.

use super::documents::{HeadDocument, MessageDocument};
use super::failures::{is_duplicate, within};
use super::reactions::ReactionDocument;
use super::{words, words_backlog};
use crate::error::Result;
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error as DriverError, ErrorKind};
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::time::Duration;
use tracing::info;

/// How long one step may take; what goes on in the server then, such as an index over many messages, is found done by a
/// later start.
const STEP_LIMIT: Duration = Duration::from_mins(10);
const NAMESPACE_EXISTS: i32 = 48;

/// A step that has been done.
#[derive(Debug, Serialize, Deserialize)]
struct MigrationDocument {
    #[serde(rename = "_id")]
    name: String,
}

#[derive(Clone, Copy)]
enum Step {
    Collections,
    MessageIndexes,
    MessagesInFull,
    MessageWords,
    ReactionRevisions,
}

impl Step {
    /// In their order. A step that has been released is never changed: another one follows it.
    const ALL: [Self; 5] =
        [Self::Collections, Self::MessageIndexes, Self::MessagesInFull, Self::MessageWords, Self::ReactionRevisions];

    const fn name(self) -> &'static str {
        match self {
            Self::Collections => "0001_collections",
            Self::MessageIndexes => "0002_message_indexes",
            Self::MessagesInFull => "0003_messages_in_full",
            Self::MessageWords => "0010_message_words",
            Self::ReactionRevisions => "0015_reaction_revisions",
        }
    }

    async fn run(self, database: &Database) -> Result<()> {
        match self {
            Self::Collections => collections(database).await,
            Self::MessageIndexes => message_indexes(database).await,
            Self::MessagesInFull => messages_in_full(database).await,
            Self::MessageWords => message_words(database).await,
            Self::ReactionRevisions => reaction_revisions(database).await,
        }
    }
}

/// Runs the steps that are not recorded.
pub(super) async fn run(database: &Database) -> Result<()> {
    let done = recorded(database).await?;
    for step in Step::ALL {
        if done.contains(step.name()) {
            continue;
        }
        within(STEP_LIMIT, async {
            step.run(database).await?;
            record(database, step).await
        })
        .await?;
        info!(step = step.name(), "migrated the message log");
    }
    Ok(())
}

async fn recorded(database: &Database) -> Result<HashSet<String>> {
    let find = async { Ok(migrations(database).find(doc! {}).await?.try_collect().await?) };
    let done: Vec<MigrationDocument> = within(STEP_LIMIT, find).await?;
    Ok(done.into_iter().map(|migration| migration.name).collect())
}

async fn record(database: &Database, step: Step) -> Result<()> {
    // In a pipeline, since only there is the server's time a value: the first to be done keeps it.
    let done = doc! { "$set": { "doneAt": { "$ifNull": ["$doneAt", "$$NOW"] } } };
    let migrations = migrations(database);
    let update = migrations.update_one(doc! { "_id": step.name() }, vec![done]);
    match update.upsert(true).await {
        // Another node has recorded it meanwhile.
        Err(error) if is_duplicate(&error) => Ok(()),
        outcome => outcome.map(drop).map_err(Into::into),
    }
}

fn migrations(database: &Database) -> mongodb::Collection<MigrationDocument> {
    database.collection("migrations")
}

/// Made beforehand: a collection that comes to be within a transaction makes others fail.
async fn collections(database: &Database) -> Result<()> {
    for name in [HeadDocument::COLLECTION, MessageDocument::COLLECTION] {
        collection(database, name).await?;
    }
    Ok(())
}

async fn collection(database: &Database, name: &str) -> Result<()> {
    match database.create_collection(name).await {
        Err(error) if is_there(&error) => Ok(()),
        outcome => Ok(outcome?),
    }
}

fn is_there(error: &DriverError) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if command.code == NAMESPACE_EXISTS)
}

/// All begin with the conversation, by which the collection may be sharded.
async fn message_indexes(database: &Database) -> Result<()> {
    let with_client_id = doc! { "clientId": { "$exists": true } };
    let indexes = [
        unique("place", doc! { "conversation": 1, "seq": 1 }, None),
        unique("revision", doc! { "conversation": 1, "revision": 1 }, None),
        unique("client_id", doc! { "conversation": 1, "author": 1, "clientId": 1 }, Some(with_client_id)),
    ];
    let messages = database.collection::<MessageDocument>(MessageDocument::COLLECTION);
    messages.create_indexes(indexes).await?;
    Ok(())
}

/// Who reacts, and what is answered and what is pinned.
async fn messages_in_full(database: &Database) -> Result<()> {
    collection(database, ReactionDocument::COLLECTION).await?;
    let reactions = [
        unique("reaction", doc! { "conversation": 1, "message": 1, "user": 1, "emoji": 1 }, None),
        plain("reactors", doc! { "conversation": 1, "message": 1, "emoji": 1, "revision": 1 }, None),
    ];
    database.collection::<ReactionDocument>(ReactionDocument::COLLECTION).create_indexes(reactions).await?;

    let is_reply = doc! { "replyTo": { "$exists": true } };
    let is_pinned = doc! { "pinnedAt": { "$type": "date" } };
    let messages = [
        plain("replies", doc! { "conversation": 1, "replyTo": 1, "seq": 1 }, Some(is_reply)),
        // Backwards, since the index of places has the same keys.
        plain("pinned", doc! { "conversation": 1, "seq": -1 }, Some(is_pinned)),
    ];
    database.collection::<MessageDocument>(MessageDocument::COLLECTION).create_indexes(messages).await?;
    Ok(())
}

/// What messages are searched by. Those that are there already get their words first, so that the index is built at once.
async fn message_words(database: &Database) -> Result<()> {
    words_backlog::index(database).await?;
    let mut options = IndexOptions::default();
    options.name = Some(words::INDEX.to_owned());
    let keys = doc! { "conversation": 1, "words": 1, "_id": 1 };
    let messages = database.collection::<MessageDocument>(MessageDocument::COLLECTION);
    messages.create_index(IndexModel::builder().keys(keys).options(options).build()).await?;
    Ok(())
}

/// The latest reactions, whoever they are by.
async fn reaction_revisions(database: &Database) -> Result<()> {
    let by_revision = plain("revision", doc! { "conversation": 1, "revision": 1 }, None);
    database.collection::<ReactionDocument>(ReactionDocument::COLLECTION).create_index(by_revision).await?;
    Ok(())
}

fn unique(name: &str, keys: Document, only: Option<Document>) -> IndexModel {
    let mut index = plain(name, keys, only);
    if let Some(options) = &mut index.options {
        options.unique = Some(true);
    }
    index
}

fn plain(name: &str, keys: Document, only: Option<Document>) -> IndexModel {
    let mut options = IndexOptions::default();
    options.name = Some(name.to_owned());
    options.partial_filter_expression = only;
    IndexModel::builder().keys(keys).options(options).build()
}
