//! Messages: what they hold, what may be written, and what a change makes of them.

use super::clock::Timestamp;
use super::emoji::Emoji;
use super::extras::{Extras, to_json};
use super::ids::{ConversationId, MessageId, UserId};
use super::notice::Notice;
use super::rules::{MAX_CLIENT_ID_LENGTH, MAX_EMOJI, MAX_TEXT_LENGTH};
use super::secret::Key;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A number from a conversation's head, from 1 on. `seq` is the one a message was born with, `revision` that of its
/// latest change: both count in the same series. 0 stands before all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(i64);

impl Revision {
    /// Before the first change.
    pub const ZERO: Self = Self(0);

    /// That number; `None` where it is negative.
    pub fn new(number: i64) -> Option<Self> {
        (number >= 0).then_some(Self(number))
    }

    /// The bare number, as the stores keep it.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// The one before this; `None` at [`ZERO`](Self::ZERO).
    pub fn before(self) -> Option<Self> {
        Self::new(self.0 - 1)
    }

    /// So many after this.
    #[must_use]
    pub fn plus(self, count: u32) -> Self {
        Self(self.0.saturating_add(count.into()))
    }
}

impl super::page::Cursor for Revision {
    const KIND: &str = "seq";

    fn to_text(&self) -> String {
        self.0.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().and_then(Self::new)
    }
}

/// Counts a conversation's changes of members and of its face, in the SQL database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MembershipVersion(pub i64);

impl MembershipVersion {
    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What a message is. Of those by people it says how to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MessageKind {
    /// Words by a person.
    Text,
    /// A picture by a person.
    Image,
    /// A file by a person.
    File,
    /// A notice, which no person has written.
    System,
}

impl MessageKind {
    /// Its name in the stores and in GraphQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Image => "IMAGE",
            Self::File => "FILE",
            Self::System => "SYSTEM",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Text, Self::Image, Self::File, Self::System].into_iter().find(|kind| kind.name() == name)
    }
}

/// Words of 1 to [`MAX_TEXT_LENGTH`] characters, not all of them white space, without NUL (Postgres keeps none).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// The text as it was typed, or what is wrong with it, on the field `text`.
    pub fn parse(text: String) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::invalid("text", "a message must say something"));
        }
        if text.chars().nth(MAX_TEXT_LENGTH).is_some() {
            return Err(Error::invalid("text", format!("a message has at most {MAX_TEXT_LENGTH} characters")));
        }
        if text.contains('\0') {
            return Err(Error::invalid("text", "a message must not hold the character U+0000"));
        }
        Ok(Self(text))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The sending device's own id for a message: 1 to [`MAX_CLIENT_ID_LENGTH`] printable characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    /// The id as it came, or what is wrong with it, on the field `clientId`.
    pub fn parse(text: String) -> Result<Self> {
        let length = text.chars().count();
        if !(1..=MAX_CLIENT_ID_LENGTH).contains(&length) || text.chars().any(char::is_control) {
            let message = format!("must be 1 to {MAX_CLIENT_ID_LENGTH} printable characters");
            return Err(Error::invalid("clientId", message));
        }
        Ok(Self(text))
    }

    /// What a store has kept.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a person wants to send, with nothing wrong in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is; never a notice.
    pub kind: MessageKind,
    /// The words. Where there are none, something is attached.
    pub text: Option<MessageText>,
    /// What it holds beside them.
    pub extras: Extras,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// By what its sender's device will know it again.
    pub client_id: Option<ClientId>,
}

impl Draft {
    /// Words and nothing else.
    pub fn of_text(text: MessageText) -> Self {
        let (extras, reply_to, client_id) = (Extras::default(), None, None);
        Self { kind: MessageKind::Text, text: Some(text), extras, reply_to, client_id }
    }

    /// The same with nothing wrong in it; or what is wrong, on the field at fault. Its parts are taken to be right.
    pub fn checked(self) -> Result<Self> {
        if self.kind == MessageKind::System {
            return Err(Error::invalid("kind", "notices are the server's alone"));
        }
        let extras = self.extras.checked()?;
        if self.text.is_none() && extras.attachments.is_empty() {
            return Err(Error::invalid("text", "a message must say something"));
        }
        Ok(Self { extras, ..self })
    }

    fn fingerprint(&self, key: &Key) -> Fingerprint {
        let kind = self.kind.name();
        let text = self.text.as_ref().map_or("", MessageText::as_str);
        let reply_to = self.reply_to.map(|id| id.to_string());
        let extras = self.extras.to_stored();
        // Of words alone it is as it was before there was anything else: these hashes are kept for ever.
        let chosen = [Some(kind), Some(text), reply_to.as_deref(), extras.as_deref()];
        let parts: Vec<_> = chosen.into_iter().flatten().map(str::as_bytes).collect();
        Fingerprint(key.mac(&parts))
    }

