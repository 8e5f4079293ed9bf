//! Two nodes, and people there who do something, of whom one watches.

use super::replica::Replica;
use super::{Change, Extras, Step};
use crate::support::backend::Node;
use crate::support::client::Person;
use crate::support::socket::{PATIENCE, Socket};
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// The three pairs that the first three people make.
const PAIRS: [[usize; 2]; 3] = [[0, 1], [0, 2], [1, 2]];
/// Which of the people watches.
const WATCHER: usize = 0;

/// A message that was sent, and by whom.
#[derive(Clone)]
struct Sent {
    conversation: String,
    by: usize,
    id: String,
}

/// A reaction that somebody has, as far as nobody has deleted the message.
struct Reacted {
    by: usize,
    message: String,
    emoji: &'static str,
}

/// Two nodes, and four people who are new to them.
pub(super) struct World {
    nodes: Arc<[Node; 2]>,
    people: Vec<Person>,
    /// The direct conversations that have begun, by pair.
    direct: BTreeMap<usize, String>,
    groups: Vec<String>,
    messages: Vec<Sent>,
    reactions: Vec<Reacted>,
    replica: Option<Replica>,
    socket: Option<Socket>,
    sockets: usize,
}

impl World {
    pub(super) async fn new(nodes: &Arc<[Node; 2]>, number: usize) -> Self {
        let mut people = Vec::new();
        for name in ["ada", "bob", "cyd", "dan"] {
            people.push(Person::register(&nodes[0], &format!("{name}{number}")).await);
        }
        Self {
            nodes: Arc::clone(nodes),
            people,
            direct: BTreeMap::new(),
            groups: Vec::new(),
            messages: Vec::new(),
            reactions: Vec::new(),
            replica: None,
            socket: None,
            sockets: 0,
        }
    }

    pub(super) async fn play(&mut self, steps: &[Step]) -> Result<(), TestCaseError> {
        for step in steps {
            self.step(step).await;
            // Takes what has come, and does not wait for what may.
            while let Some(frame) = self.frame_before(Instant::now()).await {
                self.replica.as_mut().unwrap().take(&frame)?;
            }
        }
        self.step(&Step::Look).await;
        let deadline = Instant::now() + PATIENCE;
        let fresh = Replica::of(&self.people[WATCHER]).await;
        while !self.replica.as_ref().unwrap().has_what(&fresh) {
            let Some(frame) = self.frame_before(deadline).await else {
                let replica = self.replica.take();
                return Err(TestCaseError::fail(format!("a client has {replica:#?}\na query says {fresh:#?}")));
            };
            self.replica.as_mut().unwrap().take(&frame)?;
        }
        Ok(())
    }

    async fn frame_before(&mut self, deadline: Instant) -> Option<Value> {
        let socket = self.socket.as_mut()?;
        timeout_at(deadline, socket.frame()).await.ok()
    }

    async fn step(&mut self, step: &Step) {
        match *step {
            Step::Open(pair) => drop(self.conversation(pair % PAIRS.len()).await),
            Step::Make { by, members, invited, is_public } => self.make(by, members, invited, is_public).await,
            Step::Change { by, group, change } => {
                if let Some(group) = self.groups.get(group % self.groups.len().max(1)) {
                    self.change(by, group, change).await;
                }
            }
            Step::Send { by, place, extras } => self.send(by, place, extras).await,
            Step::Edit { message, text } => self.edit(message, &format!("edited {text}")).await,
            Step::Delete { by, message } => drop(self.amend(by, message, "deleteMessage", json!({})).await),
            Step::React { by, message, emoji } => self.react(by, message, emoji).await,
            Step::TakeBack { reaction } => self.take_back(reaction).await,
            Step::Pin { by, message, is_pinned } => {
                self.amend(by, message, "setPinned", json!({ "isPinned": is_pinned })).await;
            }
            Step::Read { by, message } => self.mark("markRead", by, message).await,
            Step::Deliver { by, message } => self.mark("markDelivered", by, message).await,
            Step::Type { by, place, is_typing } => {
                let input = json!({ "conversationId": self.conversation(place).await, "isTyping": is_typing });
                self.try_to(by, "setTyping", "", input).await;
            }
            Step::Mute { place, is_muted } => {
                let input = json!({ "conversationId": self.conversation(place).await, "isMuted": is_muted });
                self.try_to(WATCHER, "setMuted", "", input).await;
            }
            Step::Look if self.replica.is_none() => {
                self.replica = Some(Replica::of(&self.people[WATCHER]).await);
                self.subscribe().await;
            }
            Step::Cut if self.replica.is_some() => self.subscribe().await,
            Step::Look | Step::Cut => {}
        }
    }

    async fn subscribe(&mut self) {
        self.sockets += 1;
        let person = self.people[WATCHER].at(&self.nodes[self.sockets % 2]);
        self.socket = Some(self.replica.as_ref().unwrap().subscribe(&person).await);
    }

    /// A direct conversation, which begins where it has not, or a group.
    async fn conversation(&mut self, place: usize) -> String {
        let pair = place % (PAIRS.len() + self.groups.len());
        if pair >= PAIRS.len() {
            return self.groups[pair - PAIRS.len()].clone();
        }
        if !self.direct.contains_key(&pair) {
            let [one, other] = PAIRS[pair];
            let id = self.people[one].open(&self.people[other]).await;
            self.direct.insert(pair, id);
        }
        self.direct[&pair].clone()
    }

