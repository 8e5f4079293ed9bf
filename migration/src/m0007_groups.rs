//! Groups: how they show themselves, who is invited, who was in them once, what is owed to their logs; and who blocks
//! whom. What stood before are direct conversations, whose two people have joined.

use crate::shape::{index, references, sorted_by_bytes};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, integer, text, text_null, uuid, uuid_null};
use sea_orm_migration::schema::{timestamp_with_time_zone, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        conversations(manager).await?;
        members(manager).await?;
        departures(manager).await?;
        outbox(manager).await?;
        blocks(manager).await
    }
}

async fn conversations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let added = [
        text_null("name"),
        sorted_by_bytes(text_null("name_key"), manager),
        text_null("description"),
        text_null("avatar_url"),
        text("visibility").default("PRIVATE").take(),
        integer("member_count").default(0).take(),
        integer("invited_count").default(0).take(),
        // A column that is added cannot do without a default; no row keeps it.
        timestamp_with_time_zone("active_at").default("1970-01-01T00:00:00+00:00").take(),
    ];
    add("conversations", added, manager).await?;

    let is_its = Expr::col(("members", "conversation_id")).equals(("conversations", "id"));
    let count = Query::select().expr(Func::count(Expr::col(Asterisk))).from("members").and_where(is_its).take();
    let fill = Query::update()
        .table("conversations")
        .value("member_count", Expr::from(count))
        .value("active_at", Expr::col("created_at"))
        .take();
    manager.get_connection().execute(&fill).await?;

    let public = index("conversations_public", "conversations", &["active_at", "id"])
        .and_where(Expr::col("visibility").eq("PUBLIC"))
        .take();
    manager.create_index(public).await
}

async fn members(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let added = [
        text("state").default("JOINED").take(),
        uuid_null("invited_by").extra(r#"REFERENCES "users" ("id")"#).take(),
        boolean("is_muted").default(false).take(),
        big_integer("joined_seq").default(0).take(),
        timestamp_with_time_zone_null("joined_at_if_any"),
    ];
    add("members", added, manager).await?;

    // Who is invited has not joined. SQLite cannot take `NOT NULL` from a column, so another takes its place.
    let fill = Query::update().table("members").value("joined_at_if_any", Expr::col("joined_at")).take();
    manager.get_connection().execute(&fill).await?;
    manager.alter_table(Table::alter().table("members").drop_column("joined_at").take()).await?;
    let rename = Table::alter().table("members").rename_column("joined_at_if_any", "joined_at").take();
    manager.alter_table(rename).await?;

    manager.drop_index(Index::drop().name("members_read").table("members").to_owned()).await?;
    // The least of the marks, and the readers of a message, in groups of any size.
    for (name, mark) in [("members_read", "read_seq"), ("members_delivered", "delivered_seq")] {
        let by_mark =
            index(name, "members", &["conversation_id", mark]).and_where(Expr::col("state").eq("JOINED")).take();
        manager.create_index(by_mark).await?;
    }
    let invited = index("members_invited", "members", &["conversation_id", "user_id"])
        .and_where(Expr::col("state").eq("INVITED"))
        .take();
    manager.create_index(invited).await
}

/// Who was in a group once; also of a group that is gone.
async fn departures(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("departures")
        .col(uuid("conversation_id"))
        .col(uuid("user_id"))
        .primary_key(Index::create().col("conversation_id").col("user_id"))
        .foreign_key(&mut references("departures", "user_id", "users"))
        .take();
    manager.create_table(table).await
}

/// What is owed to a conversation's log; also when the conversation is gone.
async fn outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("outbox")
        .col(uuid("conversation_id"))
        .col(big_integer("version"))
        .col(integer("number"))
        .col(timestamp_with_time_zone("at"))
        // A notice; none where the log is to be erased.
        .col(text_null("payload"))
        .primary_key(Index::create().col("conversation_id").col("version").col("number"))
        .take();
    manager.create_table(table).await
}

async fn blocks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("blocks")
        .col(uuid("by_id"))
        .col(uuid("of_id"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("by_id").col("of_id"))
        .foreign_key(&mut references("blocks", "by_id", "users"))
        .foreign_key(&mut references("blocks", "of_id", "users"))
        .take();
    manager.create_table(table).await?;
    manager.create_index(index("blocks_of", "blocks", &["of_id"])).await
}

/// One by one, as SQLite wants it.
async fn add<const N: usize>(
    table: &'static str,
    columns: [ColumnDef; N],
    manager: &SchemaManager<'_>,
) -> Result<(), DbErr> {
    for column in columns {
        manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
    }
    Ok(())
}
