//! Conversations and their members.

use crate::shape::{index, references};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, pk_uuid, text, uuid, uuid_null};
use sea_orm_migration::schema::{timestamp_with_time_zone, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        conversations(manager).await?;
        members(manager).await
    }
}

async fn conversations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("conversations")
        .col(pk_uuid("id"))
        .col(text("kind"))
        .col(uuid_null("pair_low"))
        .col(uuid_null("pair_high"))
        .col(uuid("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(big_integer("membership_version"))
        .foreign_key(&mut references("conversations", "pair_low", "users"))
        .foreign_key(&mut references("conversations", "pair_high", "users"))
        .foreign_key(&mut references("conversations", "created_by", "users"))
        .take();
    manager.create_table(table).await?;

    let by_pair = index("conversations_pair", "conversations", &["pair_low", "pair_high"]).unique().take();
    manager.create_index(by_pair).await
}

async fn members(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("members")
        .col(uuid("conversation_id"))
        .col(uuid("user_id"))
        .col(text("role"))
        .col(timestamp_with_time_zone("joined_at"))
        .col(big_integer("delivered_seq"))
        .col(big_integer("read_seq"))
        .col(timestamp_with_time_zone_null("read_at"))
        .primary_key(Index::create().col("conversation_id").col("user_id"))
        .foreign_key(&mut references("members", "conversation_id", "conversations"))
        .foreign_key(&mut references("members", "user_id", "users"))
        .take();
    manager.create_table(table).await?;

    manager.create_index(index("members_user", "members", &["user_id"])).await?;
    // Counts the readers of a message.
    manager.create_index(index("members_read", "members", &["conversation_id", "read_seq"])).await
}
