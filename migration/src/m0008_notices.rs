//! What a conversation's log tells of itself, and logs that were erased.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let notice = Table::alter().table("messages").add_column(text_null("notice")).take();
        manager.alter_table(notice).await?;
        let is_erased = Table::alter().table("log_heads").add_column(boolean("is_erased").default(false)).take();
        manager.alter_table(is_erased).await
    }
}
