//! Messages that are older than the index of words, and how they get their words: some at a time.

use super::documents::MessageDocument;
use crate::domain::message::Message;
use crate::error::Result;
use futures_util::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};

/// Messages that are read, and then written, at a time.
const AT_ONCE: u32 = 256;

/// Gives all messages their words that have none. May be run by many nodes at once, while others write; where it was cut
/// off, the next goes on.
pub(super) async fn index(database: &Database) -> Result<()> {
    let messages = database.collection::<Document>(MessageDocument::COLLECTION);
    let lacking = doc! { "words": { "$exists": false } };
    let mut cursor = messages.find(lacking).batch_size(AT_ONCE).await?;
    let mut updates = Vec::new();
    while let Some(document) = cursor.try_next().await? {
        updates.push(update(document)?);
        if updates.len() == AT_ONCE as usize {
            write(database, std::mem::take(&mut updates)).await?;
        }
    }
    write(database, updates).await
}

/// Where it is changed meanwhile, its words are that change's affair.
fn update(document: Document) -> Result<Bson> {
    let filter = ["_id", "conversation", "revision"].map(|field| (field.to_owned(), document.get(field).cloned()));
    let filter: Document = filter.into_iter().filter_map(|(field, value)| Some((field, value?))).collect();
    let document: MessageDocument =
        mongodb::bson::deserialize_from_document(document).map_err(mongodb::error::Error::from)?;
    let message = Message::try_from(document)?;
    Ok(doc! { "q": filter, "u": { "$set": { "words": MessageDocument::words(&message) } } }.into())
}

async fn write(database: &Database, updates: Vec<Bson>) -> Result<()> {
    if !updates.is_empty() {
        database.run_command(doc! { "update": MessageDocument::COLLECTION, "updates": updates }).await?;
    }
    Ok(())
}
