//! What people say of themselves, and the number of its latest change.

use crate::shape::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [text_null("about"), big_integer("profile_version").default(0).take()] {
            manager.alter_table(Table::alter().table("users").add_column(column).take()).await?;
        }
        manager.create_index(index("users_profile", "users", &["profile_version"])).await
    }
}
