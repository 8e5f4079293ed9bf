//! Many operations, many results, and clients that do not keep up.

use crate::support::PATIENCE;
use crate::support::server::{Server, until};
use crate::support::wire::{Wire, complete, next};
use futures_util::{SinkExt as _, StreamExt as _};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_has_room_for_so_many_operations() {
    let server = Server::with(|settings| settings.socket.max_operations = 3).await;
    let mut wire = Wire::ready(&server).await;
    for id in ["1", "2", "3"] {
        wire.subscribe(id, "subscription { held }").await;
        wire.hears([next(id, "held", 0)]).await;
    }
    wire.subscribe("4", "{ hello }").await;
    let errors = wire.hear_error("4").await;
    assert_eq!(errors[0]["extensions"]["code"], "QUERY_REFUSED");
    assert!(errors[0]["message"].as_str().unwrap().contains("3 operations"), "{errors}");
    wire.complete("2").await;
    wire.subscribe("4", "{ hello }").await;
    wire.hears([next("4", "hello", "world"), complete("4")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_operations_at_once_do_no_harm() {
    const SENT: usize = 20_000;
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    for id in 0..SENT {
        let payload = json!({ "query": "subscription { held }" });
        let message = json!({ "id": id.to_string(), "type": "subscribe", "payload": payload });
        wire.stream.feed(Message::text(message.to_string())).await.unwrap();
    }
    wire.stream.flush().await.unwrap();
    let mut heard: HashMap<String, usize> = HashMap::new();
    for _ in 0..SENT {
        *heard.entry(wire.hear().await["type"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(heard, HashMap::from([("next".to_owned(), 256), ("error".to_owned(), SENT - 256)]));
    assert_eq!(server.traces.held.load(Ordering::SeqCst), 256);
    wire.complete("0").await;
    wire.subscribe("0", "{ hello }").await;
    wire.hears([next("0", "hello", "world"), complete("0")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_starves_nobody_on_its_socket() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("flood", "subscription { flood(length: 1000) }").await;
    wire.hear().await;
    wire.subscribe("1", "subscription { count(to: 100) }").await;
    wire.say(json!({ "type": "ping" })).await;
    let (mut counted, mut has_pong) = (0, false);
    let hearing = async {
        while counted < 101 || !has_pong {
            let message = wire.hear().await;
            counted += usize::from(message["id"] == "1");
            has_pong |= message["type"] == "pong";
        }
    };
    timeout(PATIENCE, hearing).await.expect("its turn comes");
    wire.complete("flood").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_does_not_read_makes_the_stream_wait_and_is_let_go_in_the_end() {
    let server = Server::with(|settings| {
        settings.socket.ping_every = Duration::from_millis(100);
        settings.socket.silence_limit = Duration::from_millis(1_500);
    })
    .await;
    let (mut stalled, mut other) = (Wire::ready(&server).await, Wire::ready(&server).await);
    let began = Instant::now();
    stalled.subscribe("held", "subscription { held }").await;
    stalled.subscribe("1", "subscription { flood(length: 100000) }").await;
    until("it has begun", || server.traces.held.load(Ordering::SeqCst) == 1).await;
    while server.traces.held.load(Ordering::SeqCst) == 1 {
        assert!(began.elapsed() < PATIENCE, "it is let go");
        other.subscribe("1", "{ hello }").await;
        other.hears([next("1", "hello", "world"), complete("1")]).await;
        sleep(Duration::from_millis(20)).await;
    }
    assert!(began.elapsed() >= Duration::from_secs(1), "not before its time: {:?}", began.elapsed());
    let mut read = 0;
    while let Some(Ok(message)) = stalled.stream.next().await {
        read += message.len();
    }
    assert!(read < 30_000_000, "no more than the kernel's buffers hold was written for it: {read}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_reads_slowly_is_not_let_go() {
    let server = Server::with(|settings| {
        settings.socket.ping_every = Duration::from_millis(100);
        settings.socket.silence_limit = Duration::from_secs(2);
    })
    .await;
    let mut slow = Wire::ready(&server).await;
    slow.subscribe("1", "subscription { flood(length: 100000) }").await;
    // The system takes little in advance: the server has to wait, however slow it is itself just now.
    let MaybeTlsStream::Plain(connection) = slow.stream.get_ref() else { unreachable!("it is plain") };
    set_socket_recv_buffer_size(connection, 16 * 1024).unwrap();
    // Takes bytes as they come and answers nothing, as one whose pongs would come too late.
    let mut piece = vec![0; 20_000];
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(5) {
        let read = timeout(PATIENCE, slow.stream.get_mut().read(&mut piece)).await.expect("more in time").unwrap();
        assert!(read > 0, "let go after {:?}", began.elapsed());
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_goes_out_together() {
    let server = Server::start().await;
    let mut wire = Wire::ready(&server).await;
    wire.subscribe("1", "subscription { count(to: 20000) }").await;
    for n in 1..=20_000 {
        assert_eq!(wire.hear().await["payload"]["data"]["count"], n);
    }
    wire.hears([complete("1")]).await;
}
