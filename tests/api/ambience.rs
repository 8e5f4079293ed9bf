//! The effects that bend how time and identity appear.

use crate::support::backend::Backend;
use crate::support::client::Person;
use crate::support::socket::Socket;
use natterjack::chat::{Ambience, Dice};
use natterjack::domain::ambience::Effect;
use natterjack::domain::clock::{Clock as _, SystemClock};
use natterjack::domain::ids::ConversationId;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const SERVER: &str = "{ server { ambience { mood effects } } }";

/// The same stores as a node without any effect has left them.
async fn backend() -> Backend {
    Backend::sqlite().await.expect("it needs no service")
}

async fn page(person: &Person, conversation: &str, arguments: &str) -> Value {
    let query = format!(
        "query($id: ID!) {{ history(of: {{ conversationId: $id }} {arguments}) {{
            nodes {{ seq text createdAt shownAt }} edges {{ node {{ seq }} }} pageInfo {{ startCursor endCursor hasNextPage }} }} }}"
    );
    person.client.field("history", &query, json!({ "id": conversation })).await
}

fn column(page: &Value, name: &str) -> Vec<Value> {
    page["nodes"].as_array().unwrap().iter().map(|node| node[name].clone()).collect()
}

#[tokio::test]
async fn without_the_setting_nothing_is_bent() {
    let backend = backend().await;
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    assert_eq!(
        ada.client.data(SERVER, json!({})).await["server"]["ambience"],
        json!({ "mood": "NEUTRAL", "effects": [] })
    );
    let conversation = ada.open(&bob).await;
    for n in 0..20 {
        ada.send(&conversation, &n.to_string()).await;
    }
    for chronology in ["", "chronology: STRICT", "chronology: ARTISTIC", "chronology: null"] {
        let page = page(&bob, &conversation, &format!("first: 100 {chronology}")).await;
        assert_eq!(column(&page, "shownAt"), column(&page, "createdAt"), "{chronology}");
        assert_eq!(column(&page, "seq"), (1..=20).map(Value::from).collect::<Vec<_>>());
    }
    let viewer = ada.client.data("{ viewer { user { stability displayName } } }", json!({})).await;
    assert_eq!(viewer["viewer"]["user"], json!({ "stability": "STABLE", "displayName": "ada" }));
}

