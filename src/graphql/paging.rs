//! Lists in pages, as the Relay specification has them.

use crate::domain::page::{Cursor, Page, encode};
use async_graphql::{OutputType, SimpleObject, TypeName};
use std::borrow::Cow;

/// Where a page lies in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether the list goes on after this page.
    #[graphql(tag = "for all")]
    pub has_next_page: bool,
    /// Whether the list goes on before this page.
    #[graphql(tag = "for all")]
    pub has_previous_page: bool,
    /// The first item's cursor.
    #[graphql(tag = "for all")]
    pub start_cursor: Option<String>,
    /// The last item's cursor.
    #[graphql(tag = "for all")]
    pub end_cursor: Option<String>,
}

/// An item of a list and its place there.
#[derive(Clone, SimpleObject)]
#[graphql(name_type)]
pub struct Edge<T: OutputType> {
    /// Where it stands: for `after` and `before`.
    #[graphql(tag = "for all")]
    pub cursor: String,
    /// The item.
    #[graphql(tag = "for all")]
    pub node: T,
}

/// A page of a list.
#[derive(Clone, SimpleObject)]
#[graphql(name_type)]
pub struct Connection<T: OutputType> {
    /// The items with their cursors.
    #[graphql(tag = "for all")]
    pub edges: Vec<Edge<T>>,
    /// The items.
    #[graphql(tag = "for all")]
    pub nodes: Vec<T>,
    /// Where this page lies in the list.
    #[graphql(tag = "for all")]
    pub page_info: PageInfo,
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType + Clone> Connection<T> {
    /// The page, each item with its place and wrapped.
    pub fn new<C: Cursor, D>(page: Page<D>, place: impl Fn(&D) -> C, wrap: impl Fn(D) -> T) -> Self {
        let Page { items, has_previous, has_next } = page;
        let edges: Vec<_> =
            items.into_iter().map(|item| Edge { cursor: encode(&place(&item)), node: wrap(item) }).collect();
        let nodes = edges.iter().map(|edge| edge.node.clone()).collect();
        let page_info = PageInfo {
            has_next_page: has_next,
            has_previous_page: has_previous,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Self { edges, nodes, page_info }
    }
}
