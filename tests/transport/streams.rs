//! Operations by server-sent events.

use crate::support::PATIENCE;
use crate::support::gate::{BRIEF, BRIEFLY, GOOD};
use crate::support::server::{Server, until};
use crate::support::stream::{Stream, Told};
use crate::support::wire::{Wire, complete, next};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;

const STREAM: &str = "text/event-stream";
/// What urql sends with everything.
const EITHER: &str = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";

impl Server {
    fn ask(&self, query: &str) -> RequestBuilder {
        reqwest::Client::new().post(self.url("/graphql")).header("accept", STREAM).json(&json!({ "query": query }))
    }

    fn ask_by_address(&self, query: &str) -> RequestBuilder {
        let url = Url::parse_with_params(&self.url("/graphql"), [("query", query)]).unwrap();
        reqwest::Client::new().get(url).header("accept", STREAM)
    }

    async fn stream(&self, query: &str) -> Stream {
        Stream::of(self.ask(query).send().await.unwrap())
    }
}

fn data(field: &str, value: impl Into<Value>) -> Value {
    json!({ "data": { field: value.into() } })
}

#[tokio::test]
async fn operations_of_every_kind_run() {
    let server = Server::start().await;
    for (query, field, value) in
        [("{ hello }", "hello", json!("world")), ("subscription { heardBy }", "heardBy", json!("nobody"))]
    {
        for request in [server.ask(query), server.ask_by_address(query)] {
            let mut stream = Stream::of(request.send().await.unwrap());
            assert_eq!(stream.result().await, data(field, value.clone()));
            stream.completes().await;
        }
    }
    let mut stream = server.stream("mutation { touch }").await;
    assert_eq!(stream.result().await, data("touch", 1));
    stream.completes().await;
    let mut counted = server.stream("subscription { count(to: 1000) }").await;
    for n in 1..=1_000 {
        assert_eq!(counted.result().await, data("count", n));
    }
    counted.completes().await;
    let known = server.ask("subscription { heardBy }").bearer_auth(GOOD).send().await.unwrap();
    assert_eq!(Stream::of(known).result().await, data("heardBy", "somebody"));
    let raw = server.ask("subscription { count(to: 1) }").send().await.unwrap().text().await.unwrap();
    assert_eq!(raw, ":\n\nevent: next\ndata: {\"data\":{\"count\":1}}\n\nevent: complete\ndata: \n\n");
}

#[tokio::test]
async fn one_who_takes_both_gets_a_stream_of_what_has_no_other_form() {
    let server = Server::start().await;
    let either = |query: &str| {
        let request = reqwest::Client::new().post(server.url("/graphql")).header("accept", EITHER);
        request.json(&json!({ "query": query })).send()
    };
    for (query, form) in [
        ("{ hello }", "application/graphql-response+json; charset=utf-8"),
        ("{", "application/graphql-response+json; charset=utf-8"),
        ("subscription { heardBy }", "text/event-stream; charset=utf-8"),
    ] {
        let response = either(query).await.unwrap();
        assert_eq!(response.headers()["content-type"], form, "{query}");
        assert!(response.headers().get_all("vary").iter().any(|vary| vary == "accept"), "{query}");
    }
}

#[tokio::test]
async fn what_is_refused_is_told_in_the_stream() {
    let server = Server::start().await;
    for (query, code) in [
        ("{", "QUERY_REFUSED"),
        ("{ nothing }", "QUERY_REFUSED"),
        ("subscription { nothing }", "QUERY_REFUSED"),
        ("subscription { panics }", "INTERNAL"),
        ("{ panics }", "INTERNAL"),
    ] {
        let mut stream = server.stream(query).await;
        let mut result = stream.result().await;
        if query == "subscription { panics }" {
            assert_eq!(result, data("panics", 1));
            result = stream.result().await;
        }
        assert_eq!(result.as_object().unwrap().keys().collect::<Vec<_>>(), ["errors"], "{query}");
        assert_eq!(result["errors"][0]["extensions"]["code"], code, "{query}");
        stream.completes().await;
    }
    let mut refused = server.stream("subscription { refused }").await;
    assert_eq!(refused.result().await["errors"][0]["message"], "it is refused");
    refused.completes().await;
    let mut limps = server.stream("subscription { limps }").await;
    assert_eq!(limps.result().await["errors"][0]["message"], "it has failed");
    assert_eq!(limps.result().await, data("limps", 2));
}

