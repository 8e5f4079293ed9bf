//! Who the people of trusted issuers are here.

use crate::shape::{index, references};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("identities")
            .col(blob("key").primary_key())
            .col(uuid("user_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("closed_at"))
            .foreign_key(&mut references("identities", "user_id", "users"))
            .take();
        manager.create_table(table).await?;
        manager.create_index(index("identities_user", "identities", &["user_id"])).await
    }
}
