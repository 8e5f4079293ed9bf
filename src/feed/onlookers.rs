//! Those in this process who want to hear of people: who they are, whom they know, and what waits for them.
//!
//! What people are is told as it is now. So of what waits for one who is slow, only the latest of each person is kept.

use super::event::{PresenceTurn, ProfileTurn};
use super::rendition::Shared;
use crate::domain::ids::{ConversationId, UserId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// People of whom something may wait for one onlooker. What there is of more of them is dropped: it is no part of the log.
const MAX_WAITING: usize = 10_000;

/// Of what an onlooker wants to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interest {
    /// Who comes online and goes.
    pub(super) presence: bool,
    /// How people show themselves.
    pub(super) profiles: bool,
}

/// What is heard of a person.
#[derive(Clone, Debug)]
pub(super) enum Sight {
    /// Is online now, or is not.
    Turn(Shared<PresenceTurn>),
    /// Shows themselves otherwise.
    Profile(Shared<ProfileTurn>),
}

/// All of this process.
#[derive(Default)]
pub(super) struct Onlookers {
    all: Mutex<All>,
    count: watch::Sender<usize>,
    /// Whether what happens now is heard of.
    ready: watch::Sender<bool>,
}

#[derive(Default)]
struct All {
    next: u64,
    mailboxes: HashMap<u64, Arc<Mailbox>>,
    by_viewer: HashMap<UserId, HashSet<u64>>,
    by_person: HashMap<UserId, HashSet<u64>>,
    by_conversation: HashMap<ConversationId, HashSet<u64>>,
}

/// What waits for one of them.
pub(super) struct Mailbox {
    pub(super) viewer: UserId,
    pub(super) interest: Interest,
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Default)]
struct Waiting {
    turns: BTreeMap<UserId, Shared<PresenceTurn>>,
    profiles: BTreeMap<UserId, Shared<ProfileTurn>>,
}

/// One of them. Dropped, it hears nothing more.
pub(super) struct Onlooker {
    onlookers: Arc<Onlookers>,
    id: u64,
    mailbox: Arc<Mailbox>,
    people: HashSet<UserId>,
    conversations: HashSet<ConversationId>,
}

/// Who is to hear of a person.
#[derive(Default)]
pub(super) struct Audience {
    /// They share a conversation with the person, or are the person's own.
    pub(super) acquainted: Vec<Arc<Mailbox>>,
    /// They have named the person.
    pub(super) others: Vec<Arc<Mailbox>>,
}

impl Mailbox {
    pub(super) fn put(&self, sight: Sight) {
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            match sight {
                Sight::Turn(turn) => put(&mut waiting.turns, turn.user, turn),
                Sight::Profile(turn) => put(&mut waiting.profiles, turn.user, turn),
            }
        }
        self.arrived.notify_one();
    }

    fn take(&self) -> Option<Sight> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, turn)) = waiting.turns.pop_first() {
            return Some(Sight::Turn(turn));
        }
        waiting.profiles.pop_first().map(|(_, turn)| Sight::Profile(turn))
    }
}

fn put<T>(waiting: &mut BTreeMap<UserId, T>, user: UserId, what: T) {
    if waiting.len() < MAX_WAITING || waiting.contains_key(&user) {
        waiting.insert(user, what);
    }
}

impl Onlookers {
    /// One more, who hears of these people, and of nobody else before [`Onlooker::stand_in`].
    pub(super) fn add(self: &Arc<Self>, viewer: UserId, interest: Interest, people: HashSet<UserId>) -> Onlooker {
        let mailbox = Mailbox { viewer, interest, waiting: Mutex::default(), arrived: Notify::new() };
        let mailbox = Arc::new(mailbox);
        let id = {
            let mut all = self.all();
            all.next += 1;
            let id = all.next;
            all.mailboxes.insert(id, Arc::clone(&mailbox));
            note(&mut all.by_viewer, viewer, id);
            for person in &people {
                note(&mut all.by_person, *person, id);
            }
            id
        };
        self.count.send_modify(|count| *count += 1);
        Onlooker { onlookers: Arc::clone(self), id, mailbox, people, conversations: HashSet::new() }
    }

    /// Who is to hear of a person who is in these conversations.
    pub(super) fn audience(&self, of: UserId, conversations: &[ConversationId]) -> Audience {
        let all = self.all();
        let mailbox = |id: &u64| all.mailboxes.get(id).map(Arc::clone);
        let shared = conversations.iter().filter_map(|conversation| all.by_conversation.get(conversation));
        let acquainted: HashSet<u64> = shared.chain(all.by_viewer.get(&of)).flatten().copied().collect();
        let named = all.by_person.get(&of).into_iter().flatten();
        Audience {
            acquainted: acquainted.iter().filter_map(mailbox).collect(),
            others: named.filter(|id| !acquainted.contains(id)).filter_map(mailbox).collect(),
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// Says whether what happens now is heard of.
    pub(super) fn set_ready(&self, is_ready: bool) {
        self.ready.send_replace(is_ready);
    }

    /// Returns once what happens now is heard of.
    pub(super) async fn ready(&self) {
        // Fails only where the sender is gone, which is ours.
        let _ = self.ready.subscribe().wait_for(|is_ready| *is_ready).await;
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Onlooker {
    /// From now on it hears of those who are in these conversations.
    pub(super) fn stand_in(&mut self, conversations: HashSet<ConversationId>) {
        let mut all = self.onlookers.all();
        for left in self.conversations.difference(&conversations) {
            forget(&mut all.by_conversation, left, self.id);
        }
        for entered in conversations.difference(&self.conversations) {
            note(&mut all.by_conversation, *entered, self.id);
        }
        drop(all);
        self.conversations = conversations;
    }

    /// What is heard next.
    pub(super) async fn next(&self) -> Sight {
        loop {
            if let Some(sight) = self.mailbox.take() {
                return sight;
            }
            self.mailbox.arrived.notified().await;
        }
    }
}

impl Drop for Onlooker {
    fn drop(&mut self) {
        {
            let mut all = self.onlookers.all();
            all.mailboxes.remove(&self.id);
            forget(&mut all.by_viewer, &self.mailbox.viewer, self.id);
            for person in &self.people {
                forget(&mut all.by_person, person, self.id);
            }
            for conversation in &self.conversations {
                forget(&mut all.by_conversation, conversation, self.id);
            }
        }
        self.onlookers.count.send_modify(|count| *count -= 1);
    }
}

fn note<K: Eq + Hash>(index: &mut HashMap<K, HashSet<u64>>, key: K, id: u64) {
    index.entry(key).or_default().insert(id);
}

fn forget<K: Eq + Hash>(index: &mut HashMap<K, HashSet<u64>>, key: &K, id: u64) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(&id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
