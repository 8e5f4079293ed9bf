//! How heads and messages look in MongoDB, and nothing of how they get there.

use crate::domain::batch::{Head, Stored};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{ClientId, Fingerprint, MembershipVersion, Message, MessageKind, Revision};
use crate::error::{Error, Result};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, DateTime, Document, Uuid, doc};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// Of the first draft; there where the client id is.
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Binary>,
    created_at: DateTime,
    edited_at: Option<DateTime>,
    deleted_at: Option<DateTime>,
    membership_version: i64,
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
            "editedAt": message.edited_at.map(date),
            "deletedAt": message.deleted_at.map(date),
            "membershipVersion": message.membership_version.0,
        }
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
            client_id: message.client_id.as_ref().map(|id| id.as_str().to_owned()),
            fingerprint: stored
                .fingerprint
                .map(|fingerprint| Binary { subtype: BinarySubtype::Generic, bytes: fingerprint.0.to_vec() }),
            created_at: date(message.created_at),
            edited_at: message.edited_at.map(date),
            deleted_at: message.deleted_at.map(date),
            membership_version: message.membership_version.0,
        }
    }
}

impl TryFrom<MessageDocument> for Message {
    type Error = Error;

    fn try_from(document: MessageDocument) -> Result<Self> {
        let kind = MessageKind::named(&document.kind).ok_or_else(|| broken("kind"))?;
        Ok(Self {
            id: MessageId::from(uuid(document.id)),
            conversation: ConversationId::from(uuid(document.conversation)),
            seq: revision(document.seq)?,
            revision: revision(document.revision)?,
            author: UserId::from(uuid(document.author)),
            kind,
            text: document.text,
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

/// A document of another version of this program, or one that somebody else has written.
fn broken(field: &'static str) -> Error {
    Error::internal(format!("a stored {field} is not one that this version knows"))
}

#[cfg(test)]
mod tests {
    use super::*;
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
            client_id: client_id.map(|id| ClientId::from_stored(id.to_owned())),
            created_at: at,
            edited_at: Some(at),
            deleted_at: None,
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
