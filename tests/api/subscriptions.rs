//! Hearing messages.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::metrics::Metrics;
use crate::support::socket::Socket;
use serde_json::{Value, json};

on_every_backend! {
    what_was_missed_comes_first_and_then_what_comes
    a_subscription_that_cannot_be_is_refused
    a_subscriber_that_falls_behind_reads_on_from_the_log
    one_who_reads_nothing_may_still_end_what_it_has_begun
    queries_and_mutations_run_on_the_socket_too
    a_client_may_go_on_from_what_it_has_just_been_told
    a_logout_over_a_socket_is_answered_before_it_closes
}

const ADDED: &str = "subscription($id: ID!, $after: Int) { messageAdded(conversationId: $id, afterSeq: $after) {
    seq text author { displayName } conversation { id } } }";

async fn next_seq(socket: &mut Socket) -> i64 {
    socket.next().await["messageAdded"]["seq"].as_i64().unwrap()
}

async fn what_was_missed_comes_first_and_then_what_comes(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    for n in 1..=120 {
        ada.send(&conversation, &n.to_string()).await;
    }
    let mut socket = Socket::of(&bob).await;
    socket.subscribe(ADDED, json!({ "id": conversation, "after": 5 })).await;
    for seq in 6..=120 {
        assert_eq!(next_seq(&mut socket).await, seq);
    }
    for n in 121..=140 {
        ada.send(&conversation, &n.to_string()).await;
        assert_eq!(next_seq(&mut socket).await, n);
    }
    bob.send(&conversation, "one's own comes too").await;
    assert_shown!("added", socket.next().await);
}

async fn a_subscription_that_cannot_be_is_refused(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let eve = Person::register(&node, "eve").await;
    let conversation = ada.open(&bob).await;
    for (person, id, after, code) in [
        (&eve, conversation.as_str(), json!(0), "NOT_FOUND"),
        (&ada, "nonsense", Value::Null, "NOT_FOUND"),
        (&ada, &conversation, json!(-1), "INVALID_INPUT"),
        (&ada, &conversation, json!(1), "INVALID_INPUT"),
    ] {
        let mut socket = Socket::of(person).await;
        let operation = socket.subscribe(ADDED, json!({ "id": id, "after": after })).await;
        let frame = socket.frame().await;
        assert_eq!((&frame["type"], &frame["id"]), (&json!("error"), &json!(operation)), "{frame}");
        assert_eq!(frame["payload"][0]["extensions"]["code"], code, "{frame}");
    }
    for query in [
        "subscription { typingChanged(conversationId: \"x\") { isTyping } }",
        "subscription { receiptChanged(conversationId: \"x\") { readSeq } }",
    ] {
        let mut socket = Socket::of(&eve).await;
        socket.subscribe(query, json!({})).await;
        assert_eq!(socket.frame().await["payload"][0]["extensions"]["code"], "NOT_FOUND");
    }
}

/// Reads nothing while far more is sent than any queue on the way holds.
async fn a_subscriber_that_falls_behind_reads_on_from_the_log(backend: Backend) {
    const SENT: usize = 1_000;
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut slow = Socket::of(&bob).await;
    slow.subscribe(ADDED, json!({ "id": conversation, "after": 0 })).await;
    let text = "x".repeat(6_000);
    for _ in 0..SENT / 50 {
        let sends = (0..50).map(|_| ada.send(&conversation, &text));
        futures_util::future::join_all(sends).await;
    }
    let mut quick = Socket::of(&ada).await;
    quick.subscribe(ADDED, json!({ "id": conversation, "after": SENT })).await;
    ada.send(&conversation, "last").await;
    let last = i64::try_from(SENT).unwrap() + 1;
    assert_eq!(next_seq(&mut quick).await, last, "the others do not wait for it");
    for seq in 1..=last {
        assert_eq!(next_seq(&mut slow).await, seq);
    }
}

/// What its client ends that does not read lets go at once, though nothing more can be said on the socket.
async fn one_who_reads_nothing_may_still_end_what_it_has_begun(backend: Backend) {
    /// More than there are places on a socket: each takes one for its result, and one for its end.
    const SENT: u32 = 100;
    const PLACES: u32 = 32;
    const OPEN: &str = r#"natterjack_subscriptions{transport="socket"}"#;
    const ANSWERED: &str = r#"natterjack_operations_total{transport="socket",kind="query",outcome="ok"}"#;
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let text = "x".repeat(6_000);
    futures_util::future::join_all((0..100).map(|_| ada.send(&conversation, &text))).await;
    let mut stalled = Socket::of(&bob).await;
    stalled.take_little();
    // More than the system takes on its way.
    let page = |n| format!("page{n}: history(of: {{ conversationId: $id }}, first: 100) {{ nodes {{ text }} }}");
    let pages: String = (0..10).map(page).collect();
    stalled.subscribe(&format!("query($id: ID!) {{ {pages} }}"), json!({ "id": conversation })).await;
    Metrics::once(&node.url, ANSWERED, 1.0).await;
    for _ in 0..SENT {
        stalled.subscribe("{ __typename }", json!({})).await;
    }
    Metrics::once(&node.url, ANSWERED, f64::from(1 + PLACES / 2)).await;
    // It listens, and waits for a place to say what it hears.
    let waiting = stalled.subscribe(ADDED, json!({ "id": conversation })).await;
    let full = Metrics::once(&node.url, "natterjack_feed_topics", 1.0).await;
    assert!(full.value(OPEN) > 0.0);
    stalled.send(json!({ "id": waiting, "type": "complete" })).await;
    let ended = Metrics::until(&node.url, "it is let go", |metrics| metrics.value(OPEN) < 1.0).await;
    assert!(ended.value(ANSWERED) <= f64::from(1 + PLACES), "there is no place still");
}

async fn queries_and_mutations_run_on_the_socket_too(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let mut socket = Socket::of(&ada).await;
    let id = socket.subscribe("{ viewer { user { displayName } } }", json!({})).await;
    assert_eq!(socket.next().await["viewer"]["user"]["displayName"], "ada");
    assert_eq!(socket.frame().await, json!({ "id": id, "type": "complete" }));
    let send =
        "mutation($to: ID!) { sendMessage(input: { to: { userId: $to }, text: \"by socket\" }) { message { seq } } }";
    socket.subscribe(send, json!({ "to": bob.id })).await;
    assert_eq!(socket.next().await["sendMessage"]["message"]["seq"], 1);
}

/// On another node and without a bus, the topic there has not heard yet of what the client already knows.
async fn a_client_may_go_on_from_what_it_has_just_been_told(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&one, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut first = Socket::of(&bob.at(&other)).await;
    first.subscribe(ADDED, json!({ "id": conversation, "after": 0 })).await;
    let known = ada.send(&conversation, "known").await["seq"].clone();
    assert_eq!(next_seq(&mut first).await, 1, "the topic stands there");
    let known_too = ada.send(&conversation, "known too").await["seq"].clone();
    let mut second = Socket::of(&ada.at(&other)).await;
    second.subscribe(ADDED, json!({ "id": conversation, "after": known_too })).await;
    ada.send(&conversation, "new").await;
    assert_eq!(next_seq(&mut second).await, 3, "after {known} and {known_too}");
}

async fn a_logout_over_a_socket_is_answered_before_it_closes(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let mut socket = Socket::of(&ada).await;
    socket.subscribe("mutation { logout { endedSessionIds errors { code } } }", json!({})).await;
    assert_eq!(socket.next().await["logout"]["endedSessionIds"].as_array().unwrap().len(), 1);
    assert_eq!(socket.close_code().await, 4403);
}
