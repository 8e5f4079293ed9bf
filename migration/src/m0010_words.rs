//! The words that messages are searched by, and the logs whose messages are to be indexed: all that there are now. The
//! store does that after this version is applied, since it takes long and goes by how the store cuts texts into words.

use crate::shape::sorted_by_bytes;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, pk_uuid, text, uuid};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        message_words(manager).await?;
        words_backlog(manager).await
    }
}

async fn message_words(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create()
        .table("message_words")
        .col(uuid("conversation_id"))
        .col(sorted_by_bytes(text("word"), manager))
        .col(uuid("message_id"))
        .primary_key(Index::create().col("conversation_id").col("word").col("message_id"))
        .take();
    if manager.get_database_backend() == DbBackend::Sqlite {
        // The key is all there is: it need not be kept twice.
        table.extra("WITHOUT ROWID");
    }
    manager.create_table(table).await
}

async fn words_backlog(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table =
        Table::create().table("words_backlog").col(pk_uuid("conversation_id")).col(big_integer("indexed_seq")).take();
    manager.create_table(table).await?;

    let logs = Query::select().column("conversation_id").expr(Expr::val(0)).from("log_heads").take();
    let fill = Query::insert()
        .into_table("words_backlog")
        .columns(["conversation_id", "indexed_seq"])
        .select_from(logs)
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .take();
    manager.execute(fill).await
}
