//! People who come by a trusted issuer, which is a real HTTP server in this process: their tokens as bearer tokens and for
//! sessions, its keys as they change, and while it is away.

use super::codes::{echoing, email, logged_in};
use crate::support::backend::{Backend, Node, on_every_backend};
use crate::support::client::{Client, Person};
use crate::support::issuer::{self, TestIssuer, bearer, token, token_with};
use crate::support::jwt::{RSA_ISSUER, TestKey, claims_of};
use crate::support::make::now;
use crate::support::socket::{PATIENCE, Socket};
use crate::support::wires::CountedWire;
use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use natterjack::store::Accounts as _;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};

on_every_backend! {
    a_person_is_there_from_the_first_sight_of_their_token
    of_many_first_sights_at_once_on_two_nodes_one_makes_the_account
    what_somebody_else_has_is_not_taken_from_them
    who_proves_the_email_of_an_issuers_person_gets_it_and_not_the_account
    a_token_signs_in_for_a_session_that_outlives_it
    a_token_opens_a_socket_until_it_runs_out
    who_is_suspended_is_shut_out_on_every_node
    who_has_deleted_the_account_comes_anew_with_a_newer_token_alone
    a_bearer_token_costs_one_question_as_a_session_does
}

const PROFILE: &str = "{ viewer { email session { id } user { id username displayName avatarUrl } } }";
const LOGIN: &str = r#"mutation($token: String!) { login(input: { external: { token: $token, deviceName: "A telephone" } }) {
    isNewAccount viewer { id session { deviceName isCurrent } } tokens { accessToken refreshToken } errors { code message field } } }"#;

/// An issuer with one key, and nodes that trust it.
async fn stage(backend: Backend) -> (TestIssuer, TestKey, Backend) {
    let key = TestKey::p256();
    let issuer = TestIssuer::start(&[&key]).await;
    let backend = issuer.trusted_by(backend, &["ES256"]);
    (issuer, key, backend)
}

async fn profile(node: &Node, token: &str) -> Value {
    Client::new(node).with_token(token).field("viewer", PROFILE, json!({})).await
}

async fn login(node: &Node, token: &str) -> Value {
    Client::new(node).field("login", LOGIN, json!({ "token": token })).await
}

