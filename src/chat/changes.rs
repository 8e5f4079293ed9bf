//! Changing messages that stand: editing, deleting, reacting, pinning.

use super::Chat;
use super::access::{Act, Viewer, no_such_message};
use crate::domain::batch::Written;
use crate::domain::conversation::Conversation;
use crate::domain::emoji::Emoji;
use crate::domain::ids::{MessageId, UserId};
use crate::domain::message::{Amendment, Body, Change, ClientId, Message, MessageText, NewMessage};
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::rules::MAX_EMOJI;
use crate::error::{Code, Error, Result};

impl Chat {
    /// Gives a message other words; the same words change nothing. All failures are on `messageId`: `NOT_FOUND` where
    /// the viewer does not see it, `NOT_ALLOWED` for anyone but its author, `CONFLICT` once it was deleted.
    pub async fn edit_message(&self, viewer: &Viewer, id: MessageId, text: MessageText) -> Result<Message> {
        let conversation = self.permit_change(viewer, id, |is_own, _| is_own.then_some(Act::EditOwn)).await?;
        standing(self.amend(&conversation, id, Change::Edit(text)).await?)
    }

    /// Leaves a tombstone in a message's place; where there is one already, changes nothing. Both failures are on
    /// `messageId`: `NOT_FOUND` where the viewer does not see it, `NOT_ALLOWED` for anyone but its author and those who run the
    /// group.
    pub async fn delete_message(&self, viewer: &Viewer, id: MessageId) -> Result<Message> {
        // What has happened has happened: a notice is nobody's to delete.
        let others = |message: &Message| message.notice.is_none().then_some(Act::DeleteOthers);
        let act = |is_own, message: &Message| if is_own { Some(Act::DeleteOwn) } else { others(message) };
        let conversation = self.permit_change(viewer, id, act).await?;
        self.amend(&conversation, id, Change::Delete).await
    }

    /// Lets the viewer react to a message with an emoji, or no more. On `messageId`: `NOT_FOUND` where the viewer does not
    /// see it, `CONFLICT` once it was deleted. `INVALID_INPUT` on `emoji` where there are [`MAX_EMOJI`] others already.
    pub async fn set_reaction(&self, viewer: &Viewer, id: MessageId, emoji: Emoji, is_on: bool) -> Result<Message> {
        let conversation = self.permit_change(viewer, id, |_, _| Some(Act::React)).await?;
        if !is_on {
            return self.amend(&conversation, id, Change::Unreact(viewer.user, emoji)).await;
        }
        let message = standing(self.amend(&conversation, id, Change::React(viewer.user, emoji.clone())).await?)?;
        let is_there = message.reactions.iter().any(|tally| tally.emoji == emoji);
        let full = || Error::invalid("emoji", format!("a message has at most {MAX_EMOJI} different ones"));
        is_there.then_some(message).ok_or_else(full)
    }

    /// Pins a message, which a notice tells of, or unpins it. On `messageId`: `NOT_FOUND` where the viewer does not see
    /// it, `NOT_ALLOWED` for a mere member of a group, `CONFLICT` once it was deleted.
    pub async fn set_pinned(&self, viewer: &Viewer, id: MessageId, is_pinned: bool) -> Result<Message> {
        let conversation = self.permit_change(viewer, id, |_, _| Some(Act::Pin)).await?;
        if !is_pinned {
            return self.amend(&conversation, id, Change::Unpin).await;
        }
        let notice = self.notice_of_pin(viewer, &conversation, id);
        standing(self.amend(&conversation, id, Change::Pin(Box::new(notice))).await?)
    }

    fn notice_of_pin(&self, viewer: &Viewer, conversation: &Conversation, message: MessageId) -> NewMessage {
        let now = self.clock.now();
        let id = MessageId::new(now);
        let notice = Notice { message: Some(message), ..Notice::by(viewer.user, NoticeKind::MessagePinned) };
        // Unlike that of any other: whether it is told again depends on whether it is pinned again.
        let body = Body::Notice { notice, client_id: ClientId::from_stored(id.to_string()) };
        NewMessage {
            id,
            conversation: conversation.id,
            author: UserId::SYSTEM,
            fingerprint: body.fingerprint(&self.draft_key),
            body,
            created_at: now,
            membership_version: conversation.membership_version,
        }
    }

    /// Lets the viewer do to a message what `act` says of whether it is the viewer's own; what it answers with `None`, only
    /// its author may do.
    async fn permit_change(
        &self,
        viewer: &Viewer,
        id: MessageId,
        act: impl FnOnce(bool, &Message) -> Option<Act>,
    ) -> Result<Conversation> {
        let (admission, message) = self.admit_to_message(viewer, id).await?;
        let reserved =
            || Error::new(Code::NotAllowed, "only its author may do this with a message").within("messageId");
        let act = act(message.author == viewer.user, &message).ok_or_else(reserved)?;
        admission.standing().may(act).map_err(|error| error.said_of("messageId"))?;
        Ok(admission.conversation)
    }

    pub(super) async fn amend(&self, conversation: &Conversation, id: MessageId, change: Change) -> Result<Message> {
        let membership_version = conversation.membership_version;
        let amendment = Amendment { message: id, change, at: self.clock.now(), membership_version };
        match self.log.amend(conversation.id, amendment).await {
            Ok(Written::Amended(message) | Written::Unchanged(message)) => Ok(message),
            // A backup was restored since it was looked up.
            Ok(Written::Missing) => Err(no_such_message()),
            Ok(Written::Appended(_) | Written::Repeated(_) | Written::Conflicting) => {
                Err(Error::internal("a message that stands was not amended"))
            }
            // The conversation was deleted since.
            Err(error) if error.code() == Code::NotFound => Err(no_such_message()),
            Err(error) => Err(error),
        }
    }
}

/// What was changed, unless it was deleted. Asked of what the log has made of it: between a look at it and the change it
/// may have been deleted.
fn standing(message: Message) -> Result<Message> {
    let deleted = || Error::new(Code::Conflict, "the message was deleted").within("messageId");
    message.deleted_at.is_none().then_some(message).ok_or_else(deleted)
}
