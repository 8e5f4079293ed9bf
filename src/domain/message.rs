//! Messages: what they hold, what may be written, and what a change makes of them.

use super::clock::Timestamp;
use super::ids::{ConversationId, MessageId, UserId};
use super::rules::{MAX_CLIENT_ID_LENGTH, MAX_TEXT_LENGTH};
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

/// Counts a conversation's changes of members, in the SQL database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MembershipVersion(pub i64);

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MessageKind {
    /// Words by a person.
    Text,
}

impl MessageKind {
    /// Its name in the stores and in GraphQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        (name == Self::Text.name()).then_some(Self::Text)
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
    /// The words.
    pub text: MessageText,
    /// By what its sender's device will know it again.
    pub client_id: Option<ClientId>,
}

/// A keyed hash of a draft: tells, also after the text is gone, whether a client id was used for the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub [u8; 32]);

impl Draft {
    /// The keyed hash of all that the sender chose but the client id.
    pub fn fingerprint(&self, key: &Key) -> Fingerprint {
        Fingerprint(key.mac(&[MessageKind::Text.name().as_bytes(), self.text.as_str().as_bytes()]))
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
    /// What was drafted.
    pub draft: Draft,
    /// Kept beside the message where it has a client id.
    pub fingerprint: Fingerprint,
    /// When it was sent, by the server's clock.
    pub created_at: Timestamp,
    /// The members that its writer saw.
    pub membership_version: MembershipVersion,
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
    /// `None` once deleted.
    pub text: Option<String>,
    /// The sending device's id for it.
    pub client_id: Option<ClientId>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When its text last changed.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
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
}

/// What was last done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It says something else.
    Edited,
    /// Only its place is left.
    Deleted,
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

impl Message {
    /// The message as it stands once it is born with that number.
    pub fn born(new: &NewMessage, seq: Revision) -> Self {
        Self {
            id: new.id,
            conversation: new.conversation,
            seq,
            revision: seq,
            author: new.author,
            kind: MessageKind::Text,
            text: Some(new.draft.text.as_str().to_owned()),
            client_id: new.draft.client_id.clone(),
            created_at: new.created_at,
            edited_at: None,
            deleted_at: None,
            membership_version: new.membership_version,
        }
    }

    /// What was last done to it; `None` while it stands as it was sent.
    pub fn latest_change(&self) -> Option<ChangeKind> {
        match (self.deleted_at, self.edited_at) {
            (Some(_), _) => Some(ChangeKind::Deleted),
            (None, Some(_)) => Some(ChangeKind::Edited),
            (None, None) => None,
        }
    }

    /// When that was.
    pub fn changed_at(&self) -> Timestamp {
        self.deleted_at.or(self.edited_at).unwrap_or(self.created_at)
    }

    /// The message after the change, under that number; `None` where it changes nothing. A tombstone stays one.
    pub fn amended(&self, amendment: &Amendment, revision: Revision) -> Option<Self> {
        if self.deleted_at.is_some() {
            return None;
        }
        let mut next = Self { revision, ..self.clone() };
        // Versions, like revisions, only move forward.
        next.membership_version = self.membership_version.max(amendment.membership_version);
        match &amendment.change {
            Change::Edit(text) if self.text.as_deref() == Some(text.as_str()) => return None,
            Change::Edit(text) => {
                next.text = Some(text.as_str().to_owned());
                next.edited_at = Some(amendment.at);
            }
            Change::Delete => {
                next.text = None;
                next.deleted_at = Some(amendment.at);
            }
        }
        Some(next)
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

    #[test]
    fn a_fingerprint_tells_texts_apart_and_knows_them_again() {
        let draft = |text: &str| Draft { text: MessageText::parse(text.to_owned()).unwrap(), client_id: None };
        let key = Key::from([7; 64]);
        assert_eq!(draft("hello").fingerprint(&key), draft("hello").fingerprint(&key));
        assert_ne!(draft("hello").fingerprint(&key), draft("hello!").fingerprint(&key));
        assert_ne!(draft("hello").fingerprint(&key), draft("hello").fingerprint(&Key::from([8; 64])));
    }
}