/// The code that a bearer of that token is refused with, if they are.
async fn refusal(node: &Node, token: &str) -> Option<String> {
    let response = Client::new(node).with_token(token).run("{ viewer { id } }", json!({})).await;
    response["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
}

/// Waits until a bearer of that token is refused with that, or let in.
async fn becomes(node: &Node, token: &str, expected: Option<&str>) {
    let mut latest = None;
    let waited = timeout(PATIENCE, async {
        loop {
            latest = refusal(node, token).await;
            if latest.as_deref() == expected {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    });
    assert!(waited.await.is_ok(), "{latest:?}, and not {expected:?}");
}

async fn a_person_is_there_from_the_first_sight_of_their_token(backend: Backend) {
    let (_issuer, key, backend) = stage(backend).await;
    let (node, other) = (backend.node().await, backend.node().await);
    let claims = json!({
        "name": "Grace Hopper", "picture": "https://example.org/grace.png", "preferred_username": "grace",
        "email": "grace@example.org", "email_verified": true,
    });
    let first = profile(&node, &token_with(&key, "248289761001", &claims)).await;
    let expected = json!({
        "email": "grace@example.org",
        "session": null,
        "user": {
            "id": first["user"]["id"],
            "username": "grace",
            "displayName": "Grace Hopper",
            "avatarUrl": "https://example.org/grace.png",
        },
    });
    assert_eq!(first, expected);
    // What the issuer says of her later changes nothing.
    assert_eq!(profile(&other, &token_with(&key, "248289761001", &json!({ "name": "Mallory" }))).await, first);
    let grace = bearer(&node, &token(&key, "248289761001")).await;
    assert_ne!(bearer(&node, &token(&key, "248289761002")).await.id, grace.id);

    let ada = Person::register(&node, "ada").await;
    let conversation = grace.open(&ada).await;
    grace.send(&conversation, "hello").await;
    let change = r#"mutation { updateProfile(input: { displayName: "G. H." }) { viewer { user { displayName } } errors { code } } }"#;
    let changed = grace.client.field("updateProfile", change, json!({})).await;
    assert_eq!(changed["viewer"]["user"]["displayName"], "G. H.");
    let nameless = bearer(&node, &token(&key, "248289761003")).await;
    assert_eq!(nameless.client.field("updateProfile", change, json!({})).await["errors"], json!([]));
    let logout = "mutation { logout { endedSessionIds errors { code } } }";
    let ended = grace.client.field("logout", logout, json!({})).await;
    assert_eq!(ended, json!({ "endedSessionIds": [], "errors": [] }));
}

async fn who_proves_the_email_of_an_issuers_person_gets_it_and_not_the_account(backend: Backend) {
    let (_issuer, key, backend) = stage(echoing(backend)).await;
    let node = backend.node().await;
    let token = token_with(&key, "grace", &json!({ "email": "ada@example.org", "email_verified": true }));
    let grace = bearer(&node, &token).await;
    assert_eq!(profile(&node, &token).await["email"], "ada@example.org");
    let ada = logged_in(&Client::new(&node), &email("ada@example.org")).await;
    assert_eq!(ada["isNewAccount"], true, "{ada}");
    assert_ne!(ada["viewer"]["id"], json!(grace.id));
    let left = profile(&node, &token).await;
    assert_eq!((&left["user"]["id"], &left["email"]), (&json!(grace.id), &Value::Null));
}

async fn of_many_first_sights_at_once_on_two_nodes_one_makes_the_account(backend: Backend) {
    let (_issuer, key, backend) = stage(backend).await;
    let nodes = [backend.node().await, backend.node().await];
    let claims = json!({ "preferred_username": "grace", "email": "grace@example.org", "email_verified": true });
    let token = token_with(&key, "grace", &claims);
    let bearers = join_all((0..20).map(|n| bearer(&nodes[n % 2], &token))).await;
    let logins = join_all((0..10).map(|n| login(&nodes[n % 2], &token))).await;
    assert!(bearers.iter().all(|person| person.id == bearers[0].id));
    for login in logins {
        assert_eq!((&login["viewer"]["id"], &login["isNewAccount"]), (&json!(bearers[0].id), &json!(false)));
    }
    let ada = Person::register(&nodes[0], "ada").await;
    let users = "{ users(first: 10) { nodes { username } } }";
    let users = ada.client.field("users", users, json!({})).await;
    assert_eq!(users["nodes"], json!([{ "username": "grace" }]));
}

async fn what_somebody_else_has_is_not_taken_from_them(backend: Backend) {
    let (_issuer, key, backend) = stage(backend).await;
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let claims = json!({ "email": "ada@example.org", "email_verified": true });
    let owner = profile(&node, &token_with(&key, "1", &claims)).await;
    assert_eq!(owner["email"], "ada@example.org");
    let claims = json!({ "preferred_username": "ADA", "email": "Ada@example.org", "email_verified": true });
    let other = profile(&node, &token_with(&key, "2", &claims)).await;
    assert_eq!((&other["email"], &other["user"]["username"]), (&json!(null), &json!(null)));
    for theirs in [&json!(ada.id), &owner["user"]["id"]] {
        assert_ne!(&other["user"]["id"], theirs, "nobody is let into another's account by a name or an address");
    }
    let unproven = json!({ "email": "bob@example.org", "email_verified": false });
    assert_eq!(profile(&node, &token_with(&key, "3", &unproven)).await["email"], Value::Null);
}

async fn a_token_signs_in_for_a_session_that_outlives_it(backend: Backend) {
    let (issuer, key, backend) = stage(backend).await;
    let node = backend.node().await;
    let exp = now().unix_seconds() + 3;
    let brief = token_with(&key, "grace", &json!({ "exp": exp, "name": "Grace" }));
    let first = login(&node, &brief).await;
    assert_eq!((&first["errors"], &first["isNewAccount"]), (&json!([]), &json!(true)));
    assert_eq!(first["viewer"]["session"], json!({ "deviceName": "A telephone", "isCurrent": true }));
    let again = login(&node, &token(&key, "grace")).await;
    assert_eq!((&again["viewer"]["id"], &again["isNewAccount"]), (&first["viewer"]["id"], &json!(false)));
    assert_eq!(bearer(&node, &token(&key, "grace")).await.id, first["viewer"]["id"].as_str().unwrap());
    issuer.go_away();
    let session = first["tokens"]["accessToken"].as_str().unwrap();
    assert_eq!(refusal(&node, session).await, None);
    assert_eq!(profile(&node, session).await["user"]["displayName"], "Grace");
    let bad = login(&node, session).await;
    assert_eq!(
        bad["errors"][0]["field"],
        json!(["input", "external", "token"]),
        "a session's token is not the issuer's"
    );
}

async fn a_token_opens_a_socket_until_it_runs_out(backend: Backend) {
    let (_issuer, key, backend) = stage(backend).await;
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let brief = token_with(&key, "grace", &json!({ "exp": now().unix_seconds() + 4 }));
    let grace = bearer(&node, &brief).await;
    let conversation = ada.open(&grace).await;
    let mut socket = Socket::of(&grace).await;
    let added = "subscription($id: ID!) { messageAdded(conversationId: $id, afterSeq: 0) { text } }";
    socket.subscribe(added, json!({ "id": conversation })).await;
    ada.send(&conversation, "quick").await;
    assert_eq!(socket.next().await["messageAdded"]["text"], "quick");
    assert_eq!(socket.close_code().await, 4403);
    assert!(now().unix_seconds() >= claims_of(&brief)["exp"].as_i64().unwrap(), "not before its time");
}

async fn who_is_suspended_is_shut_out_on_every_node(backend: Backend) {
    let (_issuer, key, backend) = stage(backend).await;
    let (node, other) = (backend.node().await, backend.node().await);
    let token = token(&key, "grace");
    let grace = bearer(&node, &token).await;
    let mut sockets = [Socket::of(&grace).await, Socket::of(&grace.at(&other)).await];
    let bystander = bearer(&node, &issuer::token(&key, "bob")).await;
    let mut unmoved = Socket::of(&bystander).await;
    let admin = async |what: &str| {
        let output = backend.command("admin").args([what, &grace.id]).output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    admin("suspend").await;
    for socket in &mut sockets {
        assert_eq!(socket.close_code().await, 4403, "though no bus joins the nodes");
    }
    for node in [&node, &other] {
        assert_eq!(refusal(node, &token).await.as_deref(), Some("UNAUTHENTICATED"));
        assert_eq!(login(node, &token).await["errors"][0]["code"], "NOT_ALLOWED");
    }
    unmoved.subscribe("{ viewer { id } }", json!({})).await;
    assert_eq!(unmoved.next().await["viewer"]["id"], bystander.id.as_str());
    admin("restore").await;
    assert_eq!(refusal(&other, &token).await, None);
    Socket::of(&grace).await;
}

async fn who_has_deleted_the_account_comes_anew_with_a_newer_token_alone(backend: Backend) {
    let (_issuer, key, backend) = stage(backend).await;
    let node = backend.node().await;
    let issued = |seconds: i64| token_with(&key, "grace", &json!({ "iat": now().unix_seconds() + seconds }));
    let (old, without) = (issued(-60), token_with(&key, "grace", &json!({ "iat": null })));
    let grace = bearer(&node, &old).await;
    assert_eq!(bearer(&node, &without).await.id, grace.id);
    let mut socket = Socket::of(&grace).await;
    let sql = backend.sql().await;
    sql.delete(grace.id.parse().unwrap(), now()).await.unwrap();
    assert_eq!(socket.close_code().await, 4403);
    for token in [&old, &without] {
        assert_eq!(refusal(&node, token).await.as_deref(), Some("UNAUTHENTICATED"));
        assert_eq!(login(&node, token).await["errors"][0]["code"], "WRONG_CREDENTIALS");
    }
    let newer = issued(10);
    let anew = bearer(&node, &newer).await;
    assert_ne!(anew.id, grace.id);
    assert_eq!(bearer(&node, &newer).await.id, anew.id);
    sql.close().await.unwrap();
}

async fn a_bearer_token_costs_one_question_as_a_session_does(backend: Backend) {
    let (_issuer, key, backend) = stage(backend).await;
    if backend.database_url().starts_with("sqlite") {
        return;
    }
    let wire = CountedWire::to(&backend.database_url()).await;
    let backend = backend.with("DATABASE_URL", wire.url());
    let node = backend.node().await;
    let grace = bearer(&node, &token(&key, "grace")).await;
    let session = Person::register(&node, "ada").await;
    for person in [&session, &grace] {
        let mut costs = Vec::new();
        // What runs beside it adds to a count now and then.
        for _ in 0..20 {
            let before = wire.asked();
            person.client.data("{ viewer { id } }", json!({})).await;
            costs.push(wire.asked() - before);
        }
        costs.sort_unstable();
        assert_eq!(costs[costs.len() / 2], 1, "{costs:?}");
    }
}

#[tokio::test]
async fn keys_are_changed_by_the_issuer_and_nobody_waits_for_long() {
    let keys = [TestKey::p256(), TestKey::p256()];
    let issuer = TestIssuer::start(&[&keys[0]]).await;
    let backend = issuer.trusted_by(Backend::sqlite().await.unwrap(), &["ES256"]);
    let node = backend.node().await;
    let grace = bearer(&node, &token(&keys[0], "grace")).await;
    issuer.publish(&[&keys[0], &keys[1]]);
    becomes(&node, &token(&keys[1], "grace"), None).await;
    assert_eq!(bearer(&node, &token(&keys[1], "grace")).await.id, grace.id);
    issuer.publish(&[&keys[1]]);
    // The set is read anew soon after somebody brings a key that is not in it.
    becomes(&node, &token(&TestKey::p256(), "grace"), Some("UNAUTHENTICATED")).await;
    let waited = timeout(PATIENCE, async {
        while refusal(&node, &token(&keys[0], "grace")).await.is_none() {
            refusal(&node, &token(&TestKey::p256(), "grace")).await;
            sleep(Duration::from_millis(100)).await;
        }
    });
    waited.await.expect("the old key is forgotten in time");
    assert_eq!(refusal(&node, &token(&keys[1], "grace")).await, None);
}

#[tokio::test]
async fn while_the_issuer_is_away_what_is_known_counts_and_the_rest_may_be_tried_again() {
    let (key, newer) = (TestKey::p256(), TestKey::p256());
    let issuer = TestIssuer::start(&[&key]).await;
    let backend = issuer.trusted_by(Backend::sqlite().await.unwrap(), &["ES256"]);
    let node = backend.node().await;
    let grace = bearer(&node, &token(&key, "grace")).await;
    issuer.go_away();
    becomes(&node, &token(&newer, "grace"), Some("UNAVAILABLE")).await;
    assert_eq!(bearer(&node, &token(&key, "grace")).await.id, grace.id);
    let ada = Person::register(&node, "ada").await;
    assert_eq!(refusal(&node, ada.client.token.as_ref().unwrap()).await, None);

    // One that starts meanwhile serves everybody else, and knows the issuer's people once it is back.
    let other = backend.node().await;
    assert_eq!(refusal(&other, &token(&key, "grace")).await.as_deref(), Some("UNAVAILABLE"));
    let mut socket = Socket::open(&Client::new(&other)).await;
    socket.send(json!({ "type": "connection_init", "payload": { "token": token(&key, "grace") } })).await;
    assert_eq!(socket.close_code().await, 1013);
    assert_eq!(refusal(&other, ada.client.token.as_ref().unwrap()).await, None);
    issuer.publish(&[&key, &newer]);
    becomes(&other, &token(&key, "grace"), None).await;
    becomes(&node, &token(&newer, "grace"), None).await;
}

#[tokio::test]
async fn keys_that_are_made_up_do_not_have_the_issuer_asked_again_and_again() {
    let key = TestKey::p256();
    let issuer = TestIssuer::start(&[&key]).await;
    let backend = issuer.trusted_by(Backend::sqlite().await.unwrap(), &["ES256"]);
    let node = backend.node().await;
    bearer(&node, &token(&key, "grace")).await;
    let (before, begun) = (issuer.asked(), now());
    for _ in 0..10 {
        let tokens: Vec<_> = (0..50).map(|_| token(&TestKey::p256(), "grace")).collect();
        let refusals = join_all(tokens.iter().map(|token| refusal(&node, token))).await;
        assert!(refusals.iter().all(|code| code.as_deref() == Some("UNAUTHENTICATED")));
        assert_eq!(refusal(&node, &token(&key, "grace")).await, None);
    }
    let most = 1 + now().since(begun).as_secs() / 5;
    let asked = issuer.asked() - before;
    assert!(asked as u64 <= most, "asked {asked} times and not {most} at the most");
}

#[tokio::test]
async fn each_algorithm_is_taken_that_the_operator_allows() {
    let (rsa, p256, ed) = (TestKey::rsa(&RSA_ISSUER), TestKey::p256(), TestKey::ed25519());
    let pss = rsa.by(Algorithm::PS256).called(Some("pss"));
    let backend = Backend::sqlite().await.unwrap();
    std::fs::create_dir_all(backend.data_folder()).unwrap();
    let file = backend.data_folder().join("keys.json");
    let keys = json!({ "keys": [rsa.public(), pss.public(), p256.public(), ed.public()] });
    std::fs::write(&file, keys.to_string()).unwrap();
    let trust = |name: &str, algorithms: &[&str]| json!({ "issuer": name, "audience": ["another app", issuer::AUDIENCE], "keys": file, "algorithms": algorithms });
    let other = "https://other.example.org";
    let trusted = json!([trust(issuer::NAME, &["RS256", "PS256", "ES256", "EdDSA"]), trust(other, &["RS256"])]);
    let backend = backend.with("NATTERJACK_ISSUERS", trusted.to_string());
    let node = backend.node().await;
    let grace = bearer(&node, &token(&rsa, "grace")).await;
    for key in [&pss, &p256, &ed] {
        assert_eq!(bearer(&node, &token(key, "grace")).await.id, grace.id, "{:?}", key.algorithm);
    }
    let without_an_id = p256.called(None);
    assert_eq!(bearer(&node, &token(&without_an_id, "grace")).await.id, grace.id, "there is only one of its kind");
    let access = p256.token(&p256.head("at+jwt"), &issuer::claims("grace"));
    assert_eq!(bearer(&node, &access).await.id, grace.id);
    // The other issuer's people are others, of whatever name.
    let theirs = bearer(&node, &token_with(&rsa, "grace", &json!({ "iss": other }))).await;
    assert_ne!(theirs.id, grace.id);
    assert_eq!(
        refusal(&node, &token_with(&p256, "grace", &json!({ "iss": other }))).await.as_deref(),
        Some("UNAUTHENTICATED")
    );
}
