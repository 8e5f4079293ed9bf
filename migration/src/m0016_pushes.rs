//! Pushes: notifications that are still to be posted to where the operator wants them.

use crate::shape::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Of notifications that may have gone since.
        let table = Table::create()
            .table("pushes")
            .col(uuid("notification_id").primary_key())
            .col(timestamp_with_time_zone("made_at"))
            .col(timestamp_with_time_zone("due_at"))
            .col(integer("attempts"))
            .take();
        manager.create_table(table).await?;
        manager.create_index(index("pushes_due", "pushes", &["due_at"])).await
    }
}
