//! Who may do what.

use super::Chat;
use crate::domain::clock::Timestamp;
use crate::domain::conversation::Conversation;
use crate::domain::ids::{ConversationId, MessageId, SessionId, UserId};
use crate::domain::message::Message;
use crate::error::{Error, Result};

/// The signed-in person on whose behalf something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Viewer {
    /// Who.
    pub user: UserId,
    /// By which sign-in.
    pub session: SessionId,
    /// When the token that says so runs out.
    pub expires_at: Timestamp,
}

impl Chat {
    /// Lets a member in. For anybody else there is no such conversation: `NOT_FOUND` on `conversationId`.
    /// The conversation is as it was at the moment when the viewer was found among its members.
    pub(super) async fn admit(&self, viewer: &Viewer, conversation: ConversationId) -> Result<Conversation> {
        let admitted = self.conversations.admission(conversation, viewer.user).await?;
        admitted.map(|(conversation, _)| conversation).ok_or_else(no_such_conversation)
    }

    /// Lets a member of its conversation in to a message. For anybody else there is no such message: `NOT_FOUND` on
    /// `messageId`.
    pub(super) async fn admit_to_message(&self, viewer: &Viewer, id: MessageId) -> Result<(Conversation, Message)> {
        let message = self.log().find(&[id]).await?.pop().ok_or_else(no_such_message)?;
        let admitted = self.conversations.admission(message.conversation, viewer.user).await?;
        let (conversation, _) = admitted.ok_or_else(no_such_message)?;
        Ok((conversation, message))
    }
}

/// The answer for a conversation that is not there, and for one that the viewer may not see.
pub fn no_such_conversation() -> Error {
    Error::not_found("conversationId", "there is no such conversation")
}

/// The answer for a message that is not there, and for one that the viewer may not see.
pub(super) fn no_such_message() -> Error {
    Error::not_found("messageId", "there is no such message")
}
