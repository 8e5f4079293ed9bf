//! Who listens to what.

use serde_json::{Value, json};

/// People in one conversation of the mixed shapes.
const MEMBERS: usize = 10;
/// Conversations of each of those who listen to events.
const CONVERSATIONS_EACH: usize = 20;
/// People who listen to one conversation; each has as many sockets as it takes.
const LISTENING: usize = 100;

/// Three whose results are the same for all but a message's author, and one that depends on who looks.
const MIXED: [&str; 4] = [
    "subscription D0($id: ID!) { messageAdded(conversationId: $id) {
        id text createdAt author { id displayName } } }",
    "subscription D1($id: ID!) { messageAdded(conversationId: $id) { id seq text conversation { id } } }",
    "subscription D2($id: ID!) { messageAdded(conversationId: $id) {
        id text clientId author { id displayName avatarUrl } reactions { emoji count isByViewer } } }",
    "subscription D3($id: ID!) { messageAdded(conversationId: $id) { id text author { id isBlockedByViewer } } }",
];
const EVENTS: &str = "subscription E($ids: [ID!]) { events(conversationIds: $ids, only: [MESSAGE]) {
    ... on MessageAdded { revision message { id text createdAt author { id displayName } conversation { id } } } } }";

/// People, their conversations, and the sockets on which they listen.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) people: usize,
    /// Who is in each.
    pub(crate) conversations: Vec<Vec<usize>>,
    pub(crate) sockets: Vec<Socket>,
}

/// One socket with one subscription.
pub(crate) struct Socket {
    pub(crate) person: usize,
    pub(crate) hears: Vec<usize>,
    query: &'static str,
}

impl Plan {
    /// One conversation and so many sockets, all with the same document.
    pub(crate) fn one(sockets: usize) -> Self {
        let people = sockets.min(LISTENING);
        let socket = |n| Socket { person: n % people, hears: vec![0], query: MIXED[0] };
        Self {
            name: format!("1 conversation x {sockets}"),
            people,
            conversations: vec![(0..people).collect()],
            sockets: (0..sockets).map(socket).collect(),
        }
    }

    /// So many conversations of ten, each of whom listens on a socket of its own, with one of four documents.
    pub(crate) fn mixed(conversations: usize) -> Self {
        let conversations = tens(conversations.max(MEMBERS), conversations);
        let sockets = conversations.iter().enumerate().flat_map(|(c, members)| {
            members.iter().enumerate().map(move |(n, person)| Socket {
                person: *person,
                hears: vec![c],
                query: MIXED[n % MIXED.len()],
            })
        });
        Self {
            name: format!("{} conversations x {MEMBERS}, mixed", conversations.len()),
            people: conversations.len().max(MEMBERS),
            sockets: sockets.collect(),
            conversations: conversations.clone(),
        }
    }

    /// So many people, each in twenty conversations of ten, and with one socket that hears all of them.
    pub(crate) fn events(people: usize) -> Self {
        let people = people.max(CONVERSATIONS_EACH);
        let conversations = tens(people, people * CONVERSATIONS_EACH / MEMBERS);
        let mut hears = vec![Vec::new(); people];
        for (c, members) in conversations.iter().enumerate() {
            for person in members {
                hears[*person].push(c);
            }
        }
        let socket = |(person, hears)| Socket { person, hears, query: EVENTS };
        Self {
            name: format!("events of {people} in {CONVERSATIONS_EACH} each"),
            people,
            conversations,
            sockets: hears.into_iter().enumerate().map(socket).collect(),
        }
    }

    /// The same with nobody who subscribes, though as many sockets are open.
    pub(crate) fn unheard(&self) -> Self {
        let (name, conversations) = (self.name.clone(), self.conversations.clone());
        let sockets = self.sockets.iter().map(|socket| Socket { person: socket.person, hears: Vec::new(), query: "" });
        Self { name, people: self.people, sockets: sockets.collect(), conversations }
    }

    /// How often a message is delivered that is sent to each conversation once.
    pub(crate) fn deliveries(&self) -> usize {
        self.sockets.iter().map(|socket| socket.hears.len()).sum()
    }
}

impl Socket {
    /// What it subscribes with, if at all, where the conversations are called so.
    pub(crate) fn subscribe(&self, ids: &[String]) -> Option<Value> {
        let heard: Vec<_> = self.hears.iter().map(|c| &ids[*c]).collect();
        let variables = if self.query == EVENTS { json!({ "ids": heard }) } else { json!({ "id": heard.first()? }) };
        let payload = json!({ "query": self.query, "variables": variables });
        Some(json!({ "id": "1", "type": "subscribe", "payload": payload }))
    }
}

/// So many conversations of ten among so many people, each of whom is in as many.
fn tens(people: usize, conversations: usize) -> Vec<Vec<usize>> {
    let step = (people / MEMBERS).max(1);
    // Members of one are far from each other, so that two share few others.
    (0..conversations).map(|c| (0..MEMBERS).map(|n| (c + c / people + n * step) % people).collect()).collect()
}
