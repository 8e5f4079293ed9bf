//! The specification's rules of execution (GraphQL, section 6), held to the executor that is built in, on every transport: what a
//! field that fails takes with it, and in which order fields come.

use crate::support::server::Server;
use crate::support::wire::{Wire, complete};
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, Mutex};
use tokio_tungstenite::tungstenite::Message;
use tracing_subscriber::fmt::MakeWriter;

/// The responses to a query over HTTP and on a socket, byte by byte: the order of fields is a rule too.
async fn responses(server: &Server, wire: &mut Wire, query: &str) -> [String; 2] {
    let request = reqwest::Client::new().post(server.url("/graphql")).json(&json!({ "query": query }));
    let over_http = request.send().await.unwrap().text().await.unwrap();
    wire.subscribe("1", query).await;
    let Message::Text(frame) = wire.hear_raw().await else { panic!("a frame of text") };
    let on_socket = frame.strip_prefix(r#"{"type":"next","id":"1","payload":"#).unwrap_or_else(|| panic!("{frame}"));
    let on_socket = on_socket.strip_suffix('}').unwrap().to_owned();
    wire.hears([complete("1")]).await;
    [over_http, on_socket]
}

/// Asserts what a query without errors gives.
async fn assert_data(cases: &[(&str, &str)]) {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    for (query, data) in cases {
        for response in responses(&server, &mut wire, query).await {
            assert_eq!(response, format!(r#"{{"data":{data}}}"#), "{query}");
        }
    }
}

#[tokio::test]
async fn fields_come_in_the_order_of_the_query() {
    assert_data(&[
        ("{ nest { later number } hello }", r#"{"nest":{"later":1,"number":1},"hello":"world"}"#),
        ("{ z: hello nest { later } a: hello hello }", r#"{"z":"world","nest":{"later":1},"a":"world","hello":"world"}"#),
        // Where a fragment stands, there its fields are.
        (
            "{ nest { ...L number } ...H a: hello } fragment L on Nest { b: later a: number } fragment H on Query { hello }",
            r#"{"nest":{"b":1,"a":1,"number":1},"hello":"world","a":"world"}"#,
        ),
        ("{ ... { b: hello ... on Query { a: hello } } hello }", r#"{"b":"world","a":"world","hello":"world"}"#),
        // Fields of one name are one, where the first of them stands.
        (
            "{ nest { later } hello nest { number inner { number } } nest { inner { later } number } }",
            r#"{"nest":{"later":1,"number":1,"inner":{"number":2,"later":2}},"hello":"world"}"#,
        ),
        (
            "{ nest { all { later number } } }",
            r#"{"nest":{"all":[{"later":0,"number":0},{"later":1,"number":1},{"later":2,"number":2}]}}"#,
        ),
        ("{ nest { __typename number } __typename }", r#"{"nest":{"__typename":"Nest","number":1},"__typename":"Query"}"#),
    ])
    .await;
}

#[tokio::test]
async fn what_is_left_out_leaves_the_rest() {
    assert_data(&[
        ("{ hello @skip(if: true) }", "{}"),
        ("{ hello @include(if: false) }", "{}"),
        ("query($no: Boolean = false) { hello @include(if: $no) nest { number @skip(if: true) } }", r#"{"nest":{}}"#),
        ("{ ... @include(if: false) { hello } ... on Query @skip(if: true) { hello } }", "{}"),
        ("{ ...H @skip(if: true) a: hello } fragment H on Query { hello }", r#"{"a":"world"}"#),
        ("{ hello @skip(if: true) hello }", r#"{"hello":"world"}"#),
        ("{ hello @skip(if: false) @include(if: false) fails @skip(if: true) }", "{}"),
    ])
    .await;
}

/// The data, and the paths of the errors.
fn told(response: &str) -> (Value, Vec<Value>) {
    let mut response: Value = serde_json::from_str(response).unwrap();
    assert!(response.get("data").is_some(), "there is data, be it null: {response}");
    let paths = response["errors"].as_array().unwrap().iter().map(|error| error["path"].clone()).collect();
    (response["data"].take(), paths)
}

#[tokio::test]
async fn a_field_that_fails_nulls_the_nearest_that_may_be_null_and_no_more() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    for (query, data, paths) in [
        ("{ hello mayFail }", json!({ "hello": "world", "mayFail": null }), json!([["mayFail"]])),
        ("{ hello fails }", Value::Null, json!([["fails"]])),
        (
            "{ hello nest { number mayFail } }",
            json!({ "hello": "world", "nest": { "number": 1, "mayFail": null } }),
            json!([["nest", "mayFail"]]),
        ),
        ("{ hello nest { fails } }", Value::Null, json!([["nest", "fails"]])),
        ("{ hello maybe { number fails } }", json!({ "hello": "world", "maybe": null }), json!([["maybe", "fails"]])),
        (
            "{ hello a: maybe { inner { inner { b: fails } } } }",
            json!({ "hello": "world", "a": null }),
            json!([["a", "inner", "inner", "b"]]),
        ),
        // The specification's path goes on to the field. This executor's ends at the item where that may not be null.
        (
            "{ hello maybe { all { failsIfOdd } } }",
            json!({ "hello": "world", "maybe": null }),
            json!([["maybe", "all", 1]]),
        ),
        (
            "{ maybe { some { failsIfOdd } number } hello }",
            json!({ "maybe": { "some": [{ "failsIfOdd": 0 }, null, { "failsIfOdd": 2 }], "number": 1 }, "hello": "world" }),
            json!([["maybe", "some", 1, "failsIfOdd"]]),
        ),
        (
            "{ a: maybe { mayFail } b: maybe { fails } c: mayFail hello }",
            json!({ "a": { "mayFail": null }, "b": null, "c": null, "hello": "world" }),
            json!([["a", "mayFail"], ["b", "fails"], ["c"]]),
        ),
    ] {
        for response in responses(&server, &mut wire, query).await {
            assert_eq!(told(&response), (data.clone(), paths.as_array().unwrap().clone()), "{query}");
        }
    }
}

/// A log that is kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_tells_a_panic_under_the_id_that_the_client_is_told() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    // Of this thread, on which the test's runtime runs all of it.
    let _watched = tracing::subscriber::set_default(subscriber);
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    let request = reqwest::Client::new().post(server.url("/graphql")).json(&json!({ "query": "{ hello panics }" }));
    let over_http: Value = request.send().await.unwrap().json().await.unwrap();
    wire.subscribe("1", "{ hello panics }").await;
    let on_socket = wire.hear_error("1").await;
    for error in [&over_http["errors"][0], &on_socket[0]] {
        assert_eq!(error["message"], "internal error");
        let id = error["extensions"]["errorId"].as_str().unwrap();
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let line = log.lines().find(|line| line.contains(id)).unwrap_or_else(|| panic!("{id} is not in:\n{log}"));
        // What it says is for the log of panics alone: it may quote what somebody has written.
        assert!(line.contains("ERROR") && line.contains("a panic") && !line.contains("as the test wants it"), "{line}");
    }
}
