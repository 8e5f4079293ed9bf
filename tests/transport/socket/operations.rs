//! Operations on a socket.

use crate::support::server::{Server, until};
use crate::support::wire::{Wire, complete, next};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

#[tokio::test]
async fn queries_mutations_and_subscriptions_run_alike() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("q", "{ hello }").await;
    wire.hears([next("q", "hello", "world"), complete("q")]).await;
    wire.subscribe("m", "mutation { touch }").await;
    wire.hears([next("m", "touch", 1), complete("m")]).await;
    wire.subscribe("s", "subscription { count(to: 3) }").await;
    wire.hears([next("s", "count", 1), next("s", "count", 2), next("s", "count", 3), complete("s")]).await;
    wire.subscribe("e", "subscription { count(to: 0) }").await;
    wire.hears([complete("e")]).await;
}

#[tokio::test]
async fn variables_and_names_are_understood() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    let payload = json!({
        "query": "query A { hello } query B($v: JSON!) { echo(value: $v) }",
        "operationName": "B",
        "variables": { "v": { "a": [1, 2.5, "ä"] } },
    });
    wire.say(json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
    wire.hears([next("1", "echo", json!({ "a": [1, 2.5, "ä"] })), complete("1")]).await;
    let payload = json!({ "query": "{ hello }", "operationName": null, "variables": null, "extensions": null });
    wire.say(json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
    wire.hears([next("1", "hello", "world"), complete("1")]).await;
}

#[tokio::test]
async fn what_fails_before_its_first_result_is_an_error() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    for (query, message) in [
        ("{", "expected"),
        ("{ nothing }", "nothing"),
        ("subscription { nothing }", "nothing"),
        ("query A { hello } query B { hello }", "Operation name required"),
        ("subscription { refused }", "it is refused"),
    ] {
        wire.subscribe("1", query).await;
        let errors = wire.hear_error("1").await;
        assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
        assert!(errors[0]["message"].as_str().unwrap().contains(message), "{errors}");
    }
    wire.subscribe("1", "{").await;
    assert_eq!(wire.hear_error("1").await[0]["extensions"]["code"], "QUERY_REFUSED");
    // Nothing follows, and the id is free.
    wire.is_quiet().await;
}

#[tokio::test]
async fn all_errors_of_a_refusal_are_told() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "{ one two }").await;
    assert_eq!(wire.hear_error("1").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_fails_while_it_runs_is_a_result() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "{ fails }").await;
    let result = wire.hear().await;
    assert_eq!((&result["type"], &result["payload"]["data"]), (&json!("next"), &Value::Null));
    assert_eq!(result["payload"]["errors"][0]["path"], json!(["fails"]));
    wire.hears([complete("1")]).await;
}

#[tokio::test]
async fn an_event_that_fails_does_not_end_its_subscription() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "subscription { limps }").await;
    let failed = wire.hear().await;
    assert_eq!(
        (&failed["type"], &failed["payload"]["errors"][0]["message"]),
        (&json!("next"), &json!("it has failed"))
    );
    wire.hears([next("1", "limps", 2)]).await;
    wire.is_quiet().await;
}

#[tokio::test]
async fn a_panic_ends_its_own_operation_alone() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("held", "subscription { held }").await;
    wire.hears([next("held", "held", 0)]).await;
    wire.subscribe("1", "{ panics }").await;
    let is_internal = |errors: Value| {
        let [error] = errors.as_array().unwrap().as_slice() else { panic!("{errors}") };
        let id = error["extensions"]["errorId"].as_str().expect("by which the log tells it");
        let told = json!({ "message": "internal error", "extensions": { "code": "INTERNAL", "errorId": id } });
        assert_eq!(*error, told);
    };
    is_internal(wire.hear_error("1").await);
    wire.subscribe("1", "subscription { panics }").await;
    wire.hears([next("1", "panics", 1)]).await;
    is_internal(wire.hear_error("1").await);
    assert_eq!(server.traces.held.load(Ordering::SeqCst), 1);
    wire.subscribe("1", "{ hello }").await;
    wire.hears([next("1", "hello", "world"), complete("1")]).await;
}

#[tokio::test]
async fn an_operation_that_the_client_completes_ends_without_an_echo() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "subscription { held }").await;
    wire.hears([next("1", "held", 0)]).await;
    wire.complete("1").await;
    until("the operation has ended", || server.traces.held.load(Ordering::SeqCst) == 0).await;
    wire.is_quiet().await;
}

#[tokio::test]
async fn the_result_of_what_was_completed_does_not_come() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "{ waits }").await;
    until("it waits", || server.traces.waiting.load(Ordering::SeqCst) == 1).await;
    wire.complete("1").await;
    wire.subscribe("2", "{ hello }").await;
    wire.hears([next("2", "hello", "world"), complete("2")]).await;
    server.traces.resolve.notify_waiters();
    wire.is_quiet().await;
    wire.subscribe("1", "{ waits }").await;
    until("it waits", || server.traces.waiting.load(Ordering::SeqCst) == 2).await;
    server.traces.resolve.notify_waiters();
    wire.hears([next("1", "waits", true), complete("1")]).await;
}

#[tokio::test]
async fn an_id_is_free_at_once_and_its_old_results_are_not_taken_for_new_ones() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    for round in 0..50 {
        wire.subscribe("1", "subscription { flood(length: 10) }").await;
        assert_eq!(wire.hear().await["payload"]["data"]["flood"], "xxxxxxxxxx", "round {round}");
        wire.complete("1").await;
        wire.subscribe("1", "{ hello }").await;
        let mut last = wire.hear().await;
        while last["payload"]["data"].get("flood").is_some() {
            last = wire.hear().await;
        }
        assert_eq!(last, next("1", "hello", "world"));
        // From here on the old ones would be mistaken.
        wire.hears([complete("1")]).await;
    }
}

#[tokio::test]
async fn completing_what_is_not_there_is_no_mistake() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.complete("1").await;
    wire.subscribe("1", "{ hello }").await;
    wire.hears([next("1", "hello", "world"), complete("1")]).await;
    wire.complete("1").await;
    wire.is_quiet().await;
}

#[tokio::test]
async fn operations_run_side_by_side() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("slow", "{ hangs }").await;
    wire.subscribe("held", "subscription { held }").await;
    wire.hears([next("held", "held", 0)]).await;
    wire.subscribe("1", "{ hello }").await;
    wire.hears([next("1", "hello", "world"), complete("1")]).await;
}

#[tokio::test]
async fn queries_and_mutations_have_a_time_limit_and_subscriptions_have_none() {
    let server = Server::with(|settings| settings.run_limit = Duration::from_millis(200)).await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("held", "subscription { held }").await;
    wire.hears([next("held", "held", 0)]).await;
    wire.subscribe("1", "{ hangs }").await;
    assert_eq!(wire.hear_error("1").await[0]["extensions"]["code"], "UNAVAILABLE");
    wire.is_quiet().await;
    assert_eq!(server.traces.held.load(Ordering::SeqCst), 1);
}
