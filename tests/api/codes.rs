//! Signing in and registering by one-time codes.

use crate::support::backend::{Backend, Node, on_every_backend};
use crate::support::client::{Client, PASSWORD, code_to};
use crate::support::dump;
use crate::support::socket::{Socket, data_of};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;

on_every_backend! {
    one_signs_in_by_code_on_whichever_node
    one_registers_with_a_code_and_signs_in_by_the_number
    a_code_is_refused_alike_whosoever_asks
    a_thousand_guesses_are_five_tries
    asking_for_a_code_tells_nothing_of_accounts
    what_is_no_contact_is_told
    the_database_holds_neither_the_code_nor_whither_it_went
}

const LOGIN: &str = "mutation($input: CodeLogin!) { login(input: { code: $input }) {
    viewer { id email isEmailVerified mobileNumber isMobileNumberVerified user { displayName username } session { deviceName } }
    tokens { accessToken } isNewAccount errors { code message field } } }";

const REGISTER: &str = "mutation($input: RegisterInput!) { register(input: $input) {
    viewer { id email isEmailVerified mobileNumber isMobileNumberVerified user { username } }
    tokens { accessToken } isNewAccount errors { code message field } } }";

/// Nodes that echo codes.
pub(super) fn echoing(backend: Backend) -> Backend {
    // Those who guess are to be stopped by the tries of a code alone.
    backend.with("NATTERJACK_CODE_DELIVERY", "echo").with("NATTERJACK_RATE_LIMITS", "off")
}

pub(super) fn email(text: &str) -> Value {
    json!({ "email": text })
}

fn number(text: &str) -> Value {
    json!({ "mobileNumber": text })
}

/// Signs in with that code.
pub(super) async fn login(client: &Client, to: &Value, code: &str) -> Value {
    let input = json!({ "to": to, "code": code, "deviceName": "A telephone" });
    client.field("login", LOGIN, json!({ "input": input })).await
}

/// The same with one that was just asked for, which goes well.
pub(super) async fn logged_in(client: &Client, to: &Value) -> Value {
    let payload = login(client, to, &code_to(client, to).await).await;
    assert_eq!(payload["errors"], json!([]), "{payload}");
    payload
}

pub(super) async fn register(client: &Client, input: Value) -> Value {
    client.field("register", REGISTER, json!({ "input": input })).await
}

/// Signs in by password, and says the username of whom, or the code of why not.
pub(super) async fn by_password(client: &Client, login: &str, password: &str) -> Value {
    let query = "mutation($login: String!, $password: String!) {
        login(input: { password: { login: $login, password: $password } }) { viewer { id } errors { code } } }";
    let payload = client.field("login", query, json!({ "login": login, "password": password })).await;
    payload["errors"].get(0).map_or_else(|| payload["viewer"]["id"].clone(), |error| error["code"].clone())
}

/// Another code than that, each of a million another.
fn other_code(code: &str, n: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1 + n) % 1_000_000)
}

async fn one_signs_in_by_code_on_whichever_node(backend: Backend) {
    let backend = echoing(backend);
    let nodes = [backend.node().await, backend.node().await];
    let [one, other] = nodes.each_ref().map(Client::new);
    for (to, shown) in [
        (email("Ada@Example.org"), json!(["Ada@Example.org", true, null, false])),
        (number("+49 (1512) 345-6789"), json!([null, false, "+49 1512 3456789", true])),
    ] {
        let code = code_to(&one, &to).await;
        let payload = login(&other, &to, &code).await;
        assert_eq!((&payload["isNewAccount"], &payload["errors"]), (&json!(true), &json!([])), "{payload}");
        let viewer = &payload["viewer"];
        let contacts =
            ["email", "isEmailVerified", "mobileNumber", "isMobileNumberVerified"].map(|field| &viewer[field]);
        assert_eq!(json!(contacts), shown);
        assert!(viewer["user"]["displayName"].as_str().unwrap().starts_with("Guest "));
        assert_eq!(viewer["session"]["deviceName"], "A telephone");

        let used = login(&one, &to, &code).await;
        assert_eq!(used["errors"][0]["code"], "CODE_EXPIRED", "{used}");
        assert_eq!(used["errors"][0]["field"], json!(["input", "code", "code"]));
        let again = logged_in(&one, &to).await;
        assert_eq!((&again["isNewAccount"], &again["viewer"]["id"]), (&json!(false), &viewer["id"]));
        // Both sign-ins stand.
        for payload in [&payload, &again] {
            let client = one.with_token(payload["tokens"]["accessToken"].as_str().unwrap());
            assert_eq!(client.field("viewer", "{ viewer { id } }", json!({})).await["id"], viewer["id"]);
        }
    }
    // The same number, however it is written.
    let code = code_to(&one, &number("4915123456789")).await;
    assert_eq!(login(&one, &number("+49 1512 3456789"), &code).await["isNewAccount"], false);
}

