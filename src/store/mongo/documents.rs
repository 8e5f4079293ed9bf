//! How heads and messages look in MongoDB, and nothing of how they get there.

use crate::domain::batch::{Head, Stored};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{
    ChangeKind, Changed, ClientId, Fingerprint, MembershipVersion, Message, MessageKind, Revision, Tally,
};
use crate::domain::notice::Notice;
use crate::domain::words::index_words;
use crate::error::{Error, Result};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, DateTime, Document, Uuid, doc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Where a conversation's log ends. Every commit changes it, so that of two at once one has to give way.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeadDocument {
    #[serde(rename = "_id")]
    pub(super) conversation: Uuid,
    pub(super) revision: i64,
    pub(super) last_seq: i64,
    pub(super) active_at: Option<DateTime>,
    /// The message at `lastSeq`: what a list of conversations shows is read by its key.
    pub(super) last_message: Option<Uuid>,
    /// Whether the log was erased, for ever.
    #[serde(default)]
    pub(super) is_erased: bool,
}

/// A message. All fields are always there, null where they hold nothing, but for the client id: an index counts on it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageDocument {
    #[serde(rename = "_id")]
    id: Uuid,
    conversation: Uuid,
    seq: i64,
    revision: i64,
    author: Uuid,
    kind: String,
    text: Option<String>,
    /// What a notice tells, as JSON.
    #[serde(default)]
    notice: Option<String>,
    /// What it holds beside its words, as JSON; null where that is nothing.
    #[serde(default)]
    extras: Option<String>,
    /// How many people react with which emoji, as JSON; null where nobody does.
    #[serde(default)]
    reactions: Option<String>,
    /// There where it answers one: an index counts on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<Uuid>,
    #[serde(default)]
    pinned_at: Option<DateTime>,
    /// What was last done to it.
    #[serde(default)]
    change: Option<String>,
    #[serde(default)]
    changed_at: Option<DateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// Of what was first sent; there where the client id is.
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Binary>,
    created_at: DateTime,
    edited_at: Option<DateTime>,
    deleted_at: Option<DateTime>,
    membership_version: i64,
    /// By which it is searched for; written and never read.
    #[serde(skip_deserializing)]
    words: Vec<String>,
}

impl HeadDocument {
    pub(super) const COLLECTION: &str = "heads";
}

impl MessageDocument {
    pub(super) const COLLECTION: &str = "messages";

    /// The fields that a change of the message may change.
    pub(super) fn changes(message: &Message) -> Document {
        doc! {
            "revision": message.revision.number(),
            "text": message.text.as_deref(),
            "notice": message.notice.as_ref().map(Notice::to_json),
            "extras": message.extras.to_stored(),
            "reactions": Tally::to_stored(&message.reactions),
            "pinnedAt": message.pinned_at.map(date),
            "change": message.changed.map(|changed| changed.kind.name()),
            "changedAt": message.changed.map(|changed| date(changed.at)),
            "editedAt": message.edited_at.map(date),
            "deletedAt": message.deleted_at.map(date),
            "membershipVersion": message.membership_version.0,
            "words": Self::words(message),
        }
    }

    /// The field of a message's words.
    pub(super) fn words(message: &Message) -> Vec<String> {
        index_words(message).into_iter().collect()
    }

    /// A projection to what is read of a message.
    pub(super) fn without_words() -> Document {
        doc! { "words": 0 }
    }
}

impl TryFrom<HeadDocument> for Head {
    type Error = Error;

    fn try_from(head: HeadDocument) -> Result<Self> {
        Ok(Self {
            revision: revision(head.revision)?,
            last_seq: revision(head.last_seq)?,
            active_at: head.active_at.map(timestamp).transpose()?,
        })
    }
}

impl From<&Stored> for MessageDocument {
    fn from(stored: &Stored) -> Self {
        let message = &stored.message;
        Self {
            id: binary(message.id.uuid()),
            conversation: conversation_key(message.conversation),
            seq: message.seq.number(),
            revision: message.revision.number(),
            author: binary(message.author.uuid()),
            kind: message.kind.name().to_owned(),
            text: message.text.clone(),
            notice: message.notice.as_ref().map(Notice::to_json),
            extras: message.extras.to_stored(),
            reactions: Tally::to_stored(&message.reactions),
            reply_to: message.reply_to.map(message_key),
            pinned_at: message.pinned_at.map(date),
            change: message.changed.map(|changed| changed.kind.name().to_owned()),
            changed_at: message.changed.map(|changed| date(changed.at)),
            client_id: message.client_id.as_ref().map(|id| id.as_str().to_owned()),
            fingerprint: stored
                .fingerprint
                .map(|fingerprint| Binary { subtype: BinarySubtype::Generic, bytes: fingerprint.0.to_vec() }),
            created_at: date(message.created_at),
            edited_at: message.edited_at.map(date),
            deleted_at: message.deleted_at.map(date),
            membership_version: message.membership_version.0,
            words: Self::words(message),
        }
    }
}

impl TryFrom<MessageDocument> for Message {
    type Error = Error;

