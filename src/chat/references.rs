//! What a message refers to: the one that it answers, and the people whom it mentions.

use super::Chat;
use super::messages::Sent;
use crate::domain::conversation::Member;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{Body, Draft, NewMessage};
use crate::error::{Error, Result};

impl Chat {
    /// Goes well where a draft for that conversation answers a message of it and mentions none but its members; otherwise
    /// `NOT_FOUND` on `replyToId` or `mentionIds`.
    pub(super) async fn check_references(&self, conversation: ConversationId, draft: &Draft) -> Result<()> {
        if let Some(message) = draft.reply_to {
            self.check_answered(conversation, message).await?;
        }
        self.check_mentioned(conversation, &draft.extras.mentions).await
    }

    async fn check_answered(&self, conversation: ConversationId, message: MessageId) -> Result<()> {
        let answered = self.log().find(&[message]).await?;
        let is_here = answered.iter().any(|message| message.conversation == conversation);
        let refused = || Error::not_found("replyToId", "there is no such message in this conversation");
        is_here.then_some(()).ok_or_else(refused)
    }

    async fn check_mentioned(&self, conversation: ConversationId, users: &[UserId]) -> Result<()> {
        if users.is_empty() {
            return Ok(());
        }
        let memberships: Vec<_> = users.iter().map(|user| (conversation, *user)).collect();
        let members = self.conversations.memberships(&memberships).await?;
        let joined: Vec<_> =
            members.iter().filter(|member| member.has_joined()).map(|member: &Member| member.user).collect();
        let refused = || Error::not_found("mentionIds", "only members of the conversation can be mentioned");
        users.iter().all(|user| joined.contains(user)).then_some(()).ok_or_else(refused)
    }

    /// The message that was sent under the same client id before, where it said the same: what it refers to may have gone
    /// since then, and it is a repeat all the same.
    pub(super) async fn sent_before(&self, new: &NewMessage) -> Result<Option<Sent>> {
        let Body::Draft(Draft { client_id: Some(client_id), .. }) = &new.body else { return Ok(None) };
        let first = self.log().under(new.conversation, new.author, client_id).await?;
        let same = first.filter(|first| first.fingerprint == Some(new.fingerprint));
        Ok(same.map(|first| Sent { message: first.message, is_repeat: true }))
    }
}
