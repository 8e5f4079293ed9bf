//! Clients that others wrote, against the real binary: what their users' first screens do.

use crate::support::backend::Backend;
use crate::support::client::Person;
use crate::support::packages::{from_npm, from_pypi, node_is_content, python_is_content, said};
use futures_util::future::join_all;
use graphql_client::{GraphQLQuery, Response};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::process::Command;

/// As `graphql_client` makes it of the schema and a document, before anything runs.
#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "schema.graphql",
    query_path = "tests/api/clients/history.graphql",
    response_derives = "Debug, PartialEq"
)]
struct History;

/// The schema's own scalar.
type DateTime = String;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_are_content() {
    let backend =
        Backend::sqlite().await.unwrap().with("NATTERJACK_MAX_BATCH", "2").with("NATTERJACK_MAX_BODY", "9999");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let token = ada.client.token.as_deref().unwrap();
    // Each hears its own.
    let members = [&bob];
    let names = ["Apollo", "urql", "EventSource", "gql", "graphql_client"];
    let rooms = join_all(names.map(|name| ada.group(name, &members))).await;
    let [apollo, urql, events, gql, conversation] = <[String; 5]>::try_from(rooms).unwrap();
    let [apollo, urql, events, gql] = [&apollo, &urql, &events, &gql].map(|room| [node.url.as_str(), token, room]);
    tokio::join!(
        node_is_content(include_str!("apollo.mjs"), &apollo),
        node_is_content(include_str!("urql.mjs"), &urql),
        node_is_content(include_str!("events.mjs"), &events),
        python_is_content(include_str!("gql_client.py"), &gql),
    );

    bob.send(&conversation, "to Rust").await;
    let body = History::build_query(history::Variables { id: conversation.clone(), last: Some(1) });
    let post = |body: &Value| {
        let request = reqwest::Client::new().post(format!("{}/graphql", node.url)).bearer_auth(token);
        request.json(body).send()
    };
    let body = json!(body);
    let [response, again]: [Response<history::ResponseData>; 2] =
        post(&json!([body, body])).await.unwrap().json().await.unwrap();
    assert_eq!(response, again, "a batch of two, as the settings allow");
    assert_eq!(post(&json!([body, body, body])).await.unwrap().status(), 400);
    assert_eq!(post(&json!({ "query": " ".repeat(10_000) })).await.unwrap().status(), 413);
    assert_eq!(response.errors, None);
    let page = response.data.unwrap().history.unwrap();
    let message = &page.nodes[0];
    assert_eq!(message.text.as_deref(), Some("to Rust"));
    assert_eq!(message.kind, history::MessageKind::TEXT);
    assert_eq!(message.author.as_ref().unwrap().username.as_deref(), Some("bob"));
}

#[tokio::test]
async fn the_python_example_talks() {
    let Some(packages) = from_pypi(include_str!("../../support/packages/requirements.txt")).await else { return };
    let mut python = Command::new("python3");
    python.args(["-B", "sdk/python/test_talk.py"]).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    python.env("PYTHONPATH", packages).env("NATTERJACK_BINARY", env!("CARGO_BIN_EXE_natterjack"));
    let output = python.kill_on_drop(true).output().await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[tokio::test]
async fn relays_compiler_is_content_with_the_schema() {
    let Some(packages) = from_npm().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::create_dir(folder.path().join("made")).unwrap();
    write("src/paginated.js", include_str!("relay/paginated.js"));
    write("schema.graphql", include_str!("../../../schema.graphql"));
    write("package.json", "{}");
    let config = json!({
        "src": "./src", "schema": "./schema.graphql", "artifactDirectory": "./made", "language": "typescript",
    });
    write("relay.config.json", &config.to_string());
    let mut compiler = Command::new("node");
    compiler.arg(packages.join("node_modules/relay-compiler/cli.js")).arg("relay.config.json");
    let output = compiler.current_dir(folder.path()).stdin(Stdio::null()).output().await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(folder.path().join("made/paginatedConversationQuery.graphql.ts").exists(), "{}", said(&output));
}
