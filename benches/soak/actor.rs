//! What one person does: writes for the most part.

use super::bench::figures::Times;
use super::support::checker::{Acknowledged, Origin, Seen};
use super::support::client::Person;
use super::world::{World, input};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};

const SEND: &str = "mutation($input: SendMessageInput!) { sendMessage(input: $input) {
    message { id seq revision text } isRepeat errors { code message } } }";
const EDIT: &str = "mutation($input: EditMessageInput!) { editMessage(input: $input) {
    message { id seq revision text } errors { code message } } }";
const DELETE: &str = "mutation($input: MessageIdInput!) { deleteMessage(input: $input) {
    message { id seq revision text } errors { code message } } }";
const READ: &str = "mutation($input: MarkInput!) { markRead(input: $input) {
    conversation { unreadCount } errors { code message } } }";
const TYPE: &str = "mutation($input: SetTypingInput!) { setTyping(input: $input) {
    conversation { id } errors { code message } } }";
const LOOK: &str = "query($id: ID!) { history(of: { conversationId: $id }, last: 20) { nodes { id status } } }";

/// What there is to do, and how many of a hundred acts are that.
const ACTS: [(Act, u32); 8] = [
    (Act::Send, 56),
    (Act::SendTwice, 4),
    (Act::Repeat, 6),
    (Act::Edit, 12),
    (Act::Delete, 4),
    (Act::Mark, 8),
    (Act::Type, 6),
    (Act::Look, 4),
];
/// How many of one's own messages one comes back to.
const RECENT: usize = 50;

/// What one person has done.
pub(crate) struct Acts {
    pub(crate) acknowledged: Vec<Acknowledged>,
    pub(crate) sends: Times,
    pub(crate) amends: Times,
    pub(crate) others: Times,
}

/// A message of one's own that still stands.
#[derive(Clone)]
struct Mine {
    conversation: String,
    client_id: String,
    first_text: String,
    id: String,
}

#[derive(Clone, Copy)]
enum Act {
    Send,
    /// On two nodes at once, under one client id.
    SendTwice,
    /// Again, long after the answer.
    Repeat,
    Edit,
    Delete,
    Mark,
    Type,
    Look,
}

impl Act {
    fn any() -> Self {
        let mut dice = rand::random_range(0..ACTS.iter().map(|(_, share)| share).sum());
        for (act, share) in ACTS {
            if dice < share {
                return act;
            }
            dice -= share;
        }
        Self::Send
    }
}

struct Actor {
    world: Arc<World>,
    place: usize,
    acts: Acts,
    mine: Vec<Mine>,
    count: u64,
}

/// Acts until then. The time of each act counts from the moment at which it was to be.
pub(crate) async fn act(world: Arc<World>, place: usize, end: Instant) -> Acts {
    let acts = Acts { acknowledged: Vec::new(), sends: Times::new(), amends: Times::new(), others: Times::new() };
    let mut next = Instant::now() + world.period.mul_f64(rand::random());
    let mut actor = Actor { world, place, acts, mine: Vec::new(), count: 0 };
    while next < end {
        sleep_until(next).await;
        let times = actor.once(Act::any()).await;
        times.record(next.elapsed());
        next += actor.world.period;
    }
    actor.acts
}

impl Actor {
    /// Does one thing; where its time belongs.
    async fn once(&mut self, act: Act) -> &mut Times {
        let place = (!self.mine.is_empty()).then(|| rand::random_range(0..self.mine.len()));
        match (act, place) {
            (Act::Repeat, Some(place)) => self.repeat(place).await,
            (Act::Edit, Some(place)) => self.edit(place).await,
            (Act::Delete, Some(place)) => self.delete(place).await,
            (Act::Send | Act::Repeat | Act::Edit | Act::Delete, _) => self.send(1).await,
            (Act::SendTwice, _) => self.send(2).await,
            (Act::Mark, _) => self.other("markRead", READ, |id| input(json!({ "conversationId": id }))).await,
            (Act::Type, _) => {
                self.other("setTyping", TYPE, |id| input(json!({ "conversationId": id, "isTyping": true }))).await
            }
            (Act::Look, _) => self.other("history", LOOK, |id| json!({ "id": id })).await,
        }
    }

    async fn send(&mut self, times: usize) -> &mut Times {
        self.count += 1;
        let mine = Mine {
            conversation: self.any_conversation(),
            client_id: format!("{}-{}", self.place, self.count),
            first_text: self.text(),
            id: String::new(),
        };
        let payloads = join_all((0..times).map(|_| self.post(&mine))).await;
        let mut id = String::new();
        for payload in &payloads {
            self.acknowledge(&mine, payload, payload["isRepeat"] == false).clone_into(&mut id);
        }
        if self.mine.len() == RECENT {
            self.mine.swap_remove(rand::random_range(0..RECENT));
        }
        self.mine.push(Mine { id, ..mine });
        &mut self.acts.sends
    }

    async fn repeat(&mut self, place: usize) -> &mut Times {
        let mine = self.mine[place].clone();
        let payload = self.post(&mine).await;
        self.acknowledge(&mine, &payload, payload["isRepeat"] == false);
        &mut self.acts.sends
    }

    async fn edit(&mut self, place: usize) -> &mut Times {
        let (mine, text) = (self.mine[place].clone(), self.text());
        let edit = input(json!({ "messageId": mine.id, "text": text }));
        let payload = self.world.call(&self.person(), "editMessage", EDIT, edit).await;
        self.acknowledge(&mine, &payload, false);
        &mut self.acts.amends
    }

    async fn delete(&mut self, place: usize) -> &mut Times {
        let mine = self.mine.swap_remove(place);
        let deletion = input(json!({ "messageId": mine.id }));
        let payload = self.world.call(&self.person(), "deleteMessage", DELETE, deletion).await;
        self.acknowledge(&mine, &payload, false);
        &mut self.acts.amends
    }

    async fn other(&mut self, field: &str, query: &str, variables: impl Fn(&str) -> Value) -> &mut Times {
        let variables = variables(&self.any_conversation());
        let payload = self.world.call(&self.person(), field, query, variables).await;
        assert!(payload.get("errors").is_none_or(|errors| *errors == json!([])), "{field}: {payload}");
        &mut self.acts.others
    }

    /// Sends under its client id, whether for the first time or not.
    async fn post(&self, mine: &Mine) -> Value {
        let to = json!({ "conversationId": mine.conversation });
        let input = input(json!({ "to": to, "text": mine.first_text, "clientId": mine.client_id }));
        self.world.call(&self.person(), "sendMessage", SEND, input).await
    }

    /// Keeps what an answer says of a message, and gives the message's id.
    fn acknowledge<'a>(&mut self, mine: &Mine, payload: &'a Value, is_first: bool) -> &'a str {
        let message = Seen::of(&mine.conversation, &payload["message"]).unwrap_or_else(|| panic!("{payload}"));
        let origin = Origin { by: self.person().id, client_id: Some(mine.client_id.clone()) };
        self.acts.acknowledged.push(Acknowledged { message, origin, is_first });
        payload["message"]["id"].as_str().unwrap_or_default()
    }

    /// Unlike any other, and it says when it was written: microseconds since the beginning come first.
    fn text(&self) -> String {
        format!("{} {} {:08x}", self.world.began.elapsed().as_micros(), self.place, rand::random::<u32>())
    }

    fn person(&self) -> Person {
        self.world.people[self.place].person()
    }

    fn any_conversation(&self) -> String {
        let conversations = &self.world.people[self.place].conversations;
        conversations[rand::random_range(0..conversations.len())].clone()
    }
}
