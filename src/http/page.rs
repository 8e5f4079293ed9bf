//! The page to try queries on.

use axum::response::Html;

/// GraphiQL for `graphql` beside the page's own path, its subscriptions over graphql-transport-ws. Not
/// async-graphql's `GraphiQLSource`: that loads some packages in whatever version is the newest, which need not fit.
pub(super) async fn graphiql() -> Html<&'static str> {
    Html(include_str!("graphiql.html"))
}
