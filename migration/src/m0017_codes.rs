//! Mobile numbers, which contacts are proven, and the one-time codes that prove them. An email of an account from before is not
//! proven: nobody was asked for it.

use crate::shape::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, blob, boolean, small_integer, text_null, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            boolean("is_email_proven").default(false).take(),
            text_null("mobile_number"),
            boolean("is_mobile_number_proven").default(false).take(),
            // How often the password was made void.
            big_integer("credentials_version").default(0).take(),
        ] {
            manager.alter_table(Table::alter().table("users").add_column(column).take()).await?;
        }
        manager.create_index(index("users_mobile_number", "users", &["mobile_number"]).unique().take()).await?;
        codes(manager).await
    }
}

async fn codes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("codes")
        // Keyed hashes: of whither a code was sent, and of it with the code.
        .col(blob("contact_hash").primary_key())
        .col(blob("code_hash"))
        .col(small_integer("tries"))
        .col(timestamp_with_time_zone("expires_at"))
        .take();
    manager.create_table(table).await?;
    manager.create_index(index("codes_expiry", "codes", &["expires_at"])).await
}
