//! GraphQL over HTTP.

use crate::support::PATIENCE;
use crate::support::gate::{AWAY, GOOD, STUCK};
use crate::support::server::{Server, until};
use natterjack::http::Origins;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    /// The message and the code of the one error, where there is nothing else.
    #[track_caller]
    fn refusal(&self) -> (u16, String, &str) {
        assert_eq!(self.body.as_object().unwrap().keys().collect::<Vec<_>>(), ["errors"], "{}", self.body);
        let [error] = self.body["errors"].as_array().unwrap().as_slice() else { panic!("{}", self.body) };
        (self.status, error["message"].as_str().unwrap().to_owned(), error["extensions"]["code"].as_str().unwrap())
    }
}

async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

impl Server {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        reqwest::Client::new().request(method, self.url(path))
    }

    fn post(&self, body: &Value) -> RequestBuilder {
        self.request(Method::POST, "/graphql").json(body)
    }

    async fn query(&self, query: &str) -> Answer {
        send(self.post(&json!({ "query": query }))).await
    }

    fn get(&self, parameters: &[(&str, &str)]) -> RequestBuilder {
        let url = Url::parse_with_params(&self.url("/graphql"), parameters).unwrap();
        reqwest::Client::new().get(url)
    }
}

#[tokio::test]
async fn a_query_is_answered() {
    let server = Server::start().await;
    let answer = server.query("{ hello }").await;
    assert_eq!((answer.status, answer.body), (200, json!({ "data": { "hello": "world" } })));
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
}

#[tokio::test]
async fn a_request_may_bear_all_that_the_specification_names() {
    let server = Server::start().await;
    let query = "query A($v: JSON!) { echo(value: $v) } query B { hello }";
    for variables in [json!({ "v": { "a": [1, "ä", null] } }), json!({ "v": 1.5 })] {
        let body = json!({ "query": query, "operationName": "A", "variables": variables, "extensions": { "a": 1 } });
        let answer = send(server.post(&body)).await;
        assert_eq!(answer.body, json!({ "data": { "echo": variables["v"] } }));
    }
    let nulls =
        json!({ "query": "{ hello }", "operationName": null, "variables": null, "extensions": null, "more": 1 });
    assert_eq!(send(server.post(&nulls)).await.status, 200);
    let variables = r#"{"v":{"a":1}}"#;
    let answer = send(server.get(&[("query", query), ("operationName", "A"), ("variables", variables)])).await;
    assert_eq!(answer.body, json!({ "data": { "echo": { "a": 1 } } }));
}

#[tokio::test]
async fn the_form_of_the_answer_is_the_clients_choice() {
    let server = Server::start().await;
    for (accept, form) in [(JSON, JSON), (GRAPHQL, GRAPHQL), ("*/*", JSON), ("text/html, */*;q=0.1", JSON)] {
        for request in [server.post(&json!({ "query": "{ hello }" })), server.get(&[("query", "{ hello }")])] {
            let answer = send(request.header("accept", accept)).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.headers["content-type"], format!("{form}; charset=utf-8"));
        }
    }
    let answer = send(server.post(&json!({ "query": "{ hello }" })).header("accept", "text/html")).await;
    assert_eq!((answer.refusal().0, answer.refusal().2), (406, "INVALID_INPUT"));
}

#[tokio::test]
async fn what_is_refused_before_it_runs_has_no_data() {
    let server = Server::start().await;
    let refused =
        ["{", "{ nothing }", "query($a: Int!) { hello }", "{ echo }", "query A { hello } query B { hello }", ""];
    for (accept, status) in [(JSON, 200), (GRAPHQL, 400)] {
        for query in refused {
            for request in [server.post(&json!({ "query": query })), server.get(&[("query", query)])] {
                let answer = send(request.header("accept", accept)).await;
                let (found, message, code) = answer.refusal();
                assert_eq!((found, code), (status, "QUERY_REFUSED"), "{query}: {message}");
            }
        }
    }
}

