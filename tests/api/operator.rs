//! What an operator sees of a node: ids of requests, the log, traces, and measures.
#![expect(clippy::float_cmp, reason = "they are counts: whole numbers, and small ones")]
#![expect(clippy::too_many_lines, reason = "one story of one node, which is looked at from all sides")]

use crate::support::backend::Backend;
use crate::support::client::{PASSWORD, Person};
use crate::support::collector::{Collector, text};
use crate::support::events::{EVENTS, Happening, next_event};
use crate::support::metrics::Metrics;
use crate::support::ports::free_port;
use crate::support::socket::Socket;
use futures_util::future::join_all;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

/// Stands in variables and texts, and must not be seen.
const SECRET: &str = "the-toad-under-the-harrow";
/// A trace that somebody else has begun (W3C Trace Context, section 3.2).
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

const DASHBOARD: &str = include_str!("../../docs/grafana.json");
const MANUAL: &str = include_str!("../../docs/operations.md");

#[tokio::test]
async fn an_operation_is_seen_on_every_transport_and_what_it_is_about_is_not() {
    let mut collector = Collector::new().await;
    let metrics = format!("127.0.0.1:{}", free_port());
    let backend = Backend::sqlite().await.unwrap();
    let backend = backend.with("NATTERJACK_LOG", "debug").with("NATTERJACK_LOG_FORMAT", "json");
    let backend = backend.with("NATTERJACK_METRICS_LISTEN", &metrics);
    let backend = backend.with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url).with("OTEL_BSP_SCHEDULE_DELAY", "100");
    let (node, log) = backend.logging_node().await;
    let mut reading = JoinSet::new();
    reading.spawn(log.rest());
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;

    // Over HTTP.
    let token = ada.client.token.clone().unwrap();
    let send =
        "mutation Croak($id: ID!, $text: String!) { sendMessage(input: { to: { conversationId: $id }, text: $text }) {
        message { seq } errors { code } } }";
    let post = async |id: Option<&str>, query: &str, variables: Value| {
        let request = reqwest::Client::new().post(format!("{}/graphql", node.url)).bearer_auth(&token);
        let request = request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
        let request = id.into_iter().fold(request, |request, id| request.header("x-request-id", id));
        let response = request.json(&json!({ "query": query, "variables": variables })).send().await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        (id, response.json::<Value>().await.unwrap())
    };
    let (id, response) = post(Some("pond-1"), send, json!({ "id": conversation, "text": SECRET })).await;
    assert_eq!((&*id, response.get("errors")), ("pond-1", None));
    let (made, response) = post(Some("not {sane}"), "{", json!({})).await;
    assert!(made.starts_with("req_"), "{made}");
    assert_eq!(response["errors"][0]["extensions"]["code"], "QUERY_REFUSED");

    // By server-sent events.
    let request = reqwest::Client::new().post(format!("{}/graphql", node.url)).bearer_auth(&token);
    let request =
        request.header("accept", "text/event-stream").json(&json!({ "query": "query Stream { viewer { id } }" }));
    let streamed = request.send().await.unwrap().text().await.unwrap();
    assert!(streamed.contains("event: complete"), "{streamed}");

    // Over a socket.
    let mut socket = Socket::of(&bob).await;
    socket
        .subscribe(
            "query Listen($q: String!) { searchMessages(text: $q, first: 1) { nodes { seq } } }",
            json!({ "q": SECRET }),
        )
        .await;
    assert_eq!(socket.frame().await["type"], "next");
    assert_eq!(socket.frame().await["type"], "complete");
    socket.subscribe(EVENTS, json!({ "after": [] })).await;
    passed(&mut socket, "Synced").await;

    let operations = |transport: &str, kind: &str, outcome: &str| {
        format!(r#"natterjack_operations_total{{transport="{transport}",kind="{kind}",outcome="{outcome}"}}"#)
    };
    let listening = r#"natterjack_subscriptions{transport="socket"}"#;
    let own = format!("http://{metrics}");
    let seen = Metrics::of(&own).await;
    assert_eq!(seen.value(&operations("http", "mutation", "ok")), 4.0, "two registered, one opened, one sent");
    assert_eq!(seen.value(&operations("http", "unknown", "refused")), 1.0);
    assert_eq!(seen.value(&operations("socket", "query", "ok")), 1.0);
    assert_eq!(seen.value(&operations("sse", "query", "ok")), 1.0);
    assert_eq!((seen.value(listening), seen.value("natterjack_sockets")), (1.0, 1.0));
    assert!(seen.value("natterjack_subscription_executions_total") >= 1.0);
    assert_eq!(seen.value(r#"natterjack_operation_duration_seconds_count{transport="http",kind="mutation"}"#), 4.0);
    assert_eq!(seen.value(r#"natterjack_http_requests_total{method="POST",path="/graphql",status="200"}"#), 6.0);
    assert!(seen.value(r#"natterjack_store_duration_seconds_count{store="sqlite",operation="commit"}"#) > 0.0);
    assert_eq!(reqwest::get(format!("{}/metrics", node.url)).await.unwrap().status(), 404, "it is elsewhere");
    drop(socket);
    let ended = Metrics::once(&own, &operations("socket", "subscription", "cancelled"), 1.0).await;
    assert!(ended.value(listening) < 1.0);
    Metrics::until(&own, "the socket is gone", |metrics| metrics.value("natterjack_sockets") < 1.0).await;

    // A mistake of the server's, as one that has lost a table makes.
    let raw = backend.raw().await;
    raw.execute_unprepared("ALTER TABLE users RENAME TO lost").await.unwrap();
    raw.close().await.unwrap();
    let (_, response) = post(Some("pond-2"), "query Fails { user(by: { username: \"bob\" }) { id } }", json!({})).await;
    let error_id = response["errors"][0]["extensions"]["errorId"].as_str().unwrap_or_else(|| panic!("{response}"));

    let span = collector.span("mutation", "Croak").await;
    assert_eq!(
        span.trace_id,
        (0..16).map(|i| u8::from_str_radix(&TRACE[2 * i..2 * i + 2], 16).unwrap()).collect::<Vec<_>>()
    );
    assert_eq!(span.kind, SpanKind::Server as i32);
    let says = |key| text(&span.attributes, key);
    assert_eq!(says("request_id").as_deref(), Some("pond-1"));
    assert_eq!(says("graphql.operation.type").as_deref(), Some("mutation"));
    assert_eq!(says("graphql.outcome").as_deref(), Some("ok"));
    assert_eq!(says("graphql.document.hash").map(|hash| hash.len()), Some(64));
    let failed = collector.span("query", "Fails").await;
    assert_eq!(failed.status.unwrap().code, StatusCode::Error as i32);

    let everything = Metrics::of(&own).await;
    let error_id = error_id.to_owned();
    node.terminate().await;
    let lines = reading.join_next().await.unwrap().unwrap();
    let parsed: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let which = |is: &dyn Fn(&Value) -> bool| parsed.iter().find(|line| is(line)).cloned().expect("the line");
    let ended = |line: &Value| line["target"] == "natterjack::operation";
    let croaked = which(&|line| ended(line) && line["request_id"] == "pond-1");
    assert_eq!((&croaked["level"], &croaked["graphql.operation.name"]), (&json!("DEBUG"), &json!("Croak")));
    assert_eq!((&croaked["transport"], &croaked["outcome"]), (&json!("http"), &json!("ok")));
    assert!(croaked["duration_seconds"].as_f64().unwrap() > 0.0);
    let heard = which(&|line| ended(line) && line["graphql.operation.name"] == "Listen");
    assert_eq!((&heard["transport"], &heard["operation_id"]), (&json!("socket"), &json!("1")));
    let cause = which(&|line| line["error_id"] == *error_id);
    assert_eq!((&cause["request_id"], &cause["graphql.operation.name"]), (&json!("pond-2"), &json!("Fails")));
    let failed = which(&|line| ended(line) && line["request_id"] == "pond-2");
    assert_eq!((&failed["level"], &failed["error.type"]), (&json!("INFO"), &json!("INTERNAL")));

    let posted = collector.bytes();
    for secret in [SECRET, PASSWORD, &token, &ada.refresh_token] {
        let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!lines.iter().any(|line| holds(line.as_bytes())), "{secret} is in the log");
        assert!(!holds(&posted), "{secret} is in the traces");
        assert!(!holds(everything.text().as_bytes()), "{secret} is in the measures");
    }
}

#[tokio::test]
async fn what_subscribers_read_is_counted_and_the_dashboard_and_the_manual_know_each_measure() {
    const FILLING: usize = 60;
    const WAITING: usize = 80;
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    for number in 0..20 {
        ada.send(&conversation, &number.to_string()).await;
    }
    let after = |revision: usize| json!({ "after": [{ "conversationId": conversation, "revision": revision }] });
    let mut back = Socket::of(&bob).await;
    back.subscribe(EVENTS, after(5)).await;
    passed(&mut back, "Synced").await;
    let replayed = Metrics::of(&node.url).await;
    assert_eq!(replayed.value("natterjack_feed_replays_total"), 1.0);
    assert_eq!(replayed.value("natterjack_feed_replayed_changes_total"), 15.0);
    assert_eq!(replayed.value("natterjack_feed_topics"), 1.0);
    assert_eq!(replayed.value("natterjack_log_changes_total"), 20.0);

    // More than all queues on the way hold, and the subscriber takes nothing of it.
    let mut heavy = Socket::of(&bob).await;
    let texts = ('a'..='p').map(|alias| format!("{alias}: text")).collect::<Vec<_>>().join(" ");
    let of_all = format!(
        "subscription {{ events(only: [MESSAGE]) {{ ... on MessageAdded {{ revision message {{ {texts} }} }} }} }}"
    );
    heavy.subscribe(&of_all, json!({})).await;
    Metrics::once(&node.url, r#"natterjack_subscriptions{transport="socket"}"#, 2.0).await;
    drop(back);
    let text = "x".repeat(20_000);
    join_all((0..FILLING).map(|_| ada.send(&conversation, &text))).await;
    // Each of these is one thing that waits for it, of which 64 may.
    for _ in 0..WAITING {
        ada.send(&conversation, "brief").await;
    }
    for revision in 21..=20 + FILLING + WAITING {
        assert_eq!(heavy.next().await["events"]["revision"], revision);
    }
    assert!(Metrics::of(&node.url).await.value("natterjack_feed_queue_drops_total") >= 1.0);
    drop(heavy);

    let mut late = Socket::of(&bob).await;
    late.subscribe(EVENTS, after(1_000_000)).await;
    passed(&mut late, "ResyncNeeded").await;
    late.send(json!({ "type": "connection_init" })).await;
    assert_eq!(late.close_code().await, 4429);
    let closed = r#"natterjack_sockets_closed_total{by="server",code="4429"}"#;
    let metrics = Metrics::once(&node.url, closed, 1.0).await;
    assert_eq!(metrics.value("natterjack_feed_resyncs_total"), 1.0);
    assert!(metrics.value("natterjack_bus_published_total") >= 20.0);
    assert_eq!(metrics.value("natterjack_bus_connected"), 1.0);
    if cfg!(target_os = "linux") {
        assert!(metrics.value("process_resident_memory_bytes") > 1_000_000.0);
        assert!(metrics.value("process_open_fds") > 3.0);
    }

    let asked = named_in(DASHBOARD);
    assert!(asked.len() > 15, "{asked:?}");
    let unknown: Vec<_> = asked.difference(&metrics.names()).cloned().collect();
    assert_eq!(unknown, [] as [&str; 0], "the dashboard asks for what no node exports");
    let described = named_in(MANUAL);
    for measure in metrics.measures() {
        let is_described = ["", "_total", "_info"].iter().any(|end| described.contains(&format!("{measure}{end}")));
        assert!(is_described, "{measure} is not in docs/operations.md");
    }
}

/// The next event of that kind, whatever comes before.
async fn passed(socket: &mut Socket, kind: &str) -> Happening {
    loop {
        let event = next_event(socket).await;
        if event.kind() == kind {
            return event;
        }
    }
}

/// All that may be names of measures in a text.
fn named_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    let is_measure = |word: &&str| word.starts_with("natterjack_") || word.starts_with("process_");
    words.filter(is_measure).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_failed_start_is_a_line_of_the_log_where_a_program_reads_that() {
    let backend = Backend::sqlite().await.unwrap().with("NATTERJACK_LOG_FORMAT", "json");
    for (variable, value) in [("NATTERJACK_DATA_DIR", "/dev/null/data"), ("NATTERJACK_METRICS_LISTEN", "192.0.2.1:1")] {
        let mut command = backend.command("serve");
        let output = command.env_remove("NATTERJACK_JWT_SECRET").env(variable, value).output().await.unwrap();
        assert!(!output.status.success(), "{variable}");
        let said = String::from_utf8(output.stderr).unwrap();
        let line: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        assert_eq!(line["level"], "ERROR");
        assert!(line["error"].as_str().unwrap().contains(variable), "{said}");
    }
}
