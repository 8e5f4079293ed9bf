//! Read and delivered marks: moving them, and hearing how they move.

use super::caller::ContextExt as _;
use super::conversation::{Conversation, ConversationPayload};
use super::errors::{Result, answer};
use super::eyes::Eyes;
use super::scalars::{DateTime, int, named};
use super::telling::told;
use super::user::User;
use crate::chat::UpTo;
use crate::domain::conversation::Member;
use crate::domain::event::ReceiptMoved;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Revision;
use crate::error::Error;
use crate::feed::Event;
use async_graphql::{Context, ID, InputObject, Object, Subscription};
use futures_util::Stream;

/// That a person has read a message, as the viewer sees it.
pub struct ReadReceipt {
    eyes: Eyes,
    user: UserId,
    read_seq: Revision,
    at: DateTime,
}

impl ReadReceipt {
    /// That this member has read up to where their mark stands; `None` for one who has read nothing.
    pub fn new(eyes: impl Into<Eyes>, member: &Member) -> Option<Self> {
        let at = member.read_at?.into();
        Some(Self { eyes: eyes.into(), user: member.user, read_seq: member.marks.read_seq, at })
    }
}

/// That a person has read a message.
#[Object]
impl ReadReceipt {
    /// Who.
    #[graphql(tag = "for all")]
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, self.eyes, self.user).await
    }

    /// The seq up to which this person has read.
    #[graphql(tag = "for all")]
    async fn read_seq(&self) -> i32 {
        int(self.read_seq)
    }

    /// When the person's mark last moved.
    #[graphql(tag = "for all")]
    async fn at(&self) -> DateTime {
        self.at
    }
}

/// A member's marks have moved.
pub struct ReceiptChanged {
    eyes: Eyes,
    receipt: ReceiptMoved,
    /// Where the client stands, if that is known.
    position: Option<Revision>,
}

impl ReceiptChanged {
    /// The move in the eyes of a member, who has everything of the conversation up to `position`.
    pub fn new(eyes: impl Into<Eyes>, receipt: ReceiptMoved, position: Option<Revision>) -> Self {
        Self { eyes: eyes.into(), receipt, position }
    }
}

/// A member's marks, as they now are.
#[Object]
impl ReceiptChanged {
    /// When they moved.
    #[graphql(tag = "for all")]
    pub async fn at(&self) -> DateTime {
        self.receipt.at.into()
    }

    /// In which conversation.
    #[graphql(tag = "for all")]
    async fn conversation(&self) -> Conversation {
        Conversation::at(self.eyes, self.receipt.conversation, self.position)
    }

    /// Whose.
    #[graphql(tag = "for all")]
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, self.eyes, self.receipt.user).await
    }

    /// The seq up to which messages have reached one of this person's devices.
    #[graphql(tag = "for all")]
    async fn delivered_seq(&self) -> i32 {
        int(self.receipt.delivered_seq)
    }

    /// The seq up to which this person has read.
    #[graphql(tag = "for all")]
    async fn read_seq(&self) -> i32 {
        int(self.receipt.read_seq)
    }
}

/// Up to where to move a mark.
#[derive(InputObject)]
pub struct MarkInput {
    /// In which conversation.
    conversation_id: ID,
    /// Up to this message; without it, up to the latest.
    message_id: Option<ID>,
}

impl MarkInput {
    fn parse(&self) -> Result<(ConversationId, UpTo), Error> {
        let conversation = named("conversationId", &self.conversation_id)?;
        let up_to = match &self.message_id {
            Some(id) => UpTo::Message(named("messageId", id)?),
            None => UpTo::End,
        };
        Ok((conversation, up_to))
    }
}

/// Moving marks.
#[derive(Default)]
pub struct ReceiptMutation;

#[Object]
impl ReceiptMutation {
    /// Moves the viewer's read mark forward, to a message or to the end; never back.
    async fn mark_read(&self, ctx: &Context<'_>, input: MarkInput) -> Option<Result<ConversationPayload>> {
        let marked = async {
            let viewer = ctx.viewer()?;
            let (conversation, up_to) = input.parse()?;
            Ok(ConversationPayload::new(&viewer, ctx.chat().mark_read(&viewer, conversation, up_to).await?))
        };
        answer(marked.await)
    }

    /// Moves the viewer's delivered mark forward, to a message or to the end; never back.
    async fn mark_delivered(&self, ctx: &Context<'_>, input: MarkInput) -> Option<Result<ConversationPayload>> {
        let marked = async {
            let viewer = ctx.viewer()?;
            let (conversation, up_to) = input.parse()?;
            Ok(ConversationPayload::new(&viewer, ctx.chat().mark_delivered(&viewer, conversation, up_to).await?))
        };
        answer(marked.await)
    }
}

/// Hearing how marks move.
#[derive(Default)]
pub struct ReceiptSubscription;

#[Subscription]
impl ReceiptSubscription {
    /// The delivered and read marks of one conversation's members as they move.
    async fn receipt_changed(
        &self,
        ctx: &Context<'_>,
        conversation_id: ID,
    ) -> Result<impl Stream<Item = Result<ReceiptChanged>>> {
        let begin = async {
            let viewer = ctx.viewer()?;
            Ok((viewer, ctx.feed().receipts(&viewer, named("conversationId", &conversation_id)?).await?))
        };
        told(ctx, begin, |eyes, event| match event {
            Event::Receipt { receipt, position } => Some(ReceiptChanged::new(eyes, *receipt, position)),
            _ => None,
        })
        .await
    }
}
