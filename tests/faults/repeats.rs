//! The same on two nodes at once.

use crate::crashes::with_bus;
use crate::sender::Deed;
use crate::stage::{Stage, by_way_of};
use crate::support::backend::{Backend, is_long_run, on_every_backend};
use futures_util::future::join_all;
use std::collections::BTreeSet;

on_every_backend! {
    edits_on_two_nodes_at_once_are_all_made
    one_client_id_sent_many_times_at_once_is_one_message
}

async fn one_client_id_sent_many_times_at_once_is_one_message(backend: Backend) {
    const AT_ONCE: usize = 50;
    let rounds = if is_long_run() { 100 } else { 3 };
    let mut stage = Stage::set(with_bus(backend), 2).await;
    let urls = stage.urls();
    let load = stage.load_of(&urls, 0);
    let conversation = stage.conversations[0].clone();
    let ada: Vec<_> = urls.iter().map(|url| by_way_of(&stage.people[0], url)).collect();
    for round in 0..rounds {
        let deed = Deed::send(&conversation, &format!("again and again {round}"));
        let sending = (0..AT_ONCE).map(|n| load.records.attempt(&ada[n % 2], &deed));
        let answers: Vec<_> = join_all(sending).await.into_iter().map(|answer| answer.expect("stored")).collect();
        let ids: BTreeSet<_> = answers.iter().map(|answer| &answer.message.id).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(answers.iter().filter(|answer| answer.is_first).count(), 1);
    }
    let ended = load.end(&stage).await;
    assert_eq!(ended.stored, rounds);
}

async fn edits_on_two_nodes_at_once_are_all_made(backend: Backend) {
    const MESSAGES: usize = 5;
    const EDITS: usize = 20;
    let rounds = if is_long_run() { 100 } else { 3 };
    let mut stage = Stage::set(with_bus(backend), 2).await;
    let urls = stage.urls();
    let load = stage.load_of(&urls, 0);
    let conversation = stage.conversations[0].clone();
    let ada: Vec<_> = urls.iter().map(|url| by_way_of(&stage.people[0], url)).collect();
    let records = &load.records;
    let sending = (0..MESSAGES).map(async |n| {
        let client_id = n.to_string();
        let sent = records.attempt(&ada[n % 2], &Deed::send(&conversation, &client_id)).await;
        (sent.expect("stored").message, client_id)
    });
    let messages = join_all(sending).await;
    let mut revisions = BTreeSet::new();
    for round in 0..rounds {
        // Each message by way of both, no two with the same words.
        let editing = (0..MESSAGES * EDITS).map(async |n| {
            let (message, client_id) = &messages[n % MESSAGES];
            let deed = Deed::edit(message, client_id, &format!("{round}: {n}"));
            records.attempt(&ada[n / MESSAGES % 2], &deed).await.expect("made").message.revision
        });
        revisions.extend(join_all(editing).await);
    }
    let made = MESSAGES * EDITS * rounds;
    assert_eq!(revisions.len(), made, "each edit has a number of its own");
    let numbers = i64::try_from(MESSAGES + made).unwrap();
    assert_eq!(revisions.last(), Some(&numbers), "and there is no number without one");
    load.end(&stage).await;
}
