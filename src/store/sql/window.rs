//! Pages cut by the database.

use crate::domain::page::{Take, Window};
use sea_orm::sea_query::{Expr, ExprTrait as _, Value};
use sea_orm::{EntityTrait, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select};

/// The query's part in that window of what is sorted by `columns`, in the direction of reading, with one item more
/// than asked for: as [`Page::of_read`](crate::domain::page::Page::of_read) wants it.
pub(super) fn cut<E: EntityTrait, C>(
    query: Select<E>,
    window: &Window<C>,
    columns: &[E::Column],
    place: impl Fn(&C) -> Vec<Value>,
) -> Select<E> {
    let place_of_row = || Expr::tuple(columns.iter().map(|column| Expr::col(*column)));
    let place_of = |cursor| Expr::tuple(place(cursor).into_iter().map(Expr::val));

    let mut query = query;
    if let Some(after) = &window.after {
        query = query.filter(place_of_row().gt(place_of(after)));
    }
    if let Some(before) = &window.before {
        query = query.filter(place_of_row().lt(place_of(before)));
    }
    let order = match window.take {
        Take::First(_) => Order::Asc,
        Take::Last(_) => Order::Desc,
    };
    for column in columns {
        query = query.order_by(*column, order.clone());
    }
    query.limit(u64::from(window.take.limit()) + 1)
}
