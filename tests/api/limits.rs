//! Limits on guessing: every attempt counts, in whatever it comes, and no stranger locks anybody out.

use crate::support::backend::{Backend, Node, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person};
use crate::support::socket::{PATIENCE, Socket};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use tokio::time::{Instant, timeout};

on_every_backend! {
    guesses_count_one_by_one_by_way_of_aliases_sockets_and_two_nodes
    a_limit_outlives_the_node_and_is_told_with_how_long_to_wait
    who_is_right_pays_nothing
    a_stranger_locks_nobody_out_who_was_there_before
    an_account_that_is_not_there_is_limited_as_one_that_is
    many_accounts_are_not_guessed_at_from_one_address
    an_address_is_believed_of_trusted_proxies_alone
    codes_are_asked_for_and_tried_so_often_and_no_more
    who_is_signed_in_guesses_the_password_no_faster
    accounts_are_made_so_fast_and_no_faster_from_one_address
    limits_can_be_switched_off
}

/// At once: for one account from one address, for one account from everywhere, for all accounts from one address.
const FROM_ADDRESS: usize = 10;
const FROM_EVERYWHERE: usize = 50;
const BY_ADDRESS: usize = 100;
/// Accounts from one address.
const REGISTRATIONS: usize = 20;

fn limited(backend: Backend) -> Backend {
    backend.with("NATTERJACK_RATE_LIMITS", "on")
}

/// The same behind a proxy, which says whence each request comes.
fn proxied(backend: Backend) -> Backend {
    limited(backend).with("NATTERJACK_TRUSTED_PROXIES", "127.0.0.0/8,::1")
}

/// One document with that many wrong passwords for these logins, in turn.
fn guesses(logins: &[&str], count: usize) -> String {
    let mut document = "mutation {".to_owned();
    for (n, login) in (0..count).zip(logins.iter().cycle()) {
        let password = format!("wrong horse {n}");
        write!(document, r#" g{n}: login(input: {{ password: {{ login: "{login}", password: "{password}" }} }})"#)
            .unwrap();
        document.push_str(" { errors { code } }");
    }
    document + " }"
}

/// Asserts that as many were let through as there are at once, and those that have come meanwhile, one after each span.
fn assert_through(through: usize, burst: usize, every: Duration, begun: Instant) {
    let meanwhile = usize::try_from(begun.elapsed().as_secs() / every.as_secs()).unwrap();
    assert!((burst..=burst + meanwhile).contains(&through), "{through} in place of {burst} and {meanwhile}");
}

/// What became of guesses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    wrong: usize,
    limited: usize,
}

fn told(response: &Value) -> Told {
    let payloads = response["data"].as_object().unwrap_or_else(|| panic!("{response}")).values();
    let wrong = payloads.filter(|payload| payload["errors"][0]["code"] == "WRONG_CREDENTIALS").count();
    let errors = response["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let is_limited = |error: &&Value| {
        let wait = error["extensions"]["retryAfter"].as_u64();
        error["extensions"]["code"] == "RATE_LIMITED" && wait.is_some_and(|wait| (1..=180).contains(&wait))
    };
    Told { wrong, limited: errors.iter().filter(is_limited).count() }
}

async fn guess(client: &Client, logins: &[&str], count: usize) -> Told {
    told(&client.run(&guesses(logins, count), json!({})).await)
}

async fn login(client: &Client, login: &str, password: &str) -> Value {
    let query = "mutation($login: String!, $password: String!) {
        login(input: { password: { login: $login, password: $password } }) { viewer { id } errors { code } } }";
    client.run(query, json!({ "login": login, "password": password })).await
}

fn is_in(response: &Value) -> bool {
    response["data"]["login"]["viewer"]["id"].is_string()
}

/// Whether the answer is that it was tried too often, and how long to wait, in seconds.
fn wait_of(response: &Value) -> Option<u64> {
    let extensions = &response["errors"][0]["extensions"];
    (extensions["code"] == "RATE_LIMITED").then(|| extensions["retryAfter"].as_u64().unwrap())
}

async fn guess_by_socket(client: &Client, count: usize) -> Told {
    let mut socket = Socket::open(client).await;
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.frame().await["type"], "connection_ack");
    // Each an operation of its own, all at once.
    for _ in 0..count / 5 {
        socket.subscribe(&guesses(&["ada"], 5), json!({})).await;
    }
    let mut all = Told::default();
    while all.wrong + all.limited < count {
        let frame = timeout(PATIENCE, socket.hear()).await.expect("an answer in time").unwrap();
        if frame["type"] == "next" {
            let Told { wrong, limited } = told(&frame["payload"]);
            all = Told { wrong: all.wrong + wrong, limited: all.limited + limited };
        }
    }
    all
}

