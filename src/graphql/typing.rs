//! Typing: saying it, and hearing of it.

use super::caller::ContextExt as _;
use super::conversation::{Conversation, ConversationPayload};
use super::errors::{Result, answer};
use super::scalars::{DateTime, named};
use super::user::User;
use crate::chat::Viewer;
use crate::domain::message::Revision;
use crate::feed::TypingChange;
use async_graphql::{Context, ID, InputObject, Object, Subscription};
use futures_util::{Stream, StreamExt as _};

/// Somebody has begun to type, or has stopped.
pub struct TypingChanged {
    viewer: Viewer,
    change: TypingChange,
    /// Where the client stands, if that is known.
    position: Option<Revision>,
}

impl TypingChanged {
    /// The change in the eyes of a member, who has everything of the conversation up to `position`.
    pub fn new(viewer: &Viewer, change: TypingChange, position: Option<Revision>) -> Self {
        Self { viewer: *viewer, change, position }
    }
}

/// Somebody has begun to type, or has stopped.
#[Object]
impl TypingChanged {
    /// When.
    pub async fn at(&self) -> DateTime {
        self.change.at.into()
    }

    /// In which conversation.
    async fn conversation(&self) -> Conversation {
        Conversation::at(&self.viewer, self.change.conversation, self.position)
    }

    /// Who.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, &self.viewer, self.change.user).await
    }

    /// Whether that person types.
    async fn is_typing(&self) -> bool {
        self.change.is_typing
    }

    /// All who are typing now.
    async fn typing(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        let users = ctx.loaders().users(&self.change.typing).await?;
        Ok(users.into_iter().map(|user| User::new(&self.viewer, user)).collect())
    }

    /// Whether it was made up by an effect of the server's: false, as none does.
    async fn is_simulated(&self) -> bool {
        false
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
            let viewer = ctx.viewer()?;
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
        let viewer = ctx.viewer()?;
        let changes = ctx.feed().typing(&viewer, named("conversationId", &conversation_id)?).await?;
        Ok(changes.map(move |change| Ok(TypingChanged::new(&viewer, change?, None))))
    }
}
