//! Hostile documents: every transport refuses them before the parser sees them, and the process lives.

use crate::support::server::Server;
use crate::support::wire::{Wire, next};
use async_graphql::parser::parse_query;
use natterjack::graphql::guard::{self, MAX_DEPTH};
use serde_json::{Value, json};
use url::Url;

/// Brackets of one kind within each other, so many deep.
fn nested(depth: usize) -> Vec<String> {
    let wrap = |open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
    vec![
        wrap("{a", "", "}"),
        wrap("{...on A", "{a}", "}"),
        wrap("{a@b(c:[", "", "])}"),
        format!("{{a(b:{})}}", wrap("[", "", "]")),
        format!("{{a(b:{})}}", wrap("{a:", "1", "}")),
        format!("query($a:{}){{a}}", wrap("[", "Int", "]")),
        format!("query($a:Int={}){{a}}", wrap("[", "", "]")),
        format!("query($a:A={}){{a}}", wrap("{a:", "1", "}")),
        format!("{{a(b:{}", "[".repeat(depth)),
        "{a".repeat(depth),
    ]
}

/// As tokio's worker threads have it.
const STACK: usize = 2 * 1024 * 1024;

#[test]
fn what_the_guard_lets_pass_is_parsed_in_the_stack_of_a_worker() {
    let parsing = || {
        for document in nested(MAX_DEPTH).into_iter().chain(nested(MAX_DEPTH - 2)) {
            if guard::check(&document).is_ok() {
                let is_whole = document.ends_with(['}', ')']);
                assert_eq!(parse_query(&document).is_ok(), is_whole, "{document}");
            }
        }
    };
    std::thread::Builder::new().stack_size(STACK).spawn(parsing).unwrap().join().unwrap();
}

#[tokio::test]
async fn the_deepest_document_that_is_let_pass_runs() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    let value = format!("{}{}", "[".repeat(62), "]".repeat(62));
    wire.subscribe("1", &format!("{{echo(value:{value})}}")).await;
    let expected: Value = serde_json::from_str(&value).unwrap();
    wire.hears([next("1", "echo", expected)]).await;
}

#[tokio::test]
async fn every_transport_refuses_hostile_documents() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    let http = reqwest::Client::new();
    let documents = [90_000, 10_000, MAX_DEPTH + 2].into_iter().flat_map(nested);
    let endless = ["{a(b:[\"\"\"x\"".to_owned() + &"[".repeat(5_000), format!("{{{}}}", "a,".repeat(10_000))];
    for document in documents.chain(endless) {
        let named = ["65536 bytes", "10000 tokens", "64 deep", "without an end"];
        let is_refused = |errors: &Value| {
            let message = errors[0]["message"].as_str().unwrap();
            assert!(named.iter().any(|limit| message.contains(limit)), "{message}");
            assert_eq!(errors[0]["extensions"], json!({ "code": "QUERY_REFUSED" }));
        };
        let posted = http.post(server.url("/graphql")).json(&json!({ "query": document })).send().await.unwrap();
        let mut answer: Value = posted.json().await.unwrap();
        assert_eq!(answer.get("data"), None);
        is_refused(&answer["errors"].take());
        wire.subscribe("1", &document).await;
        is_refused(&wire.hear_error("1").await);
    }
    let document = "[".repeat(5_000);
    let url = Url::parse_with_params(&server.url("/graphql"), [("query", document)]).unwrap();
    let answer = http.get(url).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("64 deep"), "{answer}");
}
