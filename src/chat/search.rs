//! Looking for messages by their words.

use super::Chat;
use super::access::{Act, Viewer};
use crate::domain::conversation::Member;
use crate::domain::ids::ConversationId;
use crate::domain::message::Message;
use crate::domain::page::{Page, Window};
use crate::domain::words::{SearchPlace, SearchTerms};
use crate::error::Result;

impl Chat {
    /// The messages that hold all of the terms in that conversation, or in all that the viewer has joined, the newest first:
    /// none for one who sees the conversation and not what is said there. `NOT_FOUND` on `conversationId` where it is not
    /// there for the viewer.
    pub async fn search_messages(
        &self,
        viewer: &Viewer,
        conversation: Option<ConversationId>,
        terms: &SearchTerms,
        window: &Window<SearchPlace>,
    ) -> Result<Page<Message>> {
        let readable = self.readable(viewer, conversation).await?;
        let mut page = self.log().search(&readable, terms, window).await?;
        // Asked again now that they were read: one who was removed gets nothing that was sent afterwards.
        let readable = self.readable(viewer, conversation).await?;
        page.items.retain(|message| readable.contains(&message.conversation));
        Ok(page)
    }

    /// What the viewer may read of that conversation, or of all.
    async fn readable(&self, viewer: &Viewer, conversation: Option<ConversationId>) -> Result<Vec<ConversationId>> {
        let Some(id) = conversation else {
            let memberships = self.conversations.memberships_of(&[viewer.user]).await?;
            return Ok(memberships.into_iter().filter(Member::has_joined).map(|member| member.conversation).collect());
        };
        let admission = self.permit(viewer, id, Act::ReadMessages).await?;
        Ok(admission.standing().sees(Act::ReadMessages).then_some(id).into_iter().collect())
    }
}
