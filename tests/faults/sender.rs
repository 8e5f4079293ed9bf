//! Somebody who sends under client ids, edits, reacts, pins and deletes, each again until it is acknowledged, by whichever
//! node; and what all who do something have been told.

use crate::chance::Chance;
use crate::follower::place;
use crate::support::checker::{Acknowledged, Origin, SEEN, Seen};
use crate::support::client::Person;
use crate::support::groups::input_type;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// Between one message and the next: a load that leaves the machine room for the tests beside.
pub(crate) const PACE: Range<Duration> = Duration::from_millis(2)..Duration::from_millis(20);
/// Before one who was not answered well tries again.
const PAUSE: Duration = Duration::from_millis(50);
/// How long an answer is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// What is to be done to a message, or to a group.
pub(crate) struct Deed {
    field: &'static str,
    input: Value,
    conversation: String,
    /// Under what the message was sent; empty where it is done to the group.
    client_id: String,
}

impl Deed {
    /// Sends the client id as a text.
    pub(crate) fn send(conversation: &str, client_id: &str) -> Self {
        let input = json!({ "to": { "conversationId": conversation }, "text": client_id, "clientId": client_id });
        Self::new("sendMessage", input, conversation, client_id)
    }

    /// Gives the message that was sent under that client id another text.
    pub(crate) fn edit(message: &Seen, client_id: &str, text: &str) -> Self {
        let input = json!({ "messageId": message.id, "text": text });
        Self::new("editMessage", input, &message.conversation, client_id)
    }

    /// Deletes the message that was sent under that client id.
    pub(crate) fn delete(message: &Seen, client_id: &str) -> Self {
        let input = json!({ "messageId": message.id });
        Self::new("deleteMessage", input, &message.conversation, client_id)
    }

    /// Reacts to the message that was sent under that client id, or takes that back where the same person has done so.
    pub(crate) fn react(message: &Seen, client_id: &str, emoji: &str) -> Self {
        let is_on = message.reactions.iter().all(|(known, _)| known != emoji);
        let input = json!({ "messageId": message.id, "emoji": emoji, "isOn": is_on });
        Self::new("setReaction", input, &message.conversation, client_id)
    }

    /// Pins the message that was sent under that client id, or unpins it where it is pinned.
    pub(crate) fn pin(message: &Seen, client_id: &str) -> Self {
        let input = json!({ "messageId": message.id, "isPinned": !message.is_pinned });
        Self::new("setPinned", input, &message.conversation, client_id)
    }

    /// Changes a group: `field` is the mutation, and `more` of its input comes beside the group's id.
    pub(crate) fn change(group: &str, field: &'static str, more: &Value) -> Self {
        let mut input = json!({ "conversationId": group });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Self::new(field, input, group, "")
    }

    fn new(field: &'static str, input: Value, conversation: &str, client_id: &str) -> Self {
        Self { field, input, conversation: conversation.to_owned(), client_id: client_id.to_owned() }
    }

    fn query(&self) -> String {
        let Self { field, client_id, .. } = self;
        let input_type = input_type(field);
        let answer = match (*field, client_id.as_str()) {
            (_, "") => "conversation { id }",
            ("sendMessage", _) => "message { ...seen } isRepeat",
            _ => "message { ...seen }",
        };
        // A fragment that nobody uses is refused.
        let fragment = if client_id.is_empty() { "" } else { SEEN };
        format!(
            "mutation($input: {input_type}!) {{ {field}(input: $input) {{
                {answer} errors {{ code message field }} }} }} {fragment}"
        )
    }
}

/// What came of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Acknowledged,
    Unavailable,
    /// Nobody was there, or the answer did not come.
    NoAnswer,
}

/// One try to do something.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// By way of which address.
    pub(crate) at: String,
    pub(crate) began: Instant,
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
}

/// What all who do something have been told together.
#[derive(Clone, Default)]
pub(crate) struct Records(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    acknowledged: Vec<Acknowledged>,
    /// When each state of a message was acknowledged first.
    acknowledged_at: HashMap<(String, i64), Instant>,
    /// How many changes of groups have been acknowledged.
    changes: usize,
    /// The message of each pin that was acknowledged, where it was not pinned.
    pins: Vec<String>,
    attempts: Vec<Attempt>,
    complaints: Vec<String>,
}

impl Records {
    fn with<T>(&self, look: impl FnOnce(&mut Recorded) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// How often something has been acknowledged.
    pub(crate) fn count(&self) -> usize {
        self.with(|recorded| recorded.acknowledged.len() + recorded.changes)
    }

    pub(crate) fn acknowledged(&self) -> Vec<Acknowledged> {
        self.with(|recorded| recorded.acknowledged.clone())
    }

    /// The ids of all messages that were pinned, each as often as it was; sorted.
    pub(crate) fn pins(&self) -> Vec<String> {
        let mut pins = self.with(|recorded| recorded.pins.clone());
        pins.sort_unstable();
        pins
    }

    /// When the message was acknowledged so first.
    pub(crate) fn acknowledged_at(&self, message: &Seen) -> Instant {
        self.with(|recorded| recorded.acknowledged_at[&place(message)])
    }

    /// The tries that began and ended within that time.
    pub(crate) fn attempts(&self, within: Range<Instant>) -> Vec<Attempt> {
        self.with(|recorded| {
            recorded.attempts.iter().filter(|attempt| within.contains(&attempt.began)).cloned().collect()
        })
    }

    /// Answers that no sender may be given.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.with(|recorded| recorded.complaints.clone())
    }

