//! A person's sessions: which there are, how they end, and that their sockets go with them.

use crate::support::backend::{Backend, Node, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person};
use crate::support::make;
use crate::support::relay::Relay;
use crate::support::socket::{PATIENCE, Socket};
use crate::support::stores::url_of;
use futures_util::future::join_all;
use sea_orm::ConnectionTrait as _;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::Query;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

on_every_backend! {
    ones_sessions_are_listed_and_ended
    a_session_of_somebody_elses_is_not_there
    logging_out_everywhere_closes_all_sockets_on_all_nodes
    a_session_that_ends_closes_its_sockets_within_a_second
    a_session_that_ends_closes_its_sockets_while_the_bus_is_away
    when_a_session_was_used_is_known_to_about_a_minute
    a_socket_stays_open_for_as_long_as_its_session_is_renewed
}

/// One more sign-in of somebody's, on that device.
async fn on_device(node: &Node, username: &str, device: &str) -> Person {
    let query = "mutation($input: LoginInput!) { login(input: $input) {
        viewer { id } tokens { accessToken refreshToken } errors { code } } }";
    let input = json!({ "password": { "login": username, "password": PASSWORD, "deviceName": device } });
    let client = Client::new(node);
    let payload = client.field("login", query, json!({ "input": input })).await;
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{payload}")).to_owned();
    Person {
        client: client.with_token(&text(&payload["tokens"]["accessToken"])),
        refresh_token: text(&payload["tokens"]["refreshToken"]),
        id: text(&payload["viewer"]["id"]),
    }
}

/// A person's sessions, in their order.
async fn sessions(person: &Person) -> Vec<Value> {
    let query = "{ viewer { sessions { id deviceName createdAt lastUsedAt isCurrent } } }";
    let mut viewer = person.client.field("viewer", query, json!({})).await;
    match viewer["sessions"].take() {
        Value::Array(sessions) => sessions,
        other => panic!("{other}"),
    }
}

/// The id of the one session of that device.
async fn session_of(person: &Person, device: &str) -> String {
    let sessions = sessions(person).await;
    let session = sessions.iter().find(|session| session["deviceName"] == device);
    session.unwrap_or_else(|| panic!("{sessions:?}"))["id"].as_str().unwrap().to_owned()
}

async fn end(person: &Person, session: &str) -> Value {
    let payload = person.mutate("endSession", "endedSessionIds", json!({ "sessionId": session })).await;
    assert_eq!(payload["errors"], json!([]));
    payload["endedSessionIds"].clone()
}

async fn ones_sessions_are_listed_and_ended(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let (phone, _tablet) = (on_device(&node, "ada", "phone").await, on_device(&node, "ada", "tablet").await);
    // Whoever asks is the one that was used last.
    let listed = sessions(&ada).await;
    let shown: Vec<_> =
        listed.iter().map(|session| (session["deviceName"].clone(), session["isCurrent"].clone())).collect();
    let of = |device: Value, is_current: bool| (device, json!(is_current));
    assert_eq!(shown, [of(Value::Null, true), of(json!("tablet"), false), of(json!("phone"), false)]);
    let (own, tablet) = (listed[0]["id"].as_str().unwrap(), listed[1]["id"].as_str().unwrap());

    let mut socket = Socket::of(&phone).await;
    let found = session_of(&ada, "phone").await;
    for _ in 0..2 {
        assert_eq!(end(&ada, &found).await, json!([found]), "twice is harmless");
    }
    assert_eq!(socket.close_code().await, 4403);
    assert_eq!(phone.client.refusal("{ viewer { id } }", json!({})).await.0, "UNAUTHENTICATED");
    let node_query = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Session { isCurrent } } }";
    let nodes = ada.client.field("nodes", node_query, json!({ "ids": [own, tablet, found] })).await;
    let expected = json!([{ "id": own, "isCurrent": true }, { "id": tablet, "isCurrent": false }, null]);
    assert_eq!(nodes, expected, "an ended one is there no more");
    assert_eq!(sessions(&ada).await.len(), 2);
    assert_eq!(end(&ada, own).await, json!([own]));
    assert_eq!(ada.client.refusal("{ viewer { id } }", json!({})).await.0, "UNAUTHENTICATED");
}

async fn a_session_of_somebody_elses_is_not_there(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let bobs = sessions(&bob).await[0]["id"].as_str().unwrap().to_owned();
    for id in [bobs.as_str(), "ses_00000000000070008000000000000000", "nonsense", &bob.id] {
        let refused = ada.is_refused("endSession", json!({ "sessionId": id })).await;
        assert_eq!(refused, "NOT_FOUND input.sessionId", "{id}");
    }
    let seen = ada.client.data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": bobs })).await;
    assert_eq!(seen, json!({ "node": null }));
    assert_eq!(sessions(&bob).await.len(), 1);
}

async fn logging_out_everywhere_closes_all_sockets_on_all_nodes(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&one, "bob").await);
    let mut devices = vec![ada.clone()];
    for n in 0..4 {
        devices.push(on_device([&one, &other][n % 2], "ada", &format!("device {n}")).await);
    }
    let mut sockets = join_all(devices.iter().map(Socket::of)).await;
    let _bobs = Socket::of(&bob).await;
    let query = "mutation { logoutEverywhere { endedSessionIds errors { code } } }";
    let payload = ada.client.field("logoutEverywhere", query, json!({})).await;
    assert_eq!((payload["endedSessionIds"].as_array().unwrap().len(), &payload["errors"]), (5, &json!([])));
    for (device, socket) in devices.iter().zip(&mut sockets) {
        assert_eq!(socket.close_code().await, 4403);
        assert_eq!(device.client.refusal("{ viewer { id } }", json!({})).await.0, "UNAUTHENTICATED");
    }
    assert_eq!(sessions(&bob).await.len(), 1);
}

