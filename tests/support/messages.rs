//! Messages to write, and changes to them.

use super::make::at;
use natterjack::domain::emoji::Emoji;
use natterjack::domain::ids::{ConversationId, MessageId, UserId};
use natterjack::domain::message::{
    Amendment, Body, Change, ClientId, Draft, MembershipVersion, Message, MessageText, NewMessage, Revision,
};
use natterjack::domain::notice::{Notice, NoticeKind};
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
    sent(conversation, author, Body::Draft(draft(text)))
}

/// The notice that the person has done this, under that client id.
pub(crate) fn notice(conversation: ConversationId, client_id: &str, notice: Notice) -> NewMessage {
    let client_id = ClientId::parse(client_id.to_owned()).unwrap();
    sent(conversation, UserId::SYSTEM, Body::Notice { notice, client_id })
}

fn sent(conversation: ConversationId, author: UserId, body: Body) -> NewMessage {
    NewMessage {
        id: MessageId::new(at(0)),
        conversation,
        author,
        fingerprint: body.fingerprint(&Key::from([1; 64])),
        body,
        created_at: at(1),
        membership_version: MembershipVersion(1),
    }
}

/// A message as somebody has drafted it.
pub(crate) fn drafted(conversation: ConversationId, author: UserId, draft: Draft) -> NewMessage {
    sent(conversation, author, Body::Draft(draft))
}

/// Words and nothing else.
pub(crate) fn draft(text: impl Into<String>) -> Draft {
    Draft::of_text(words(text))
}

/// An answer to that message.
pub(crate) fn reply(to: &Message, author: UserId, text: impl Into<String>) -> NewMessage {
    drafted(to.conversation, author, Draft { reply_to: Some(to.id), ..draft(text) })
}

/// The same message under that client id.
pub(crate) fn under(client_id: &str, mut message: NewMessage) -> NewMessage {
    let chosen = ClientId::parse(client_id.to_owned()).unwrap();
    match &mut message.body {
        Body::Draft(draft) => draft.client_id = Some(chosen),
        Body::Notice { client_id, .. } => *client_id = chosen,
    }
    message
}

pub(crate) fn edit(message: MessageId, text: impl Into<String>) -> Amendment {
    amendment(message, Change::Edit(words(text)))
}

pub(crate) fn delete(message: MessageId) -> Amendment {
    amendment(message, Change::Delete)
}

pub(crate) fn emoji(text: &str) -> Emoji {
    Emoji::parse(text).unwrap()
}

pub(crate) fn react(message: MessageId, user: UserId, with: &str) -> Amendment {
    amendment(message, Change::React(user, emoji(with)))
}

pub(crate) fn unreact(message: MessageId, user: UserId, with: &str) -> Amendment {
    amendment(message, Change::Unreact(user, emoji(with)))
}

/// That person pins it, and a notice tells of it.
pub(crate) fn pin(message: &Message, by: UserId) -> Amendment {
    let told = Notice { message: Some(message.id), ..Notice::by(by, NoticeKind::MessagePinned) };
    let id = MessageId::new(at(0));
    let notice = NewMessage { id, ..notice(message.conversation, &id.to_string(), told) };
    amendment(message.id, Change::Pin(Box::new(notice)))
}

pub(crate) fn amendment(message: MessageId, change: Change) -> Amendment {
    Amendment { message, change, at: at(2), membership_version: MembershipVersion(2) }
}

pub(crate) fn revision(number: i64) -> Revision {
    Revision::new(number).unwrap()
}
