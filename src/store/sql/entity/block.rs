//! The table `blocks`.

use crate::store::blocks::Block;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blocks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub by_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub of_id: Uuid,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::OfId", to = "super::user::Column::Id")]
    Blocked,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Block {
    fn from(row: Model) -> Self {
        Self { by: row.by_id.into(), of: row.of_id.into() }
    }
}
