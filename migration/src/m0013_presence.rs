//! Who is online, and the number of the latest change to anybody that others see.

use crate::shape::{index, references};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, small_integer, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        presence(manager).await?;
        people_head(manager).await?;
        for column in [timestamp_with_time_zone_null("last_seen_at"), big_integer("presence_version").default(0).take()]
        {
            manager.alter_table(Table::alter().table("users").add_column(column).take()).await?;
        }
        manager.create_index(index("users_presence", "users", &["presence_version"])).await
    }
}

/// On which nodes a person has a socket.
async fn presence(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("presence")
        .col(uuid("user_id"))
        .col(uuid("node_id"))
        .primary_key(Index::create().col("user_id").col("node_id"))
        .foreign_key(&mut references("presence", "user_id", "users"))
        .take();
    manager.create_table(table).await?;
    manager.create_index(index("presence_node", "presence", &["node_id"])).await
}

/// One row.
async fn people_head(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("people_head")
        // Always 1.
        .col(small_integer("singleton").primary_key())
        .col(big_integer("version"))
        .check(Expr::col("singleton").eq(1))
        .take();
    manager.create_table(table).await?;
    let row = Query::insert()
        .into_table("people_head")
        .columns(["singleton", "version"])
        .values_panic([1.into(), 0.into()])
        .take();
    manager.get_connection().execute(&row).await.map(drop)
}