    fn bytes(&self) -> usize {
        self.text.as_ref().map_or(0, |text| text.as_str().len()) + self.extras.bytes()
    }
}

/// A keyed hash of what was sent: tells, also after it is gone, whether a client id was used for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub [u8; 32]);

/// What a new message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// What a person wants to say.
    Draft(Draft),
    /// What the conversation tells of itself.
    Notice {
        /// What that is.
        notice: Notice,
        /// By what it is known again when it is sent again.
        client_id: ClientId,
    },
}

impl Body {
    /// What it will be as a message.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Draft(draft) => draft.kind,
            Self::Notice { .. } => MessageKind::System,
        }
    }

    /// By what its sender will know it again.
    pub fn client_id(&self) -> Option<&ClientId> {
        match self {
            Self::Draft(draft) => draft.client_id.as_ref(),
            Self::Notice { client_id, .. } => Some(client_id),
        }
    }

    /// The keyed hash of all that the sender chose but the client id.
    pub fn fingerprint(&self, key: &Key) -> Fingerprint {
        match self {
            Self::Draft(draft) => draft.fingerprint(key),
            Self::Notice { notice, .. } => {
                Fingerprint(key.mac(&[self.kind().name().as_bytes(), notice.to_json().as_bytes()]))
            }
        }
    }

    /// About how many bytes of it are to be stored.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Draft(draft) => draft.bytes(),
            Self::Notice { notice, .. } => notice.bytes(),
        }
    }
}

/// A message to be appended: everything but the number it will get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Chosen before the first try.
    pub id: MessageId,
    /// Whose log it goes to.
    pub conversation: ConversationId,
    /// [`UserId::SYSTEM`] for a notice.
    pub author: UserId,
    /// What it says.
    pub body: Body,
    /// Kept beside the message where it has a client id.
    pub fingerprint: Fingerprint,
    /// When it was sent, by the server's clock.
    pub created_at: Timestamp,
    /// The members that its writer saw.
    pub membership_version: MembershipVersion,
}

/// How many people react to a message with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// With which.
    pub emoji: Emoji,
    /// How many; never 0.
    pub count: u32,
}

impl Tally {
    /// Many of them as the stores keep them: JSON, and none where there are none.
    pub fn to_stored(tallies: &[Self]) -> Option<String> {
        (!tallies.is_empty()).then(|| to_json(&tallies))
    }
}

/// What was last done to a message, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// What.
    pub kind: ChangeKind,
    /// When, by the server's clock.
    pub at: Timestamp,
}

/// A message as it now stands in its conversation's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Unique in the whole server.
    pub id: MessageId,
    /// Whose log it stands in.
    pub conversation: ConversationId,
    /// Its place, which never changes.
    pub seq: Revision,
    /// The head's number at its latest change.
    pub revision: Revision,
    /// [`UserId::SYSTEM`] for a notice.
    pub author: UserId,
    /// What it is.
    pub kind: MessageKind,
    /// `None` once deleted, in a notice, and where something is attached instead.
    pub text: Option<String>,
    /// What it holds beside its words; nothing once deleted.
    #[serde(default)]
    pub extras: Extras,
    /// The message of the same conversation that it answers.
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    /// In the order in which each emoji was first used; nothing once deleted.
    #[serde(default)]
    pub reactions: Vec<Tally>,
    /// When it was pinned; `None` while it is not.
    #[serde(default)]
    pub pinned_at: Option<Timestamp>,
    /// What a notice tells; `None` in all that people write.
    pub notice: Option<Notice>,
    /// The sending device's id for it.
    pub client_id: Option<ClientId>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When its text last changed.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// What was last done to it; `None` while it stands as it was sent, and where that was edited or deleted before this
    /// was noted.
    #[serde(default)]
    pub changed: Option<Changed>,
    /// The members that the writer of its latest change saw.
    pub membership_version: MembershipVersion,
}

/// What may happen to a message after it was sent. Each names the state it leads to, so that doing it twice is harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It says this instead.
    Edit(MessageText),
    /// Only its place is left.
    Delete,
    /// That person reacts to it so.
    React(UserId, Emoji),
    /// That person does not react to it so.
    Unreact(UserId, Emoji),
    /// It is pinned. The notice tells of it, and is appended with the change where there is one.
    Pin(Box<NewMessage>),
    /// It is not pinned.
    Unpin,
}

impl Change {
    /// What was done to a message that it has changed.
    pub const fn kind(&self) -> ChangeKind {
        match self {
            Self::Edit(_) => ChangeKind::Edited,
            Self::Delete => ChangeKind::Deleted,
            Self::React(..) | Self::Unreact(..) => ChangeKind::Reacted,
            Self::Pin(_) | Self::Unpin => ChangeKind::Pinned,
        }
    }

