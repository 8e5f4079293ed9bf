//! What a batch of writes makes of a conversation's log. Both stores decide it here: they differ in how they read
//! what is stored, how they make it one transaction, and in nothing else.

use super::clock::Timestamp;
use super::ids::{MessageId, UserId};
use super::message::{Amendment, Change, ClientId, Fingerprint, Message, NewMessage, Revision};
use std::collections::BTreeMap;

/// One thing to be written to a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A message to be born.
    Append(NewMessage),
    /// A message to be changed.
    Amend(Amendment),
}

impl Write {
    /// Bytes of the text that it carries.
    pub fn text_bytes(&self) -> usize {
        match self {
            Self::Append(new) => new.draft.text.as_str().len(),
            Self::Amend(Amendment { change: Change::Edit(text), .. }) => text.as_str().len(),
            Self::Amend(Amendment { change: Change::Delete, .. }) => 0,
        }
    }
}

/// What became of a [`Write`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The message was born, now or in an earlier try of the same write.
    Appended(Message),
    /// Its client id had been stored before, with the same draft: this is that message as it now stands.
    Repeated(Message),
    /// Its client id had been stored before, with another draft.
    Conflicting,
    /// The message was changed to this.
    Amended(Message),
    /// The message stood so already, or is a tombstone; no number was taken.
    Unchanged(Message),
    /// There is no such message in this conversation.
    Missing,
}

/// Where a conversation's log ends. One that nothing was written to has none: [`Head::default`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The latest number given.
    pub revision: Revision,
    /// The `seq` of the latest message.
    pub last_seq: Revision,
    /// When that message was sent.
    pub active_at: Option<Timestamp>,
}

/// A message with what a store keeps beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The message as it stands.
    pub message: Message,
    /// Of its first draft, where it has a client id.
    pub fingerprint: Option<Fingerprint>,
}

/// What a store must read, behind the head's lock, before it can plan.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needed<'a> {
    /// The messages of these authors under these client ids.
    pub client_ids: Vec<(UserId, &'a ClientId)>,
    /// These messages.
    pub messages: Vec<MessageId>,
}

/// Whether an earlier try of the same writes may have been stored without our hearing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// There was none.
    First,
    /// Its answer was lost.
    Again,
}

/// What the plan for these writes depends on.
pub fn needed(writes: &[Write], attempt: Attempt) -> Needed<'_> {
    let mut needed = Needed::default();
    for write in writes {
        match write {
            Write::Append(new) => {
                needed.client_ids.extend(new.draft.client_id.as_ref().map(|id| (new.author, id)));
                if attempt == Attempt::Again {
                    needed.messages.push(new.id);
                }
            }
            Write::Amend(amendment) => needed.messages.push(amendment.message),
        }
    }
    needed
}

/// What is to be stored, in one transaction, and then answered.
#[derive(Debug)]
pub struct Plan {
    /// The head afterwards; as it was where nothing is to be stored.
    pub head: Head,
    /// Messages to insert.
    pub births: Vec<Stored>,
    /// Messages to replace, each in its final state.
    pub changes: Vec<Message>,
    /// The answer to each write, in their order.
    pub written: Vec<Written>,
}

impl Plan {
    /// Whether nothing is to be stored.
    pub fn is_empty(&self) -> bool {
        self.births.is_empty() && self.changes.is_empty()
    }
}

/// Numbers the writes from the head on, in their order. `stored` is what [`needed`] asked for, as far as it exists.
pub fn plan(mut head: Head, stored: Vec<Stored>, writes: &[Write]) -> Plan {
    let mut log = Working::new(stored);
    let mut written = Vec::with_capacity(writes.len());
    for write in writes {
        let outcome = match write {
            Write::Append(new) => log.append(&mut head, new),
            Write::Amend(amendment) => log.amend(&mut head, amendment),
        };
        written.push(outcome);
    }
    let (births, changes) = log.outcome();
    Plan { head, births, changes, written }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Untouched,
    Born,
    Changed,
}

/// The part of the log that the writes touch, while they are applied.
struct Working {
    messages: BTreeMap<MessageId, (Stored, Fate)>,
    by_client_id: BTreeMap<(UserId, String), MessageId>,
}

impl Working {
    fn new(stored: Vec<Stored>) -> Self {
        let mut log = Self { messages: BTreeMap::new(), by_client_id: BTreeMap::new() };
        for one in stored {
            log.put(one, Fate::Untouched);
        }
        log
    }

    fn put(&mut self, stored: Stored, fate: Fate) {
        let message = &stored.message;
        if let Some(client_id) = &message.client_id {
            self.by_client_id.insert((message.author, client_id.as_str().to_owned()), message.id);
        }
        self.messages.insert(message.id, (stored, fate));
    }

    fn append(&mut self, head: &mut Head, new: &NewMessage) -> Written {
        if let Some((stored, _)) = self.messages.get(&new.id) {
            return Written::Appended(stored.message.clone());
        }
        if let Some((first, _)) = self.under_client_id_of(new) {
            let is_same = first.fingerprint == Some(new.fingerprint);
            return if is_same { Written::Repeated(first.message.clone()) } else { Written::Conflicting };
        }
        let message = Message::born(new, head.revision.next());
        *head = Head { revision: message.seq, last_seq: message.seq, active_at: Some(message.created_at) };
        let fingerprint = message.client_id.is_some().then_some(new.fingerprint);
        self.put(Stored { message: message.clone(), fingerprint }, Fate::Born);
        Written::Appended(message)
    }