#[tokio::test]
async fn what_fails_while_it_runs_is_answered() {
    let server = Server::start().await;
    for accept in [JSON, GRAPHQL] {
        let post = |query: &str| send(server.post(&json!({ "query": query })).header("accept", accept));
        let failed = post("{ hello fails }").await;
        assert_eq!((failed.status, &failed.body["data"]), (200, &Value::Null));
        assert_eq!(failed.body["errors"][0]["path"], json!(["fails"]));
        let partial = post("{ hello mayFail }").await;
        assert_eq!((partial.status, &partial.body["data"]), (200, &json!({ "hello": "world", "mayFail": null })));
        assert_eq!(partial.body["errors"][0]["message"], "it has failed");
    }
}

#[tokio::test]
async fn only_json_in_utf8_is_taken() {
    let server = Server::start().await;
    let body = r#"{"query":"{ hello }"}"#;
    let post = |content_type: &'static str| {
        send(server.request(Method::POST, "/graphql").header("content-type", content_type).body(body))
    };
    for taken in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
        assert_eq!(post(taken).await.status, 200, "{taken}");
    }
    for refused in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/jsonp",
        "",
    ] {
        let answer = post(refused).await;
        assert_eq!((answer.refusal().0, answer.refusal().2), (415, "INVALID_INPUT"), "{refused}");
    }
    let unnamed = send(server.request(Method::POST, "/graphql").body(body)).await;
    assert_eq!(unnamed.refusal().0, 415);
}

#[tokio::test]
async fn what_is_no_request_of_graphql_is_refused() {
    let server = Server::start().await;
    for body in [
        "",
        "{",
        "null",
        "1",
        "{}",
        "[]",
        r#" [{"query":"{ hello }"}]"#,
        r#"["{ hello }",null,null,null]"#,
        r#"{"query":null}"#,
        r#"{"query":1}"#,
        r#"{"query":["{ hello }"]}"#,
        r#"{"query":"{ hello }","operationName":1}"#,
        r#"{"query":"{ hello }","variables":[1]}"#,
        r#"{"query":"{ hello }","variables":"{}"}"#,
        r#"{"query":"{ hello }","extensions":1}"#,
        r#"{"query":"{ hello }"}{}"#,
        "{\"query\":\"\\ud800\"}",
    ] {
        let request = server.request(Method::POST, "/graphql").header("content-type", JSON).body(body);
        for accept in [JSON, GRAPHQL] {
            let answer = send(request.try_clone().unwrap().header("accept", accept)).await;
            assert_eq!((answer.refusal().0, answer.refusal().2), (400, "INVALID_INPUT"), "{body}");
            assert_eq!(answer.headers["content-type"], format!("{accept}; charset=utf-8"));
        }
    }
    let invalid_utf8 = server.request(Method::POST, "/graphql").header("content-type", JSON);
    assert_eq!(send(invalid_utf8.body(b"{\"query\":\"\xff\"}".to_vec())).await.refusal().0, 400);
    for parameters in [
        &[][..],
        &[("operationName", "A")],
        &[("query", "{hello}"), ("variables", "{")],
        &[("query", "{hello}"), ("extensions", "[]")],
    ] {
        assert_eq!(send(server.get(parameters)).await.refusal().0, 400, "{parameters:?}");
    }
}

#[tokio::test]
async fn what_is_said_of_a_long_value_is_short() {
    let server = Server::start().await;
    let answer = send(server.post(&json!({ "query": "{ hello }", "variables": "x".repeat(100_000) }))).await;
    assert!(answer.refusal().1.len() < 300);
}

#[tokio::test]
async fn batches_are_refused_in_plain_words() {
    let server = Server::start().await;
    let (_, message, _) = send(server.post(&json!([{ "query": "{ hello }" }]))).await.refusal().clone();
    assert!(message.contains("batches"), "{message}");
}

