//! Judges a history: what was acknowledged to senders, what was given to subscribers, and what is stored in the end.
//! It knows nothing of servers and of how a history is gathered, so that whoever makes one can have it judged.

#![allow(dead_code, reason = "each program uses its own part of this")]

use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// What is asked of a message, to be [`Seen`]: a fragment of that name.
pub(crate) const SEEN: &str = "fragment seen on Message { id seq revision text isPinned reactions { emoji count } }";

/// A message as somebody has seen it at some time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Seen {
    pub(crate) conversation: String,
    pub(crate) id: String,
    pub(crate) seq: i64,
    pub(crate) revision: i64,
    /// `None` for a tombstone.
    pub(crate) text: Option<String>,
    pub(crate) is_pinned: bool,
    /// Each emoji with how many people react so.
    pub(crate) reactions: Vec<(String, i64)>,
}

impl Seen {
    /// A message of that conversation as the API gives it, with what [`SEEN`] asks for; `None` where some of it is not
    /// there.
    pub(crate) fn of(conversation: &str, message: &Value) -> Option<Self> {
        let tally = |one: &Value| Some((one["emoji"].as_str()?.to_owned(), one["count"].as_i64()?));
        Some(Self {
            conversation: conversation.to_owned(),
            id: message["id"].as_str()?.to_owned(),
            seq: message["seq"].as_i64()?,
            revision: message["revision"].as_i64()?,
            text: message.get("text")?.as_str().map(str::to_owned),
            is_pinned: message["isPinned"].as_bool()?,
            reactions: message["reactions"].as_array()?.iter().map(tally).collect::<Option<_>>()?,
        })
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { conversation, id, seq, revision, text, is_pinned, reactions } = self;
        let pinned = if *is_pinned { ", pinned" } else { "" };
        write!(f, "{id} of {conversation} at seq {seq}, revision {revision}: {text:?}{pinned} {reactions:?}")
    }
}

/// Under what a message was sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    /// The author's id.
    pub(crate) by: String,
    pub(crate) client_id: Option<String>,
}

/// An answer that says that a message is stored so. Sends and changes alike.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledged {
    pub(crate) message: Seen,
    pub(crate) origin: Origin,
    /// Whether this is the answer of the send that has stored the message: `isRepeat` was false.
    pub(crate) is_first: bool,
}

/// A message as it stands in the end.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) message: Seen,
    pub(crate) origin: Origin,
}

/// All that one subscriber was given, over all its connections, in the order in which it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subscriber {
    pub(crate) name: String,
    /// The conversations that it follows, each with the revision from which it began.
    pub(crate) began: BTreeMap<String, i64>,
    pub(crate) given: Vec<Seen>,
}

/// What is known in the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) acknowledged: Vec<Acknowledged>,
    pub(crate) subscribers: Vec<Subscriber>,
    /// Each conversation's messages in the order in which it lists them.
    pub(crate) stored: Vec<Stored>,
}

