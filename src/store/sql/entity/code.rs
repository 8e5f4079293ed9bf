//! The table `codes`.

use crate::domain::contact::NewCode;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "codes")]
pub(crate) struct Model {
    /// Of whither the code was sent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_hash: Vec<u8>,
    /// Of that and the code.
    pub code_hash: Vec<u8>,
    /// How often a wrong one was given for it.
    pub tries: i16,
    pub expires_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&NewCode> for Model {
    fn from(code: &NewCode) -> Self {
        Self {
            contact_hash: code.hash.contact.to_vec(),
            code_hash: code.hash.code.to_vec(),
            tries: 0,
            expires_at: code.expires_at.into(),
        }
    }
}