    /// About how many bytes of it are to be stored.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Edit(text) => text.as_str().len(),
            Self::Pin(notice) => notice.body.bytes(),
            Self::React(_, emoji) | Self::Unreact(_, emoji) => emoji.as_str().len(),
            Self::Delete | Self::Unpin => 0,
        }
    }
}

/// What was last done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeKind {
    /// It says something else.
    Edited,
    /// Only its place is left.
    Deleted,
    /// Somebody has begun to react to it, or has ceased to.
    Reacted,
    /// It was pinned, or is pinned no more.
    Pinned,
}

impl ChangeKind {
    /// Its name in the stores and in GraphQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edited => "EDITED",
            Self::Deleted => "DELETED",
            Self::Reacted => "REACTED",
            Self::Pinned => "PINNED",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Edited, Self::Deleted, Self::Reacted, Self::Pinned].into_iter().find(|kind| kind.name() == name)
    }
}

/// One person's reaction to one message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reaction {
    /// To which.
    pub message: MessageId,
    /// Whose.
    pub user: UserId,
    /// With which emoji.
    pub emoji: Emoji,
}

/// A change to one message of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// The message to change.
    pub message: MessageId,
    /// What to make of it.
    pub change: Change,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// The members that its writer saw.
    pub membership_version: MembershipVersion,
}

impl Amendment {
    /// The reaction that it is about, and whether that shall be there afterwards.
    pub fn reaction(&self) -> Option<(Reaction, bool)> {
        let (user, emoji, is_on) = match &self.change {
            Change::React(user, emoji) => (user, emoji, true),
            Change::Unreact(user, emoji) => (user, emoji, false),
            Change::Edit(_) | Change::Delete | Change::Pin(_) | Change::Unpin => return None,
        };
        Some((Reaction { message: self.message, user: *user, emoji: emoji.clone() }, is_on))
    }

    /// What is appended with it where it changes something.
    pub fn notice(&self) -> Option<&NewMessage> {
        if let Change::Pin(notice) = &self.change { Some(notice) } else { None }
    }
}

impl Message {
    /// The message as it stands once it is born with that number.
    pub fn born(new: &NewMessage, seq: Revision) -> Self {
        let (draft, notice) = match &new.body {
            Body::Draft(draft) => (Some(draft), None),
            Body::Notice { notice, .. } => (None, Some(notice.clone())),
        };
        let text = draft.and_then(|draft| draft.text.as_ref());
        Self {
            id: new.id,
            conversation: new.conversation,
            seq,
            revision: seq,
            author: new.author,
            kind: new.body.kind(),
            text: text.map(|text| text.as_str().to_owned()),
            extras: draft.map(|draft| draft.extras.clone()).unwrap_or_default(),
            reply_to: draft.and_then(|draft| draft.reply_to),
            reactions: Vec::new(),
            pinned_at: None,
            notice,
            client_id: new.body.client_id().cloned(),
            created_at: new.created_at,
            edited_at: None,
            deleted_at: None,
            changed: None,
            membership_version: new.membership_version,
        }
    }

    /// About how many bytes of it were chosen by those who wrote it: the rest is the same for every message.
    pub fn bytes(&self) -> usize {
        /// A tally's keys and its number.
        const TALLY: usize = 32;
        self.text.as_ref().map_or(0, String::len)
            + self.extras.bytes()
            + self.reactions.iter().map(|tally| TALLY + tally.emoji.as_str().len()).sum::<usize>()
            + self.notice.as_ref().map_or(0, Notice::bytes)
    }

    /// What was last done to it; `None` while it stands as it was sent.
    pub fn latest_change(&self) -> Option<ChangeKind> {
        match (self.changed, self.deleted_at, self.edited_at) {
            (Some(changed), ..) => Some(changed.kind),
            (None, Some(_), _) => Some(ChangeKind::Deleted),
            (None, None, Some(_)) => Some(ChangeKind::Edited),
            (None, None, None) => None,
        }
    }

    /// When that was.
    pub fn changed_at(&self) -> Timestamp {
        let changed_at = self.changed.map(|changed| changed.at);
        changed_at.or(self.deleted_at).or(self.edited_at).unwrap_or(self.created_at)
    }

