//! Somebody who sends under client ids, edits and deletes, each again until it is acknowledged, by whichever node.

use crate::chance::Chance;
use crate::follower::place;
use crate::support::checker::{Acknowledged, Origin, Seen};
use crate::support::client::Person;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// Between one message and the next: a load that leaves the machine room for the tests beside.
const PACE: Range<Duration> = Duration::from_millis(2)..Duration::from_millis(20);
/// Before one who was not answered well tries again.
const PAUSE: Duration = Duration::from_millis(50);
/// How long an answer is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// What is to be done to a message.
pub(crate) struct Deed {
    field: &'static str,
    input_type: &'static str,
    input: Value,
    conversation: String,
    client_id: String,
}

impl Deed {
    /// Sends the client id as a text.
    pub(crate) fn send(conversation: &str, client_id: &str) -> Self {
        let input = json!({ "to": { "conversationId": conversation }, "text": client_id, "clientId": client_id });
        Self::new("sendMessage", "SendMessageInput", input, conversation, client_id)
    }

    /// Gives the message that was sent under that client id another text.
    pub(crate) fn edit(message: &Seen, client_id: &str, text: &str) -> Self {
        let input = json!({ "messageId": message.id, "text": text });
        Self::new("editMessage", "EditMessageInput", input, &message.conversation, client_id)
    }

    /// Deletes the message that was sent under that client id.
    pub(crate) fn delete(message: &Seen, client_id: &str) -> Self {
        let input = json!({ "messageId": message.id });
        Self::new("deleteMessage", "MessageIdInput", input, &message.conversation, client_id)
    }

    fn new(field: &'static str, input_type: &'static str, input: Value, conversation: &str, client_id: &str) -> Self {
        Self { field, input_type, input, conversation: conversation.to_owned(), client_id: client_id.to_owned() }
    }

    fn query(&self) -> String {
        let Self { field, input_type, .. } = self;
        let is_repeat = if *field == "sendMessage" { "isRepeat" } else { "" };
        format!(
            "mutation($input: {input_type}!) {{ {field}(input: $input) {{
                message {{ id seq revision text }} {is_repeat} errors {{ code message field }} }} }}"
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

/// What all senders together have been told.
#[derive(Clone, Default)]
pub(crate) struct Records(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    acknowledged: Vec<Acknowledged>,
    /// When each state of a message was acknowledged first.
    acknowledged_at: HashMap<(String, i64), Instant>,
    attempts: Vec<Attempt>,
    complaints: Vec<String>,
}

impl Records {
    fn with<T>(&self, look: impl FnOnce(&mut Recorded) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// How often something has been acknowledged.
    pub(crate) fn count(&self) -> usize {
        self.with(|recorded| recorded.acknowledged.len())
    }

    pub(crate) fn acknowledged(&self) -> Vec<Acknowledged> {
        self.with(|recorded| recorded.acknowledged.clone())
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
        let began = Instant::now();
        let response = person.client.try_to_run(&deed.query(), json!({ "input": deed.input })).await;
        let took = began.elapsed();
        let acknowledged = response.as_ref().ok().and_then(|response| {
            let payload = &response["data"][deed.field];
            Some(Acknowledged {
                message: Seen::of(&deed.conversation, &payload["message"])?,
                origin: Origin { by: person.id.clone(), client_id: Some(deed.client_id.clone()) },
                is_first: payload["isRepeat"] == false,
            })
        });
        let outcome = match (&response, &acknowledged) {
            (Err(_), _) => Outcome::NoAnswer,
            (Ok(_), Some(_)) => Outcome::Acknowledged,
            (Ok(response), None) if response["errors"][0]["extensions"]["code"] == "UNAVAILABLE" => {
                Outcome::Unavailable
            }
            (Ok(response), None) => {
                let complaint = format!("{} of {} was answered with {response}", deed.field, deed.client_id);
                self.with(|recorded| recorded.complaints.push(complaint));
                return None;
            }
        };
        self.with(|recorded| {
            recorded.attempts.push(Attempt { at: person.client.url.clone(), began, took, outcome });
            if let Some(acknowledged) = &acknowledged {
                let place = place(&acknowledged.message);
                recorded.acknowledged_at.entry(place).or_insert(began + took);
                recorded.acknowledged.push(acknowledged.clone());
            }
        });
        acknowledged
    }
}

/// How one sender goes about it.
pub(crate) struct Sender {
    pub(crate) name: String,
    /// Where the sender may go: the same person by way of each node.
    pub(crate) at: Vec<Person>,
    pub(crate) conversation: String,
    pub(crate) chance: Chance,
}

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
                if self.chance.one_in(3) {
                    self.until_acknowledged(&records, &Deed::delete(&message, &client_id)).await;
                } else {
                    let text = format!("{client_id}, edited after {number}");
                    let edited = self.until_acknowledged(&records, &Deed::edit(&message, &client_id, &text)).await;
                    known.push((edited.message, client_id));
                }
            }
            if stop.is_cancelled() {
                return;
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
