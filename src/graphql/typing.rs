//! Typing: saying it, and hearing of it.

use super::caller::ContextExt as _;
use super::conversation::{Conversation, ConversationPayload};
use super::errors::{Result, answer};
use super::eyes::Eyes;
use super::scalars::{DateTime, named};
use super::telling::told;
use super::user::User;
use crate::domain::message::Revision;
use crate::feed::{Event, Shared, TypingChange};
use async_graphql::{Context, ID, InputObject, Object, Subscription};
use futures_util::Stream;

/// Somebody has begun to type, or has stopped.
pub struct TypingChanged {
    eyes: Eyes,
    change: Shared<TypingChange>,
    /// Where the client stands, if that is known.
    position: Option<Revision>,
}

impl TypingChanged {
    /// The change in the eyes of a member, who has everything of the conversation up to `position`.
    pub fn new(eyes: impl Into<Eyes>, change: Shared<TypingChange>, position: Option<Revision>) -> Self {
        Self { eyes: eyes.into(), change, position }
    }
}

/// Somebody has begun to type, or has stopped.
#[Object]
impl TypingChanged {
    /// When.
    #[graphql(tag = "for all")]
    pub async fn at(&self) -> DateTime {
        self.change.at.into()
    }

    /// In which conversation.
    #[graphql(tag = "for all")]
    async fn conversation(&self) -> Conversation {
        Conversation::at(self.eyes, self.change.conversation, self.position)
    }

    /// Who.
    #[graphql(tag = "for all")]
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, self.eyes, self.change.user).await
    }

    /// Whether that person types.
    #[graphql(tag = "for all")]
    async fn is_typing(&self) -> bool {
        self.change.is_typing
    }

    /// All who are typing now.
    #[graphql(tag = "for all")]
    async fn typing(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        let users = ctx.loaders().users(&self.change.typing).await?;
        Ok(users.into_iter().map(|user| User::new(self.eyes, user)).collect())
    }

    /// Whether an effect has made it up: see the server's ambience.
    #[graphql(tag = "for all")]
    async fn is_simulated(&self) -> bool {
        self.change.is_simulated
    }
}

/// Whether the viewer types.
#[derive(InputObject)]
pub struct SetTypingInput {
    /// In which conversation.
    conversation_id: ID,
    /// Whether the viewer types, which lapses after 6 seconds, or has stopped.
    is_typing: bool,
}

/// Saying that one types.
#[derive(Default)]
pub struct TypingMutation;

#[Object]
impl TypingMutation {
    /// Says that the viewer is typing, which lapses by itself after some seconds, or has stopped.
    async fn set_typing(&self, ctx: &Context<'_>, input: SetTypingInput) -> Option<Result<ConversationPayload>> {
        let set = async {
            let viewer = ctx.writer()?;
            let conversation = named("conversationId", &input.conversation_id)?;
            let state = ctx.chat().set_typing(&viewer, conversation, input.is_typing).await?;
            Ok(ConversationPayload::new(&viewer, state))
        };
        answer(set.await)
    }
}

/// Hearing who types.
#[derive(Default)]
pub struct TypingSubscription;

#[Subscription]
impl TypingSubscription {
    /// Who begins and stops typing in one conversation.
    async fn typing_changed(
        &self,
        ctx: &Context<'_>,
        conversation_id: ID,
    ) -> Result<impl Stream<Item = Result<TypingChanged>>> {
        let begin = async {
            let viewer = ctx.viewer()?;
            Ok((viewer, ctx.feed().typing(&viewer, named("conversationId", &conversation_id)?).await?))
        };
        told(ctx, begin, |eyes, event| match event {
            Event::Typing { change, position } => Some(TypingChanged::new(eyes, change, position)),
            _ => None,
        })
        .await
    }
}