    /// The message after the change, under that number; `None` where it changes nothing. A tombstone stays one, and a
    /// notice says what it says. Whether a person reacts already the message does not know: a reaction is taken to be a
    /// new one, and one that is taken back to have been there.
    pub fn amended(&self, amendment: &Amendment, revision: Revision) -> Option<Self> {
        if self.deleted_at.is_some() {
            return None;
        }
        let mut next = Self { revision, ..self.clone() };
        // Versions, like revisions, only move forward.
        next.membership_version = self.membership_version.max(amendment.membership_version);
        next.changed = Some(Changed { kind: amendment.change.kind(), at: amendment.at });
        match &amendment.change {
            Change::Edit(text) if self.text.as_deref() == Some(text.as_str()) => return None,
            Change::Edit(_) if self.kind == MessageKind::System => return None,
            Change::Edit(text) => {
                next.text = Some(text.as_str().to_owned());
                next.edited_at = Some(amendment.at);
            }
            Change::Delete => next.leave_tombstone(amendment.at),
            Change::React(_, emoji) => next.count_up(emoji)?,
            Change::Unreact(_, emoji) => next.count_down(emoji)?,
            Change::Pin(_) if self.pinned_at.is_some() => return None,
            Change::Pin(_) => next.pinned_at = Some(amendment.at),
            Change::Unpin if self.pinned_at.is_none() => return None,
            Change::Unpin => next.pinned_at = None,
        }
        Some(next)
    }

    /// Everything goes but who wrote it, when, where, and in answer to what.
    fn leave_tombstone(&mut self, at: Timestamp) {
        self.text = None;
        self.extras = Extras::default();
        self.reactions = Vec::new();
        self.pinned_at = None;
        self.notice = None;
        self.deleted_at = Some(at);
    }

    fn count_up(&mut self, emoji: &Emoji) -> Option<()> {
        if let Some(tally) = self.reactions.iter_mut().find(|tally| tally.emoji == *emoji) {
            tally.count = tally.count.saturating_add(1);
            return Some(());
        }
        let has_room = self.reactions.len() < MAX_EMOJI;
        has_room.then(|| self.reactions.push(Tally { emoji: emoji.clone(), count: 1 }))
    }

    fn count_down(&mut self, emoji: &Emoji) -> Option<()> {
        let at = self.reactions.iter().position(|tally| tally.emoji == *emoji)?;
        match self.reactions[at].count {
            0 | 1 => drop(self.reactions.remove(at)),
            count => self.reactions[at].count = count - 1,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_something_within_the_limit() {
        for bad in [String::new(), " \n\t".to_owned(), "a\0b".to_owned(), "é".repeat(MAX_TEXT_LENGTH + 1)] {
            assert_eq!(MessageText::parse(bad).unwrap_err().field(), ["text"]);
        }
        let longest = "é".repeat(MAX_TEXT_LENGTH);
        assert_eq!(MessageText::parse(longest.clone()).unwrap().as_str(), longest);
    }

    fn draft(text: &str) -> Draft {
        Draft::of_text(MessageText::parse(text.to_owned()).unwrap())
    }

    #[test]
    fn a_fingerprint_covers_all_that_the_sender_chose() {
        let key = Key::from([7; 64]);
        let hash = |draft: Draft| Body::Draft(draft).fingerprint(&key);
        let extras = |mentions: Vec<u128>| Extras {
            mentions: mentions.into_iter().map(|n| UserId::from(uuid::Uuid::from_u128(n))).collect(),
            ..Extras::default()
        };
        let reply_to = |n| Some(MessageId::from(uuid::Uuid::from_u128(n)));
        let drafts = [
            draft("hello"),
            draft("hello!"),
            Draft { kind: MessageKind::Image, ..draft("hello") },
            Draft { extras: extras(vec![1]), ..draft("hello") },
            Draft { extras: extras(vec![2]), ..draft("hello") },
            Draft { reply_to: reply_to(1), ..draft("hello") },
            Draft { reply_to: reply_to(2), ..draft("hello") },
            Draft { reply_to: reply_to(1), extras: extras(vec![1]), ..draft("hello") },
        ];
        for (n, one) in drafts.iter().enumerate() {
            for (m, other) in drafts.iter().enumerate() {
                assert_eq!(hash(one.clone()) == hash(other.clone()), n == m, "{n} and {m}");
            }
        }
        assert_ne!(hash(draft("hello")), Body::Draft(draft("hello")).fingerprint(&Key::from([8; 64])));
    }

    #[test]
    fn the_fingerprint_of_mere_words_is_what_it_was_before_there_was_more() {
        let key = Key::from([7; 64]);
        assert_eq!(Body::Draft(draft("hello")).fingerprint(&key).0, key.mac(&[b"TEXT", b"hello"]));
    }

    #[test]
    fn a_draft_says_something_and_is_no_notice() {
        let silent = Draft { text: None, ..draft("hello") };
        assert_eq!(silent.checked().unwrap_err().field(), ["text"]);
        let official = Draft { kind: MessageKind::System, ..draft("hello") };
        assert_eq!(official.checked().unwrap_err().field(), ["kind"]);
    }
}