async fn guesses_count_one_by_one_by_way_of_aliases_sockets_and_two_nodes(backend: Backend) {
    let backend = limited(backend);
    let nodes = [backend.node().await, backend.node().await];
    Person::register(&nodes[0], "ada").await;
    let clients = nodes.each_ref().map(Client::new);
    let by_http = join_all((0..8).map(async |n| guess(&clients[n % 2], &["ada", "ADA"], 25).await));
    let by_socket = join_all((0..4).map(async |n| guess_by_socket(&clients[n % 2], 25).await));
    let (by_http, by_socket) = tokio::join!(by_http, by_socket);
    let all = [by_http, by_socket].concat();
    let wrong: usize = all.iter().map(|told| told.wrong).sum();
    let limited: usize = all.iter().map(|told| told.limited).sum();
    assert_eq!((wrong, limited), (FROM_ADDRESS, 300 - FROM_ADDRESS));
}

async fn a_limit_outlives_the_node_and_is_told_with_how_long_to_wait(backend: Backend) {
    let backend = limited(backend);
    let node = backend.node().await;
    Person::register(&node, "ada").await;
    assert_eq!(guess(&Client::new(&node), &["ada"], 12).await, Told { wrong: FROM_ADDRESS, limited: 2 });
    node.kill().await;
    let node = backend.node().await;
    let response = login(&Client::new(&node), "ada", PASSWORD).await;
    let wait = wait_of(&response).unwrap_or_else(|| panic!("{response}"));
    assert!((1..=180).contains(&wait), "{wait}");
    assert_eq!(response["data"], json!({ "login": null }), "it stands at the top level");
    assert_eq!(response["errors"][0]["message"], format!("too many attempts; try again in {wait} seconds"));
}

async fn who_is_right_pays_nothing(backend: Backend) {
    let backend = limited(backend);
    let node = backend.node().await;
    Person::register(&node, "ada").await;
    let client = Client::new(&node);
    for _ in 0..FROM_ADDRESS + 5 {
        assert!(is_in(&login(&client, "ada", PASSWORD).await));
    }
    assert_eq!(guess(&client, &["ada"], 12).await, Told { wrong: FROM_ADDRESS, limited: 2 });
}

async fn register_from(node: &Node, address: &str, username: &str) -> Client {
    let client = Client::new(node).coming_from(address);
    Person::register_by(&client, username).await;
    client
}

/// From many addresses, until all that are left for this login are used up: as many as there are.
async fn besiege(node: &Node, logins: &[&str]) {
    let begun = Instant::now();
    let strangers = (1..=FROM_EVERYWHERE / FROM_ADDRESS + 2).map(|n| format!("203.0.113.{n}"));
    let told = join_all(
        strangers.map(async |address| guess(&Client::new(node).coming_from(&address), logins, FROM_ADDRESS).await),
    );
    let through = told.await.iter().map(|told| told.wrong).sum();
    assert_through(through, FROM_EVERYWHERE, Duration::from_secs(72), begun);
}

async fn a_stranger_locks_nobody_out_who_was_there_before(backend: Backend) {
    let backend = proxied(backend);
    let node = backend.node().await;
    let home = register_from(&node, "198.51.100.1", "ada").await;
    let travelling = Client::new(&node).coming_from("198.51.100.2");
    assert!(is_in(&login(&travelling, "ada", PASSWORD).await));
    besiege(&node, &["ada"]).await;
    // Whence nobody ever came, one waits for the next of all tries, which are 50 an hour.
    let elsewhere = Client::new(&node).coming_from("198.51.100.3");
    let wait = wait_of(&login(&elsewhere, "ada", PASSWORD).await).expect("it is limited");
    assert!(wait <= 72, "{wait}");
    for known in [&home, &travelling] {
        assert!(is_in(&login(known, "ada", PASSWORD).await));
        assert_eq!(guess(known, &["ada"], 12).await, Told { wrong: FROM_ADDRESS, limited: 2 });
    }
}

async fn an_account_that_is_not_there_is_limited_as_one_that_is(backend: Backend) {
    let backend = proxied(backend);
    let node = backend.node().await;
    register_from(&node, "198.51.100.1", "ada").await;
    for name in ["ada", "nobody", "nobody@example.org"] {
        besiege(&node, &[name]).await;
    }
}

