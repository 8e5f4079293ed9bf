//! What every bus promises.
#![cfg(test)]

mod nats;
mod server;

use futures_util::StreamExt as _;
use natterjack::bus::{Bus, LocalBus, NatsBus, Subscription};
use natterjack::domain::clock::Timestamp;
use natterjack::domain::conversation::MarksVersion;
use natterjack::domain::event::{Bell, ReceiptMoved, ReceiptsMoved, Ring, Topic, TypingMoved};
use natterjack::domain::extras::Extras;
use natterjack::domain::ids::{ConversationId, MessageId, ServerId, SessionId, UserId};
use natterjack::domain::message::{MembershipVersion, Message, MessageKind, Revision};
use natterjack::measures::BusMeasures;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::timeout;

/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Two ends of one bus, which may be one and the same.
struct Pair {
    teller: Arc<dyn Bus>,
    hearer: Arc<dyn Bus>,
}

impl Pair {
    fn of_one(bus: impl Bus + 'static) -> Self {
        let teller: Arc<dyn Bus> = Arc::new(bus);
        let hearer = Arc::clone(&teller);
        Self { teller, hearer }
    }

    /// A subscription that is known to be heard on.
    async fn listen(&self, topic: Topic) -> Subscription {
        let mut rings = self.hearer.subscribe(topic);
        reach(&*self.teller, topic, &mut rings).await;
        rings
    }

    async fn close(&self) {
        timeout(PATIENCE, self.teller.close()).await.unwrap();
        timeout(PATIENCE, self.hearer.close()).await.unwrap();
    }
}

/// Tells the topic something until it is heard, and all that was told before has been heard or lost; answers what was
/// heard.
async fn reach(teller: &dyn Bus, topic: Topic, rings: &mut Subscription) -> Arc<Ring> {
    let knocking = async {
        // Each knock is another, so that none is taken for one that was heard before.
        loop {
            let knock = unique_ring();
            teller.publish(topic, Arc::clone(&knock));
            let answer = async { while rings.next().await.unwrap() != knock {} };
            if timeout(Duration::from_millis(50), answer).await.is_ok() {
                return knock;
            }
        }
    };
    timeout(PATIENCE, knocking).await.expect("heard")
}

async fn next(rings: &mut Subscription) -> Arc<Ring> {
    let ring = timeout(PATIENCE, rings.next()).await.expect("something is heard");
    ring.expect("the bus is open")
}

async fn assert_ended(rings: &mut Subscription) {
    let ended = async { while rings.next().await.is_some() {} };
    timeout(PATIENCE, ended).await.expect("the subscription has ended");
}

fn now() -> Timestamp {
    Timestamp::from_unix_millis(1_769_860_800_007).unwrap()
}

fn a_person() -> Topic {
    Topic::Person(UserId::new(now()))
}

fn a_topic() -> Topic {
    Topic::Conversation(ConversationId::new(now()))
}

/// A ring unlike every other.
fn unique_ring() -> Arc<Ring> {
    Arc::new(Ring::SessionsEnded(vec![SessionId::new(now())]))
}

/// One of each kind.
fn rings_of_every_kind() -> Vec<Ring> {
    let (conversation, user) = (ConversationId::new(now()), UserId::new(now()));
    let revision = |number| Revision::new(number).unwrap();
    let message = Message {
        id: MessageId::new(now()),
        conversation,
        seq: revision(7),
        revision: revision(9),
        author: user,
        kind: MessageKind::Text,
        text: Some("Kröten \u{1f438} \"sind\"\\\n".to_owned()),
        extras: Extras::default(),
        reply_to: None,
        reactions: Vec::new(),
        pinned_at: None,
        notice: None,
        client_id: None,
        created_at: now(),
        edited_at: Some(now()),
        deleted_at: None,
        changed: None,
        membership_version: MembershipVersion(3),
    };
    let (delivered_seq, read_seq) = (revision(2), revision(1));
    let receipt = ReceiptMoved { conversation, user, delivered_seq, read_seq, at: now() };
    vec![
        Ring::Log(Bell::new(conversation, revision(9), revision(9), vec![message])),
        Ring::Receipts(ReceiptsMoved { conversation, version: MarksVersion(7), moved: vec![receipt, receipt] }),
        Ring::Typing(TypingMoved { conversation, user, is_typing: true, at: now() }),
        Ring::Memberships(user),
        Ring::SessionsEnded(vec![SessionId::new(now())]),
        Ring::People,
        Ring::Blocks(user),
        Ring::Apart(user, UserId::new(now())),
    ]
}

