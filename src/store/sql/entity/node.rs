//! The table `nodes`.

use crate::domain::node::Node;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "nodes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub started_at: DateTimeUtc,
    pub seen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Node> for Model {
    fn from(node: &Node) -> Self {
        Self { id: node.id.uuid(), started_at: node.started_at.into(), seen_at: node.seen_at.into() }
    }
}

impl From<Model> for Node {
    fn from(row: Model) -> Self {
        Self { id: row.id.into(), started_at: row.started_at.into(), seen_at: row.seen_at.into() }
    }
}
