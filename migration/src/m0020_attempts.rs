//! What was tried lately, and who was moved in from where.

use crate::shape::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        attempts(manager).await?;
        moved_in(manager).await
    }
}

async fn attempts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table =
        Table::create().table("attempts").col(blob("key").primary_key()).col(timestamp_with_time_zone("until")).take();
    manager.create_table(table).await?;
    manager.create_index(index("attempts_until", "attempts", &["until"])).await
}

/// Without a reference to the person: it stays when they have gone, so that they are not moved in again.
async fn moved_in(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create().table("moved_in").col(blob("origin").primary_key()).col(uuid("user_id")).take();
    manager.create_table(table).await?;
    manager.create_index(index("moved_in_user", "moved_in", &["user_id"])).await
}
