//! What is stored in the end, and what the checker says of it all.

use super::actor::Acts;
use super::device::Follow;
use super::support::checker::{History, Origin, Seen, Stored};
use super::support::client::Person;
use super::world::World;
use serde_json::json;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

const REVISION: &str = "query($id: ID!) { conversation(id: $id) { revision } }";
const PAGE: &str = "query($id: ID!, $after: String) {
    history(of: { conversationId: $id }, first: 100, after: $after) {
        nodes { id seq revision text clientId author { id } } pageInfo { hasNextPage endCursor } } }";
/// How many violations are shown in full.
const SHOWN: usize = 20;

/// The last revision of each conversation.
pub(crate) async fn heads(world: &World) -> BTreeMap<String, i64> {
    let mut heads = BTreeMap::new();
    for (id, people) in world.conversations() {
        let conversation = world.call(&people[0], "conversation", REVISION, json!({ "id": id })).await;
        heads.insert(id.to_owned(), conversation["revision"].as_i64().unwrap());
    }
    heads
}

/// Prints what was done and what is wrong with it.
pub(crate) async fn pronounce(world: &World, acts: Vec<Acts>, follows: Vec<Follow>) -> ExitCode {
    let sum = |figure: fn(&Follow) -> u64| follows.iter().map(figure).sum::<u64>();
    let (cuts, lost) = (sum(|follow| follow.cuts), sum(|follow| follow.lost));
    let resyncs: Vec<_> = follows.iter().flat_map(|follow| follow.resyncs.clone()).collect();
    let history = History {
        acknowledged: acts.into_iter().flat_map(|acts| acts.acknowledged).collect(),
        subscribers: follows.into_iter().map(|follow| follow.subscriber).collect(),
        stored: stored(world).await,
    };
    let violations = history.violations();
    let given: usize = history.subscribers.iter().map(|subscriber| subscriber.given.len()).sum();
    println!(
        "{} answers to sends, edits and deletions; {} messages stored; {given} deliveries to {} devices; {cuts} cuts; \
         {lost} connections lost; {} calls made again",
        history.acknowledged.len(),
        history.stored.len(),
        history.subscribers.len(),
        world.tries_again.load(Ordering::Relaxed),
    );
    for resync in resyncs.iter().take(SHOWN) {
        println!("told to fetch anew, though little was missed: {resync}");
    }
    for violation in violations.iter().take(SHOWN) {
        println!("{violation}");
    }
    let wrong = violations.len() + resyncs.len();
    if wrong == 0 && given > 0 {
        println!("verdict: everything that was promised held");
        ExitCode::SUCCESS
    } else {
        println!("verdict: {wrong} violations, {given} deliveries");
        ExitCode::FAILURE
    }
}

async fn stored(world: &World) -> Vec<Stored> {
    let mut stored = Vec::new();
    for (id, people) in world.conversations() {
        let mut messages = listed(world, &people[0], id).await;
        // Client ids are shown to their authors alone.
        for (mine, theirs) in messages.iter_mut().zip(listed(world, &people[1], id).await) {
            mine.origin.client_id = mine.origin.client_id.take().or(theirs.origin.client_id);
        }
        stored.extend(messages);
    }
    stored
}

async fn listed(world: &World, person: &Person, conversation: &str) -> Vec<Stored> {
    let mut listed = Vec::new();
    let mut after = json!(null);
    loop {
        let variables = json!({ "id": conversation, "after": after });
        let mut page = world.call(person, "history", PAGE, variables).await;
        for node in page["nodes"].as_array().unwrap() {
            let by = node["author"]["id"].as_str().unwrap().to_owned();
            let origin = Origin { by, client_id: node["clientId"].as_str().map(str::to_owned) };
            listed.push(Stored { message: Seen::of(conversation, node).unwrap(), origin });
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return listed;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}
