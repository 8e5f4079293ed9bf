//! Notifications: what concerns one person, up to where each log has been looked through for it, and what an operator
//! has told everybody. What stands in the logs before this concerns nobody any more: its positions are begun at their ends.

use crate::shape::{index, references};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, text, text_null, uuid, uuid_null};
use sea_orm_migration::schema::{timestamp_with_time_zone, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let counted = big_integer("notifications_version").default(0).take();
        manager.alter_table(Table::alter().table("users").add_column(counted).take()).await?;
        projections(manager).await?;
        notifications(manager).await?;
        announcements(manager).await?;
        // Those with which people have reacted to one message lately.
        manager.create_index(index("reactions_revision", "reactions", &["message_id", "revision"])).await
    }
}

/// Of logs that may stand in another database.
async fn projections(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("projections")
        .col(uuid("conversation_id").primary_key())
        // Below zero where it is still to be begun at the log's end.
        .col(big_integer("revision"))
        .take();
    manager.create_table(table).await?;
    let unbegun =
        index("projections_unbegun", "projections", &["conversation_id"]).and_where(Expr::col("revision").lt(0)).take();
    manager.create_index(unbegun).await?;
    let there = Query::select().column("id").expr(Expr::val(-1)).from("conversations").take();
    let fill = Query::insert()
        .into_table("projections")
        .columns(["conversation_id", "revision"])
        .select_from(there)
        .map_err(|error| DbErr::Migration(error.to_string()))?
        .take();
    manager.get_connection().execute(&fill).await?;
    Ok(())
}

async fn notifications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("notifications")
        .col(uuid("id").primary_key())
        .col(uuid("user_id"))
        .col(big_integer("place"))
        .col(text("kind"))
        .col(text("cause"))
        .col(uuid_null("actor_id"))
        .col(uuid_null("conversation_id"))
        .col(uuid_null("message_id"))
        .col(big_integer_null("seq"))
        .col(text_null("text"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("seen_at"))
        .foreign_key(&mut references("notifications", "user_id", "users"))
        .take();
    manager.create_table(table).await?;
    let unseen = index("notifications_unseen", "notifications", &["user_id", "place"])
        .and_where(Expr::col("seen_at").is_null())
        .take();
    let of_messages = index("notifications_message", "notifications", &["message_id"])
        .and_where(Expr::col("message_id").is_not_null())
        .take();
    let of_members = index("notifications_member", "notifications", &["conversation_id", "user_id"])
        .and_where(Expr::col("conversation_id").is_not_null())
        .take();
    for index in [
        index("notifications_cause", "notifications", &["user_id", "cause"]).unique().take(),
        index("notifications_place", "notifications", &["user_id", "place"]).unique().take(),
        unseen,
        of_messages,
        of_members,
    ] {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Kept for ever, so that one that is made again is known.
async fn announcements(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("announcements")
        .col(text("id").primary_key())
        .col(text("text"))
        .col(timestamp_with_time_zone("at"))
        .take();
    manager.create_table(table).await
}