async fn one_registers_with_a_code_and_signs_in_by_the_number(backend: Backend) {
    let backend = echoing(backend);
    let node = backend.node().await;
    let client = Client::new(&node);
    let code = code_to(&client, &number("4915123456789")).await;
    let input = |code: &str| json!({ "username": "ada", "mobileNumber": "+4915123456789", "email": "ada@example.org", "password": PASSWORD, "code": code });
    let wrong = register(&client, input(&other_code(&code, 0))).await;
    assert_eq!(wrong["errors"][0]["code"], "WRONG_CREDENTIALS", "{wrong}");
    assert_eq!(wrong["errors"][0]["field"], json!(["input", "code"]));
    let ada = register(&client, input(&code)).await;
    assert_eq!((&ada["errors"], &ada["isNewAccount"]), (&json!([]), &json!(true)), "{ada}");
    assert_eq!(ada["viewer"]["isMobileNumberVerified"], true);
    assert_eq!(
        (&ada["viewer"]["email"], &ada["viewer"]["isEmailVerified"]),
        (&json!("ada@example.org"), &json!(false))
    );
    for login in ["4915123456789", "+49 (1512) 345-6789", "ada", "ADA@example.org"] {
        assert_eq!(by_password(&client, login, PASSWORD).await, ada["viewer"]["id"], "{login}");
        assert_eq!(by_password(&client, login, "wrong horse").await, "WRONG_CREDENTIALS", "{login}");
    }
    // Without a password and a name; the code may be the email's, though a number stands beside it.
    let code = code_to(&client, &email("bob@example.org")).await;
    let input = json!({ "mobileNumber": "4915123456780", "email": "bob@example.org", "code": code });
    let bob = register(&client, input).await;
    assert_eq!(bob["errors"], json!([]));
    assert_eq!(
        (&bob["viewer"]["isEmailVerified"], &bob["viewer"]["isMobileNumberVerified"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(by_password(&client, "bob@example.org", "").await, "WRONG_CREDENTIALS");
    // What is missing is told.
    for (input, field) in [
        (json!({ "mobileNumber": "4915123456781", "password": PASSWORD }), "code"),
        (json!({ "username": "eve", "mobileNumber": "4915123456781" }), "password"),
        (json!({ "username": "eve", "code": "123456" }), "mobileNumber"),
        (json!({ "username": "eve", "password": PASSWORD, "mobileNumber": "12" }), "mobileNumber"),
    ] {
        let refused = register(&client, input.clone()).await;
        assert_eq!(refused["errors"][0]["code"], "INVALID_INPUT", "{input}");
        assert_eq!(refused["errors"][0]["field"], json!(["input", field]), "{input}");
    }
}

async fn a_code_is_refused_alike_whosoever_asks(backend: Backend) {
    let backend = echoing(backend);
    let node = backend.node().await;
    let client = Client::new(&node);
    logged_in(&client, &email("ada@example.org")).await;
    let (known, unknown) = (email("ada@example.org"), email("nobody@example.org"));
    for code in ["000000", "nonsense", ""] {
        let never_sent = login(&client, &unknown, code).await;
        assert_eq!(login(&client, &known, code).await, never_sent, "{code}");
    }
    let codes = [code_to(&client, &known).await, code_to(&client, &unknown).await];
    let wrong = join_all([&known, &unknown].into_iter().zip(&codes).map(|(to, code)| {
        let (client, code) = (client.clone(), other_code(code, 0));
        async move { login(&client, to, &code).await }
    }))
    .await;
    assert_eq!(wrong[0], wrong[1]);
    assert_eq!(wrong[0]["errors"][0]["code"], "WRONG_CREDENTIALS");
    // A newer code takes the place of the older.
    let newer = code_to(&client, &known).await;
    if newer != codes[0] {
        assert_eq!(login(&client, &known, &codes[0]).await["errors"][0]["code"], "WRONG_CREDENTIALS");
    }
    assert_eq!(login(&client, &known, &newer).await["errors"], json!([]));
}

/// One document that guesses so often, by an alias each.
fn guesses(codes: &[String]) -> String {
    let mut document = String::from("mutation {");
    for (n, code) in codes.iter().enumerate() {
        // By both of the ways on which a code is asked for of one who is not signed in.
        if n % 2 == 0 {
            let input = format!(r#"{{ code: {{ to: {{ email: "ada@example.org" }}, code: "{code}" }} }}"#);
            write!(document, " a{n}: login(input: {input}) {{ errors {{ code }} }}").unwrap();
        } else {
            let input = format!(r#"{{ email: "ada@example.org", code: "{code}" }}"#);
            write!(document, " a{n}: register(input: {input}) {{ errors {{ code }} }}").unwrap();
        }
    }
    document.push('}');
    document
}

async fn a_thousand_guesses_are_five_tries(backend: Backend) {
    const A_DOCUMENT: usize = 50;
    let backend = echoing(backend);
    let nodes = [backend.node().await, backend.node().await];
    let client = Client::new(&nodes[0]);
    let code = code_to(&client, &email("ada@example.org")).await;
    let codes: Vec<_> = (0..1_000).map(|n| other_code(&code, n)).collect();
    let tries = codes.chunks(A_DOCUMENT).enumerate().map(|(n, codes)| {
        let (node, document) = (&nodes[n % 2], guesses(codes));
        async move { if n % 4 < 2 { over_http(node, &document).await } else { over_a_socket(node, &document).await } }
    });
    let mut answers: HashMap<String, usize> = HashMap::new();
    for data in join_all(tries).await {
        for payload in data.as_object().unwrap().values() {
            *answers.entry(payload["errors"][0]["code"].to_string()).or_default() += 1;
        }
    }
    let expected = [("\"WRONG_CREDENTIALS\"".to_owned(), 5), ("\"CODE_EXPIRED\"".to_owned(), 995)];
    assert_eq!(answers, expected.into());
    let late = login(&client, &email("ada@example.org"), &code).await;
    assert_eq!(late["errors"][0]["code"], "CODE_EXPIRED", "the right one comes too late");
}

async fn over_http(node: &Node, document: &str) -> Value {
    Client::new(node).data(document, json!({})).await
}

async fn over_a_socket(node: &Node, document: &str) -> Value {
    let mut socket = Socket::open(&Client::new(node)).await;
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.frame().await["type"], "connection_ack");
    socket.subscribe(document, json!({})).await;
    data_of(socket.frame().await)
}

async fn asking_for_a_code_tells_nothing_of_accounts(backend: Backend) {
    let node = backend.node().await;
    let client = Client::new(&node);
    register(&client, json!({ "username": "ada", "email": "ada@example.org", "password": PASSWORD })).await;
    let query =
        "mutation($to: CodeRecipient!) { requestLoginCode(input: { to: $to }) { expiresAt code errors { code } } }";
    for to in [email("ada@example.org"), email("nobody@example.org"), number("4915123456789")] {
        let mut payload = client.field("requestLoginCode", query, json!({ "to": to })).await;
        assert!(payload["expiresAt"].take().is_string());
        assert_eq!(payload, json!({ "expiresAt": null, "code": null, "errors": [] }), "only an echo gives the code");
    }
}

async fn what_is_no_contact_is_told(backend: Backend) {
    let backend = echoing(backend);
    let node = backend.node().await;
    let client = Client::new(&node);
    let query = "mutation($to: CodeRecipient!) { requestLoginCode(input: { to: $to }) { code errors { code field } } }";
    for (to, field) in [
        (number("123456789"), "mobileNumber"),
        (number("1234567890123456"), "mobileNumber"),
        (number("+49 1512 x"), "mobileNumber"),
        (email("ada"), "email"),
    ] {
        let told = json!({ "code": null, "errors": [{ "code": "INVALID_INPUT", "field": ["input", "to", field] }] });
        assert_eq!(client.field("requestLoginCode", query, json!({ "to": to })).await, told, "{to}");
        let refused = login(&client, &to, "123456").await;
        assert_eq!(refused["errors"][0]["field"], json!(["input", "code", "to", field]), "{to}");
    }
}

async fn the_database_holds_neither_the_code_nor_whither_it_went(backend: Backend) {
    let backend = echoing(backend);
    let node = backend.node().await;
    let client = Client::new(&node);
    let code = code_to(&client, &email("ada@example.org")).await;
    code_to(&client, &number("4915123456789")).await;
    let rows = dump::rows(&backend.database_url()).await;
    assert!(rows.contains("codes "), "two codes are there");
    for secret in [code.as_str(), "ada@example.org", "4915123456789"] {
        assert!(!rows.contains(secret), "{secret}");
    }
}
