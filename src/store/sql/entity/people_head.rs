//! The table `people_head`, which has one row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "people_head")]
pub(crate) struct Model {
    /// Always [`Model::SINGLETON`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub singleton: i16,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What marks the one row.
    pub(crate) const SINGLETON: i16 = 1;
}