    fn under_client_id_of(&self, new: &NewMessage) -> Option<&(Stored, Fate)> {
        let client_id = new.draft.client_id.as_ref()?;
        self.messages.get(self.by_client_id.get(&(new.author, client_id.as_str().to_owned()))?)
    }

    fn amend(&mut self, head: &mut Head, amendment: &Amendment) -> Written {
        let Some((stored, fate)) = self.messages.get_mut(&amendment.message) else {
            return Written::Missing;
        };
        let Some(next) = stored.message.amended(amendment, head.revision.next()) else {
            return Written::Unchanged(stored.message.clone());
        };
        head.revision = next.revision;
        stored.message = next.clone();
        if *fate == Fate::Untouched {
            *fate = Fate::Changed;
        }
        Written::Amended(next)
    }

    fn outcome(self) -> (Vec<Stored>, Vec<Message>) {
        let (mut births, mut changes) = (Vec::new(), Vec::new());
        for (stored, fate) in self.messages.into_values() {
            match fate {
                Fate::Untouched => {}
                Fate::Born => births.push(stored),
                Fate::Changed => changes.push(stored.message),
            }
        }
        births.sort_by_key(|stored| stored.message.seq);
        changes.sort_by_key(|message| message.revision);
        (births, changes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::Timestamp;
    use super::super::ids::ConversationId;
    use super::super::message::{Draft, MembershipVersion, MessageText};
    use super::super::secret::Key;
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis).unwrap()
    }

    fn text(text: &str) -> MessageText {
        MessageText::parse(text.to_owned()).unwrap()
    }

    fn new(words: &str, client_id: Option<&str>) -> NewMessage {
        let client_id = client_id.map(|id| ClientId::parse(id.to_owned()).unwrap());
        let draft = Draft { text: text(words), client_id };
        NewMessage {
            id: MessageId::new(at(1)),
            conversation: ConversationId::from(uuid::Uuid::nil()),
            author: UserId::from(uuid::Uuid::from_u128(1)),
            fingerprint: draft.fingerprint(&Key::from([0; 64])),
            draft,
            created_at: at(1),
            membership_version: MembershipVersion(1),
        }
    }

    fn amend(message: MessageId, change: Change) -> Write {
        Write::Amend(Amendment { message, change, at: at(2), membership_version: MembershipVersion(1) })
    }

    fn numbers(plan: &Plan) -> Vec<i64> {
        let births = plan.births.iter().map(|stored| stored.message.revision);
        births.chain(plan.changes.iter().map(|message| message.revision)).map(Revision::number).collect()
    }

    #[test]
    fn numbers_rise_by_one_from_the_head() {
        let head = Head { revision: Revision::new(7).unwrap(), ..Head::default() };
        let plan = plan(head, Vec::new(), &[Write::Append(new("a", None)), Write::Append(new("b", None))]);
        assert_eq!(numbers(&plan), [8, 9]);
        assert_eq!(plan.head.revision.number(), 9);
    }

    #[test]
    fn a_client_id_twice_in_one_batch_is_one_message() {
        let (first, second, other) = (new("a", Some("x")), new("a", Some("x")), new("b", Some("x")));
        let writes = [first, second, other].map(Write::Append);
        let plan = plan(Head::default(), Vec::new(), &writes);
        assert_eq!(numbers(&plan), [1]);
        let [Written::Appended(a), Written::Repeated(b), Written::Conflicting] = &plan.written[..] else {
            panic!("{:?}", plan.written)
        };
        assert_eq!(a, b);
    }

    #[test]
    fn a_write_tried_again_is_known_by_its_id() {
        let write = new("a", None);
        let stored = Stored { message: Message::born(&write, Revision::new(3).unwrap()), fingerprint: None };
        let head = Head { revision: Revision::new(9).unwrap(), ..Head::default() };
        let plan = plan(head, vec![stored.clone()], &[Write::Append(write)]);
        assert!(plan.is_empty());
        assert_eq!(plan.written, [Written::Appended(stored.message)]);
    }

    #[test]
    fn a_change_that_changes_nothing_takes_no_number() {
        let write = new("a", None);
        let id = write.id;
        let edit = |words| amend(id, Change::Edit(text(words)));
        let delete = || amend(id, Change::Delete);
        let writes = [Write::Append(write), edit("a"), edit("b"), edit("b"), delete(), delete(), edit("c")];
        let plan = plan(Head::default(), Vec::new(), &writes);
        assert_eq!(plan.head.revision.number(), 3);
        assert_eq!(plan.head.last_seq.number(), 1);
        let born = &plan.births[0].message;
        assert_eq!((born.seq.number(), born.revision.number(), born.text.as_deref()), (1, 3, None));
        assert!(plan.changes.is_empty());
    }

    #[test]
    fn a_tombstone_still_knows_its_client_id_and_draft() {
        let first = new("a", Some("x"));
        let mut message = Message::born(&first, Revision::new(1).unwrap());
        message.text = None;
        message.deleted_at = Some(at(2));
        let stored = Stored { message: message.clone(), fingerprint: Some(first.fingerprint) };
        let writes = [Write::Append(new("a", Some("x"))), Write::Append(new("b", Some("x")))];
        let plan = plan(Head::default(), vec![stored], &writes);
        assert_eq!(plan.written, [Written::Repeated(message), Written::Conflicting]);
    }

    #[test]
    fn what_is_not_there_cannot_be_changed() {
        let plan = plan(Head::default(), Vec::new(), &[amend(MessageId::new(at(1)), Change::Delete)]);
        assert_eq!(plan.written, [Written::Missing]);
        assert!(plan.is_empty());
    }
}
