//! Pages cut by the database.

use crate::domain::page::{Take, Window};
use sea_orm::sea_query::{BinOper, Expr, ExprTrait as _, Value};
use sea_orm::{EntityTrait, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select};

/// What a list is sorted by.
pub(super) enum Sorted<'a, C> {
    /// By these columns, from the least on.
    Up(&'a [C]),
    /// By these columns, from the greatest on.
    Down(&'a [C]),
}

/// The query's part in that window of what is sorted by `columns`, in the direction of reading, with one item more
/// than asked for: as [`Page::of_read`](crate::domain::page::Page::of_read) wants it.
pub(super) fn cut<E: EntityTrait, C>(
    query: Select<E>,
    window: &Window<C>,
    columns: &[E::Column],
    place: impl Fn(&C) -> Vec<Value>,
) -> Select<E> {
    cut_sorted(query, window, &Sorted::Up(columns), place)
}

/// The same of what is sorted so.
pub(super) fn cut_sorted<E: EntityTrait, C>(
    query: Select<E>,
    window: &Window<C>,
    sorted: &Sorted<'_, E::Column>,
    place: impl Fn(&C) -> Vec<Value>,
) -> Select<E> {
    let (columns, [onwards, back], [later, earlier]) = match sorted {
        Sorted::Up(columns) => (*columns, [Order::Asc, Order::Desc], [BinOper::GreaterThan, BinOper::SmallerThan]),
        Sorted::Down(columns) => (*columns, [Order::Desc, Order::Asc], [BinOper::SmallerThan, BinOper::GreaterThan]),
    };
    let place_of_row = || Expr::tuple(columns.iter().map(|column| Expr::col(*column)));
    let place_of = |cursor| Expr::tuple(place(cursor).into_iter().map(Expr::val));

    let mut query = query;
    if let Some(after) = &window.after {
        query = query.filter(place_of_row().binary(later, place_of(after)));
    }
    if let Some(before) = &window.before {
        query = query.filter(place_of_row().binary(earlier, place_of(before)));
    }
    let order = match window.take {
        Take::First(_) => onwards,
        Take::Last(_) => back,
    };
    for column in columns {
        query = query.order_by(*column, order.clone());
    }
    query.limit(u64::from(window.take.limit()) + 1)
}
