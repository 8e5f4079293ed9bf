//! What all nodes on the database share.

use super::Sql;
use super::entity::server;
use super::insert::insert_if_new;
use crate::domain::clock::Timestamp;
use crate::error::{Error, Result};
use crate::store::server::ServerFacts;
use sea_orm::EntityTrait as _;

impl Sql {
    /// The facts as the first node has made them; this one makes them where it is the first. `now` is for their id.
    pub async fn facts(&self, now: Timestamp) -> Result<ServerFacts> {
        if let Some(facts) = self.stored_facts().await? {
            return Ok(facts);
        }
        insert_if_new(&self.writer, server::Model::from(&ServerFacts::random(now))).await?;
        let facts = self.stored_facts().await?;
        facts.ok_or_else(|| Error::internal("the server's row is gone"))
    }

    async fn stored_facts(&self) -> Result<Option<ServerFacts>> {
        let row = server::Entity::find_by_id(server::Model::SINGLETON).one(&self.reader).await?;
        row.map(ServerFacts::try_from).transpose()
    }
}
