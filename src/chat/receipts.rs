//! Read and delivered marks.

use super::Chat;
use super::access::{Act, Viewer};
use super::conversations::ConversationState;
use super::marks::AllMarks;
use crate::domain::conversation::{Marks, MarksMove, Member};
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::Revision;
use crate::domain::page::page_size;
use crate::error::{Error, Result};
use crate::store::conversations::ReadersOf;

/// Up to where a mark is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpTo {
    /// To this message, which must be of the conversation.
    Message(MessageId),
    /// To the latest message.
    End,
}

/// What moves a person's marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mover {
    /// The person reads, or a device of theirs receives.
    Reader,
    /// The person sends.
    Sender,
}

impl Chat {
    /// Moves the viewer's read mark, and with it the delivered one, forward; never back, never past the end.
    /// `NOT_FOUND` on `conversationId` or `messageId`.
    pub async fn mark_read(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        to: UpTo,
    ) -> Result<ConversationState> {
        self.mark(viewer, conversation, to, |seq| Marks { delivered_seq: seq, read_seq: seq }).await
    }

    /// Moves the viewer's delivered mark forward, as [`Chat::mark_read`] does the read mark.
    pub async fn mark_delivered(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        to: UpTo,
    ) -> Result<ConversationState> {
        self.mark(viewer, conversation, to, |seq| Marks { delivered_seq: seq, read_seq: Revision::ZERO }).await
    }

    /// The first few to have read a message, the earliest first. `INVALID_INPUT` on `first` where that is negative or
    /// over the limit.
    pub async fn readers(&self, of: ReadersOf, first: i32) -> Result<Vec<Member>> {
        let limit = page_size("first", first)?;
        self.conversations.readers(of, limit).await
    }

    async fn mark(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        to: UpTo,
        marks: impl Fn(Revision) -> Marks,
    ) -> Result<ConversationState> {
        self.permit(viewer, conversation, Act::Mark).await?;
        let seq = self.seq_of(conversation, to).await?;
        self.move_marks(conversation, viewer.user, marks(seq), Mover::Reader).await?;
        self.conversation_of(viewer, conversation).await
    }

    async fn seq_of(&self, conversation: ConversationId, to: UpTo) -> Result<Revision> {
        let UpTo::Message(id) = to else {
            return Ok(self.head(conversation).await?.last_seq);
        };
        let found = self.log().find(&[id]).await?.pop();
        let message = found.filter(|message| message.conversation == conversation);
        let missing = || Error::not_found("messageId", "there is no such message in this conversation");
        message.map(|message| message.seq).ok_or_else(missing)
    }

    pub(super) async fn move_marks(
        &self,
        conversation: ConversationId,
        user: UserId,
        marks: Marks,
        mover: Mover,
    ) -> Result<()> {
        let (at, is_sent) = (self.clock.now(), mover == Mover::Sender);
        self.marks.submit(AllMarks, MarksMove { conversation, user, marks, at, is_sent }).await
    }
}