async fn every_listener_of_a_topic_hears_a_ring(pair: Pair) {
    let topic = a_topic();
    let mut listeners = [pair.listen(topic).await, pair.listen(topic).await, pair.listen(topic).await];
    let ring = unique_ring();
    pair.teller.publish(topic, Arc::clone(&ring));
    pair.teller.publish(topic, unique_ring());
    for listener in &mut listeners {
        while next(listener).await != ring {}
    }
}

async fn a_ring_is_heard_as_it_was_told(pair: Pair) {
    let topic = a_topic();
    let mut listener = pair.listen(topic).await;
    for ring in rings_of_every_kind() {
        pair.teller.publish(topic, Arc::new(ring.clone()));
        assert_eq!(*next(&mut listener).await, ring);
    }
}

async fn listeners_of_other_topics_hear_nothing_of_it(pair: Pair) {
    for (topic, other) in
        [(a_topic(), a_topic()), (a_topic(), Topic::Sessions), (a_person(), a_person()), (Topic::People, Topic::Typing)]
    {
        let (mut listener, mut bystander) = (pair.listen(topic).await, pair.listen(other).await);
        let (ring, others) = (unique_ring(), unique_ring());
        pair.teller.publish(topic, Arc::clone(&ring));
        assert_eq!(next(&mut listener).await, ring);
        pair.teller.publish(other, Arc::clone(&others));
        assert_eq!(next(&mut bystander).await, others);
    }
}

async fn a_listener_that_goes_takes_nothing_from_those_who_stay(pair: Pair) {
    let topic = a_topic();
    let (goes, mut stays) = (pair.listen(topic).await, pair.listen(topic).await);
    drop(goes);
    reach(&*pair.teller, topic, &mut stays).await;
}

async fn who_comes_after_the_last_has_gone_hears(pair: Pair) {
    let topic = a_topic();
    for _ in 0..3 {
        drop(pair.listen(topic).await);
    }
}

async fn telling_a_topic_without_listeners_is_harmless(pair: Pair) {
    let topic = a_topic();
    pair.teller.publish(topic, unique_ring());
    reach(&*pair.teller, topic, &mut pair.hearer.subscribe(topic)).await;
}

async fn a_stalled_listener_holds_up_nobody_and_hears_the_latest(pair: Pair) {
    let topic = a_topic();
    let (mut stalled, mut prompt) = (pair.listen(topic).await, pair.listen(topic).await);
    for count in 0..20_000 {
        pair.teller.publish(topic, unique_ring());
        if count % 100 == 0 {
            yield_now().await;
        }
    }
    let last = reach(&*pair.teller, topic, &mut prompt).await;
    let mut backlog = 0;
    while next(&mut stalled).await != last {
        backlog += 1;
    }
    assert!(backlog < 1_000, "{backlog} rings were kept for a stalled listener");
}

async fn closing_ends_subscriptions_and_nothing_follows(pair: Pair) {
    let topic = a_topic();
    let mut listener = pair.listen(topic).await;
    pair.close().await;
    assert_ended(&mut listener).await;
    pair.teller.publish(topic, unique_ring());
    assert_ended(&mut pair.hearer.subscribe(topic)).await;
    pair.close().await;
}

async fn dropping_a_bus_ends_its_subscriptions(pair: Pair) {
    let mut listener = pair.listen(a_topic()).await;
    drop(pair);
    assert_ended(&mut listener).await;
}

/// Runs each promise on every bus.
macro_rules! on_every_bus {
    ($($promise:ident)+) => {
        mod local {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(Pair::of_one(LocalBus::new(BusMeasures::default()))).await;
            })+
        }

        mod nats_within_a_node {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let Some(url) = server::shared() else { return };
                let bus = NatsBus::connect(&url, ServerId::new(now()), BusMeasures::default()).await.unwrap();
                super::$promise(Pair::of_one(bus)).await;
            })+
        }

        mod nats_between_nodes {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let Some(url) = server::shared() else { return };
                let deployment = ServerId::new(now());
                super::$promise(Pair {
                    teller: Arc::new(NatsBus::connect(&url, deployment, BusMeasures::default()).await.unwrap()),
                    hearer: Arc::new(NatsBus::connect(&url, deployment, BusMeasures::default()).await.unwrap()),
                }).await;
            })+
        }
    };
}

on_every_bus! {
    every_listener_of_a_topic_hears_a_ring
    a_ring_is_heard_as_it_was_told
    listeners_of_other_topics_hear_nothing_of_it
    a_listener_that_goes_takes_nothing_from_those_who_stay
    who_comes_after_the_last_has_gone_hears
    telling_a_topic_without_listeners_is_harmless
    a_stalled_listener_holds_up_nobody_and_hears_the_latest
    closing_ends_subscriptions_and_nothing_follows
    dropping_a_bus_ends_its_subscriptions
}
