//! Choosing another password.

use super::codes::{echoing, email, logged_in};
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person, code_to};
use crate::support::socket::Socket;
use futures_util::future::join_all;
use serde_json::{Value, json};

on_every_backend! {
    another_password_ends_the_other_sessions_and_closes_their_sockets
    a_password_is_not_changed_without_the_current_one
    of_several_changes_at_once_one_is_made
    a_forgotten_password_is_replaced_by_a_code
    an_account_without_a_password_is_ended_by_a_code
}

const NEW: &str = "another horse battery";

/// A sign-in of that person's, on another device.
async fn sign_in(client: &Client, username: &str, password: &str) -> Value {
    let query = "mutation($input: LoginInput!) { login(input: $input) {
        viewer { id } tokens { accessToken refreshToken } errors { code } } }";
    let input = json!({ "input": { "password": { "login": username, "password": password } } });
    client.field("login", query, input).await
}

async fn on_another_device(person: &Person, username: &str) -> Person {
    let payload = sign_in(&person.client, username, PASSWORD).await;
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{payload}")).to_owned();
    Person {
        client: person.client.with_token(&text(&payload["tokens"]["accessToken"])),
        refresh_token: text(&payload["tokens"]["refreshToken"]),
        id: person.id.clone(),
    }
}

async fn another_password_ends_the_other_sessions_and_closes_their_sockets(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let elsewhere = on_another_device(&ada.at(&other), "ada").await;
    let bob = Person::register(&one, "bob").await;
    let (mut here, mut there, mut bobs) =
        (Socket::of(&ada).await, Socket::of(&elsewhere).await, Socket::of(&bob).await);
    ada.does("changePassword", json!({ "currentPassword": PASSWORD, "newPassword": NEW })).await;
    assert_eq!(there.close_code().await, 4403);
    assert_eq!(elsewhere.client.refusal("{ viewer { id } }", json!({})).await.0, "UNAUTHENTICATED");
    let refresh = "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) { errors { code } } }";
    for (person, errors) in [(&elsewhere, json!([{ "code": "WRONG_CREDENTIALS" }])), (&ada, json!([]))] {
        let payload = person.client.field("refreshSession", refresh, json!({ "token": person.refresh_token })).await;
        assert_eq!(payload["errors"], errors);
    }
    // The one by which it was done goes on, and so does everybody else.
    for socket in [&mut here, &mut bobs] {
        socket.subscribe("{ viewer { id } }", json!({})).await;
        assert!(socket.next().await["viewer"]["id"].is_string());
    }
    assert_eq!(sign_in(&ada.client, "ada", PASSWORD).await["errors"], json!([{ "code": "WRONG_CREDENTIALS" }]));
    assert_eq!(sign_in(&ada.client, "ada", NEW).await["errors"], json!([]));
}

async fn a_password_is_not_changed_without_the_current_one(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let elsewhere = on_another_device(&ada, "ada").await;
    for (input, refused) in [
        (
            json!({ "currentPassword": "wrong horse battery", "newPassword": NEW }),
            "WRONG_CREDENTIALS input.currentPassword",
        ),
        (json!({ "currentPassword": "x".repeat(300), "newPassword": NEW }), "WRONG_CREDENTIALS input.currentPassword"),
        (json!({ "newPassword": NEW }), "INVALID_INPUT input.currentPassword"),
        (json!({ "currentPassword": PASSWORD, "newPassword": "short" }), "INVALID_INPUT input.newPassword"),
        (json!({ "currentPassword": PASSWORD, "newPassword": "x".repeat(257) }), "INVALID_INPUT input.newPassword"),
        (json!({ "currentPassword": PASSWORD, "code": "123456", "newPassword": NEW }), "INVALID_INPUT input.code"),
    ] {
        assert_eq!(ada.is_refused("changePassword", input.clone()).await, refused, "{input}");
    }
    assert!(elsewhere.client.data("{ viewer { id } }", json!({})).await["viewer"]["id"].is_string());
    assert_eq!(sign_in(&ada.client, "ada", PASSWORD).await["errors"], json!([]));
    let nobody = "mutation { changePassword(input: { currentPassword: \"a\", newPassword: \"another horse\" }) {
        errors { code } } }";
    assert_eq!(Client::new(&node).refusal(nobody, json!({})).await.0, "UNAUTHENTICATED");
}

async fn of_several_changes_at_once_one_is_made(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let people = [ada.clone(), ada.at(&other)];
    let changes = (0..6).map(|n| {
        let input = json!({ "currentPassword": PASSWORD, "newPassword": format!("{NEW} {n}") });
        people[n % 2].mutate("changePassword", "", input)
    });
    let payloads = join_all(changes).await;
    let done: Vec<_> = (0..6).filter(|n| payloads[*n]["errors"] == json!([])).collect();
    assert_eq!(done.len(), 1, "{payloads:?}");
    assert_eq!(sign_in(&ada.client, "ada", &format!("{NEW} {}", done[0])).await["errors"], json!([]));
}

async fn a_forgotten_password_is_replaced_by_a_code(backend: Backend) {
    let backend = echoing(backend);
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let to = email("ada@example.org");
    let set = json!({ "to": to, "code": code_to(&ada.client, &to).await });
    ada.does("setContact", set).await;
    let elsewhere = on_another_device(&ada.at(&other), "ada").await;
    let mut there = Socket::of(&elsewhere).await;

    let code = code_to(&ada.client, &to).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let change = |code: &str, to: &str| json!({ "code": code, "newPassword": to });
    assert_eq!(ada.is_refused("changePassword", change(wrong, NEW)).await, "WRONG_CREDENTIALS input.code");
    // A password that may not be chosen spends no code.
    assert_eq!(ada.is_refused("changePassword", change(&code, "password1")).await, "INVALID_INPUT input.newPassword");
    ada.does("changePassword", change(&code, NEW)).await;
    assert_eq!(there.close_code().await, 4403);
    assert_eq!(ada.is_refused("changePassword", change(&code, PASSWORD)).await, "CODE_EXPIRED input.code");
    assert_eq!(sign_in(&ada.client, "ada", PASSWORD).await["errors"], json!([{ "code": "WRONG_CREDENTIALS" }]));
    assert_eq!(sign_in(&ada.client, "ada", NEW).await["errors"], json!([]));
    // A code that was sent to somebody else's.
    let bobs = email("bob@example.org");
    let code = code_to(&ada.client, &bobs).await;
    assert_eq!(ada.is_refused("changePassword", change(&code, PASSWORD)).await, "CODE_EXPIRED input.code");
}

async fn an_account_without_a_password_is_ended_by_a_code(backend: Backend) {
    let backend = echoing(backend);
    let node = backend.node().await;
    let client = Client::new(&node);
    let to = email("ada@example.org");
    let first = logged_in(&client, &to).await;
    let token = first["tokens"]["accessToken"].as_str().unwrap();
    let id = first["viewer"]["id"].as_str().unwrap().to_owned();
    let ada = Person { client: client.with_token(token), id, refresh_token: String::new() };
    assert_eq!(
        ada.is_refused("deleteAccount", json!({ "password": PASSWORD })).await,
        "WRONG_CREDENTIALS input.password"
    );
    let mut socket = Socket::of(&ada).await;
    let code = code_to(&client, &to).await;
    ada.does("deleteAccount", json!({ "code": code })).await;
    assert_eq!(socket.close_code().await, 4403);
    let anew = logged_in(&client, &to).await;
    assert_eq!(anew["isNewAccount"], true);
    assert_ne!(anew["viewer"]["id"], json!(ada.id));
}
