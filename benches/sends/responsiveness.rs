//! Round trips as one who talks feels them: from a send to its event at the other's subscription, one after the other, with the
//! effects of ambience off and on.

use super::bench::figures::Times;
use super::bench::process::pin;
use super::support::backend::Backend;
use super::support::client::Person;
use super::support::socket::Socket;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const ROUND_TRIPS: u32 = 200;
/// Within so long a reply is felt to be immediate.
const FELT: Duration = Duration::from_millis(100);
/// Between two sends, as one who writes short messages.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) async fn run(name: &str, backend: Option<Backend>) {
    let Some(backend) = backend else { return };
    let node = backend.node().await;
    pin(&[&node]).await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut socket = Socket::of(&bob).await;
    let query = "subscription($id: ID!) { messageAdded(conversationId: $id, afterSeq: 0) { seq } }";
    socket.subscribe(query, json!({ "id": conversation })).await;
    let (mut times, mut felt) = (Times::new(), 0);
    for _ in 0..ROUND_TRIPS {
        let sent = Instant::now();
        let (_, _) = tokio::join!(ada.send(&conversation, "hello"), socket.next());
        let took = sent.elapsed();
        times.record(took);
        felt += u32::from(took <= FELT);
        sleep(PAUSE).await;
    }
    println!(
        "{name:>17}: {:>5.1} % within {} ms; p50 {:>6.1}, p95 {:>6.1}, worst {:>6.1}",
        f64::from(felt) * 100.0 / f64::from(ROUND_TRIPS),
        FELT.as_millis(),
        times.millis(0.5),
        times.millis(0.95),
        times.millis(1.0)
    );
}
