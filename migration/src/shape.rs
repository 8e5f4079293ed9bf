//! What several versions need to say about tables.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A foreign key to `id` of that table.
pub(crate) fn references(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("{table}_{column}_fkey")).from(table, column).to(to, "id").to_owned()
}

/// An index over those columns, in that order.
pub(crate) fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

/// A text that is sorted by its bytes, as Rust and SQLite do it, whatever the database's own collation.
pub(crate) fn sorted_by_bytes(mut column: ColumnDef, manager: &SchemaManager<'_>) -> ColumnDef {
    if manager.get_database_backend() == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}
