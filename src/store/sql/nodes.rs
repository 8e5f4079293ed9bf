//! The nodes on the database.

use super::Sql;
use super::entity::node::{Column, Entity, Model};
use crate::domain::clock::Timestamp;
use crate::domain::ids::NodeId;
use crate::domain::node::Node;
use crate::error::Result;
use crate::store::Nodes;
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr};
use sea_orm::sea_query::{ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};

#[async_trait]
impl Nodes for Sql {
    async fn beat(&self, node: &Node) -> Result<bool> {
        let beat = Entity::update_many()
            .col_expr(Column::SeenAt, Expr::value(DateTimeUtc::from(node.seen_at)))
            .filter(Column::Id.eq(node.id.uuid()));
        if beat.exec(&self.writer).await?.rows_affected > 0 {
            return Ok(true);
        }
        let again = OnConflict::column(Column::Id).update_column(Column::SeenAt).to_owned();
        let row = Model::from(node).into_active_model();
        Entity::insert(row).on_conflict(again).exec_without_returning(&self.writer).await?;
        Ok(false)
    }

    async fn others(&self, than: NodeId, limit: u32) -> Result<Vec<Node>> {
        let rows = Entity::find()
            .filter(Column::Id.ne(than.uuid()))
            .order_by_desc(Column::SeenAt)
            .order_by_desc(Column::Id)
            .limit(u64::from(limit));
        Ok(rows.all(&self.reader).await?.into_iter().map(Node::from).collect())
    }

    async fn leave(&self, node: NodeId) -> Result<()> {
        Entity::delete_by_id(node.uuid()).exec(&self.writer).await?;
        Ok(())
    }

    async fn remove_silent(&self, nodes: &[Node]) -> Result<()> {
        for node in nodes {
            let is_silent = Column::Id.eq(node.id.uuid()).and(Column::SeenAt.eq(DateTimeUtc::from(node.seen_at)));
            Entity::delete_many().filter(is_silent).exec(&self.writer).await?;
        }
        Ok(())
    }

    async fn forget(&self, unseen_since: Timestamp) -> Result<()> {
        let unseen = Column::SeenAt.lt(DateTimeUtc::from(unseen_since));
        Entity::delete_many().filter(unseen).exec(&self.writer).await?;
        Ok(())
    }
}
