//! Registering and signing in.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person};
use serde_json::{Value, json};

on_every_backend! {
    one_registers_and_signs_in
    what_is_wrong_with_a_registration_is_told
    a_name_is_taken_whatever_its_case
    twenty_who_want_one_name_at_once_are_one_account
    wrong_credentials_are_all_alike
    a_token_that_does_not_count_is_refused_where_a_viewer_is_needed
}

const REGISTER: &str = "mutation($input: RegisterInput!) { register(input: $input) {
    viewer { id email user { username displayName avatarUrl createdAt stability } session { deviceName isCurrent } }
    tokens { accessToken tokenType expiresAt refreshToken refreshExpiresAt }
    isNewAccount errors { code message field } } }";

const LOGIN: &str = "mutation($login: String!, $password: String!) {
    login(input: { password: { login: $login, password: $password } }) {
        viewer { user { username } } isNewAccount errors { code message field } } }";

async fn register(client: &Client, input: Value) -> Value {
    client.field("register", REGISTER, json!({ "input": input })).await
}

async fn login(client: &Client, login: &str, password: &str) -> Value {
    client.field("login", LOGIN, json!({ "login": login, "password": password })).await
}

async fn one_registers_and_signs_in(backend: Backend) {
    let node = backend.node().await;
    let client = Client::new(&node);
    let input = json!({
        "username": "Ada", "email": "Ada@Example.org", "displayName": " Ada Lovelace ", "password": PASSWORD,
        "avatarUrl": "https://example.org/ada.png", "deviceName": "Analytical Engine",
    });
    assert_shown!("registered", register(&client, input).await);
    for name in ["ada", "ADA", "ada@example.org"] {
        let payload = login(&client, name, PASSWORD).await;
        assert_eq!(payload["viewer"]["user"]["username"], "Ada", "{payload}");
        assert_eq!(payload["isNewAccount"], false);
    }
}

async fn what_is_wrong_with_a_registration_is_told(backend: Backend) {
    let node = backend.node().await;
    let client = Client::new(&node);
    let mut told = Vec::new();
    for input in [
        json!({ "password": PASSWORD }),
        json!({ "username": "ada" }),
        json!({ "username": "a b", "password": PASSWORD }),
        json!({ "username": "ada", "password": "short" }),
        json!({ "username": "ada", "password": "x".repeat(257) }),
        json!({ "email": "nobody", "password": PASSWORD }),
        json!({ "username": "ada", "displayName": " ", "password": PASSWORD }),
        json!({ "username": "ada", "avatarUrl": "javascript:alert(1)", "password": PASSWORD }),
        json!({ "username": "ada", "deviceName": "x".repeat(101), "password": PASSWORD }),
    ] {
        let payload = register(&client, input.clone()).await;
        assert_eq!((&payload["viewer"], &payload["tokens"]), (&Value::Null, &Value::Null));
        told.push(payload["errors"].clone());
    }
    assert_shown!("wrong_registrations", told);
}

async fn a_name_is_taken_whatever_its_case(backend: Backend) {
    let node = backend.node().await;
    let client = Client::new(&node);
    register(&client, json!({ "username": "ada", "email": "ada@example.org", "password": PASSWORD })).await;
    let again = register(&client, json!({ "username": "ADA", "password": PASSWORD })).await;
    let email = register(&client, json!({ "email": "ADA@example.org", "password": PASSWORD })).await;
    assert_shown!("taken", [again["errors"].clone(), email["errors"].clone()]);
}

async fn twenty_who_want_one_name_at_once_are_one_account(backend: Backend) {
    let node = backend.node().await;
    let client = Client::new(&node);
    let all = (0..20).map(|_| register(&client, json!({ "username": "ada", "password": PASSWORD })));
    let payloads = futures_util::future::join_all(all).await;
    let made = payloads.iter().filter(|payload| payload["isNewAccount"] == true).count();
    let taken = payloads.iter().filter(|payload| payload["errors"][0]["code"] == "ALREADY_TAKEN").count();
    assert_eq!((made, taken), (1, 19));
}

async fn wrong_credentials_are_all_alike(backend: Backend) {
    let node = backend.node().await;
    Person::register(&node, "ada").await;
    let client = Client::new(&node);
    let wrong = login(&client, "ada", "wrong horse battery").await;
    assert_shown!("wrong_credentials", &wrong);
    for (name, password) in [("bob", PASSWORD), ("not a name", PASSWORD), ("ada", ""), ("ada", &"x".repeat(300))] {
        assert_eq!(login(&client, name, password).await, wrong, "{name} {password}");
    }
}

async fn a_token_that_does_not_count_is_refused_where_a_viewer_is_needed(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let nobody = Client::new(&node);
    assert_eq!(nobody.data("{ viewer { id } }", json!({})).await, json!({ "viewer": null }));
    assert_eq!(nobody.refusal("{ users(first: 1) { nodes { id } } }", json!({})).await.0, "UNAUTHENTICATED");

    let good = ada.client.token.clone().unwrap();
    let cut = good[..good.len() - 2].to_owned();
    for bad in ["", "nonsense", &cut, &format!("{good}x"), &ada.refresh_token] {
        let client = nobody.with_token(bad);
        assert_eq!(client.refusal("{ viewer { id } }", json!({})).await.0, "UNAUTHENTICATED", "{bad}");
        // What needs no viewer does not look at it.
        assert_eq!(client.data("{ server { name } }", json!({})).await["server"]["name"], "natterjack");
        assert_eq!(login(&client, "ada", PASSWORD).await["errors"], json!([]));
    }
}
