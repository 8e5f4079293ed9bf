//! One who asks for too much is told so in the form of each transport, and when to come again.

use crate::support::server::{Server, until};
use crate::support::wire::{PROTOCOL, Wire, complete, next};
use natterjack::domain::attempt::Allowance;
use natterjack::rate::{Each, RateSettings};
use reqwest::Client;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Error;

/// So many operations from one address, and one open thing of each kind.
fn few(requests: u32) -> RateSettings {
    let hourly = |burst| Allowance { burst, every: Duration::from_hours(1) };
    let plenty = hourly(1_000_000);
    RateSettings {
        requests: Each { viewer: plenty, address: hourly(requests) },
        sends: Each { viewer: plenty, address: plenty },
        look_ups: Each { viewer: plenty, address: plenty },
        sockets: Each { viewer: 1, address: 1 },
        subscriptions: Each { viewer: 1, address: 1 },
    }
}

/// The seconds to wait, where that is what is said.
#[track_caller]
fn wait_in(error: &Value) -> u64 {
    assert_eq!(error["extensions"]["code"], "RATE_LIMITED", "{error}");
    error["extensions"]["retryAfter"].as_u64().unwrap()
}

#[tokio::test]
async fn over_http_it_is_a_429_with_the_time_to_wait_in_both_forms_of_answer() {
    let server = Server::limited(few(1)).await;
    let (client, url) = (Client::new(), server.url("/graphql"));
    let post = |query: &str| client.post(&url).json(&json!({ "query": query }));
    assert_eq!(post("{ hello }").send().await.unwrap().status(), 200);
    let get = client.get(server.url("/graphql?query={hello}"));
    for request in [post("mutation { touch }"), post("{"), get] {
        for accept in ["application/json", "application/graphql-response+json"] {
            let request =
                request.try_clone().unwrap().header("accept", accept).header("origin", "https://page.example");
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 429);
            let headers = response.headers().clone();
            assert_eq!(headers["content-type"], format!("{accept}; charset=utf-8"));
            assert_eq!(headers["access-control-expose-headers"], "retry-after,x-request-id", "pages may read them too");
            let body: Value = response.json().await.unwrap();
            assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["errors"], "{body}");
            let wait = wait_in(&body["errors"][0]);
            assert!((3_500..=3_600).contains(&wait), "{wait}");
            assert_eq!(headers["retry-after"], wait.to_string().as_str());
        }
    }
    assert_eq!(server.traces.touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn on_a_socket_it_is_an_error_of_the_operation() {
    // The socket itself is one.
    let server = Server::limited(few(3)).await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "subscription { held }").await;
    wire.hears([next("1", "held", 0)]).await;
    wire.subscribe("2", "{ hello }").await;
    wire.hears([next("2", "hello", "world"), complete("2")]).await;
    for query in ["{ hello }", "subscription { count(to: 1) }", "{"] {
        wire.subscribe("3", query).await;
        wait_in(&wire.hear_error("3").await[0]);
    }
    let refused = Wire::ask(&server, &[PROTOCOL]).await.err().unwrap();
    let Error::Http(response) = refused else { panic!("{refused}") };
    assert_eq!(response.status(), 429);
    assert!(response.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
    wire.complete("1").await;
    until("what runs is still heard", || server.traces.held.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn an_open_subscription_and_a_socket_have_their_places_until_they_end() {
    let server = Server::limited(few(1_000)).await;
    let mut wire = Wire::ready(&server).await;
    let refused = Wire::ask(&server, &[PROTOCOL]).await.err().unwrap();
    assert!(matches!(&refused, Error::Http(response) if response.status() == 429), "{refused}");
    wire.subscribe("1", "subscription { held }").await;
    wire.hears([next("1", "held", 0)]).await;
    wire.subscribe("2", "subscription { count(to: 1) }").await;
    wait_in(&wire.hear_error("2").await[0]);
    wire.subscribe("2", "{ hello }").await;
    wire.hears([next("2", "hello", "world"), complete("2")]).await;
    wire.complete("1").await;
    until("it has ended", || server.traces.held.load(Ordering::SeqCst) == 0).await;
    for id in ["3", "4"] {
        wire.subscribe(id, "subscription { count(to: 1) }").await;
        wire.hears([next(id, "count", 1), complete(id)]).await;
    }
    drop(wire);
    server.lets_go().await;
    Wire::ready(&server).await;
}
