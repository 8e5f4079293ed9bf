//! The table `moved_in`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "moved_in")]
pub(crate) struct Model {
    /// A keyed hash.
    #[sea_orm(primary_key, auto_increment = false)]
    pub origin: Vec<u8>,
    /// Nil where the person has gone since.
    pub user_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
