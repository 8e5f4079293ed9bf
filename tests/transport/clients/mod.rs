//! Clients that others wrote: npm's `graphql-ws` and `graphql-sse`, and `graphql-http`'s audit.

use crate::support::gate::{BRIEF, GOOD};
use crate::support::packages::node_is_content;
use crate::support::server::Server;

#[tokio::test]
async fn graphql_ws_is_content() {
    let server = Server::start().await;
    if node_is_content(include_str!("graphql-ws.mjs"), &[&server.url("/graphql"), GOOD, BRIEF]).await {
        server.lets_go().await;
    }
}

#[tokio::test]
async fn graphql_sse_is_content() {
    let server = Server::start().await;
    if node_is_content(include_str!("graphql-sse.mjs"), &[&server.url("/graphql"), GOOD, BRIEF]).await {
        server.lets_go().await;
    }
}

#[tokio::test]
async fn the_audit_of_graphql_http_passes_to_the_last_may() {
    let server = Server::start().await;
    node_is_content(include_str!("graphql-http.mjs"), &[&server.url("/graphql")]).await;
}