/// What must not be, with what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// Acknowledged, and not there.
    Lost { acknowledged: Seen },
    /// Stored in another state than was acknowledged: in another place, as another's, as it was before the change.
    StoredOtherwise { acknowledged: Seen, origin: Origin, stored: Seen, stored_origin: Origin },
    /// More than one answer says that it was the first for this message.
    TwoFirsts { message: Seen },
    /// One author's client id is stored more than once in a conversation.
    StoredTwice { origin: Origin, messages: [Seen; 2] },
    /// An id is stored more than once.
    IdTwice { messages: [Seen; 2] },
    /// The stored messages are not listed by rising `seq`, each with its own.
    SeqNotRising { before: Seen, after: Seen },
    /// One revision of a conversation was shown as two states.
    OneRevisionTwoStates { states: [Seen; 2] },
    /// A message was shown in two places.
    TwoPlaces { states: [Seen; 2] },
    /// A message bears a revision below the one it was born with.
    RevisionBelowSeq { message: Seen },
    /// A subscriber was given a revision that is not above the last one of the conversation.
    NotRising { subscriber: String, before: i64, given: Seen },
    /// A subscriber was given what is not stored, or stands at a lower revision there.
    NeverStored { subscriber: String, given: Seen, stored: Option<Seen> },
    /// A subscriber does not have a message as it stands in the end.
    Missed { subscriber: String, stored: Seen, given: Option<Seen> },
    /// A subscriber was given something of a conversation that it does not follow.
    Unasked { subscriber: String, given: Seen },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { acknowledged } => write!(f, "acknowledged and lost: {acknowledged}"),
            Self::StoredOtherwise { acknowledged, origin, stored, stored_origin } => {
                write!(f, "acknowledged {acknowledged} ({origin:?}) and stored {stored} ({stored_origin:?})")
            }
            Self::TwoFirsts { message } => write!(f, "two answers were the first for {message}"),
            Self::StoredTwice { origin, messages: [a, b] } => write!(f, "{origin:?} is stored twice: {a} and {b}"),
            Self::IdTwice { messages: [a, b] } => write!(f, "one id is stored twice: {a} and {b}"),
            Self::SeqNotRising { before, after } => write!(f, "{after} is listed after {before}"),
            Self::OneRevisionTwoStates { states: [a, b] } => write!(f, "one revision is two states: {a} and {b}"),
            Self::TwoPlaces { states: [a, b] } => write!(f, "one message has two places: {a} and {b}"),
            Self::RevisionBelowSeq { message } => write!(f, "older than its birth: {message}"),
            Self::NotRising { subscriber, before, given } => {
                write!(f, "{subscriber} stood at revision {before} and was given {given}")
            }
            Self::NeverStored { subscriber, given, stored: None } => {
                write!(f, "{subscriber} was given {given}, which is not stored")
            }
            Self::NeverStored { subscriber, given, stored: Some(stored) } => {
                write!(f, "{subscriber} was given {given}, and stored is {stored}")
            }
            Self::Missed { subscriber, stored, given: None } => write!(f, "{subscriber} has missed {stored}"),
            Self::Missed { subscriber, stored, given: Some(given) } => {
                write!(f, "{subscriber} has {given}, and has missed {stored}")
            }
            Self::Unasked { subscriber, given } => write!(f, "{subscriber} did not ask for {given}"),
        }
    }
}

impl History {
    /// All that must not be, and is. Empty for a good history.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        let stored = self.stored.iter().map(|stored| (key(&stored.message), stored)).collect();
        let mut found = Vec::new();
        self.judge_stored(&mut found);
        self.judge_acknowledged(&stored, &mut found);
        self.judge_states(&mut found);
        for subscriber in &self.subscribers {
            subscriber.judge_order(&mut found);
            subscriber.judge_given(&stored, &mut found);
            subscriber.judge_missed(&self.stored, &mut found);
        }
        found
    }

    /// Panics with the first of them, where there are any; `context` says how to have the same history again.
    pub(crate) fn assert_good(&self, context: impl fmt::Display) {
        const SHOWN: usize = 20;
        let violations = self.violations();
        let lines: Vec<_> = violations.iter().take(SHOWN).map(|violation| format!("\n  {violation}")).collect();
        assert!(violations.is_empty(), "{} violations ({context}):{}", violations.len(), lines.concat());
    }

    fn judge_stored(&self, found: &mut Vec<Violation>) {
        let mut last: HashMap<&str, &Seen> = HashMap::new();
        let mut ids: HashMap<&str, &Seen> = HashMap::new();
        let mut origins: HashMap<(&str, &Origin), &Seen> = HashMap::new();
        for Stored { message, origin } in &self.stored {
            if let Some(before) = last.insert(&message.conversation, message)
                && before.seq >= message.seq
            {
                found.push(Violation::SeqNotRising { before: before.clone(), after: message.clone() });
            }
            if let Some(other) = ids.insert(&message.id, message) {
                found.push(Violation::IdTwice { messages: [other.clone(), message.clone()] });
            }
            if origin.client_id.is_some()
                && let Some(other) = origins.insert((&message.conversation, origin), message)
            {
                let messages = [other.clone(), message.clone()];
                found.push(Violation::StoredTwice { origin: origin.clone(), messages });
            }
        }
    }

    fn judge_acknowledged(&self, stored: &StoredByKey<'_>, found: &mut Vec<Violation>) {
        let mut firsts = HashSet::new();
        for Acknowledged { message, origin, is_first } in &self.acknowledged {
            if *is_first && !firsts.insert(key(message)) {
                found.push(Violation::TwoFirsts { message: message.clone() });
            }
            match stored.get(&key(message)) {
                None => found.push(Violation::Lost { acknowledged: message.clone() }),
                Some(stored) if !holds(stored, message, origin) => found.push(Violation::StoredOtherwise {
                    acknowledged: message.clone(),
                    origin: origin.clone(),
                    stored: stored.message.clone(),
                    stored_origin: stored.origin.clone(),
                }),
                Some(_) => {}
            }
        }
    }

    /// Whoever has seen a revision has seen the same: then rising revisions are one order for all.
    fn judge_states(&self, found: &mut Vec<Violation>) {
        let acknowledged = self.acknowledged.iter().map(|acknowledged| &acknowledged.message);
        let given = self.subscribers.iter().flat_map(|subscriber| &subscriber.given);
        let stored = self.stored.iter().map(|stored| &stored.message);
        let mut revisions: HashMap<(&str, i64), &Seen> = HashMap::new();
        let mut places: HashMap<(&str, &str), &Seen> = HashMap::new();
        for seen in stored.chain(acknowledged).chain(given) {
            let as_revision = revisions.entry((&seen.conversation, seen.revision)).or_insert(seen);
            if *as_revision != seen {
                found.push(Violation::OneRevisionTwoStates { states: [(*as_revision).clone(), seen.clone()] });
            }
            let in_place = places.entry(key(seen)).or_insert(seen);
            if in_place.seq != seen.seq {
                found.push(Violation::TwoPlaces { states: [(*in_place).clone(), seen.clone()] });
            }
            if seen.revision < seen.seq {
                found.push(Violation::RevisionBelowSeq { message: seen.clone() });
            }
        }
    }
}