#[tokio::test]
async fn a_batch_is_answered_in_its_order_where_it_may_come() {
    let server = Server::with(|settings| {
        settings.max_batch = 4;
        settings.run_limit = Duration::from_millis(300);
    })
    .await;
    let of = |queries: &[&str]| queries.iter().map(|query| json!({ "query": query })).collect::<Value>();
    for accept in [JSON, GRAPHQL] {
        let batch = of(&["{ hello }", "{", "subscription { held }", "{ fails }"]);
        let answer = send(server.post(&batch).header("accept", accept).bearer_auth(GOOD)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], format!("{accept}; charset=utf-8"));
        let codes = |n: usize| answer.body[n]["errors"][0]["extensions"]["code"].as_str();
        assert_eq!(answer.body[0], json!({ "data": { "hello": "world" } }));
        assert_eq!((codes(1), answer.body[1].get("data")), (Some("QUERY_REFUSED"), None));
        assert_eq!((codes(2), answer.body[2].get("data")), (Some("QUERY_REFUSED"), None));
        assert_eq!(answer.body[3]["data"], Value::Null);
        assert_eq!(answer.body.as_array().unwrap().len(), 4);
    }
    let answer = send(server.post(&of(&["mutation { touch }", "{ who }", "mutation { touch }"]))).await;
    let data = [json!({ "touch": 1 }), json!({ "who": "nobody" }), json!({ "touch": 2 })];
    assert_eq!(answer.body, json!(data.map(|data| json!({ "data": data }))));
    for (batch, code) in [(of(&["{ hello }"; 5]), "QUERY_REFUSED"), (json!([]), "INVALID_INPUT")] {
        let answer = send(server.post(&batch)).await;
        assert_eq!((answer.refusal().0, answer.refusal().2), (400, code));
    }
    for batch in [json!([1]), json!([[{ "query": "{ hello }" }]]), json!([{ "query": "{ hello }" }, null])] {
        assert_eq!(send(server.post(&batch)).await.refusal().0, 400, "{batch}");
    }
    // The time is that of one operation, not of one each.
    let began = Instant::now();
    let hanging = send(server.post(&of(&["{ hangs }", "{ hangs }", "{ hangs }", "{ hangs }"]))).await;
    assert!(began.elapsed() < Duration::from_millis(1_100), "{:?}", began.elapsed());
    for answer in hanging.body.as_array().unwrap() {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    }
}

#[tokio::test]
async fn nothing_is_changed_by_get() {
    let server = Server::start().await;
    let both = "query A { hello } mutation B { touch }";
    for parameters in [&[("query", "mutation { touch }")][..], &[("query", both), ("operationName", "B")]] {
        let answer = send(server.get(parameters)).await;
        let (status, _, code) = answer.refusal();
        assert_eq!((status, code), (405, "QUERY_REFUSED"));
        assert_eq!(answer.headers["allow"], "POST");
    }
    assert_eq!(server.traces.touched.load(Ordering::SeqCst), 0);
    let answer = send(server.get(&[("query", both), ("operationName", "A")])).await;
    assert_eq!(answer.body, json!({ "data": { "hello": "world" } }));
    assert_eq!(server.query("mutation { touch }").await.body, json!({ "data": { "touch": 1 } }));
}

#[tokio::test]
async fn subscriptions_are_sent_to_the_sockets() {
    let server = Server::start().await;
    let answer = server.query("subscription { count(to: 1) }").await;
    let (status, message, code) = answer.refusal();
    assert_eq!((status, code), (400, "QUERY_REFUSED"));
    assert!(message.contains("graphql-transport-ws"));
}