#[tokio::test]
async fn what_is_no_request_is_refused_before_a_stream_begins() {
    let server = Server::start().await;
    let body = r#"{"query":"{ hello }"}"#;
    let text = reqwest::Client::new().post(server.url("/graphql")).header("accept", STREAM).body(body);
    for (request, status) in [
        (server.ask_by_address("mutation { touch }"), 405),
        (text, 415),
        (server.ask("{ hello }").body("{"), 400),
        (server.ask("subscription { held }").header("last-event-id", "7"), 400),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
        assert!(response.json::<Value>().await.unwrap()["errors"][0]["message"].is_string());
    }
    assert_eq!(server.traces.touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_stream_that_is_still_is_kept_alive_and_ends_with_its_client() {
    let server = Server::with(|settings| settings.stream.keep_alive = Duration::from_millis(50)).await;
    let response = server.ask("subscription { held }").bearer_auth(GOOD).send().await.unwrap();
    let mut stream = Stream::of(response);
    assert_eq!(stream.result().await, data("held", 0));
    assert_eq!(server.gate.inside.load(Ordering::SeqCst), 1, "one who listens is there");
    while stream.comments < 4 {
        assert!(stream.read().await);
    }
    drop(stream);
    server.lets_go().await;
    assert_eq!(server.gate.inside.load(Ordering::SeqCst), 0);
}

/// A stream with that token, which has begun.
async fn held(server: &Server, token: &str) -> Stream {
    let mut stream = Stream::of(server.ask("subscription { held }").bearer_auth(token).send().await.unwrap());
    assert_eq!(stream.result().await, data("held", 0));
    stream
}

#[tokio::test]
async fn a_stream_ends_with_its_token_its_session_or_the_server_so_that_clients_come_again() {
    let mut server = Server::start().await;
    let began = Instant::now();
    assert_eq!(held(&server, BRIEF).await.next().await, None);
    assert!(began.elapsed() >= BRIEFLY);
    let mut signed_in = held(&server, GOOD).await;
    let mut nobody = server.stream("subscription { held }").await;
    assert_eq!(nobody.result().await, data("held", 0));
    server.gate.sessions_end.cancel();
    assert_eq!(signed_in.next().await, None);
    assert_eq!(server.state.sockets.len(), 1, "nobody's goes on");
    server.state.shutdown.cancel();
    assert_eq!(nobody.next().await, None);
    timeout(PATIENCE, server.serving.join_next()).await.unwrap().unwrap().unwrap();
    assert!(server.state.sockets.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_does_not_read_holds_up_nobody_and_is_cut_off_in_the_end() {
    let server = Server::with(|settings| {
        settings.write_limit = Duration::from_secs(1);
        settings.stream.keep_alive = Duration::from_millis(100);
    })
    .await;
    let began = Instant::now();
    let stalled = server.ask("subscription { flood(length: 100000) }").send().await.unwrap();
    until("it has begun", || server.state.sockets.len() == 1).await;
    let mut other = Wire::ready(&server).await;
    while server.state.sockets.len() == 2 {
        assert!(began.elapsed() < Duration::from_secs(20), "it is cut off");
        other.subscribe("1", "{ hello }").await;
        other.hears([next("1", "hello", "world"), complete("1")]).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(began.elapsed() >= Duration::from_secs(1), "not before its time: {:?}", began.elapsed());
    drop(stalled);
}

#[tokio::test]
async fn a_subscription_without_a_position_has_no_ids() {
    let server = Server::start().await;
    let mut stream = server.stream("subscription { count(to: 3) }").await;
    while stream.next().await != Some(Told { event: "complete".to_owned(), data: Value::Null }) {}
    assert_eq!(stream.last_id, None);
}
