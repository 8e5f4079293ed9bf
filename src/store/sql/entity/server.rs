//! The table `server`, which has one row.

use super::corrupt;
use crate::domain::secret::Key;
use crate::error::{Error, Result};
use crate::store::server::ServerFacts;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "server")]
pub struct Model {
    /// Always [`Model::SINGLETON`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub singleton: i16,
    pub id: Uuid,
    pub draft_key: Vec<u8>,
    pub refresh_key: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What marks the one row.
    pub const SINGLETON: i16 = 1;
}

impl From<&ServerFacts> for Model {
    fn from(facts: &ServerFacts) -> Self {
        Self {
            singleton: Self::SINGLETON,
            id: facts.id.uuid(),
            draft_key: facts.draft_key.as_bytes().to_vec(),
            refresh_key: facts.refresh_key.as_bytes().to_vec(),
        }
    }
}

impl TryFrom<Model> for ServerFacts {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            draft_key: key("server.draft_key", row.draft_key)?,
            refresh_key: key("server.refresh_key", row.refresh_key)?,
        })
    }
}

fn key(column: &str, bytes: Vec<u8>) -> Result<Key> {
    let bytes = <[u8; 64]>::try_from(bytes).map_err(|bytes| corrupt(column, format_args!("{} bytes", bytes.len())))?;
    Ok(Key::from(bytes))
}