    fn try_from(document: MessageDocument) -> Result<Self> {
        let kind = MessageKind::named(&document.kind).ok_or_else(|| broken("kind"))?;
        let named = |name: &str| ChangeKind::named(name).ok_or_else(|| broken("change"));
        let change = document.change.as_deref().map(named).transpose()?;
        let changed_at = document.changed_at.map(timestamp).transpose()?;
        Ok(Self {
            id: MessageId::from(uuid(document.id)),
            conversation: ConversationId::from(uuid(document.conversation)),
            seq: revision(document.seq)?,
            revision: revision(document.revision)?,
            author: UserId::from(uuid(document.author)),
            kind,
            text: document.text,
            notice: kept("notice", document.notice)?,
            extras: kept("extras", document.extras)?.unwrap_or_default(),
            reactions: kept("reactions", document.reactions)?.unwrap_or_default(),
            reply_to: document.reply_to.map(|key| MessageId::from(uuid(key))),
            pinned_at: document.pinned_at.map(timestamp).transpose()?,
            changed: change.zip(changed_at).map(|(kind, at)| Changed { kind, at }),
            client_id: document.client_id.map(ClientId::from_stored),
            created_at: timestamp(document.created_at)?,
            edited_at: document.edited_at.map(timestamp).transpose()?,
            deleted_at: document.deleted_at.map(timestamp).transpose()?,
            membership_version: MembershipVersion(document.membership_version),
        })
    }
}

impl TryFrom<MessageDocument> for Stored {
    type Error = Error;

    fn try_from(mut document: MessageDocument) -> Result<Self> {
        let fingerprint = document.fingerprint.take().map(|binary| {
            let bytes = binary.bytes.try_into().map_err(|_| broken("fingerprint"))?;
            Ok::<_, Error>(Fingerprint(bytes))
        });
        Ok(Self { fingerprint: fingerprint.transpose()?, message: document.try_into()? })
    }
}

/// What a conversation is called in keys and filters.
pub(super) fn conversation_key(id: ConversationId) -> Uuid {
    binary(id.uuid())
}

/// What a message is called in keys and filters.
pub(super) fn message_key(id: MessageId) -> Uuid {
    binary(id.uuid())
}

/// The message of that key.
pub(super) fn message_of(key: Uuid) -> MessageId {
    MessageId::from(uuid(key))
}

/// What a person is called in filters.
pub(super) fn user_key(id: UserId) -> Uuid {
    binary(id.uuid())
}

/// The conversation of that key.
pub(super) fn conversation_of(key: Uuid) -> ConversationId {
    ConversationId::from(uuid(key))
}

/// An instant, as MongoDB's dates count it.
pub(super) fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.unix_millis())
}

fn binary(uuid: uuid::Uuid) -> Uuid {
    Uuid::from_bytes(uuid.into_bytes())
}

fn uuid(binary: Uuid) -> uuid::Uuid {
    uuid::Uuid::from_bytes(binary.bytes())
}

fn timestamp(date: DateTime) -> Result<Timestamp> {
    Timestamp::from_unix_millis(date.timestamp_millis()).ok_or_else(|| broken("date"))
}

fn revision(number: i64) -> Result<Revision> {
    Revision::new(number).ok_or_else(|| broken("revision"))
}

/// What a field keeps as JSON.
fn kept<T: DeserializeOwned>(field: &'static str, json: Option<String>) -> Result<Option<T>> {
    json.map(|json| serde_json::from_str(&json)).transpose().map_err(|_| broken(field))
}

/// A document of another version of this program, or one that somebody else has written.
fn broken(field: &'static str) -> Error {
    Error::internal(format!("a stored {field} is not one that this version knows"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::emoji::Emoji;
    use crate::domain::extras::Extras;
    use crate::error::Code;
    use mongodb::bson::{deserialize_from_document, serialize_to_document};

    fn stored(client_id: Option<&str>) -> Stored {
        let at = Timestamp::from_unix_millis(1_769_860_800_007).unwrap();
        let message = Message {
            id: MessageId::new(at),
            conversation: ConversationId::new(at),
            seq: Revision::new(3).unwrap(),
            revision: Revision::new(7).unwrap(),
            author: UserId::new(at),
            kind: MessageKind::Text,
            text: Some("hello".to_owned()),
            extras: Extras { mentions: vec![UserId::new(at)], ..Extras::default() },
            reply_to: client_id.map(|_| MessageId::new(at)),
            reactions: vec![Tally { emoji: Emoji::parse("❤️").unwrap(), count: 2 }],
            pinned_at: Some(at),
            notice: None,
            client_id: client_id.map(|id| ClientId::from_stored(id.to_owned())),
            created_at: at,
            edited_at: Some(at),
            deleted_at: None,
            changed: Some(Changed { kind: ChangeKind::Pinned, at }),
            membership_version: MembershipVersion(2),
        };
        let fingerprint = client_id.map(|_| Fingerprint([7; 32]));
        Stored { message, fingerprint }
    }

    #[test]
    fn a_message_reads_back_as_it_was_written() {
        for one in [stored(Some("a")), stored(None)] {
            let document = serialize_to_document(&MessageDocument::from(&one)).unwrap();
            assert_eq!(document.contains_key("clientId"), one.message.client_id.is_some());
            let read: MessageDocument = deserialize_from_document(document).unwrap();
            assert_eq!(Stored::try_from(read).unwrap(), one);
        }
    }

    #[test]
    fn what_a_change_writes_is_what_a_birth_would_write() {
        let one = stored(Some("a"));
        let document = serialize_to_document(&MessageDocument::from(&one)).unwrap();
        for (field, value) in MessageDocument::changes(&one.message) {
            assert_eq!(document.get(&field), Some(&value), "{field}");
        }
    }

    #[test]
    fn a_kind_of_another_version_is_an_internal_error() {
        let mut document = MessageDocument::from(&stored(None));
        document.kind = "POLL".to_owned();
        assert_eq!(Message::try_from(document).unwrap_err().code(), Code::Internal);
    }
}