    /// Makes one try, and keeps what came of it; the message where it is acknowledged.
    pub(crate) async fn attempt(&self, person: &Person, deed: &Deed) -> Option<Acknowledged> {
        let acknowledged = |payload: &Value| {
            Some(Acknowledged {
                message: Seen::of(&deed.conversation, &payload["message"])?,
                origin: Origin { by: person.id.clone(), client_id: Some(deed.client_id.clone()) },
                is_first: payload["isRepeat"] == false,
            })
        };
        let acknowledged = self.ask(person, deed, acknowledged).await?;
        self.with(|recorded| {
            let place = place(&acknowledged.message);
            recorded.acknowledged_at.entry(place).or_insert_with(Instant::now);
            recorded.acknowledged.push(acknowledged.clone());
        });
        Some(acknowledged)
    }

    /// Makes one try to change a group, and keeps what came of it; whether it is acknowledged.
    pub(crate) async fn change(&self, person: &Person, deed: &Deed) -> bool {
        let is_acknowledged = |payload: &Value| payload["conversation"]["id"].is_string().then_some(());
        let is_acknowledged = self.ask(person, deed, is_acknowledged).await.is_some();
        self.with(|recorded| recorded.changes += usize::from(is_acknowledged));
        is_acknowledged
    }

    async fn ask<T>(&self, person: &Person, deed: &Deed, done: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let began = Instant::now();
        let response = person.client.try_to_run(&deed.query(), json!({ "input": deed.input })).await;
        let took = began.elapsed();
        let done = response.as_ref().ok().and_then(|response| done(&response["data"][deed.field]));
        let outcome = match (&response, &done) {
            (Err(_), _) => Outcome::NoAnswer,
            (Ok(_), Some(_)) => Outcome::Acknowledged,
            (Ok(response), None) if response["errors"][0]["extensions"]["code"] == "UNAVAILABLE" => {
                Outcome::Unavailable
            }
            (Ok(response), None) => {
                let complaint = format!("{} of {} was answered with {response}", deed.field, deed.input);
                self.with(|recorded| recorded.complaints.push(complaint));
                return None;
            }
        };
        self.with(|recorded| {
            recorded.attempts.push(Attempt { at: person.client.url.clone(), began, took, outcome });
        });
        done
    }
}

/// How one sender goes about it.
pub(crate) struct Sender {
    pub(crate) name: String,
    /// Where the sender may go: the same person by way of each node.
    pub(crate) at: Vec<Person>,
    pub(crate) conversation: String,
    pub(crate) may_pin: bool,
    pub(crate) chance: Chance,
}

/// What is reacted with: few, so that they are met again.
const EMOJI: [&str; 2] = ["🐸", "👍🏽"];

impl Sender {
    /// Sends until it is told to stop. Each message is acknowledged in the end; some are changed, as often as not later.
    pub(crate) async fn send(mut self, records: Records, stop: CancellationToken) {
        let mut known: Vec<(Seen, String)> = Vec::new();
        for number in 1.. {
            let client_id = format!("{}-{number}", self.name);
            let deed = Deed::send(&self.conversation, &client_id);
            let sent = self.until_acknowledged(&records, &deed).await;
            known.push((sent.message, client_id));
            if self.chance.one_in(3) {
                let (message, client_id) = known.swap_remove(self.chance.below(known.len()));
                known.extend(self.change(&records, message, client_id, number).await);
            }
            if stop.is_cancelled() {
                return;
            }
        }
    }

    /// What becomes of a message; `None` where it is deleted. Often more than one thing does, so that what was done is
    /// undone too.
    async fn change(
        &mut self,
        records: &Records,
        mut message: Seen,
        client_id: String,
        number: usize,
    ) -> Option<(Seen, String)> {
        loop {
            let deed = match self.chance.below(4) {
                0 => Deed::delete(&message, &client_id),
                1 => Deed::edit(&message, &client_id, &format!("{client_id}, edited after {number}")),
                2 if self.may_pin => Deed::pin(&message, &client_id),
                _ => Deed::react(&message, &client_id, EMOJI[self.chance.below(EMOJI.len())]),
            };
            let changed = self.until_acknowledged(records, &deed).await.message;
            if changed.is_pinned && !message.is_pinned {
                records.with(|recorded| recorded.pins.push(changed.id.clone()));
            }
            changed.text.as_ref()?;
            message = changed;
            if self.chance.one_in(2) {
                return Some((message, client_id));
            }
        }
    }

    async fn until_acknowledged(&mut self, records: &Records, deed: &Deed) -> Acknowledged {
        let mut place = self.chance.below(self.at.len());
        loop {
            let answer = records.attempt(&self.at[place], deed).await;
            // Now and then the answer does not reach the sender, as far as the server knows.
            let is_lost = self.chance.one_in(10);
            match answer {
                Some(acknowledged) if !is_lost => {
                    sleep(self.chance.duration(PACE)).await;
                    return acknowledged;
                }
                Some(_) => {}
                None => {
                    place = self.chance.below(self.at.len());
                    sleep(PAUSE).await;
                }
            }
        }
    }
}
