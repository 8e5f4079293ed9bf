//! One device that follows its person's conversations by `events`, and resumes from where it stands.

use crate::support::client::Person;
use crate::support::socket::{Gone, Socket};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const EVENTS: &str = "subscription { events(only: [MESSAGE]) {
    __typename
    ... on MessageAdded { conversation { id } revision message { id seq revision text } }
    ... on MessageChanged { conversation { id } revision message { id seq revision text } }
    ... on Synced { conversation { id } revision }
    ... on ResyncNeeded { conversation { id } revision }
} }";

/// A device: where it stands, and the socket it has, if any.
pub(crate) struct Follower {
    pub(crate) person: Person,
    /// The highest revision that was taken in of each conversation.
    pub(crate) positions: BTreeMap<String, i64>,
    /// The conversations of which it has everything, so that what comes is live.
    synced: BTreeSet<String>,
    socket: Option<Socket>,
}

/// What a device is told.
#[derive(Debug)]
pub(crate) enum Told {
    /// A message, as it now is; `is_live` where nothing of its conversation was missing before.
    Message { conversation: String, message: Value, is_live: bool },
    /// The device has all of this conversation.
    Synced,
    /// The socket's token runs out soon.
    Expiring,
    /// The device must fetch this conversation anew.
    ResyncNeeded { conversation: String, revision: i64 },
}

impl Follower {
    /// A device that is not connected, and stands there.
    pub(crate) fn new(person: Person, positions: BTreeMap<String, i64>) -> Self {
        Self { person, positions, synced: BTreeSet::new(), socket: None }
    }

    /// Connects and subscribes from where it stands: `after` in `connection_init`, which reconnecting clients renew.
    pub(crate) async fn connect(&mut self) -> Result<(), Gone> {
        self.cut();
        let after = self.positions.iter().map(|(id, revision)| json!({ "conversationId": id, "revision": revision }));
        let payload = json!({ "after": after.collect::<Value>() });
        let mut socket = Socket::try_with_payload(&self.person, payload).await?;
        socket.try_to_subscribe(EVENTS, json!({})).await?;
        self.socket = Some(socket);
        Ok(())
    }

    /// Drops the connection without a word, as a lost network would.
    pub(crate) fn cut(&mut self) {
        self.synced.clear();
        self.socket = None;
    }

    /// Whether it has all of every conversation that it follows.
    pub(crate) fn is_synced(&self) -> bool {
        self.positions.keys().all(|conversation| self.synced.contains(conversation))
    }

    /// Connects, and takes in all that it is told until it has everything. What it was told before it failed is kept, as
    /// its positions are.
    pub(crate) async fn resume(&mut self, told: &mut Vec<Told>) -> Result<(), Gone> {
        self.connect().await?;
        while !self.is_synced() {
            told.push(self.next().await?);
        }
        Ok(())
    }

    /// What it is told next. Without a connection there is nothing.
    pub(crate) async fn next(&mut self) -> Result<Told, Gone> {
        let socket = self.socket.as_mut().ok_or(Gone::Closed(None))?;
        let mut frame = socket.hear().await?;
        if frame["type"] != "next" || frame["payload"].get("errors").is_some() {
            return Err(Gone::Broken(frame.to_string()));
        }
        self.take_in(frame["payload"]["data"]["events"].take())
    }

    fn take_in(&mut self, mut event: Value) -> Result<Told, Gone> {
        if event["__typename"] == "SessionExpiring" {
            return Ok(Told::Expiring);
        }
        let (Some(conversation), Some(revision)) = (event["conversation"]["id"].as_str(), event["revision"].as_i64())
        else {
            return Err(Gone::Broken(format!("an event without a place: {event}")));
        };
        let conversation = conversation.to_owned();
        let position = self.positions.entry(conversation.clone()).or_default();
        let told = match event["__typename"].as_str() {
            Some("MessageAdded" | "MessageChanged") => {
                let is_live = self.synced.contains(&conversation);
                Told::Message { conversation, message: event["message"].take(), is_live }
            }
            Some("Synced") => {
                self.synced.insert(conversation);
                Told::Synced
            }
            // In place of Synced: what follows is live.
            Some("ResyncNeeded") => {
                self.synced.insert(conversation.clone());
                // It may lie below, after a restore.
                *position = revision;
                Told::ResyncNeeded { conversation, revision }
            }
            _ => return Err(Gone::Broken(format!("an event that was not asked for: {event}"))),
        };
        *position = revision.max(*position);
        Ok(told)
    }
}
