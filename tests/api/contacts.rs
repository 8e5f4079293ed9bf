//! Whose an email or a mobile number is: whoever's who has proven it.

use super::codes::{by_password, echoing, email, logged_in, login, register};
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person, code_to};
use crate::support::socket::Socket;
use serde_json::{Value, json};

on_every_backend! {
    who_has_only_given_an_email_loses_it_with_all_that_was_set
    one_registers_though_another_has_only_given_the_email
    a_contact_is_set_by_the_code_that_was_sent_there
    a_contact_that_is_proven_is_nobody_elses_to_set
}

const SET: &str = "mutation($input: SetContactInput!) { setContact(input: $input) {
    viewer { email isEmailVerified mobileNumber isMobileNumberVerified } errors { code field } } }";

async fn set(client: &Client, to: &Value, code: &str) -> Value {
    client.field("setContact", SET, json!({ "input": { "to": to, "code": code } })).await
}

async fn viewer_of(client: &Client) -> Value {
    client.run("{ viewer { id } }", json!({})).await
}

fn signed_in(client: &Client, payload: &Value) -> Client {
    client.with_token(payload["tokens"]["accessToken"].as_str().unwrap())
}

async fn who_has_only_given_an_email_loses_it_with_all_that_was_set(backend: Backend) {
    let backend = echoing(backend);
    let (one, other) = (backend.node().await, backend.node().await);
    let client = Client::new(&one);
    let to = email("ada@example.org");
    for username in [None, Some("squatter")] {
        let given = if username.is_some() { "eve@example.org" } else { "ada@example.org" };
        let squatter = register(&client, json!({ "username": username, "email": given, "password": PASSWORD })).await;
        assert_eq!(by_password(&client, given, PASSWORD).await, squatter["viewer"]["id"], "until somebody proves it");
        let person = Person {
            client: signed_in(&Client::new(&other), &squatter),
            id: String::new(),
            refresh_token: String::new(),
        };
        let mut socket = Socket::of(&person).await;

        let to = email(given);
        let ada = login(&client, &to, &code_to(&client, &to).await).await;
        assert_eq!((&ada["isNewAccount"], &ada["viewer"]["isEmailVerified"]), (&json!(false), &json!(true)), "{ada}");
        assert_eq!(ada["viewer"]["id"], squatter["viewer"]["id"]);
        assert_eq!(socket.close_code().await, 4403);
        let refused = viewer_of(&person.client).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused}");
        for login in [given, username.unwrap_or(given)] {
            assert_eq!(by_password(&client, login, PASSWORD).await, "WRONG_CREDENTIALS", "{login}");
        }
        assert_eq!(viewer_of(&signed_in(&client, &ada)).await["data"]["viewer"]["id"], ada["viewer"]["id"]);
    }
    // What is proven is taken, also for those who only give it.
    let late = register(&client, json!({ "username": "late", "email": "ada@example.org", "password": PASSWORD })).await;
    assert_eq!(late["errors"][0]["code"], "ALREADY_TAKEN", "{late}");
    assert_eq!(late["errors"][0]["field"], json!(["input", "email"]));
    assert_eq!(logged_in(&client, &to).await["isNewAccount"], false);
}

async fn one_registers_though_another_has_only_given_the_email(backend: Backend) {
    let backend = echoing(backend);
    let node = backend.node().await;
    let client = Client::new(&node);
    let to = email("ada@example.org");
    let squatter = register(&client, json!({ "email": "ada@example.org", "password": PASSWORD })).await;
    let code = code_to(&client, &to).await;
    let ada = register(&client, json!({ "username": "ada", "email": "ada@example.org", "code": code })).await;
    assert_eq!((&ada["errors"], &ada["isNewAccount"]), (&json!([]), &json!(true)), "{ada}");
    assert_ne!(ada["viewer"]["id"], squatter["viewer"]["id"]);
    assert_eq!(by_password(&client, "ada@example.org", PASSWORD).await, "WRONG_CREDENTIALS");
    let refused = viewer_of(&signed_in(&client, &squatter)).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused}");
    assert_eq!(logged_in(&client, &to).await["viewer"]["id"], ada["viewer"]["id"]);
}

