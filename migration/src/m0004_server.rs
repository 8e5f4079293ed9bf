//! What all nodes on the database share: one row.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, small_integer, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("server")
            // Always 1, so that there is one row.
            .col(small_integer("singleton").primary_key())
            .col(uuid("id"))
            .col(blob("draft_key"))
            .col(blob("refresh_key"))
            .check(Expr::col("singleton").eq(1))
            .take();
        manager.create_table(table).await
    }
}