#[tokio::test]
async fn the_artistic_chronology_bends_what_is_shown_and_pages_as_ever() {
    let backend = backend().await.with("NATTERJACK_AMBIENCE", "artistic_chronology, IDENTITY_DRIFT");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let ambience = ada.client.data(SERVER, json!({})).await["server"]["ambience"].clone();
    assert_eq!(ambience["effects"], json!(["IDENTITY_DRIFT", "ARTISTIC_CHRONOLOGY"]));
    let conversation = ada.open(&bob).await;
    for n in 0..100 {
        ada.send(&conversation, &n.to_string()).await;
    }
    let strict = page(&bob, &conversation, "first: 100").await;
    assert_eq!(column(&strict, "shownAt"), column(&strict, "createdAt"));

    let artistic = page(&bob, &conversation, "first: 100 chronology: ARTISTIC").await;
    let (shown, sent) = (column(&artistic, "shownAt"), column(&artistic, "createdAt"));
    let moved = shown.iter().zip(&sent).filter(|(shown, sent)| shown != sent).count();
    // One in twenty to one in five; the odds that none of a hundred is moved are one in two hundred in the calmest mood.
    assert!(moved < 50, "{moved}");
    assert!(shown.is_sorted_by_key(|at| at.as_str().unwrap().to_owned()), "ordered by what is shown");
    assert_eq!(artistic["pageInfo"], strict["pageInfo"], "the page lies where it lies");
    let mut seqs = column(&artistic, "seq");
    let edges: Vec<_> = artistic["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["seq"].clone()).collect();
    assert_eq!(edges, seqs);
    seqs.sort_by_key(Value::as_i64);
    assert_eq!(seqs, column(&strict, "seq"), "and holds what it holds");
    assert_eq!(artistic, page(&bob, &conversation, "first: 100 chronology: ARTISTIC").await, "two looks agree");

    let (mut after, mut all) = (String::new(), Vec::new());
    loop {
        let arguments = format!("first: 7 chronology: ARTISTIC {after}");
        let page = page(&bob, &conversation, &arguments).await;
        all.extend(column(&page, "seq").iter().filter_map(Value::as_i64));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!("after: {}", page["pageInfo"]["endCursor"]);
    }
    all.sort_unstable();
    assert_eq!(all, (1..=100).collect::<Vec<_>>(), "nothing is passed over, and nothing comes twice");
}

#[tokio::test]
async fn messages_come_late_in_their_order_and_stand_in_the_log_at_once() {
    let effects = "TEMPORAL_WOBBLE,HARMONIC_SYNCHRONIZATION";
    let backend = backend().await.with("NATTERJACK_AMBIENCE", effects).with("NATTERJACK_AMBIENCE_SEED", "a test");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut socket = Socket::of(&bob).await;
    let query = "subscription($id: ID!) { messageAdded(conversationId: $id, afterSeq: 0) { seq } }";
    socket.subscribe(query, json!({ "id": conversation })).await;
    ada.send(&conversation, "first").await;
    assert_eq!(socket.next().await["messageAdded"]["seq"], 1);

    let mut waits = Vec::new();
    for n in 2..=40 {
        let began = Instant::now();
        ada.send(&conversation, "x").await;
        let answered = began.elapsed();
        let page = page(&bob, &conversation, "last: 1").await;
        assert_eq!(column(&page, "seq"), [json!(n)], "who reads the log has it");
        assert_eq!(socket.next().await["messageAdded"]["seq"], n);
        waits.push(began.elapsed().saturating_sub(answered));
    }
    // By 0 to 900 ms each, and then to the beat: all forty at once is what nobody draws.
    let total: Duration = waits.iter().sum();
    assert!(total > Duration::from_secs(3), "{total:?}");

    for _ in 0..40 {
        ada.send(&conversation, "y").await;
    }
    for n in 41..=80 {
        assert_eq!(socket.next().await["messageAdded"]["seq"], n);
    }
}

/// A seed under which somebody seems to type there in ten seconds: a node is started meanwhile, and people come online.
fn seed(conversation: ConversationId) -> String {
    let seeds = (0..).map(|n| format!("seed {n}"));
    let is_soon = |seed: &String| {
        let dice = Dice::of(seed.as_bytes());
        let effects = BTreeSet::from([Effect::PhantomTyping]);
        let ambience = Ambience::new(effects, dice.clone(), Arc::new(SystemClock));
        let moment = ambience.next_moment(conversation).unwrap();
        let wait = moment.at().since(SystemClock.now());
        (Duration::from_secs(10)..Duration::from_secs(12)).contains(&wait) && moment.lasts(&dice).is_some()
    };
    seeds.into_iter().find(is_soon).unwrap()
}

#[tokio::test]
async fn somebody_who_is_online_may_seem_to_type_and_soon_does_so_no_more() {
    let mut backend = backend().await;
    let node = backend.node().await;
    let (mut ada, mut bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    node.kill().await;
    backend.set("NATTERJACK_AMBIENCE", "PHANTOM_TYPING");
    backend.set("NATTERJACK_AMBIENCE_SEED", seed(conversation.parse().unwrap()));
    let node = backend.node().await;
    ada = ada.at(&node);
    bob = bob.at(&node);
    let mut sockets = [Socket::of(&ada).await, Socket::of(&bob).await];
    let query = "subscription($id: ID!) { typingChanged(conversationId: $id) {
        user { username } isTyping isSimulated typing { username } } }";
    for socket in &mut sockets {
        socket.subscribe(query, json!({ "id": conversation })).await;
    }
    let [of_ada, of_bob] = &mut sockets;
    let limit = Duration::from_secs(30);
    let (heard, hearing, who) = tokio::select! {
        heard = of_ada.frame_within(limit) => (heard, 0, "bob"),
        heard = of_bob.frame_within(limit) => (heard, 1, "ada"),
    };
    let expected = |is_typing: bool| {
        let typing: Vec<_> = is_typing.then(|| json!({ "username": who })).into_iter().collect();
        json!({ "user": { "username": who }, "isTyping": is_typing, "isSimulated": true, "typing": typing })
    };
    let heard = heard.expect("somebody seems to type");
    assert_eq!(heard["payload"]["data"]["typingChanged"], expected(true));
    assert_eq!(sockets[hearing].next().await["typingChanged"], expected(false));
    let silent = sockets[1 - hearing].frame_within(Duration::from_millis(100)).await;
    assert_eq!(silent, None, "nobody is told that they seem to type themselves");
}
