//! Documents that are not sent but named, over every transport.

use crate::support::server::Server;
use crate::support::wire::{Wire, complete, next};
use natterjack::graphql::documents::{DocumentHash, DocumentLimits, Documents, Traffic};
use reqwest::Response;
use serde_json::{Value, json};
use url::Url;

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";

fn named(document: &str) -> Value {
    let hash = DocumentHash::of(document).to_string();
    json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } })
}

/// The same with the document itself.
fn whole(document: &str) -> Value {
    let mut request = named(document);
    request["query"] = document.into();
    request
}

async fn post(server: &Server, accept: &str, body: &Value) -> (u16, Value) {
    let request = reqwest::Client::new().post(server.url("/graphql")).header("accept", accept).json(body);
    read(request.send().await.unwrap()).await
}

async fn get(server: &Server, accept: &str, parameters: &Value) -> (u16, Value) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let parameters = parameters.as_object().unwrap().iter().map(|(name, value)| (name, text(value)));
    let address = Url::parse_with_params(&server.url("/graphql"), parameters).unwrap();
    read(reqwest::Client::new().get(address).header("accept", accept).send().await.unwrap()).await
}

async fn read(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

fn not_found() -> Value {
    let extensions = json!({ "code": "PERSISTED_QUERY_NOT_FOUND" });
    json!({ "errors": [{ "message": "PersistedQueryNotFound", "extensions": extensions }] })
}

#[tokio::test]
async fn a_document_that_was_sent_with_its_hash_is_known_by_it_on_every_transport() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    let (posted, got, said) = ("{ hello a: hello }", "{ hello b: hello }", "subscription { count(to: 1) }");
    for (accept, status) in [(JSON, 200), (GRAPHQL, 400)] {
        assert_eq!(post(&server, accept, &named(posted)).await, (status, not_found()));
        assert_eq!(get(&server, accept, &named(got)).await, (status, not_found()));
    }
    wire.say(json!({ "id": "1", "type": "subscribe", "payload": named(said) })).await;
    assert_eq!(wire.hear_error("1").await, not_found()["errors"]);

    let answered = |name: &str| (200, json!({ "data": { "hello": "world", name: "world" } }));
    assert_eq!(post(&server, JSON, &whole(posted)).await, answered("a"));
    assert_eq!(get(&server, JSON, &whole(got)).await, answered("b"));
    wire.say(json!({ "id": "1", "type": "subscribe", "payload": whole(said) })).await;
    wire.hears([next("1", "count", 1), complete("1")]).await;

    for accept in [JSON, GRAPHQL] {
        assert_eq!(post(&server, accept, &named(got)).await, answered("b"));
        assert_eq!(get(&server, accept, &named(posted)).await, answered("a"));
        let id = format!("sha256:{}", DocumentHash::of(posted));
        assert_eq!(post(&server, accept, &json!({ "documentId": id })).await, answered("a"));
        assert_eq!(get(&server, accept, &json!({ "documentId": id })).await, answered("a"));
    }
    wire.say(json!({ "id": "1", "type": "subscribe", "payload": named(said) })).await;
    wire.hears([next("1", "count", 1), complete("1")]).await;
    assert_eq!(server.state.documents.traffic(), Traffic { hits: 9, misses: 8 });
}

#[tokio::test]
async fn a_hash_of_another_document_is_refused_and_not_remembered() {
    let server = Server::start().await;
    let mut request = named("{ hello }");
    request["query"] = "{ who }".into();
    for (accept, status) in [(JSON, 200), (GRAPHQL, 400)] {
        let (found, answer) = post(&server, accept, &request).await;
        assert_eq!((found, &answer["errors"][0]["extensions"]["code"]), (status, &json!("INVALID_INPUT")), "{answer}");
    }
    assert_eq!(post(&server, JSON, &named("{ hello }")).await.1, not_found());
}

#[tokio::test]
async fn a_mutation_that_is_named_comes_by_post_too() {
    let server = Server::start().await;
    let touch = "mutation { touch }";
    assert_eq!(post(&server, JSON, &whole(touch)).await, (200, json!({ "data": { "touch": 1 } })));
    assert_eq!(get(&server, JSON, &named(touch)).await.0, 405);
    assert_eq!(post(&server, JSON, &named(touch)).await, (200, json!({ "data": { "touch": 2 } })));
}

#[tokio::test]
async fn where_some_documents_are_trusted_every_transport_refuses_others() {
    let server = Server::passing(|shape| {
        let trusted = [
            ("hello".to_owned(), "{ hello }".to_owned()),
            ("count".to_owned(), "subscription { count(to: 1) }".to_owned()),
        ];
        Documents::new(DocumentLimits::DEFAULT, shape).trusting(&trusted).ok().unwrap()
    })
    .await;
    let mut wire = Wire::ready(&server).await;
    let hello = (200, json!({ "data": { "hello": "world" } }));
    assert_eq!(post(&server, JSON, &json!({ "documentId": "hello" })).await, hello);
    assert_eq!(get(&server, JSON, &json!({ "documentId": "hello" })).await, hello);
    wire.say(json!({ "id": "1", "type": "subscribe", "payload": { "documentId": "count" } })).await;
    wire.hears([next("1", "count", 1), complete("1")]).await;
    for other in [json!({ "query": "{ who }" }), json!({ "documentId": "who" }), named("{ who }"), whole("{ who }")] {
        for answer in [post(&server, JSON, &other).await, get(&server, JSON, &other).await] {
            assert_eq!(answer.1["errors"][0]["extensions"]["code"], "QUERY_REFUSED", "{}", answer.1);
        }
        wire.say(json!({ "id": "1", "type": "subscribe", "payload": other })).await;
        assert_eq!(wire.hear_error("1").await[0]["extensions"]["code"], "QUERY_REFUSED");
    }
}

#[tokio::test]
async fn a_subscription_has_one_field_wherever_it_stands() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    for refused in [
        "subscription { count(to: 1) held }",
        "subscription { count(to: 1) ...f } fragment f on Events { held }",
        "subscription { __typename }",
        "subscription($b: Boolean = false) { count(to: 1) @skip(if: $b) }",
    ] {
        wire.subscribe("1", refused).await;
        assert_eq!(wire.hear_error("1").await[0]["extensions"]["code"], "QUERY_REFUSED", "{refused}");
    }
    for one in [
        "subscription { ...f } fragment f on Events { count(to: 1) }",
        "subscription { ... on Events { count(to: 1) } ... { ...f } } fragment f on Events { count(to: 1) }",
    ] {
        wire.subscribe("1", one).await;
        wire.hears([next("1", "count", 1), complete("1")]).await;
    }
}