/// How long it takes until the socket of a session is closed that ends by what is done on another node.
async fn ending_takes(ada: &Person, device: &Person, name: &str) -> Duration {
    let mut socket = Socket::of(device).await;
    let session = session_of(ada, name).await;
    let began = Instant::now();
    end(ada, &session).await;
    assert_eq!(socket.close_code().await, 4403);
    began.elapsed()
}

async fn a_session_that_ends_closes_its_sockets_within_a_second(backend: Backend) {
    let Some(nats) = url_of("TEST_NATS_URL") else { return };
    let backend = backend.with("NATS_URL", nats);
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let mut took = Vec::new();
    for n in 0..5 {
        let name = format!("device {n}");
        let device = on_device(&other, "ada", &name).await;
        took.push(ending_takes(&ada, &device, &name).await);
    }
    // By looks alone, each but the first would take two: it begins when the one before was found by a look. One of them may
    // be late on a machine that has other things to do.
    took.sort();
    assert!(took[3] < Duration::from_secs(1), "{took:?}");
}

async fn a_session_that_ends_closes_its_sockets_while_the_bus_is_away(backend: Backend) {
    let Some(nats) = url_of("TEST_NATS_URL") else { return };
    let relay = Relay::before(&nats).await;
    let backend = backend.with("NATS_URL", relay.url());
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let device = on_device(&other, "ada", "before").await;
    ending_takes(&ada, &device, "before").await;
    drop(relay);
    for n in 0..3 {
        let name = format!("device {n}");
        let device = on_device(&other, "ada", &name).await;
        let took = ending_takes(&ada, &device, &name).await;
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

async fn when_a_session_was_used_is_known_to_about_a_minute(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let phone = on_device(&node, "ada", "phone").await;
    let used_at = async || {
        let sessions = sessions(&ada).await;
        sessions.iter().find(|session| session["deviceName"] == "phone").unwrap()["lastUsedAt"].clone()
    };
    let signed_in = used_at().await;
    phone.client.data("{ viewer { id } }", json!({})).await;
    assert_eq!(used_at().await, signed_in, "within the minute nothing is noted");
    // It was long ago.
    let raw = backend.raw().await;
    let long_ago = DateTimeUtc::from(make::at(0));
    raw.execute(&Query::update().table("sessions").value("last_used_at", long_ago).take()).await.unwrap();
    assert!(used_at().await.as_str().unwrap() < signed_in.as_str().unwrap());
    phone.client.data("{ viewer { id } }", json!({})).await;
    let other = backend.node().await;
    let ada_there = ada.at(&other);
    let noted = async {
        loop {
            let listed = sessions(&ada_there).await;
            let phones = listed.iter().find(|session| session["deviceName"] == "phone").unwrap();
            if phones["lastUsedAt"].as_str().unwrap() > signed_in.as_str().unwrap() {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, noted).await.expect("it is written");
    raw.close().await.unwrap();
}

const REFRESH: &str = "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) {
    tokens { refreshToken expiresAt } errors { code } } }";

/// Trades a refresh token over a socket; the next one. Events that come before are passed over.
async fn refresh_over(socket: &mut Socket, token: &str) -> String {
    let id = socket.subscribe(REFRESH, json!({ "token": token })).await;
    loop {
        let frame = socket.frame().await;
        if frame["id"] == id.as_str() && frame["type"] == "next" {
            let payload = &frame["payload"]["data"]["refreshSession"];
            return payload["tokens"]["refreshToken"].as_str().unwrap_or_else(|| panic!("{frame}")).to_owned();
        }
    }
}

async fn a_socket_stays_open_for_as_long_as_its_session_is_renewed(backend: Backend) {
    const TTL: Duration = Duration::from_secs(4);
    let backend = backend.with("NATTERJACK_ACCESS_TOKEN_TTL", "4s");
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let (mut renewed, mut left) = (Socket::of(&ada).await, Socket::of(&ada).await);
    let began = Instant::now();
    let expiring = "subscription { events(only: []) { ... on SessionExpiring { expiresAt } } }";
    renewed.subscribe(expiring, json!({})).await;
    let mut told = vec![renewed.next().await["events"]["expiresAt"].clone()];
    let phone = on_device(&node, "ada", "phone").await;
    // A token of another session moves nothing, though somebody's own.
    refresh_over(&mut left, &phone.refresh_token).await;
    let mut token = ada.refresh_token.clone();
    let mut gone = false;
    while began.elapsed() < TTL * 2 {
        sleep(TTL / 4).await;
        token = refresh_over(&mut renewed, &token).await;
        if !gone && began.elapsed() > TTL + Duration::from_secs(2) {
            assert_eq!(left.close_code().await, 4403);
            gone = true;
        }
    }
    // And now it is left alone: the client is told when it ends, and then it does.
    loop {
        match renewed.hear().await {
            Ok(frame) => {
                let event = &frame["payload"]["data"]["events"]["expiresAt"];
                told.extend(event.is_string().then(|| event.clone()));
            }
            Err(end) => {
                assert!(matches!(end, crate::support::socket::Gone::Closed(Some(4403))), "{end:?}");
                break;
            }
        }
    }
    assert!(gone && began.elapsed() > TTL * 2);
    assert!(told.windows(2).all(|two| two[0].as_str() < two[1].as_str()), "{told:?}");
}