async fn a_contact_is_set_by_the_code_that_was_sent_there(backend: Backend) {
    let backend = echoing(backend);
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let (mail, number) = (email("Ada@example.org"), json!({ "mobileNumber": "+1 (650) 253-0000" }));
    let code = code_to(&ada.client, &mail).await;
    assert_eq!(
        Client::new(&node).refusal(SET, json!({ "input": { "to": mail, "code": code } })).await.0,
        "UNAUTHENTICATED"
    );
    let wrong = set(&ada.client, &mail, if code == "000000" { "000001" } else { "000000" }).await;
    assert_eq!(wrong["errors"], json!([{ "code": "WRONG_CREDENTIALS", "field": ["input", "code"] }]));
    let done = set(&ada.client, &mail, &code).await;
    assert_eq!((&done["errors"], &done["viewer"]["email"]), (&json!([]), &json!("Ada@example.org")), "{done}");
    let spent = set(&ada.client, &mail, &code).await;
    assert_eq!(spent["errors"], json!([{ "code": "CODE_EXPIRED", "field": ["input", "code"] }]));

    let code = code_to(&ada.client, &number).await;
    let done = set(&ada.client, &number, &code).await;
    let shown = json!({
        "email": "Ada@example.org", "isEmailVerified": true,
        "mobileNumber": "+1 650-253-0000", "isMobileNumberVerified": true,
    });
    assert_eq!(done, json!({ "viewer": shown, "errors": [] }));
    for login in ["ada@example.org", "+16502530000", "ada"] {
        assert_eq!(by_password(&ada.client, login, PASSWORD).await, json!(ada.id), "{login}");
    }
    // Proven, they are what she is found by; open to all who know them whole.
    let bob = Person::register(&node, "bob").await;
    let by = "query($by: UserLookup!) { user(by: $by) { id } }";
    for to in [&mail, &number] {
        assert_eq!(bob.client.field("user", by, json!({ "by": to })).await["id"], json!(ada.id), "{to}");
        let open = "mutation($with: UserLookup!) { openConversation(input: { with: $with }) {
            conversation { peer { id } } errors { code field } } }";
        let opened = bob.client.field("openConversation", open, json!({ "with": to })).await;
        assert_eq!(opened["conversation"]["peer"]["id"], json!(ada.id), "{opened}");
        let nobody =
            bob.client.field("openConversation", open, json!({ "with": { "email": "nobody@example.org" } })).await;
        assert_eq!(nobody["errors"], json!([{ "code": "NOT_FOUND", "field": ["input", "with", "email"] }]));
        let matching = "query($text: String) { users(matching: $text, first: 2) { nodes { id } } }";
        let text = to.as_object().unwrap().values().next().unwrap();
        let found = bob.client.field("users", matching, json!({ "text": text })).await;
        assert_eq!(found, json!({ "nodes": [{ "id": ada.id }] }));
    }
    // Another email takes the place of the first, which leads nowhere then.
    let (other, code) = (email("countess@example.org"), code_to(&ada.client, &email("countess@example.org")).await);
    assert_eq!(set(&ada.client, &other, &code).await["viewer"]["email"], "countess@example.org");
    assert_eq!(by_password(&ada.client, "ada@example.org", PASSWORD).await, "WRONG_CREDENTIALS");
    assert_eq!(logged_in(&Client::new(&node), &mail).await["isNewAccount"], true);
    // The username is not all that leads to the account any more.
    let update = "mutation { updateProfile(input: { username: null }) { errors { code } } }";
    assert_eq!(ada.client.field("updateProfile", update, json!({})).await["errors"], json!([]));
    assert_eq!(logged_in(&Client::new(&node), &number).await["viewer"]["id"], json!(ada.id));
}

async fn a_contact_that_is_proven_is_nobody_elses_to_set(backend: Backend) {
    let backend = echoing(backend);
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let to = email("ada@example.org");
    set(&ada.client, &to, &code_to(&ada.client, &to).await).await;
    let code = code_to(&bob.client, &to).await;
    let taken = set(&bob.client, &to, &code).await;
    assert_eq!(taken["errors"], json!([{ "code": "ALREADY_TAKEN", "field": ["input", "to", "email"] }]));
    let with_code = register(&bob.client, json!({ "username": "eve", "email": "ada@example.org", "code": code })).await;
    assert_eq!(with_code["errors"][0]["code"], "ALREADY_TAKEN");
    // Refused, it was not spent.
    assert_eq!(login(&bob.client, &to, &code).await["viewer"]["id"], json!(ada.id));
}
