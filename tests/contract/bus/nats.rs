//! What the bus over NATS promises beyond: between nodes, and while the server is away.

use super::server::{self, Server, until};
use super::*;
use natterjack::error::Code;
use natterjack::measures::Measures;
use tokio::task::yield_now;
use tokio::time::Instant;

/// A node of that deployment.
async fn node(url: &str, deployment: ServerId) -> NatsBus {
    counting(url, deployment, &Measures::new()).await
}

/// The same, which counts there.
async fn counting(url: &str, deployment: ServerId, measures: &Measures) -> NatsBus {
    NatsBus::connect(url, deployment, measures.bus.clone()).await.unwrap()
}

async fn connected(bus: &NatsBus) {
    until(async || bus.is_connected()).await;
}

/// Tells for a while, too much for any buffer to hold, and finds out whether that waits for anything.
async fn flood(bus: &NatsBus, topic: Topic) {
    let message = match rings_of_every_kind().swap_remove(0) {
        Ring::Log(bell) => bell.messages.unwrap().swap_remove(0),
        other => panic!("{other:?}"),
    };
    let message = Message { text: Some("toad".repeat(12_000)), ..message };
    let bell = Bell::new(message.conversation, message.revision, message.revision, vec![message]);
    let big = Arc::new(Ring::Log(bell));
    let began = Instant::now();
    for _ in 0..3_000 {
        bus.publish(topic, Arc::clone(&big));
        yield_now().await;
    }
    assert!(began.elapsed() < PATIENCE, "publishing has waited");
}

#[tokio::test]
async fn a_node_hears_what_it_tells_once() {
    let Some(url) = server::shared() else { return };
    let (deployment, topic) = (ServerId::new(now()), a_topic());
    let (here, there) = (node(&url, deployment).await, node(&url, deployment).await);
    let (mut at_home, mut abroad) = (here.subscribe(topic), there.subscribe(topic));
    reach(&here, topic, &mut abroad).await;
    reach(&there, topic, &mut at_home).await;
    let (own, foreign) = (unique_ring(), unique_ring());
    here.publish(topic, Arc::clone(&own));
    while next(&mut abroad).await != own {}
    // The server would have sent an echo by now, on the connection on which the foreign ring follows.
    there.publish(topic, Arc::clone(&foreign));
    assert_eq!(next(&mut at_home).await, own);
    assert_eq!(next(&mut at_home).await, foreign);
}

#[tokio::test]
async fn deployments_that_share_a_server_do_not_hear_each_other() {
    let Some(url) = server::shared() else { return };
    let (ours, theirs) = (ServerId::new(now()), ServerId::new(now()));
    let (here, there) = (node(&url, ours).await, node(&url, ours).await);
    let (stranger, strange_listener) = (node(&url, theirs).await, node(&url, theirs).await);
    for topic in [a_topic(), Topic::Sessions] {
        let (mut listener, mut eavesdropper) = (there.subscribe(topic), strange_listener.subscribe(topic));
        reach(&here, topic, &mut listener).await;
        reach(&stranger, topic, &mut eavesdropper).await;
        let (ring, strange_ring) = (unique_ring(), unique_ring());
        here.publish(topic, Arc::clone(&ring));
        assert_eq!(next(&mut listener).await, ring);
        // The server has passed on the first by now, and so would have sent it before the second.
        stranger.publish(topic, Arc::clone(&strange_ring));
        assert_eq!(next(&mut eavesdropper).await, strange_ring);
    }
}

#[tokio::test]
async fn a_node_subscribes_once_to_a_topic_while_it_has_listeners() {
    let Some(server) = Server::start(&[]).await else { return };
    let (bus, topic) = (node(&server.url(), ServerId::new(now())).await, a_topic());
    let listeners = [bus.subscribe(topic), bus.subscribe(topic), bus.subscribe(topic)];
    let other = bus.subscribe(Topic::Sessions);
    until(async || server.subscriptions().await.len() == 2).await;
    let [first, second, last] = listeners;
    drop((first, other));
    until(async || server.subscriptions().await.len() == 1).await;
    drop((second, last));
    until(async || server.subscriptions().await.is_empty()).await;
    let _again = bus.subscribe(topic);
    until(async || server.subscriptions().await.len() == 1).await;
}

