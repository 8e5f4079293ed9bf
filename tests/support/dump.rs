//! All that a database holds, as text: to see that something is in it, or is not.

use futures_util::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

/// All documents of a database of MongoDB.
pub(crate) async fn documents(database: &Database) -> String {
    let mut all = String::new();
    for name in database.list_collection_names().await.unwrap() {
        let documents = database.collection::<Document>(&name).find(doc! {}).await.unwrap();
        let documents: Vec<Document> = documents.try_collect().await.unwrap();
        all.extend(documents.iter().map(|document| format!("{name} {document}\n")));
    }
    all
}

/// All rows of the SQL database at that address.
pub(crate) async fn rows(url: &str) -> String {
    let raw = sea_orm::Database::connect(url).await.unwrap();
    let backend = raw.get_database_backend();
    let (tables, row) = match backend {
        DbBackend::Sqlite => ("SELECT name FROM sqlite_master WHERE type = 'table'", None),
        _ => ("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", Some("to_jsonb(t)::text")),
    };
    let mut all = String::new();
    for table in raw.query_all_raw(Statement::from_string(backend, tables)).await.unwrap() {
        let name: String = table.try_get_by_index(0).unwrap();
        let columns = match row {
            Some(row) => row.to_owned(),
            None => columns_of(&raw, &name).await,
        };
        let rows = format!("SELECT {columns} FROM {name} t");
        for row in raw.query_all_raw(Statement::from_string(backend, rows)).await.unwrap() {
            let row: Option<String> = row.try_get_by_index(0).unwrap();
            all.extend([&name, " ", &row.unwrap_or_default(), "\n"]);
        }
    }
    raw.close().await.unwrap();
    all
}

/// All columns of a SQLite table as one text.
async fn columns_of(raw: &DatabaseConnection, table: &str) -> String {
    let info = format!("SELECT name FROM pragma_table_info('{table}')");
    let names = raw.query_all_raw(Statement::from_string(DbBackend::Sqlite, info)).await.unwrap();
    let quoted = |name: String| format!("COALESCE(quote({name}), '')");
    let columns: Vec<_> = names.iter().map(|name| quoted(name.try_get_by_index(0).unwrap())).collect();
    columns.join(" || ' ' || ")
}
