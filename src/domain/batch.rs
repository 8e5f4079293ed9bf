//! What a batch of writes makes of a conversation's log. Both stores decide it here: they differ in how they read
//! what is stored, how they make it one transaction, and in nothing else.

use super::clock::Timestamp;
use super::ids::{MessageId, UserId};
use super::message::{Amendment, ClientId, Fingerprint, Message, NewMessage, Reaction, Revision};
use std::collections::{BTreeMap, BTreeSet};

/// One thing to be written to a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A message to be born.
    Append(NewMessage),
    /// A message to be changed.
    Amend(Amendment),
}

impl Write {
    /// About how many bytes of it are to be stored.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Append(new) => new.body.bytes(),
            Self::Amend(amendment) => amendment.change.bytes(),
        }
    }
}

/// What became of a [`Write`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The message was born, now or in an earlier try of the same write.
    Appended(Message),
    /// Its client id had been stored before, with the same body: this is that message as it now stands.
    Repeated(Message),
    /// Its client id had been stored before, with another body.
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
    /// Of what was first sent, where it has a client id.
    pub fingerprint: Option<Fingerprint>,
}

/// What a store must read, behind the head's lock, before it can plan.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needed<'a> {
    /// The messages of these authors under these client ids.
    pub client_ids: Vec<(UserId, &'a ClientId)>,
    /// These messages.
    pub messages: Vec<MessageId>,
    /// These reactions.
    pub reactions: Vec<Reaction>,
}

/// What a store has found of that.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The messages that exist.
    pub messages: Vec<Stored>,
    /// The reactions that there are.
    pub reactions: Vec<Reaction>,
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
                needed.client_ids.extend(new.body.client_id().map(|id| (new.author, id)));
                if attempt == Attempt::Again {
                    needed.messages.push(new.id);
                }
            }
            Write::Amend(amendment) => {
                needed.messages.push(amendment.message);
                needed.reactions.extend(amendment.reaction().map(|(reaction, _)| reaction));
                if attempt == Attempt::Again {
                    needed.messages.extend(amendment.notice().map(|notice| notice.id));
                }
            }
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
    /// Messages all of whose reactions go. Before the two that follow.
    pub cleared: Vec<MessageId>,
    /// Reactions that go.
    pub unreacted: Vec<Reaction>,
    /// Reactions that come, each with the number of the change that it came with.
    pub reacted: Vec<(Reaction, Revision)>,
    /// The answer to each write, in their order.
    pub written: Vec<Written>,
}

impl Plan {
    /// Whether nothing is to be stored.
    pub fn is_empty(&self) -> bool {
        self.births.is_empty() && self.changes.is_empty()
    }
}

/// Numbers the writes from the head on, in their order. `known` is what [`needed`] asked for, as far as it exists.
pub fn plan(mut head: Head, known: Known, writes: &[Write]) -> Plan {
    let mut log = Working::new(known);
    let mut written = Vec::with_capacity(writes.len());
    for write in writes {
        let outcome = match write {
            Write::Append(new) => log.append(&mut head, new),
            Write::Amend(amendment) => log.amend(&mut head, amendment),
        };
        written.push(outcome);
    }
    log.outcome(head, written)
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
    /// Those that were there; of these and of new ones, those that are there, with the number they came with.
    stored_reactions: BTreeSet<Reaction>,
    reactions: BTreeMap<Reaction, Revision>,
    cleared: BTreeSet<MessageId>,
}

