//! How codes come to whom they are for: by the log, a real mail server and a real webhook in this process.

use super::codes::{email, login};
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Client;
use crate::support::mail::{MailServer, Reply};
use crate::support::receiver::{Fate, Receiver, SECRET};
use crate::support::socket::PATIENCE;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

on_every_backend! {
    a_code_stands_in_the_log
    a_code_comes_by_email
    a_code_comes_by_webhook_also_where_that_fails_at_first
}

const REQUEST: &str = "mutation($to: CodeRecipient!) { requestLoginCode(input: { to: $to }) {
    expiresAt code errors { code message field } } }";

fn number() -> Value {
    json!({ "mobileNumber": "+49 1512 3456789" })
}

async fn request(client: &Client, to: &Value) -> Value {
    client.field("requestLoginCode", REQUEST, json!({ "to": to })).await
}

/// The same, which goes well, and shows no code.
async fn requested(client: &Client, to: &Value) {
    let payload = request(client, to).await;
    assert_eq!((&payload["errors"], &payload["code"]), (&json!([]), &Value::Null), "{payload}");
}

/// The six digits that stand alone in the text.
fn code_in(text: &str) -> String {
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    words.find(|word| word.len() == 6).unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

fn by_webhook(backend: Backend, receiver: &Receiver) -> Backend {
    backend
        .with("NATTERJACK_CODE_WEBHOOK_URL", receiver.url.clone())
        .with("NATTERJACK_CODE_WEBHOOK_SECRET", SECRET)
        .with("NATTERJACK_CODE_DELIVERY", "webhook")
}

fn by_smtp(backend: Backend, server: &MailServer) -> Backend {
    backend
        .with("NATTERJACK_CODE_SMTP_URL", server.url.clone())
        .with("NATTERJACK_CODE_SENDER", "natterjack <no-reply@example.org>")
        .with("NATTERJACK_CODE_DELIVERY", "smtp")
}

async fn a_code_stands_in_the_log(backend: Backend) {
    let backend = backend.with("NATTERJACK_LOG", "info");
    let (node, mut log) = backend.logging_node().await;
    let client = Client::new(&node);
    for (to, shown) in [(email("ada@example.org"), "ada@example.org"), (number(), "+49 1512 3456789")] {
        requested(&client, &to).await;
        let line = log.line_with(shown, PATIENCE).await;
        let code = line.split("code=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert_eq!(login(&client, &to, code.unwrap_or_else(|| panic!("{line}"))).await["isNewAccount"], true);
    }
}

async fn a_code_comes_by_email(backend: Backend) {
    let mut server = MailServer::new(|n| if n == 1 { Reply::NotNow } else { Reply::Taken }).await;
    let backend = by_smtp(backend, &server);
    let node = backend.node().await;
    let client = Client::new(&node);
    requested(&client, &email("Ada@example.org")).await;
    let mail = server.taken(1).await.remove(0);
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("no-reply@example.org", &["Ada@example.org".to_owned()][..]));
    let (head, body) = mail.data.split_once("\r\n\r\n").unwrap();
    for line in ["From: natterjack <no-reply@example.org>", "To: Ada@example.org", "Subject: Your code to sign in"] {
        assert!(head.contains(line), "{head}");
    }
    assert_eq!(login(&client, &email("ada@example.org"), &code_in(body)).await["isNewAccount"], true);
    // No mail server comes to a number.
    let refused = request(&client, &number()).await;
    assert_eq!(refused["errors"][0]["code"], "INVALID_INPUT", "{refused}");
    assert_eq!(refused["errors"][0]["field"], json!(["input", "to", "mobileNumber"]));
}

async fn a_code_comes_by_webhook_also_where_that_fails_at_first(backend: Backend) {
    let mut receiver = Receiver::new(|n| if n == 1 { Fate::Failed } else { Fate::Taken }).await;
    let backend = by_webhook(backend, &receiver);
    let node = backend.node().await;
    let client = Client::new(&node);
    requested(&client, &number()).await;
    let taken = receiver.taken(1).await;
    assert_eq!(receiver.posts(), 2);
    let (id, (body, _)) = taken.first_key_value().unwrap();
    let code = body["code"].as_str().unwrap().to_owned();
    let expected = json!({
        "id": id, "kind": "LOGIN_CODE", "to": { "mobileNumber": "+4915123456789" }, "code": code,
        "text": body["text"], "expiresAt": body["expiresAt"],
    });
    assert_eq!(*body, expected);
    assert!(id.starts_with("cod_") && body["text"].as_str().unwrap().contains(&code) && body["expiresAt"].is_string());
    assert_eq!(login(&client, &number(), &code).await["isNewAccount"], true);

    requested(&client, &email("ada@example.org")).await;
    let taken = receiver.taken(2).await;
    let (body, _) = taken.values().find(|(body, _)| body["to"] == email("ada@example.org")).unwrap();
    assert_eq!(login(&client, &email("ada@example.org"), body["code"].as_str().unwrap()).await["isNewAccount"], true);
}

#[tokio::test]
async fn beside_a_mail_server_a_webhook_carries_to_numbers() {
    let mut server = MailServer::new(|_| Reply::Taken).await;
    let mut receiver = Receiver::new(|_| Fate::Taken).await;
    let backend = by_smtp(by_webhook(Backend::sqlite().await.unwrap(), &receiver), &server);
    let node = backend.node().await;
    let client = Client::new(&node);
    requested(&client, &number()).await;
    requested(&client, &email("ada@example.org")).await;
    assert_eq!(receiver.taken(1).await.values().next().unwrap().0["to"]["mobileNumber"], "+4915123456789");
    assert_eq!(server.taken(1).await[0].to, ["ada@example.org"]);
}

#[tokio::test]
async fn whom_a_mail_server_does_not_know_is_given_up_and_not_logged() {
    let mut server = MailServer::new(|_| Reply::Never).await;
    let backend = by_smtp(Backend::sqlite().await.unwrap(), &server);
    let (node, mut log) = backend.logging_node().await;
    requested(&Client::new(&node), &email("ada@example.org")).await;
    let line = log.line_with("a code could not be carried", PATIENCE).await;
    assert!(line.contains("attempts=1") && line.contains("nobody here"), "{line}");
    assert!(!line.contains("ada@example.org"), "{line}");
    server.tried(1).await;
    assert!(node.terminate().await);
    assert!(!log.rest().await.concat().contains("ada@example.org"));
}

#[tokio::test]
async fn nobody_waits_for_a_mail_server_that_says_nothing() {
    let mut server = MailServer::new(|_| Reply::Silence).await;
    let backend = by_smtp(Backend::sqlite().await.unwrap(), &server);
    let node = backend.node().await;
    // Less than it takes until the server is given up.
    let client = Client::new(&node).within(Duration::from_secs(4));
    for n in 0..20 {
        requested(&client, &email(&format!("ada{n}@example.org"))).await;
    }
    server.tried(8).await;
    let ended = timeout(Duration::from_secs(10), node.terminate()).await;
    assert!(ended.expect("it does not wait for it at its end either"));
}

#[tokio::test]
async fn a_delivery_that_cannot_be_stops_the_start() {
    const SMTP: (&str, &str) = ("NATTERJACK_CODE_DELIVERY", "smtp");
    const URL: (&str, &str) = ("NATTERJACK_CODE_SMTP_URL", "smtp://localhost:1");
    let backend = Backend::sqlite().await.unwrap();
    for (settings, named) in [
        (&[("NATTERJACK_CODE_DELIVERY", "echo"), ("NATTERJACK_LISTEN", "0.0.0.0:0")][..], "NATTERJACK_CODE_DELIVERY"),
        (&[SMTP], "NATTERJACK_CODE_SMTP_URL"),
        (&[SMTP, URL], "NATTERJACK_CODE_SENDER"),
        (&[SMTP, URL, ("NATTERJACK_CODE_SENDER", "ada")], "NATTERJACK_CODE_SENDER"),
        (
            &[
                SMTP,
                ("NATTERJACK_CODE_SMTP_URL", "smtp://mail.example.org"),
                ("NATTERJACK_CODE_SENDER", "a@example.org"),
            ],
            "NATTERJACK_CODE_SMTP_URL",
        ),
        (&[("NATTERJACK_CODE_DELIVERY", "webhook")], "NATTERJACK_CODE_WEBHOOK_URL"),
        (
            &[("NATTERJACK_CODE_DELIVERY", "webhook"), ("NATTERJACK_CODE_WEBHOOK_URL", "http://localhost:1/")],
            "NATTERJACK_CODE_WEBHOOK_SECRET",
        ),
    ] {
        let mut command = backend.command("serve");
        let output = timeout(PATIENCE, command.envs(settings.iter().copied()).output()).await.unwrap().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{settings:?}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(named), "{said}");
    }
    // For development it may be so, if one says that it is.
    let backend = backend
        .with("NATTERJACK_CODE_DELIVERY", "echo")
        .with("NATTERJACK_LISTEN", "0.0.0.0:0")
        .with("NATTERJACK_DEVELOPMENT", "on");
    let node = backend.node_at("0.0.0.0:0").await;
    assert!(request(&Client::new(&node), &number()).await["code"].is_string());
}
