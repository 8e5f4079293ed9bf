//! Accounts that are gone, refresh tokens that were traded a moment ago, and sessions by their ends.

use crate::shape::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        users(manager).await?;
        sessions(manager).await?;
        trades(manager).await?;
        let drop = Table::alter().table("sessions").drop_column("traded_hash").take();
        manager.alter_table(drop).await
    }
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for column in ["deleted_at", "leaving_since"].map(timestamp_with_time_zone_null) {
        manager.alter_table(Table::alter().table("users").add_column(column).take()).await?;
    }
    // Those from whom something is still to be taken away: few, at any time.
    let leaving =
        index("users_leaving", "users", &["leaving_since"]).and_where(Expr::col("leaving_since").is_not_null()).take();
    manager.create_index(leaving).await?;
    // What one person has left, and reported: looked for where they go.
    manager.create_index(index("departures_user", "departures", &["user_id"])).await?;
    manager.create_index(index("reports_by", "reports", &["by_id"])).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A column that is added cannot do without a default; no row keeps it.
    let issued_at = timestamp_with_time_zone("issued_at").default("1970-01-01T00:00:00+00:00").take();
    manager.alter_table(Table::alter().table("sessions").add_column(issued_at).take()).await?;
    let fill = Query::update().table("sessions").value("issued_at", Expr::col("last_used_at")).take();
    manager.get_connection().execute(&fill).await?;
    let ended =
        index("sessions_ended", "sessions", &["ended_at", "id"]).and_where(Expr::col("ended_at").is_not_null()).take();
    manager.create_index(ended).await?;
    manager.create_index(index("sessions_expiry", "sessions", &["expires_at"])).await
}

/// What each token was traded for, as long as the same trade may be asked for again.
async fn trades(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("refresh_trades")
        .col(uuid("session_id"))
        .col(blob("presented_hash"))
        .col(blob("successor_hash"))
        .col(timestamp_with_time_zone("issued_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .primary_key(Index::create().col("session_id").col("presented_hash"))
        .take();
    manager.create_table(table).await?;
    let latest = Query::select()
        .columns(["id", "traded_hash", "refresh_hash", "issued_at", "expires_at"])
        .from("sessions")
        .and_where(Expr::col("traded_hash").is_not_null())
        .and_where(Expr::col("ended_at").is_null())
        .take();
    let fill = Query::insert()
        .into_table("refresh_trades")
        .columns(["session_id", "presented_hash", "successor_hash", "issued_at", "expires_at"])
        .select_from(latest)
        .map_err(|error| DbErr::Migration(error.to_string()))?
        .take();
    manager.get_connection().execute(&fill).await.map(drop)
}
