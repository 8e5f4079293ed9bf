//! The table `attempts`.

use crate::domain::attempt::AttemptKey;
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Vec<u8>,
    /// When the bucket is full again, or the mark counts no more.
    pub until: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The key that a row has.
pub(in crate::store::sql) fn key(bytes: Vec<u8>) -> Result<AttemptKey> {
    let bytes = bytes
        .try_into()
        .map_err(|bytes: Vec<u8>| Error::internal(format!("the column attempts.key holds {} bytes", bytes.len())))?;
    Ok(AttemptKey(bytes))
}
