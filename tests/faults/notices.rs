//! What a group tells of its changes: each that was acknowledged once, in their order, although the change is made in one
//! store and told in another.

use crate::crashes::with_bus;
use crate::sender::Deed;
use crate::stage::{Stage, until};
use crate::support::backend::{Backend, is_long_run, on_every_backend};
use crate::support::mongo;
use crate::support::relay::{Line, Passage, Relay};
use crate::support::stores;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::sleep;

on_every_backend! {
    changes_are_told_once_and_in_order_whenever_the_node_is_killed
}

/// More kills than it takes to meet a change that is made and not told.
const MAX_KILLS: usize = 1_000;

async fn changes_are_told_once_and_in_order_whenever_the_node_is_killed(backend: Backend) {
    let wanted = if is_long_run() { 50 } else { 2 };
    let mut stage = Stage::set(with_bus(backend), 1).await;
    let urls = stage.urls();
    let mut load = stage.load_of(&urls, 0);
    stage.add_keeper(&mut load, &urls);
    let mut owed = 0;
    for _ in 0..MAX_KILLS {
        load.runs(3).await;
        // At any moment of what is under way: there is nothing to wait for.
        sleep(stage.chance.duration(Duration::ZERO..Duration::from_millis(30))).await;
        stage.take(0).kill().await;
        owed += usize::from(stage.backend.owed().await > 0);
        stage.start(0).await;
        if owed == wanted {
            break;
        }
    }
    assert_eq!(owed, wanted, "kills between a change and its notice");
    load.runs(3).await;
    load.end(&stage).await;
}

/// Swallows what is to be committed, while it is told to: the server answers everything else.
struct Swallowing(Arc<AtomicBool>);

impl Passage for Swallowing {
    fn to_server(&mut self, said: &[u8], on: &mut Vec<u8>) -> Line {
        let is_commit = said.windows(17).any(|window| window == b"commitTransaction");
        if !(is_commit && self.0.load(Ordering::SeqCst)) {
            on.extend_from_slice(said);
        }
        Line::Holds
    }
}

#[tokio::test]
async fn what_a_node_that_is_killed_owes_to_mongodb_is_told_by_another() {
    let Some(log) = mongo::empty().await else { return };
    let Some(database) = stores::postgres_database().await else { return };
    let swallows = Arc::<AtomicBool>::default();
    let shared = Arc::clone(&swallows);
    let direct = log.url().to_owned();
    let relay = Relay::with(&direct, move || Swallowing(Arc::clone(&shared))).await;
    // Not past the relay to a name that the server gives.
    let through = format!("{}?directConnection=true", relay.url().split('?').next().unwrap());
    let backend = with_bus(Backend::new(Some(database), Some(log))).with("MONGODB_URL", through);
    let mut stage = Stage::set(backend, 1).await;
    let urls = stage.urls();
    let load = stage.load_of(&urls, 0);
    let (ada, dan, group) = (stage.people[0].clone(), stage.people[3].clone(), stage.group().to_owned());
    let before = stage.notices().await;

    swallows.store(true, Ordering::SeqCst);
    let id = &dan.id;
    for (field, more) in [
        ("updateConversation", json!({ "name": "lake" })),
        ("setRole", json!({ "userId": id, "role": "ADMIN" })),
        ("removeMember", json!({ "userId": id })),
        ("addMembers", json!({ "userIds": [id] })),
    ] {
        assert!(load.records.change(&ada, &Deed::change(&group, field, &more)).await, "{field} is acknowledged");
    }
    assert_eq!(stage.backend.owed().await, 4, "and not told");
    assert_eq!(stage.notices().await, before);
    stage.take(0).kill().await;
    stage.backend = stage.backend.with("MONGODB_URL", direct);
    stage.start(0).await;

    let told = [
        "CONVERSATION_CHANGED ada lake",
        "ROLE_CHANGED ada dan ADMIN",
        "MEMBER_REMOVED ada dan",
        "MEMBER_JOINED ada dan",
    ];
    let told: Vec<_> = before.into_iter().chain(told.map(str::to_owned)).collect();
    until("all is told", async || stage.backend.owed().await == 0).await;
    assert_eq!(stage.notices().await, told);
    // Nothing of it is told again by one that comes after.
    stage.crash(0).await;
    let deed = Deed::change(&group, "updateConversation", &json!({ "name": "sea" }));
    assert!(load.records.change(&ada, &deed).await);
    let told: Vec<_> = told.into_iter().chain(["CONVERSATION_CHANGED ada sea".to_owned()]).collect();
    assert_eq!(stage.notices().await, told);
    load.end(&stage).await;
}
