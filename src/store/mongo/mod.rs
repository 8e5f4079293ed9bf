//! The message log in MongoDB. Nothing above this knows that there is such a thing.

mod abandoned;
mod commit;
mod connection;
mod documents;
mod failures;
mod journal;
mod migrations;
mod reactions;
mod reads;
mod transaction;
mod words;
mod words_backlog;

use super::Probe;
use crate::error::Result;
use crate::measures::StoreMeasures;
use async_trait::async_trait;
use documents::{HeadDocument, MessageDocument};
use failures::within;
use mongodb::bson::doc;
use mongodb::{Collection, Database};
use reactions::ReactionDocument;
use std::time::Duration;

/// What operators call it.
const NAME: &str = "mongodb";
/// How long the server may take to say that it is there.
const PING_LIMIT: Duration = Duration::from_secs(2);

/// The message log in a database of MongoDB, 6.0 or later. Cheap to clone; all clones share one pool of connections.
#[derive(Clone)]
pub struct MongoLog {
    database: Database,
    heads: Collection<HeadDocument>,
    messages: Collection<MessageDocument>,
    reactions: Collection<ReactionDocument>,
}

impl MongoLog {
    /// Connects. The URL's path names the database, `natterjack` where there is none. Its options count, but for how
    /// writes are acknowledged and from where is read, which is settled here. Fails with `INVALID_INPUT` where the URL
    /// cannot be read, or leads to a server that is neither a replica set nor sharded and so has no transactions.
    pub async fn connect(url: &str, measures: &StoreMeasures) -> Result<Self> {
        let database = connection::open(url, measures.of(NAME)).await?;
        Ok(Self {
            heads: database.collection(HeadDocument::COLLECTION),
            messages: database.collection(MessageDocument::COLLECTION),
            reactions: database.collection(ReactionDocument::COLLECTION),
            database,
        })
    }

    /// Brings the database's collections and indexes up to date. Harmless when repeated, also by many nodes at once.
    pub async fn migrate(&self) -> Result<()> {
        migrations::run(&self.database).await
    }

    /// Closes the connections. Nothing works afterwards, in any clone.
    pub async fn close(&self) {
        self.database.client().clone().shutdown().immediate(true).await;
    }
}

#[async_trait]
impl Probe for MongoLog {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn ping(&self) -> Result<()> {
        within(PING_LIMIT, async {
            self.database.run_command(doc! { "ping": 1 }).await?;
            Ok(())
        })
        .await
    }
}