    async fn make(&mut self, by: usize, members: u8, invited: u8, is_public: bool) {
        let chosen = |bits: u8| {
            let people = self.people.iter().enumerate().filter(|(n, _)| bits >> n & 1 == 1);
            people.map(|(_, person)| person.id.clone()).collect::<Vec<_>>()
        };
        let name = format!("group {}", self.groups.len());
        let visibility = if is_public { "PUBLIC" } else { "PRIVATE" };
        let (members, invited) = (chosen(members), chosen(invited));
        let input = json!({ "name": name, "visibility": visibility, "memberIds": members, "inviteIds": invited });
        let group = self.people[by % self.people.len()].create_group(input).await;
        self.groups.push(group);
    }

    async fn change(&self, by: usize, group: &str, change: Change) {
        let id = |whom: usize| self.people[whom % self.people.len()].id.as_str();
        let (mutation, more) = match change {
            Change::Join => ("joinConversation", json!({})),
            Change::Leave => ("leaveConversation", json!({})),
            Change::Add(whom) => ("addMembers", json!({ "userIds": [id(whom)] })),
            Change::Invite(whom) => ("inviteMembers", json!({ "userIds": [id(whom)] })),
            Change::Remove(whom) => ("removeMember", json!({ "userId": id(whom) })),
            Change::Role(whom, role) => ("setRole", json!({ "userId": id(whom), "role": role })),
            Change::Name(name) => ("updateConversation", json!({ "name": format!("name {name}") })),
            Change::Visibility(visibility) => ("updateConversation", json!({ "visibility": visibility })),
            Change::Delete => ("deleteConversation", json!({})),
        };
        let mut input = json!({ "conversationId": group });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        if matches!(change, Change::Join | Change::Leave) {
            self.try_to(by, mutation, "", input).await;
        } else {
            self.whoever_may(by, mutation, "", &input).await;
        }
    }

    async fn send(&mut self, by: usize, place: usize, extras: Extras) {
        let conversation = self.conversation(place).await;
        let text = self.messages.len().to_string();
        let mut input = json!({ "to": { "conversationId": conversation }, "text": text });
        let beside: Vec<_> = self.messages.iter().filter(|sent| sent.conversation == conversation).collect();
        if let Some(answered) = extras.reply_to.and_then(|number| beside.get(number % beside.len().max(1))) {
            input["replyToId"] = json!(answered.id);
        }
        if let Some(whom) = extras.mention {
            input["mentionIds"] = json!([self.people[whom % self.people.len()].id]);
        }
        if let Some(number) = extras.metadata {
            input["metadata"] = json!({ "number": number });
        }
        if let Some(number) = extras.attachment {
            input["attachments"] = json!([{ "url": format!("https://example.org/{number}.png") }]);
            input["kind"] = json!("IMAGE");
        }
        if let Some((by, payload)) = self.whoever_may(by, "sendMessage", "message { id }", &input).await {
            let id = payload["message"]["id"].as_str().unwrap().to_owned();
            self.messages.push(Sent { conversation, by, id });
        }
    }

    fn message(&self, number: usize) -> Option<Sent> {
        self.messages.get(number % self.messages.len().max(1)).cloned()
    }

    /// By its author, who may be out of the conversation by now. A tombstone stays one.
    async fn edit(&self, message: usize, text: &str) {
        if let Some(Sent { by, id, .. }) = self.message(message) {
            self.try_to(by, "editMessage", "", json!({ "messageId": id, "text": text })).await;
        }
    }

    /// Changes a message, by the first who may, as the input says beside its id: by whom, and which message that was.
    async fn amend(&self, by: usize, message: usize, mutation: &str, mut input: Value) -> Option<(usize, String)> {
        let id = self.message(message)?.id;
        input["messageId"] = json!(id);
        let (by, _) = self.whoever_may(by, mutation, "", &input).await?;
        Some((by, id))
    }

    async fn react(&mut self, by: usize, message: usize, emoji: &'static str) {
        let input = json!({ "emoji": emoji, "isOn": true });
        if let Some((by, message)) = self.amend(by, message, "setReaction", input).await {
            self.reactions.push(Reacted { by, message, emoji });
        }
    }

    async fn take_back(&mut self, reaction: usize) {
        if let Some(reaction) = reaction.checked_rem(self.reactions.len()) {
            let Reacted { by, message, emoji } = self.reactions.swap_remove(reaction);
            self.try_to(by, "setReaction", "", json!({ "messageId": message, "emoji": emoji, "isOn": false })).await;
        }
    }

    async fn mark(&self, mutation: &str, by: usize, message: usize) {
        if let Some(Sent { conversation, id, .. }) = self.message(message) {
            let input = json!({ "conversationId": conversation, "messageId": id });
            self.try_to(by, mutation, "", input).await;
        }
    }

    /// The first of them, from that one on, who is let: so that not most steps come to nothing.
    async fn whoever_may(&self, by: usize, mutation: &str, fields: &str, input: &Value) -> Option<(usize, Value)> {
        for n in 0..self.people.len() {
            let by = (by + n) % self.people.len();
            if let Some(payload) = self.try_to(by, mutation, fields, input.clone()).await {
                return Some((by, payload));
            }
        }
        None
    }

    /// The payload, where the person is let.
    async fn try_to(&self, by: usize, mutation: &str, fields: &str, input: Value) -> Option<Value> {
        let payload = self.people[by % self.people.len()].mutate(mutation, fields, input).await;
        let Some(error) = payload["errors"].get(0) else { return Some(payload) };
        let code = error["code"].as_str().unwrap();
        let is_fair = matches!(code, "NOT_FOUND" | "NOT_ALLOWED" | "INVALID_INPUT" | "CONFLICT");
        assert!(is_fair, "{mutation}: {payload}");
        None
    }
}