type StoredByKey<'a> = HashMap<(&'a str, &'a str), &'a Stored>;

fn key(seen: &Seen) -> (&str, &str) {
    (&seen.conversation, &seen.id)
}

/// Whether what is stored is what was acknowledged, or what has become of it since.
fn holds(stored: &Stored, message: &Seen, origin: &Origin) -> bool {
    let is_in_its_place = stored.message.seq == message.seq && stored.origin == *origin;
    is_in_its_place && (stored.message == *message || stored.message.revision > message.revision)
}

impl Subscriber {
    fn judge_order(&self, found: &mut Vec<Violation>) {
        let mut reached = self.began.clone();
        for given in &self.given {
            let Some(reached) = reached.get_mut(&given.conversation) else {
                found.push(Violation::Unasked { subscriber: self.name.clone(), given: given.clone() });
                continue;
            };
            if given.revision <= *reached {
                let (subscriber, given) = (self.name.clone(), given.clone());
                found.push(Violation::NotRising { subscriber, before: *reached, given });
            } else {
                *reached = given.revision;
            }
        }
    }

    fn judge_given(&self, stored: &StoredByKey<'_>, found: &mut Vec<Violation>) {
        for given in &self.given {
            let stored = stored.get(&key(given)).map(|stored| &stored.message);
            if stored.is_none_or(|stored| stored.revision < given.revision) {
                let (subscriber, given) = (self.name.clone(), given.clone());
                found.push(Violation::NeverStored { subscriber, given, stored: stored.cloned() });
            }
        }
    }

    fn judge_missed(&self, stored: &[Stored], found: &mut Vec<Violation>) {
        let mut latest: HashMap<(&str, &str), &Seen> = HashMap::new();
        for given in &self.given {
            let known = latest.entry(key(given)).or_insert(given);
            if known.revision < given.revision {
                *known = given;
            }
        }
        for Stored { message, .. } in stored {
            let Some(began) = self.began.get(&message.conversation) else { continue };
            let given = latest.get(&key(message)).copied();
            if message.revision > *began && given.is_none_or(|given| given.revision < message.revision) {
                let (subscriber, stored) = (self.name.clone(), message.clone());
                found.push(Violation::Missed { subscriber, stored, given: given.cloned() });
            }
        }
    }
}