#[tokio::test]
async fn other_methods_and_paths_are_refused() {
    let server = Server::start().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = send(server.request(method, "/graphql")).await;
        assert_eq!(answer.refusal().0, 405);
        assert_eq!(answer.headers["allow"], "GET,HEAD,POST");
    }
    assert_eq!(send(server.request(Method::GET, "/elsewhere")).await.refusal().0, 404);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let server = Server::with(|settings| settings.max_body = 1_000).await;
    for length in [1_001, 3_000_000] {
        let long = format!(r#"{{"query":"{{hello}}"}}{}"#, " ".repeat(length - 19));
        let post = || server.request(Method::POST, "/graphql").header("content-type", JSON);
        let announced = send(post().body(long.clone())).await;
        let (status, message, code) = announced.refusal();
        assert_eq!((status, code), (413, "QUERY_REFUSED"));
        assert!(message.contains("1000 bytes"));
    }
    let short = format!(r#"{{"query":"{{hello}}"}}{}"#, " ".repeat(1_000 - 19));
    assert_eq!(
        send(server.request(Method::POST, "/graphql").header("content-type", JSON).body(short)).await.status,
        200
    );
}

#[tokio::test]
async fn who_calls_is_read_from_the_bearer_token() {
    let server = Server::with(|settings| settings.authentication_limit = Duration::from_millis(100)).await;
    let who = |authorization: Option<String>| {
        let request = server.post(&json!({ "query": "{ who hello }" }));
        let value = authorization.map(|value| HeaderValue::from_str(&value).unwrap());
        send(value.into_iter().fold(request, |request, value| request.header("authorization", value)))
    };
    for (authorization, name) in [
        (None, "nobody"),
        (Some(format!("Bearer {GOOD}")), "somebody"),
        (Some(format!("bearer {GOOD}")), "somebody"),
        (Some("Bearer other".to_owned()), "UNAUTHENTICATED"),
        (Some(format!("Basic {GOOD}")), "UNAUTHENTICATED"),
        (Some(GOOD.to_owned()), "UNAUTHENTICATED"),
        (Some(format!("Bearer {AWAY}")), "UNAVAILABLE"),
        (Some(format!("Bearer {STUCK}")), "UNAVAILABLE"),
    ] {
        let answer = who(authorization).await;
        assert_eq!(answer.body, json!({ "data": { "who": name, "hello": "world" } }));
    }
}

#[tokio::test]
async fn a_panic_is_one_internal_error() {
    let server = Server::start().await;
    for accept in [JSON, GRAPHQL] {
        let answer = send(server.post(&json!({ "query": "{ panics }" })).header("accept", accept)).await;
        let (status, message, code) = answer.refusal();
        assert_eq!((status, message.as_str(), code), (500, "internal error", "INTERNAL"));
        assert_eq!(answer.body["errors"][0]["extensions"]["errorId"].as_str().map(str::len), Some(16));
    }
    assert_eq!(server.query("{ hello }").await.status, 200);
}

#[tokio::test]
async fn an_operation_has_a_time_limit() {
    let server = Server::with(|settings| settings.run_limit = Duration::from_millis(100)).await;
    let answer = server.query("{ hangs }").await;
    assert_eq!((answer.refusal().0, answer.refusal().2), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn how_long_an_answer_keeps_is_said() {
    let server = Server::start().await;
    assert_eq!(server.query("{ fresh { number } }").await.headers["cache-control"], "max-age=60");
    let unknown =
        "/graphql?extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22ab%22%7D%7D";
    for path in ["/graphql?query=%7Bhello%7D", "/graphql", unknown] {
        let answer = send(server.request(Method::GET, path)).await;
        assert_eq!(answer.headers["cache-control"], "private, no-store", "{path}");
    }
}

/// What a browser is told that asks whether a page of `https://page.example` may post here.
async fn preflight(origins: Origins) -> HeaderMap {
    let server = Server::with(|settings| settings.origins = origins).await;
    let request = server
        .request(Method::OPTIONS, "/graphql")
        .header("origin", "https://page.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,x-more");
    send(request).await.headers
}

#[tokio::test]
async fn pages_of_other_origins_may_call_as_the_settings_say() {
    const ALLOWED: &str = "access-control-allow-origin";
    assert_eq!(preflight(Origins::Own).await.get(ALLOWED), None);
    assert_eq!(preflight(Origins::parse(&["https://other.example"]).unwrap()).await.get(ALLOWED), None);
    assert_eq!(preflight(Origins::Any).await[ALLOWED], "*");
    let listed = preflight(Origins::parse(&["https://page.example", "https://other.example"]).unwrap()).await;
    assert_eq!(listed[ALLOWED], "https://page.example");
    assert_eq!(listed["access-control-allow-headers"], "authorization,content-type,x-more");
    assert_eq!(listed["access-control-allow-methods"], "GET,POST");
    assert_eq!(listed.get("access-control-allow-credentials"), None);
    assert_eq!(listed["access-control-max-age"], "3600");
    assert_eq!(listed["allow"], "GET,HEAD,POST,OPTIONS");
}

#[tokio::test]
async fn pages_may_read_of_an_answer_what_clients_need() {
    let server = Server::with(|settings| settings.origins = Origins::parse(&["https://page.example"]).unwrap()).await;
    let values = |answer: &Answer, name: &str| -> Vec<String> {
        let values = answer.headers.get_all(name).iter().flat_map(|value| value.to_str().unwrap().split(','));
        values.map(|value| value.trim().to_owned()).collect()
    };
    for (origin, allowed) in [("https://page.example", Some("https://page.example")), ("https://other.example", None)] {
        for request in [server.post(&json!({ "query": "{ hello }" })), server.post(&json!({}))] {
            let answer = send(request.header("origin", origin)).await;
            let found = answer.headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap());
            assert_eq!(found, allowed, "{origin}");
            assert_eq!(values(&answer, "access-control-expose-headers"), ["retry-after", "x-request-id"]);
            let vary = values(&answer, "vary");
            assert!(vary.contains(&"origin".to_owned()) && vary.contains(&"accept".to_owned()), "{vary:?}");
        }
    }
}

#[tokio::test]
async fn a_head_says_what_a_get_would() {
    let server = Server::start().await;
    let url = Url::parse_with_params(&server.url("/graphql"), [("query", "{ hello }")]).unwrap();
    let answer = send(reqwest::Client::new().head(url)).await;
    assert_eq!((answer.status, answer.body), (200, json!("")));
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    let mutation = Url::parse_with_params(&server.url("/graphql"), [("query", "mutation { touch }")]).unwrap();
    assert_eq!(send(reqwest::Client::new().head(mutation)).await.status, 405);
    assert_eq!(server.traces.touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_address_is_encoded_as_it_should_be() {
    let server = Server::start().await;
    let get = async |query: &str| send(server.request(Method::GET, &format!("/graphql?{query}"))).await;
    for good in ["query=%7Bhello%7D", "query={hello}", "query=%7b+hello+%7d&more=%C3%A4", "a&query=%7Bhello%7D"] {
        assert_eq!(get(good).await.body, json!({ "data": { "hello": "world" } }), "{good}");
    }
    for bad in [
        "query=%7Bhello%7",
        "query=%7Bhello%zz",
        "query=%7Bhello%",
        "query=%ff%7Bhello%7D",
        "query=%7Bhello%7D&variables=%c3",
        "query=%7Bhello%7D&query=%7Bwho%7D",
        "query=%7Bhello%7D&variables=%7B%7D&variables=%7B%7D",
    ] {
        assert_eq!(get(bad).await.refusal().0, 400, "{bad}");
    }
}

/// What comes back for those bytes, until there is an answer.
async fn raw(server: &Server, bytes: &str) -> String {
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    connection.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = vec![0; 10_000];
    let length = timeout(PATIENCE, connection.read(&mut answer)).await.expect("an answer in time").unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

const HEAD: &str = "POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n";

#[tokio::test]
async fn a_body_that_does_not_say_how_long_it_is_has_the_same_limit() {
    let server = Server::with(|settings| settings.max_body = 1_000).await;
    let chunk = format!("64\r\n{}\r\n", " ".repeat(100));
    let long = format!("{HEAD}transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n", chunk.repeat(11));
    let answer = raw(&server, &long).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("1000 bytes"), "{answer}");
    let short = format!("{HEAD}transfer-encoding: chunked\r\n\r\n11\r\n{{\"query\":\"{{who}}\"}}\r\n0\r\n\r\n");
    let answer = raw(&server, &short).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn the_head_of_a_request_has_to_come_in_time() {
    let server = Server::with(|settings| settings.head_limit = Duration::from_millis(200)).await;
    for said in ["", "P", "POST /graphql HTTP/1.1\r\nhost: here\r\nx-slow: "] {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        connection.write_all(said.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, connection.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "it is closed after {said:?}");
    }
    // What takes long to answer is not concerned.
    let slow = server.url("/graphql?query={waits}");
    let slow = async { reqwest::get(slow).await.unwrap().status() };
    let resolved = async {
        until("it waits", || server.traces.waiting.load(Ordering::SeqCst) == 1).await;
        sleep(Duration::from_millis(500)).await;
        server.traces.resolve.notify_waiters();
    };
    let (status, ()) = tokio::join!(slow, resolved);
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_body_has_to_come_in_time() {
    let server = Server::with(|settings| settings.read_limit = Duration::from_millis(100)).await;
    let answer = raw(&server, &format!("{HEAD}content-length: 100\r\n\r\n{{")).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("QUERY_REFUSED"), "{answer}");
}
