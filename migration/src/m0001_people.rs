//! People's accounts and their sessions.

use crate::shape::{index, references, sorted_by_bytes};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, blob_null, pk_uuid, text, text_null, uuid};
use sea_orm_migration::schema::{timestamp_with_time_zone, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        users(manager).await?;
        sessions(manager).await
    }
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("users")
        .col(pk_uuid("id"))
        .col(text_null("username"))
        .col(text_null("username_key"))
        .col(text_null("email"))
        .col(text_null("email_key"))
        .col(text_null("chosen_name"))
        .col(sorted_by_bytes(text("name_key"), manager))
        .col(text_null("avatar_url"))
        .col(text_null("password_hash"))
        .col(timestamp_with_time_zone("created_at"))
        .take();
    manager.create_table(table).await?;

    let by_username = index("users_username_key", "users", &["username_key"]).unique().take();
    manager.create_index(by_username).await?;
    let by_email = index("users_email_key", "users", &["email_key"]).unique().take();
    manager.create_index(by_email).await?;
    manager.create_index(index("users_name", "users", &["name_key", "id"])).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("sessions")
        .col(pk_uuid("id"))
        .col(uuid("user_id"))
        .col(text_null("device_name"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("last_used_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(blob("refresh_hash"))
        .col(blob_null("traded_hash"))
        .foreign_key(&mut references("sessions", "user_id", "users"))
        .take();
    manager.create_table(table).await?;
    manager.create_index(index("sessions_user", "sessions", &["user_id"])).await
}
