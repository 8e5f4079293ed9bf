//! What moves can be found again by: how often a conversation's marks have moved, which of the members' moved when, and
//! how often a person's memberships have changed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let counted =
            [("conversations", "marks_version"), ("members", "marks_version"), ("users", "memberships_version")];
        for (table, column) in counted {
            let add = Table::alter().table(table).add_column(big_integer(column).default(0)).take();
            manager.alter_table(add).await?;
        }
        Ok(())
    }
}
