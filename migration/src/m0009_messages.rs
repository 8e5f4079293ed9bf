//! Messages in full: what they hold beside their words, what they answer, who reacts to them, which are pinned, and which
//! were brought before the moderators.

use crate::shape::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, text_null, uuid, uuid_null};
use sea_orm_migration::schema::{timestamp_with_time_zone, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        messages(manager).await?;
        reactions(manager).await?;
        reports(manager).await
    }
}

async fn messages(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // One by one: SQLite adds no two columns at once.
    for column in [
        text_null("extras"),
        text_null("reactions"),
        uuid_null("reply_to_id"),
        timestamp_with_time_zone_null("pinned_at"),
        text_null("change"),
        timestamp_with_time_zone_null("changed_at"),
    ] {
        manager.alter_table(Table::alter().table("messages").add_column(column).take()).await?;
    }
    let replies = index("messages_replies", "messages", &["conversation_id", "reply_to_id", "seq"])
        .and_where(Expr::col("reply_to_id").is_not_null())
        .take();
    manager.create_index(replies).await?;
    let pinned = index("messages_pinned", "messages", &["conversation_id", "seq"])
        .and_where(Expr::col("pinned_at").is_not_null())
        .take();
    manager.create_index(pinned).await
}

async fn reactions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("reactions")
        .col(uuid("message_id"))
        .col(uuid("user_id"))
        .col(text("emoji"))
        .col(big_integer("revision"))
        .primary_key(Index::create().col("message_id").col("user_id").col("emoji"))
        .take();
    manager.create_table(table).await?;
    // Those who have reacted with one emoji, the earliest first.
    manager.create_index(index("reactions_emoji", "reactions", &["message_id", "emoji", "revision"])).await
}

/// Of messages that may stand in another database, and of people whose account may be gone.
async fn reports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("reports")
        .col(uuid("message_id"))
        .col(uuid("by_id"))
        .col(uuid("conversation_id"))
        .col(uuid("author_id"))
        .col(text("reason"))
        .col(text_null("text"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("message_id").col("by_id"))
        .take();
    manager.create_table(table).await?;
    manager.create_index(index("reports_at", "reports", &["at"])).await
}
