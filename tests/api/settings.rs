//! How the binary starts and stops.

use crate::support::backend::Backend;
use crate::support::client::{Client, Person};
use crate::support::socket::Socket;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use url::Url;

#[tokio::test]
async fn a_setting_that_makes_no_sense_stops_the_start_with_one_line_that_names_it() {
    let backend = Backend::sqlite().await.unwrap();
    for (variable, value) in [
        ("NATTERJACK_LISTEN", "nowhere"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("MONGODB_URL", "localhost"),
        ("NATS_URL", "http://localhost"),
        ("NATTERJACK_JWT_SECRET", "short"),
        ("NATTERJACK_ACCESS_TOKEN_TTL", "soon"),
        ("NATTERJACK_CORS_ORIGINS", "example.org"),
        ("NATTERJACK_GRAPHIQL", "perhaps"),
        ("NATTERJACK_WEB", "perhaps"),
        ("NATTERJACK_LOG", "info,=what"),
        ("NATTERJACK_DATA_DIR", "/dev/null/data"),
    ] {
        let mut command = backend.command("serve");
        if variable == "NATTERJACK_DATA_DIR" {
            command.env_remove("NATTERJACK_JWT_SECRET");
        }
        let output = command.env(variable, value).output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{variable}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(variable), "{said}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_waited_for_and_then_named() {
    let backend = Backend::sqlite().await.unwrap().with("NATTERJACK_STORE_WAIT", "7s");
    for (variable, url) in
        [("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"), ("MONGODB_URL", "mongodb://127.0.0.1:1/none")]
    {
        let output = backend.command("serve").env(variable, url).output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(said.contains("asked again shortly"), "{said}");
        assert!(said.lines().last().unwrap().contains(variable), "{said}");
    }
}

#[tokio::test]
async fn the_data_is_there_again_after_a_restart() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "before").await;
    assert!(node.terminate().await, "it ends well when it is asked to");
    let node = backend.node().await;
    let ada = ada.at(&node);
    let again = ada.send(&conversation, "after").await;
    assert_eq!(again["seq"], 2);
}

#[tokio::test]
async fn a_node_that_stops_tells_its_sockets_and_keeps_what_it_acknowledged() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let mut socket = Socket::of(&ada).await;
    let (ended, code) = tokio::join!(node.terminate(), socket.close_code());
    assert!(ended);
    assert_eq!(code, 1001);
}

#[tokio::test]
async fn migrate_prepares_the_database_and_ends() {
    let backend = Backend::sqlite().await.unwrap();
    for _ in 0..2 {
        let output = backend.command("migrate").output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test]
async fn health_and_the_pages_are_there() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let get = async |path: &str| reqwest::get(format!("{}{path}", node.url)).await.unwrap();
    assert_eq!(get("/health/live").await.status(), 200);
    let ready = get("/health/ready").await;
    assert_eq!(ready.status(), 200);
    assert!(ready.text().await.unwrap().contains("sqlite"));
    assert_eq!(get("/").await.status(), 200);
    assert_eq!(get("/graphiql").await.status(), 200);
    assert_eq!(get("/nowhere").await.status(), 404);
    assert_ne!(Client::new(&node).data("{ __schema { queryType { name } } }", json!({})).await, Value::Null);
}

#[tokio::test]
async fn introspection_can_be_switched_off() {
    let backend = Backend::sqlite().await.unwrap().with("NATTERJACK_INTROSPECTION", "off");
    let node = backend.node().await;
    let response = Client::new(&node).run("{ __schema { queryType { name } } }", json!({})).await;
    assert_eq!(response["data"]["__schema"], Value::Null, "{response}");
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_given_up_on_every_transport() {
    let Some(backend) = Backend::postgres().await else { return };
    let backend = backend.with("NATTERJACK_OPERATION_TIMEOUT", "1s");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut socket = Socket::of(&ada).await;
    let raw = backend.raw().await;
    let held = raw.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE conversations, members IN ACCESS EXCLUSIVE MODE").await.unwrap();

    let query = "query($id: ID!) { conversation(id: $id) { title } }";
    let variables = json!({ "id": conversation });
    let url = format!("{}/graphql", node.url);
    let get = reqwest::Client::new()
        .get(Url::parse_with_params(&url, [("query", query), ("variables", &variables.to_string())]).unwrap());
    let by_get =
        async { get.bearer_auth(ada.client.token.as_ref().unwrap()).send().await.unwrap().json().await.unwrap() };
    let on_socket = async {
        socket.subscribe(query, variables.clone()).await;
        json!({ "errors": socket.frame().await["payload"] })
    };
    let answers: (Value, Value, Value) = tokio::join!(ada.client.run(query, variables.clone()), by_get, on_socket);
    for answer in <[Value; 3]>::from(answers) {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("took too long"), "{answer}");
    }
    held.rollback().await.unwrap();
    assert_eq!(ada.client.data(query, variables).await["conversation"]["title"], "bob");
}
