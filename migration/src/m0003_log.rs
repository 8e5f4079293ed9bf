//! The message log: a store of its own, which may stand in another database. So nothing in it refers to what stands
//! outside of it.

use crate::shape::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, blob_null, pk_uuid, text, text_null, uuid};
use sea_orm_migration::schema::{timestamp_with_time_zone, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        log_heads(manager).await?;
        messages(manager).await
    }
}

async fn log_heads(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("log_heads")
        .col(pk_uuid("conversation_id"))
        .col(big_integer("revision"))
        .col(big_integer("last_seq"))
        .col(timestamp_with_time_zone_null("active_at"))
        .take();
    manager.create_table(table).await
}

async fn messages(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("messages")
        .col(pk_uuid("id"))
        .col(uuid("conversation_id"))
        .col(big_integer("seq"))
        .col(big_integer("revision"))
        .col(uuid("author_id"))
        .col(text("kind"))
        .col(text_null("text"))
        .col(text_null("client_id"))
        .col(blob_null("fingerprint"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("edited_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
        .col(big_integer("membership_version"))
        .take();
    manager.create_table(table).await?;

    let by_place = index("messages_seq", "messages", &["conversation_id", "seq"]).unique().take();
    manager.create_index(by_place).await?;
    // Not unique: a number that an edit has left free is never given again, which the head alone sees to.
    manager.create_index(index("messages_revision", "messages", &["conversation_id", "revision"])).await?;
    let by_client_id = index("messages_client_id", "messages", &["conversation_id", "author_id", "client_id"])
        .unique()
        .and_where(Expr::col("client_id").is_not_null())
        .take();
    manager.create_index(by_client_id).await
}
