//! Messages to write, and changes to them.

use super::make::at;
use natterjack::domain::ids::{ConversationId, MessageId, UserId};
use natterjack::domain::message::{
    Amendment, Change, ClientId, Draft, MembershipVersion, MessageText, NewMessage, Revision,
};
use natterjack::domain::secret::Key;

pub(crate) fn a_conversation() -> ConversationId {
    ConversationId::new(at(0))
}

pub(crate) fn a_person() -> UserId {
    UserId::new(at(0))
}

pub(crate) fn words(text: impl Into<String>) -> MessageText {
    MessageText::parse(text.into()).unwrap()
}

/// A message without a client id.
pub(crate) fn message(conversation: ConversationId, author: UserId, text: impl Into<String>) -> NewMessage {
    let draft = Draft { text: words(text), client_id: None };
    NewMessage {
        id: MessageId::new(at(0)),
        conversation,
        author,
        fingerprint: draft.fingerprint(&Key::from([1; 64])),
        draft,
        created_at: at(1),
        membership_version: MembershipVersion(1),
    }
}

/// The same message under that client id.
pub(crate) fn under(client_id: &str, mut message: NewMessage) -> NewMessage {
    message.draft.client_id = Some(ClientId::parse(client_id.to_owned()).unwrap());
    message
}

pub(crate) fn edit(message: MessageId, text: impl Into<String>) -> Amendment {
    amendment(message, Change::Edit(words(text)))
}

pub(crate) fn delete(message: MessageId) -> Amendment {
    amendment(message, Change::Delete)
}

pub(crate) fn amendment(message: MessageId, change: Change) -> Amendment {
    Amendment { message, change, at: at(2), membership_version: MembershipVersion(2) }
}

pub(crate) fn revision(number: i64) -> Revision {
    Revision::new(number).unwrap()
}