impl Working {
    fn new(known: Known) -> Self {
        let mut log = Self {
            messages: BTreeMap::new(),
            by_client_id: BTreeMap::new(),
            reactions: known.reactions.iter().map(|reaction| (reaction.clone(), Revision::ZERO)).collect(),
            stored_reactions: known.reactions.into_iter().collect(),
            cleared: BTreeSet::new(),
        };
        for one in known.messages {
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
        let client_id = new.body.client_id()?;
        self.messages.get(self.by_client_id.get(&(new.author, client_id.as_str().to_owned()))?)
    }

    fn amend(&mut self, head: &mut Head, amendment: &Amendment) -> Written {
        let Some((stored, fate)) = self.messages.get_mut(&amendment.message) else {
            return Written::Missing;
        };
        let reaction = amendment.reaction();
        let stands_so = reaction.as_ref().is_some_and(|(one, is_on)| self.reactions.contains_key(one) == *is_on);
        let next = if stands_so { None } else { stored.message.amended(amendment, head.revision.next()) };
        let Some(next) = next else {
            return Written::Unchanged(stored.message.clone());
        };
        head.revision = next.revision;
        stored.message = next.clone();
        if *fate == Fate::Untouched {
            *fate = Fate::Changed;
        }
        match reaction {
            Some((reaction, true)) => drop(self.reactions.insert(reaction, next.revision)),
            Some((reaction, false)) => drop(self.reactions.remove(&reaction)),
            None => {}
        }
        if next.deleted_at.is_some() {
            self.cleared.insert(next.id);
            self.reactions.retain(|reaction, _| reaction.message != next.id);
        }
        if let Some(notice) = amendment.notice() {
            self.append(head, notice);
        }
        Written::Amended(next)
    }

    fn outcome(self, head: Head, written: Vec<Written>) -> Plan {
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
        let (stored, now) = (&self.stored_reactions, &self.reactions);
        let goes = |reaction: &&Reaction| !now.contains_key(reaction) && !self.cleared.contains(&reaction.message);
        let unreacted = stored.iter().filter(goes).cloned().collect();
        // One that was there, went and has come again stands where it stood.
        let comes = |(reaction, _): &(&Reaction, &Revision)| !stored.contains(reaction);
        let reacted = now.iter().filter(comes).map(|(reaction, revision)| (reaction.clone(), *revision)).collect();
        Plan { head, births, changes, cleared: self.cleared.into_iter().collect(), unreacted, reacted, written }
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::Timestamp;
    use super::super::emoji::Emoji;
    use super::super::ids::ConversationId;
    use super::super::message::{Body, Change, Draft, MembershipVersion, MessageText, Tally};
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
        let body = Body::Draft(Draft { client_id, ..Draft::of_text(text(words)) });
        NewMessage {
            id: MessageId::new(at(1)),
            conversation: ConversationId::from(uuid::Uuid::nil()),
            author: UserId::from(uuid::Uuid::from_u128(1)),
            fingerprint: body.fingerprint(&Key::from([0; 64])),
            body,
            created_at: at(1),
            membership_version: MembershipVersion(1),
        }
    }

    fn amend(message: MessageId, change: Change) -> Write {
        Write::Amend(Amendment { message, change, at: at(2), membership_version: MembershipVersion(1) })
    }

    fn known(message: Stored) -> Known {
        Known { messages: vec![message], reactions: Vec::new() }
    }

    fn numbers(plan: &Plan) -> Vec<i64> {
        let births = plan.births.iter().map(|stored| stored.message.revision);
        births.chain(plan.changes.iter().map(|message| message.revision)).map(Revision::number).collect()
    }

    #[test]
    fn numbers_rise_by_one_from_the_head() {
        let head = Head { revision: Revision::new(7).unwrap(), ..Head::default() };
        let plan = plan(head, Known::default(), &[Write::Append(new("a", None)), Write::Append(new("b", None))]);
        assert_eq!(numbers(&plan), [8, 9]);
        assert_eq!(plan.head.revision.number(), 9);
    }

    #[test]
    fn a_client_id_twice_in_one_batch_is_one_message() {
        let (first, second, other) = (new("a", Some("x")), new("a", Some("x")), new("b", Some("x")));
        let writes = [first, second, other].map(Write::Append);
        let plan = plan(Head::default(), Known::default(), &writes);
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
        let plan = plan(head, known(stored.clone()), &[Write::Append(write)]);
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
        let plan = plan(Head::default(), Known::default(), &writes);
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
        let plan = plan(Head::default(), known(stored), &writes);
        assert_eq!(plan.written, [Written::Repeated(message), Written::Conflicting]);
    }

    #[test]
    fn what_is_not_there_cannot_be_changed() {
        let plan = plan(Head::default(), Known::default(), &[amend(MessageId::new(at(1)), Change::Delete)]);
        assert_eq!(plan.written, [Written::Missing]);
        assert!(plan.is_empty());
    }

    fn heart() -> Emoji {
        Emoji::parse("❤️").unwrap()
    }

    fn person(n: u128) -> UserId {
        UserId::from(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn reactions_are_counted_once_for_each_person() {
        let write = new("a", None);
        let id = write.id;
        let react = |n| amend(id, Change::React(person(n), heart()));
        let unreact = |n| amend(id, Change::Unreact(person(n), heart()));
        let writes = [Write::Append(write), react(1), react(1), react(2), unreact(3), unreact(1), unreact(1), react(3)];
        let plan = plan(Head::default(), Known::default(), &writes);
        assert_eq!(plan.head.revision.number(), 5);
        assert_eq!(plan.births[0].message.reactions, [Tally { emoji: heart(), count: 2 }]);
        let came: Vec<_> = plan.reacted.iter().map(|(reaction, at)| (reaction.user, at.number())).collect();
        assert_eq!(came, [(person(2), 3), (person(3), 5)]);
        assert_eq!((plan.unreacted, plan.cleared), (Vec::new(), Vec::new()));
    }

    #[test]
    fn what_a_deletion_takes_with_it_does_not_go_or_come_by_itself() {
        let mut message = Message::born(&new("a", None), Revision::new(1).unwrap());
        message.reactions = vec![Tally { emoji: heart(), count: 2 }];
        let reaction = |n| Reaction { message: message.id, user: person(n), emoji: heart() };
        let known = Known {
            reactions: vec![reaction(1), reaction(2)],
            ..known(Stored { message: message.clone(), fingerprint: None })
        };
        let changes = [Change::Unreact(person(1), heart()), Change::React(person(3), heart()), Change::Delete];
        let after = Change::React(person(4), heart());
        let writes: Vec<_> = changes.into_iter().chain([after]).map(|change| amend(message.id, change)).collect();
        let plan = plan(Head::default(), known, &writes);
        assert_eq!(plan.cleared, [message.id]);
        assert_eq!((plan.unreacted, plan.reacted), (Vec::new(), Vec::new()));
        assert_eq!(plan.changes[0].reactions, []);
        assert!(matches!(plan.written[3], Written::Unchanged(_)));
    }

    #[test]
    fn a_pin_brings_its_notice_where_it_pins() {
        let write = new("a", None);
        let id = write.id;
        let notice = new("pinned", Some("notice"));
        let pin = || amend(id, Change::Pin(Box::new(notice.clone())));
        let writes = [Write::Append(write), pin(), pin(), amend(id, Change::Unpin), amend(id, Change::Unpin)];
        let plan = plan(Head::default(), Known::default(), &writes);
        assert_eq!(plan.head.revision.number(), 4);
        assert_eq!(plan.head.last_seq.number(), 3);
        let places: Vec<_> = plan.births.iter().map(|birth| birth.message.seq.number()).collect();
        assert_eq!(places, [1, 3]);
        assert_eq!(plan.births[0].message.pinned_at, None);
    }
}
