//! Somebody who changes a group, each change again until it is acknowledged, by whichever node; and what the group has to
//! tell of it: each change once, in their order.

use crate::chance::Chance;
use crate::sender::{Deed, PACE, Records};
use crate::stage::{PATIENCE, Stage};
use crate::support::client::Person;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Before one who was not answered well tries again.
const PAUSE: Duration = Duration::from_millis(50);

/// What the group is to tell of the changes that were acknowledged.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<String>>>);

impl Kept {
    fn note(&self, told: String) {
        self.0.lock().unwrap().push(told);
    }

    /// The group tells of all that, in that order, and of nothing else; maybe not yet where a node was killed.
    pub(crate) async fn judge(&self, stage: &Stage) {
        let mut expected = vec!["CONVERSATION_CREATED ada pond".to_owned(), "MEMBER_JOINED ada dan".to_owned()];
        expected.extend(self.0.lock().unwrap().iter().cloned());
        let all_told = timeout(PATIENCE, async {
            while stage.notices().await.len() < expected.len() || stage.backend.owed().await > 0 {
                sleep(Duration::from_millis(100)).await;
            }
        });
        let is_told = all_told.await.is_ok();
        let told = stage.notices().await;
        let differing = expected.iter().zip(&told).position(|(expected, told)| expected != told);
        let from = differing.unwrap_or(expected.len().min(told.len())).saturating_sub(2);
        assert!(expected == told, "expected {:?} and was told {:?}, from {from} on", &expected[from..], &told[from..]);
        assert!(is_told, "nothing is owed in the end");
    }
}

/// How one who changes a group goes about it.
pub(crate) struct Keeper {
    /// Where the keeper may go: the group's owner by way of each node.
    pub(crate) at: Vec<Person>,
    pub(crate) group: String,
    /// Who comes in and goes out. By name: eve and fay.
    pub(crate) others: Vec<Person>,
    pub(crate) chance: Chance,
}

/// The names of the others.
const NAMES: [&str; 2] = ["eve", "fay"];

impl Keeper {
    /// Changes the group until it is told to stop. No change is like the one before it, so that each is to be told.
    pub(crate) async fn keep(mut self, records: Records, kept: Kept, stop: CancellationToken) {
        let mut roles = [None; NAMES.len()];
        for number in 1.. {
            let one = self.chance.below(NAMES.len());
            let (field, more, told) = if self.chance.one_in(3) {
                let name = format!("pond {number}");
                ("updateConversation", json!({ "name": name }), format!("CONVERSATION_CHANGED ada {name}"))
            } else {
                self.change_of(one, &mut roles[one])
            };
            self.until_acknowledged(&records, &Deed::change(&self.group.clone(), field, &more)).await;
            kept.note(told);
            if stop.is_cancelled() {
                return;
            }
        }
    }

    /// What becomes of one of the others next, who has that role.
    fn change_of(&mut self, one: usize, role: &mut Option<&'static str>) -> (&'static str, Value, String) {
        let (id, name) = (&self.others[one].id, NAMES[one]);
        let before = *role;
        *role = match before {
            Some(_) if self.chance.one_in(2) => None,
            Some("MEMBER") => Some("ADMIN"),
            _ => Some("MEMBER"),
        };
        match (before, *role) {
            (None, _) => ("addMembers", json!({ "userIds": [id] }), format!("MEMBER_JOINED ada {name}")),
            (_, None) => ("removeMember", json!({ "userId": id }), format!("MEMBER_REMOVED ada {name}")),
            (_, Some(role)) => {
                ("setRole", json!({ "userId": id, "role": role }), format!("ROLE_CHANGED ada {name} {role}"))
            }
        }
    }

    async fn until_acknowledged(&mut self, records: &Records, deed: &Deed) {
        let mut place = self.chance.below(self.at.len());
        loop {
            let is_acknowledged = records.change(&self.at[place], deed).await;
            // Now and then the answer does not reach the keeper, as far as the server knows.
            match (is_acknowledged, self.chance.one_in(10)) {
                (true, false) => return sleep(self.chance.duration(PACE)).await,
                (true, true) => {}
                (false, _) => {
                    place = self.chance.below(self.at.len());
                    sleep(PAUSE).await;
                }
            }
        }
    }
}