async fn many_accounts_are_not_guessed_at_from_one_address(backend: Backend) {
    let backend = proxied(backend);
    let node = backend.node().await;
    let home = register_from(&node, "198.51.100.1", "ada").await;
    let names: Vec<_> = (0..25).map(|n| format!("person-{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    // All addresses of such a network are one customer's.
    let from = |address| Client::new(&node).coming_from(address);
    let (one, other) = (from("2001:db8:1:2::1"), from("2001:db8:1:2:ffff::1"));
    let begun = Instant::now();
    // No more in one operation than it has time for on a busy machine.
    let told = join_all(
        names
            .chunks(5)
            .flat_map(|some| [(&one, some), (&other, some)])
            .map(async |(client, some)| guess(client, some, 12).await),
    );
    let through = told.await.iter().map(|told| told.wrong).sum();
    assert_through(through, BY_ADDRESS, Duration::from_secs(30), begun);
    assert!(wait_of(&login(&one, "ada", PASSWORD).await).is_some());
    assert!(is_in(&login(&from("2001:db8:1:3::1"), "ada", PASSWORD).await));
    assert!(is_in(&login(&home, "ada", PASSWORD).await));
}

async fn an_address_is_believed_of_trusted_proxies_alone(backend: Backend) {
    let backend = limited(backend).with("NATTERJACK_TRUSTED_PROXIES", "10.0.0.0/8");
    let node = backend.node().await;
    let mut all = Told::default();
    for n in 0..12 {
        let told = guess(&Client::new(&node).coming_from(&format!("203.0.113.{n}")), &["ada"], 1).await;
        all = Told { wrong: all.wrong + told.wrong, limited: all.limited + told.limited };
    }
    assert_eq!(all, Told { wrong: FROM_ADDRESS, limited: 2 });
}

async fn codes_are_asked_for_and_tried_so_often_and_no_more(backend: Backend) {
    let backend = proxied(backend).with("NATTERJACK_CODE_DELIVERY", "echo");
    let node = backend.node().await;
    let client = Client::new(&node).coming_from("203.0.113.1");
    let email = json!({ "to": { "email": "ada@example.org" } });
    let request = "mutation($to: CodeRecipient!) { requestLoginCode(input: { to: $to }) { code errors { code } } }";
    let mut code = Value::Null;
    for _ in 0..3 {
        let sent = client.field("requestLoginCode", request, email.clone()).await;
        assert_eq!(sent["errors"], json!([]));
        code = sent["code"].clone();
    }
    let refused = client.run(request, email.clone()).await;
    assert!(wait_of(&refused).is_some_and(|wait| wait <= 300), "{refused}");
    assert_eq!(refused["data"]["requestLoginCode"], Value::Null);

    let by_code = async |client: &Client, code: &Value| {
        let query = "mutation($to: CodeRecipient!, $code: String!) {
            login(input: { code: { to: $to, code: $code } }) { viewer { id } errors { code } } }";
        client.run(query, json!({ "to": { "email": "ada@example.org" }, "code": code })).await
    };
    // Who is right pays nothing here either.
    assert!(is_in(&by_code(&client, &code).await));
    let wrong = json!("nonsense");
    for _ in 0..FROM_ADDRESS {
        assert_eq!(wait_of(&by_code(&client, &wrong).await), None);
    }
    assert!(wait_of(&by_code(&client, &wrong).await).is_some());
    let elsewhere = Client::new(&node).coming_from("203.0.113.2");
    assert_eq!(wait_of(&by_code(&elsewhere, &wrong).await), None);
    let sent = elsewhere.field("requestLoginCode", request, email).await;
    assert_eq!(sent["errors"], json!([]), "another address has its own");
}

async fn accounts_are_made_so_fast_and_no_faster_from_one_address(backend: Backend) {
    const REFUSED: usize = 5;
    let backend = proxied(backend);
    let node = backend.node().await;
    let from = |address| Client::new(&node).coming_from(address);
    let register = async |client: &Client, username: &str, password: &str| {
        let query = "mutation($input: RegisterInput!) { register(input: $input) { viewer { id } errors { code } } }";
        client.run(query, json!({ "input": { "username": username, "password": password } })).await
    };
    let one = from("203.0.113.1");
    // A password that is refused has cost a look.
    for _ in 0..REFUSED {
        let refused = register(&one, "somebody", "password1").await;
        assert_eq!(refused["data"]["register"]["errors"][0]["code"], "INVALID_INPUT", "{refused}");
    }
    let all = (0..REGISTRATIONS + 3).map(async |n| register(&one, &format!("person-{n}"), PASSWORD).await);
    let all = join_all(all).await;
    let made = all.iter().filter(|response| response["data"]["register"]["viewer"]["id"].is_string()).count();
    let limited = all.iter().filter(|response| wait_of(response).is_some_and(|wait| wait <= 180)).count();
    assert_eq!((made, limited), (REGISTRATIONS - REFUSED, 3 + REFUSED));
    let elsewhere = register(&from("203.0.113.2"), "somebody", PASSWORD).await;
    assert!(elsewhere["data"]["register"]["viewer"]["id"].is_string(), "{elsewhere}");
}

async fn limits_can_be_switched_off(backend: Backend) {
    let backend = backend.with("NATTERJACK_RATE_LIMITS", "off");
    let node = backend.node().await;
    let client = Client::new(&node);
    assert_eq!(guess(&client, &["nobody"], 30).await, Told { wrong: 30, limited: 0 });
}

async fn who_is_signed_in_guesses_the_password_no_faster(backend: Backend) {
    let backend = limited(backend);
    let nodes = [backend.node().await, backend.node().await];
    let ada = Person::register(&nodes[0], "ada").await;
    let query = "mutation($current: String!) {
        changePassword(input: { currentPassword: $current, newPassword: \"another horse battery\" }) { errors { code } } }";
    let mut wrong = 0;
    for n in 0..FROM_ADDRESS + 3 {
        let response = ada.at(&nodes[n % 2]).client.run(query, json!({ "current": format!("wrong horse {n}") })).await;
        wrong += usize::from(response["data"]["changePassword"]["errors"][0]["code"] == "WRONG_CREDENTIALS");
    }
    assert_eq!(wrong, FROM_ADDRESS);
    let late = ada.client.run(query, json!({ "current": PASSWORD })).await;
    assert!(wait_of(&late).is_some(), "{late}");
}
