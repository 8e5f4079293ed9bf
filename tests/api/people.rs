//! Looking people up.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person};
use serde_json::{Value, json};

on_every_backend! {
    one_person_is_found_by_id_and_by_username
    people_come_in_pages_by_name_without_the_viewer
    a_page_that_cannot_be_is_refused
}

const USERS: &str = "query($matching: String, $first: Int, $after: String, $last: Int, $before: String) {
    users(matching: $matching, first: $first, after: $after, last: $last, before: $before) {
        nodes { displayName } edges { cursor node { displayName } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn names(connection: &Value) -> Vec<&str> {
    connection["nodes"].as_array().unwrap().iter().map(|node| node["displayName"].as_str().unwrap()).collect()
}

async fn register_as(client: &Client, username: &str, name: &str) {
    let query = "mutation($input: RegisterInput!) { register(input: $input) { errors { message } } }";
    let input = json!({ "username": username, "displayName": name, "password": PASSWORD });
    let payload = client.field("register", query, json!({ "input": input })).await;
    assert_eq!(payload["errors"], json!([]));
}

async fn one_person_is_found_by_id_and_by_username(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "Bob").await);
    let query =
        "query($by: UserLookup!) { user(by: $by) { id username displayName createdAt directConversation { id } } }";
    let by_id = ada.client.field("user", query, json!({ "by": { "id": bob.id } })).await;
    assert_shown!("one_person", &by_id);
    assert_eq!(ada.client.field("user", query, json!({ "by": { "username": "bOB" } })).await, by_id);
    for by in [
        json!({ "username": "nobody" }),
        json!({ "username": "not a name" }),
        json!({ "id": "nonsense" }),
        json!({ "id": "" }),
    ] {
        assert_eq!(ada.client.field("user", query, json!({ "by": by })).await, Value::Null, "{by}");
    }
    let conversation = ada.open(&bob).await;
    let found = ada.client.field("user", query, json!({ "by": { "id": bob.id } })).await;
    assert_eq!(found["directConversation"]["id"], json!(conversation));
}

async fn people_come_in_pages_by_name_without_the_viewer(backend: Backend) {
    let node = backend.node().await;
    let viewer = Person::register(&node, "viewer").await;
    for (username, name) in
        [("z1", "Émile"), ("z22", "emil"), ("z333", "Zoë 100%"), ("z4444", "Ada"), ("z55555", "bob_")]
    {
        register_as(&Client::new(&node), &format!("u.{username}"), name).await;
    }
    let page = async |variables: Value| viewer.client.field("users", USERS, variables).await;
    assert_eq!(names(&page(json!({ "first": 10 })).await), ["Ada", "bob_", "emil", "Émile", "Zoë 100%"]);

    let first = page(json!({ "first": 2 })).await;
    assert_eq!(names(&first), ["Ada", "bob_"]);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let second = page(json!({ "first": 2, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(names(&second), ["emil", "Émile"]);
    let back = page(json!({ "last": 1, "before": second["pageInfo"]["startCursor"] })).await;
    assert_eq!(names(&back), ["bob_"]);
    assert_eq!(back["pageInfo"]["hasPreviousPage"], true);

    for (matching, found) in [
        ("EMIL", &["emil", "Émile"][..]),
        ("zoe", &["Zoë 100%"]),
        ("%", &["Zoë 100%"]),
        ("_", &["bob_"]),
        ("\\", &[]),
        ("u.z4", &["Ada"]),
        ("viewer", &[]),
    ] {
        assert_eq!(names(&page(json!({ "matching": matching, "first": 10 })).await), found, "{matching}");
    }
}

async fn a_page_that_cannot_be_is_refused(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    for (variables, field) in [
        (json!({}), "first"),
        (json!({ "first": 1, "last": 1 }), "last"),
        (json!({ "first": -1 }), "first"),
        (json!({ "last": 101 }), "last"),
        (json!({ "first": 1, "after": "nonsense" }), "after"),
        (json!({ "last": 1, "before": "c2VxOjE" }), "before"),
        (json!({ "first": 1, "matching": "x".repeat(101) }), "matching"),
    ] {
        let refusal = ada.client.refusal(USERS, variables.clone()).await;
        assert_eq!(refusal, ("INVALID_INPUT".to_owned(), json!([field])), "{variables}");
    }
    assert_eq!(names(&ada.client.field("users", USERS, json!({ "first": 0 })).await), [""; 0]);
}
