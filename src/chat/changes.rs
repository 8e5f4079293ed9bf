//! Changing messages that stand: editing, and deleting.

use super::Chat;
use super::access::{Viewer, no_such_message};
use crate::domain::batch::Written;
use crate::domain::ids::MessageId;
use crate::domain::message::{Amendment, Change, Message, MessageText};
use crate::error::{Code, Error, Result};

impl Chat {
    /// Gives a message other words; the same words change nothing. All failures are on `messageId`: `NOT_FOUND` where
    /// the viewer does not see it, `NOT_ALLOWED` for anyone but its author, `CONFLICT` once it was deleted.
    pub async fn edit_message(&self, viewer: &Viewer, message: MessageId, text: MessageText) -> Result<Message> {
        let message = self.amend(viewer, message, Change::Edit(text)).await?;
        // Asked of what the log has made of it: between a look at it and the change it may have been deleted.
        if message.deleted_at.is_some() {
            return Err(Error::new(Code::Conflict, "the message was deleted").within("messageId"));
        }
        Ok(message)
    }

    /// Leaves a tombstone in a message's place; where there is one already, changes nothing. Both failures are on
    /// `messageId`: `NOT_FOUND` where the viewer does not see it, `NOT_ALLOWED` for anyone but its author.
    pub async fn delete_message(&self, viewer: &Viewer, message: MessageId) -> Result<Message> {
        self.amend(viewer, message, Change::Delete).await
    }

    async fn amend(&self, viewer: &Viewer, id: MessageId, change: Change) -> Result<Message> {
        let (conversation, message) = self.admit_to_message(viewer, id).await?;
        if message.author != viewer.user {
            return Err(Error::new(Code::NotAllowed, "only its author may change a message").within("messageId"));
        }
        let membership_version = conversation.membership_version;
        let amendment = Amendment { message: id, change, at: self.clock.now(), membership_version };
        match self.log.amend(conversation.id, amendment).await? {
            Written::Amended(message) | Written::Unchanged(message) => Ok(message),
            // A backup was restored since it was looked up.
            Written::Missing => Err(no_such_message()),
            Written::Appended(_) | Written::Repeated(_) | Written::Conflicting => {
                Err(Error::internal("a message that stands was not amended"))
            }
        }
    }
}
