//! What usernames look like. Of those that look alike already, each keeps its name, and the one of the earliest account its
//! likeness: whoever comes later has neither.

use crate::shape::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;
use sea_orm_migration::sea_orm::QueryResult;
use sea_orm_migration::sea_orm::prelude::Uuid;

/// Accounts that are read at once.
const CHUNK: u64 = 1_000;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = Table::alter().table("users").add_column(text_null("username_skeleton")).take();
        manager.alter_table(add).await?;
        let unique = index("users_username_skeleton", "users", &["username_skeleton"]).unique().take();
        manager.create_index(unique).await?;
        let mut after = None;
        loop {
            let some = named(manager, after).await?;
            let Some((last, _)) = some.last() else { return Ok(()) };
            after = Some(*last);
            for (id, username) in &some {
                fill(manager, *id, &skeleton(username)).await?;
            }
        }
    }
}

/// By id, which is about by age.
async fn named(manager: &SchemaManager<'_>, after: Option<Uuid>) -> Result<Vec<(Uuid, String)>, DbErr> {
    let read = Query::select()
        .columns(["id", "username_key"])
        .from("users")
        .and_where(Expr::col("username_key").is_not_null())
        .and_where_option(after.map(|after| Expr::col("id").gt(after)))
        .order_by("id", Order::Asc)
        .limit(CHUNK)
        .take();
    let rows = manager.get_connection().query_all(&read).await?;
    rows.iter().map(QueryResult::try_get_many_by_index).collect()
}

async fn fill(manager: &SchemaManager<'_>, id: Uuid, skeleton: &str) -> Result<(), DbErr> {
    let taken = Query::select()
        .expr(Expr::val(1))
        .from_as("users", "other")
        .and_where(Expr::col(("other", "username_skeleton")).eq(skeleton))
        .take();
    let fill = Query::update()
        .table("users")
        .value("username_skeleton", skeleton)
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::exists(taken).not())
        .take();
    manager.get_connection().execute(&fill).await.map(drop)
}

/// As it was told when this version was made; the same as the server's, which may come to tell it otherwise.
fn skeleton(username: &str) -> String {
    let mut skeleton = String::with_capacity(username.len());
    for c in username.chars().map(|c| c.to_ascii_lowercase()) {
        let by = match c {
            '.' | '_' | '-' => continue,
            '0' => 'o',
            '1' | 'i' => 'l',
            'n' if skeleton.ends_with('r') => 'm',
            'v' if skeleton.ends_with('v') => 'w',
            c => c,
        };
        if by == 'm' && c == 'n' || by == 'w' && c == 'v' {
            skeleton.pop();
        }
        skeleton.push(by);
    }
    skeleton
}
