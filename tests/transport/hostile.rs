//! Requests that mean ill: every transport refuses them, and the process lives.

#[path = "../support/hostile.rs"]
#[expect(dead_code, reason = "what is costly is so under our own schema alone")]
mod corpus;

use crate::support::server::Server;
use crate::support::wire::{Wire, next};
use async_graphql::parser::parse_query;
use corpus::{Hostile, bodies, nested};
use natterjack::graphql::documents::{DocumentLimits, guard};
use proptest::prelude::*;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use url::Url;

/// What an operator may let pass.
const MOST: DocumentLimits = DocumentLimits { nesting: DocumentLimits::MOST_NESTING, ..DocumentLimits::DEFAULT };

/// As tokio's worker threads have it.
const STACK: usize = 2 * 1024 * 1024;

fn in_the_stack_of_a_worker(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap();
}

#[test]
fn what_the_guard_lets_pass_is_parsed_in_the_stack_of_a_worker() {
    in_the_stack_of_a_worker(|| {
        let most = DocumentLimits::MOST_NESTING;
        for document in nested(most).into_iter().chain(nested(most - 2)) {
            if guard::check(&document, &MOST).is_ok() {
                let is_whole = document.starts_with(['{', 'q']) && document.ends_with(['}', ')']);
                assert_eq!(parse_query(&document).is_ok(), is_whole, "{document}");
            }
        }
    });
}

/// Pieces of documents, in any order, the brackets among them up to very often.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[{}()\\[\\]]{1,40}",
        Just("{a".to_owned()),
        Just("(b:[".to_owned()),
        "\"[^\n]{0,8}\"?",
        Just("\"\"\"".to_owned()),
        Just("\\\"\"\"".to_owned()),
        Just("#".to_owned()),
        Just("\n".to_owned()),
        Just("...".to_owned()),
        "[@$:=!,.\\-0-9a-z\\\\ ]{1,4}",
        "\\PC{1,3}",
    ];
    prop::collection::vec((piece, 1_usize..400), 1..12)
        .prop_map(|pieces| pieces.iter().map(|(piece, times)| piece.repeat(*times)).collect())
}

#[test]
fn whatever_the_guard_lets_pass_the_parser_lives() {
    in_the_stack_of_a_worker(|| {
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) };
        proptest!(config, |(document in pieces())| {
            if guard::check(&document, &MOST).is_ok() {
                let _ = parse_query(&document);
            }
        });
    });
}

#[tokio::test]
async fn the_deepest_document_that_is_let_pass_runs() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    // Within the braces of the operation and those of the arguments.
    let depth = DocumentLimits::DEFAULT.nesting - 2;
    let value = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    wire.subscribe("1", &format!("{{echo(value:{value})}}")).await;
    let expected: Value = serde_json::from_str(&value).unwrap();
    wire.hears([next("1", "echo", expected)]).await;
}

/// Refused as a whole, with few words and a code.
#[track_caller]
fn is_refused(name: &str, errors: &Value) {
    let errors = errors.as_array().unwrap_or_else(|| panic!("{name}: {errors}"));
    assert!((1..=20).contains(&errors.len()), "{name}: {} errors", errors.len());
    for error in errors {
        assert!(error["message"].as_str().is_some_and(|message| message.len() < 1_000), "{name}: {error}");
        let code = error["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{name}: {error}"));
        assert!(["QUERY_REFUSED", "INVALID_INPUT"].contains(&code), "{name}: {code}");
    }
}

/// The longest address that a server has to take (RFC 9110, section 4.1, asks for 8,000 bytes; ours takes more).
const MAX_ADDRESS: usize = 50_000;

#[tokio::test]
async fn every_transport_refuses_what_means_ill() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    let http = reqwest::Client::new();
    for hostile in corpus::corpus() {
        let Hostile { name, query, variables } = &hostile;
        let posted = http.post(server.url("/graphql")).json(&hostile.request()).send().await;
        refused(name, posted).await;
        let variables = variables.to_string();
        let parameters = [("query", query.as_str()), ("variables", &variables)];
        let address = Url::parse_with_params(&server.url("/graphql"), parameters).unwrap();
        if address.as_str().len() < MAX_ADDRESS {
            refused(name, http.get(address).send().await).await;
        }
        if query.len() + variables.len() < 1_000_000 {
            wire.say(json!({ "id": "1", "type": "subscribe", "payload": hostile.request() })).await;
            is_refused(name, &wire.hear_error("1").await);
        }
    }
    for (name, body) in bodies() {
        let posted = http.post(server.url("/graphql")).header(CONTENT_TYPE, "application/json").body(body.clone());
        refused(name, posted.send().await).await;
        // A socket that is told nonsense is closed, and it alone.
        if let Ok(text) = String::from_utf8(body) {
            let mut other = Wire::ready(&server).await;
            other.say_raw(Message::text(format!(r#"{{"id":"1","type":"subscribe","payload":{text}}}"#))).await;
            assert_eq!(other.closed().await.0, 4400, "{name}");
        }
    }
    wire.subscribe("2", "{ hello }").await;
    wire.hears([next("2", "hello", "world")]).await;
}

async fn refused(name: &str, response: reqwest::Result<reqwest::Response>) {
    let response = response.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(response.status().as_u16() < 500, "{name}: {}", response.status());
    let text = response.text().await.unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
    assert_eq!(answer.get("data"), None, "{name}");
    is_refused(name, &answer["errors"]);
}