#[tokio::test]
async fn what_is_no_ring_is_passed_over() {
    let Some(url) = server::shared() else { return };
    let (deployment, conversation) = (ServerId::new(now()), ConversationId::new(now()));
    let topic = Topic::Conversation(conversation);
    let (here, there) = (node(&url, deployment).await, node(&url, deployment).await);
    let mut listener = here.subscribe(topic);
    reach(&there, topic, &mut listener).await;
    let stranger = async_nats::connect(&url).await.unwrap();
    let subject = format!("natterjack.{deployment}.{conversation}");
    for other in [&b""[..], b"\xff\0", b"hello", b"{}", br#"{"dance":{"steps":3}}"#, br#"{"log":7}"#] {
        stranger.publish(subject.clone(), other.into()).await.unwrap();
    }
    // Shows that the rest came too: on the same subject, before this.
    let readable = unique_ring();
    let json = serde_json::to_vec(&readable).unwrap();
    stranger.publish(subject, json.into()).await.unwrap();
    assert_eq!(next(&mut listener).await, readable);
    reach(&there, topic, &mut listener).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_of_the_server_is_outlived() {
    let Some(mut server) = Server::start(&[]).await else {
        return;
    };
    let (deployment, topic) = (ServerId::new(now()), a_topic());
    let (here, there) = (node(&server.url(), deployment).await, node(&server.url(), deployment).await);
    let (mut at_home, mut abroad) = (here.subscribe(topic), there.subscribe(topic));
    reach(&here, topic, &mut abroad).await;
    server.kill().await;
    flood(&here, topic).await;
    reach(&here, topic, &mut at_home).await;
    until(async || !here.is_connected() && !there.is_connected()).await;
    flood(&here, topic).await;
    let meanwhile = a_topic();
    let mut latecomer = there.subscribe(meanwhile);
    reach(&there, meanwhile, &mut latecomer).await;
    server.restart().await;
    reach(&here, topic, &mut abroad).await;
    reach(&there, topic, &mut at_home).await;
    reach(&here, meanwhile, &mut latecomer).await;
    assert!(here.is_connected() && there.is_connected());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_while_the_server_was_away_is_not_told_late() {
    let Some(server) = Server::start(&[]).await else { return };
    let (deployment, topic) = (ServerId::new(now()), a_topic());
    let (told, heard) = (Measures::new(), Measures::new());
    let there = counting(&server.url(), deployment, &heard).await;
    let mut listener = there.subscribe(topic);
    until(async || server.subscriptions().await.len() == 1).await;
    let road = server.road();
    let here = counting(&road.url(), deployment, &told).await;
    for _ in 0..10 {
        here.publish(topic, unique_ring());
    }
    let _open = road.open().await;
    connected(&here).await;
    let timely = unique_ring();
    here.publish(topic, Arc::clone(&timely));
    assert_eq!(next(&mut listener).await, timely);
    for counted in [
        "bus_published_total 11",
        "bus_dropped_total{cause=\"nats is away\"} 10",
        "bus_connected 1",
        "bus_connections_total 1",
    ] {
        let text = told.text();
        assert!(text.contains(&format!("natterjack_{counted}\n")), "{counted}: {text}");
    }
    assert!(heard.text().contains("natterjack_bus_received_total 1\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_late_is_joined() {
    let Some(mut server) = Server::absent().await else {
        return;
    };
    let (deployment, topic) = (ServerId::new(now()), a_topic());
    let (here, there) = (node(&server.url(), deployment).await, node(&server.url(), deployment).await);
    let (mut at_home, mut abroad) = (here.subscribe(topic), there.subscribe(topic));
    assert!(!here.is_connected());
    flood(&here, topic).await;
    reach(&here, topic, &mut at_home).await;
    server.restart().await;
    reach(&here, topic, &mut abroad).await;
    assert!(here.is_connected());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stalls_holds_up_nobody() {
    let Some(server) = Server::start(&[]).await else { return };
    let (deployment, topic) = (ServerId::new(now()), a_topic());
    let (here, there) = (node(&server.url(), deployment).await, node(&server.url(), deployment).await);
    let third = node(&server.url(), deployment).await;
    let (mut at_home, mut abroad) = (here.subscribe(topic), there.subscribe(topic));
    reach(&here, topic, &mut abroad).await;
    connected(&third).await;
    server.freeze().await;
    flood(&here, topic).await;
    reach(&here, topic, &mut at_home).await;
    flood(&third, topic).await;
    timeout(PATIENCE, third.close()).await.expect("closing waits two seconds at most");
    server.thaw().await;
    reach(&here, topic, &mut abroad).await;
}

#[tokio::test]
async fn closing_tells_what_waits_and_ends_the_connection() {
    let Some(server) = Server::start(&[]).await else { return };
    let (deployment, conversation) = (ServerId::new(now()), ConversationId::new(now()));
    let (topic, subject) = (Topic::Conversation(conversation), format!("natterjack.{deployment}.{conversation}"));
    let stranger = async_nats::connect(server.url()).await.unwrap();
    let mut heard = stranger.subscribe(subject).await.unwrap();
    until(async || server.subscriptions().await.len() == 1).await;
    let (closed, dropped) = (node(&server.url(), deployment).await, node(&server.url(), deployment).await);
    connected(&closed).await;
    connected(&dropped).await;
    let rings: Vec<_> = (0..1_000).map(|_| unique_ring()).collect();
    for ring in &rings {
        closed.publish(topic, Arc::clone(ring));
    }
    timeout(PATIENCE, closed.close()).await.unwrap();
    assert!(!closed.is_connected());
    for ring in &rings {
        let message = timeout(PATIENCE, heard.next()).await.expect("all are told");
        assert_eq!(serde_json::from_slice::<Ring>(&message.unwrap().payload).unwrap(), **ring);
    }
    until(async || server.connections().await == 2).await;
    drop(dropped);
    until(async || server.connections().await == 1).await;
}

#[tokio::test]
async fn the_server_is_looked_for_until_the_bus_is_closed_or_dropped() {
    let Some(server) = Server::absent().await else { return };
    let road = server.road();
    let bus = node(&road.url(), ServerId::new(now())).await;
    let _listener = bus.subscribe(a_topic());
    road.turn_away(5).await;
    timeout(PATIENCE, bus.close()).await.expect("closing does not wait for the server");
    // One may have been on its way.
    assert!(road.turn_all_away(Duration::from_secs(3)).await <= 1);
    drop(bus);
    let bus = node(&road.url(), ServerId::new(now())).await;
    road.turn_away(5).await;
    drop(bus);
    assert!(road.turn_all_away(Duration::from_secs(3)).await <= 1);
}

#[tokio::test]
async fn the_address_may_bear_credentials_and_name_several_servers() {
    for (options, credentials) in
        [(&["--user", "toad", "--pass", "p@nd"][..], "toad:p%40nd"), (&["--auth", "s3cret"], "s3cret")]
    {
        let Some(server) = Server::start(options).await else {
            return;
        };
        let absent = Server::absent().await.unwrap();
        let urls = format!("nats://{credentials}@{},{}", absent.address(), server.url());
        connected(&node(&urls, ServerId::new(now())).await).await;
        let stranger = node(&server.url(), ServerId::new(now())).await;
        let topic = a_topic();
        let mut listener = stranger.subscribe(topic);
        reach(&stranger, topic, &mut listener).await;
        assert!(!stranger.is_connected());
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused_at_once() {
    let refused = NatsBus::connect("http://127.0.0.1", ServerId::new(now()), Measures::new().bus).await;
    assert_eq!(refused.err().map(|error| error.code()), Some(Code::InvalidInput));
}
