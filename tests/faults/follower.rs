//! Somebody who hears some conversations, is cut off, and goes on where they stand, on whichever node.

use crate::chance::Chance;
use crate::support::checker::{SEEN, Seen, Subscriber};
use crate::support::client::Person;
use crate::support::socket::{Gone, Socket};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

const EVENTS: &str = "subscription($after: [PositionInput!], $of: [ID!], $names: Boolean!) {
    events(after: $after, conversationIds: $of, only: [MESSAGE]) {
        __typename
        ... on MessageAdded { conversation @include(if: $names) { id } revision message { ...seen } }
        ... on MessageChanged { conversation @include(if: $names) { id } revision message { ...seen } }
        ... on Synced { conversation @include(if: $names) { id } revision } } }";
/// Before one who was not let in tries again.
const PAUSE: Duration = Duration::from_millis(50);
/// A socket without a word for so long, not even a ping, is given up.
const SILENCE: Duration = Duration::from_secs(40);

/// What others may see of a follower while it follows.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Noted>>);

#[derive(Default)]
struct Noted {
    subscriber: Subscriber,
    positions: BTreeMap<String, i64>,
    /// When each state of a message came.
    given_at: HashMap<(String, i64), Instant>,
    /// With which code sockets were closed, and how often.
    closed: HashMap<u16, usize>,
    /// Sockets that were opened.
    opened: usize,
    /// Subscriptions that were ended because a store was away.
    ended: usize,
    /// What must not happen.
    complaints: Vec<String>,
}

impl Notes {
    fn with<T>(&self, look: impl FnOnce(&mut Noted) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// Whether all of that is there.
    pub(crate) fn have(&self, positions: &BTreeMap<String, i64>) -> bool {
        self.with(|noted| positions.iter().all(|(id, revision)| noted.positions[id] >= *revision))
    }

    pub(crate) fn subscriber(&self) -> Subscriber {
        self.with(|noted| noted.subscriber.clone())
    }

    /// Whether it was given the message so.
    pub(crate) fn has(&self, message: &Seen) -> bool {
        self.with(|noted| noted.given_at.contains_key(&place(message)))
    }

    /// How long after that moment it was given the message so, or as it became since.
    pub(crate) fn late(&self, message: &Seen, since: Instant) -> Duration {
        self.with(|noted| {
            let newer = noted.subscriber.given.iter().filter(|given| {
                (&given.conversation, &given.id) == (&message.conversation, &message.id)
                    && given.revision >= message.revision
            });
            let first = newer.map(|given| noted.given_at[&place(given)]).min();
            first.expect("it was given").saturating_duration_since(since)
        })
    }

    pub(crate) fn complaints(&self) -> Vec<String> {
        self.with(|noted| noted.complaints.clone())
    }

    /// How often a socket was closed with that code.
    pub(crate) fn closed_with(&self, code: u16) -> usize {
        self.with(|noted| noted.closed.get(&code).copied().unwrap_or_default())
    }

    /// How many sockets were opened.
    pub(crate) fn opened(&self) -> usize {
        self.with(|noted| noted.opened)
    }

    /// How many subscriptions the server has ended because a store was away.
    pub(crate) fn ended(&self) -> usize {
        self.with(|noted| noted.ended)
    }
}

/// What one subscription is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All conversations: each event has to name its own, for which a store is asked.
    All,
    /// One conversation, which is known without asking.
    Each,
}

/// How a follower goes about it.
pub(crate) struct Follower {
    pub(crate) name: String,
    pub(crate) person: Person,
    pub(crate) conversations: Vec<String>,
    pub(crate) scope: Scope,
    /// Where nodes may be found.
    pub(crate) urls: Vec<String>,
    /// After how long the follower itself leaves without a word, to come again at once.
    pub(crate) leaves_after: Option<Range<Duration>>,
    pub(crate) chance: Chance,
}

impl Follower {
    /// What is noted while [`Follower::follow`] runs.
    pub(crate) fn notes(&self) -> Notes {
        let began: BTreeMap<_, _> = self.conversations.iter().map(|id| (id.clone(), 0)).collect();
        let subscriber = Subscriber { name: self.name.clone(), began: began.clone(), given: Vec::new() };
        Notes(Arc::new(Mutex::new(Noted { subscriber, positions: began, ..Noted::default() })))
    }

