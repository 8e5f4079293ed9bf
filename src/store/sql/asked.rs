//! What a statement is about, as a table within it: `(VALUES (…), (…)) AS "asked"`. So one statement answers for a
//! whole batch, or changes it.

use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, IntoIden as _, IntoValueTuple, Query, SelectStatement, TableRef};

/// The table's name.
const ASKED: &str = "asked";

/// The batch as a table.
pub(super) fn table<V: IntoValueTuple>(batch: Vec<V>) -> TableRef {
    let rows = batch.into_iter().map(V::into_value_tuple);
    TableRef::ValuesList(rows.collect(), ASKED.into_iden())
}

/// One part of each item of the batch, counted from 1.
pub(super) fn part(number: usize) -> Expr {
    // So do both databases name the columns of a `VALUES` list.
    Expr::col((ASKED, format!("column{number}")))
}

/// The batch as what two columns together may be in.
pub(super) fn pairs(batch: Vec<(Uuid, Uuid)>) -> SelectStatement {
    Query::select().expr(part(1)).expr(part(2)).from(table(batch)).take()
}