    /// Follows until it is dropped.
    pub(crate) async fn follow(mut self, notes: Notes) {
        loop {
            let stay = self.leaves_after.clone().map_or(Duration::MAX, |range| self.chance.duration(range));
            let mut person = self.person.clone();
            person.client.url.clone_from(&self.urls[self.chance.below(self.urls.len())]);
            match timeout(stay, listen(&person, self.scope, &notes)).await {
                Ok(Err(Gone::Closed(Some(code)))) => notes.with(|noted| *noted.closed.entry(code).or_default() += 1),
                Ok(Err(Gone::Closed(None) | Gone::Broken(_))) => {}
                // It leaves by itself, or begins its subscriptions anew.
                Ok(Ok(())) | Err(_) => continue,
            }
            sleep(PAUSE).await;
        }
    }
}

/// What names a state of a message.
pub(crate) fn place(message: &Seen) -> (String, i64) {
    (message.conversation.clone(), message.revision)
}

/// One connection, until it ends.
async fn listen(person: &Person, scope: Scope, notes: &Notes) -> Result<(), Gone> {
    let mut socket = Socket::try_to_be_of(person).await?;
    let positions = notes.with(|noted| {
        noted.opened += 1;
        noted.positions.clone()
    });
    let position = |(id, revision): (&String, &i64)| json!({ "conversationId": id, "revision": revision });
    let query = format!("{EVENTS} {SEEN}");
    let mut operations = HashMap::new();
    if scope == Scope::All {
        let after: Vec<_> = positions.iter().map(position).collect();
        socket.try_to_subscribe(&query, json!({ "after": after, "names": true })).await?;
    } else {
        for one in &positions {
            let variables = json!({ "after": [position(one)], "of": [one.0], "names": false });
            operations.insert(socket.try_to_subscribe(&query, variables).await?, one.0.clone());
        }
    }
    loop {
        let Ok(frame) = timeout(SILENCE, socket.hear()).await else { return Ok(()) };
        let frame = frame?;
        let about = operations.get(frame["id"].as_str().unwrap_or_default());
        if !notes.with(|noted| noted.take_in(about, &frame)) {
            // Elsewhere, or later, it may go better.
            sleep(PAUSE).await;
            return Ok(());
        }
    }
}

impl Noted {
    /// Whether the subscription goes on.
    fn take_in(&mut self, about: Option<&String>, frame: &Value) -> bool {
        let errors = if frame["type"] == "error" { &frame["payload"] } else { &frame["payload"]["errors"] };
        match errors[0]["extensions"]["code"].as_str() {
            None => {}
            Some("UNAVAILABLE") => {
                // One event of which a field could not be had leaves the subscription standing, but has to come anew.
                self.ended += usize::from(frame["type"] != "next");
                return false;
            }
            Some(_) => return self.complain(frame),
        }
        let event = &frame["payload"]["data"]["events"];
        match (frame["type"].as_str(), event["__typename"].as_str()) {
            (Some("complete"), _) => false,
            (_, Some("MessageAdded" | "MessageChanged" | "Synced")) => {
                self.take_in_event(about, event).unwrap_or_else(|| self.complain(frame))
            }
            _ => self.complain(frame),
        }
    }

    /// `None` where it is not what it must be.
    fn take_in_event(&mut self, about: Option<&String>, event: &Value) -> Option<bool> {
        let conversation = about.map_or_else(|| event["conversation"]["id"].as_str(), |about| Some(about))?;
        let revision = event["revision"].as_i64()?;
        let position = self.positions.get_mut(conversation)?;
        if event["__typename"] == "Synced" {
            // All up to there has come before.
            *position = (revision >= *position).then_some(revision)?;
            return Some(true);
        }
        let seen = Seen::of(conversation, &event["message"]).filter(|seen| seen.revision == revision)?;
        *position = (revision > *position).then_some(revision)?;
        self.given_at.insert(place(&seen), Instant::now());
        self.subscriber.given.push(seen);
        Some(true)
    }

    fn complain(&mut self, frame: &Value) -> bool {
        let Self { subscriber, positions, .. } = self;
        self.complaints.push(format!("{} at {positions:?} was told {frame}", subscriber.name));
        false
    }
}
