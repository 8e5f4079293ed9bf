//! How people react to messages.

use super::caller::ContextExt as _;
use super::errors::Result;
use super::eyes::Eyes;
use super::user::User;
use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::message::{Message, Tally};
use crate::domain::page::page_size;
use crate::store::log::{ReactionsBy, ReactorsOf};
use async_graphql::{Context, Object};

/// One emoji with which people react to a message, as the viewer sees it.
pub struct Reaction {
    eyes: Eyes,
    conversation: ConversationId,
    message: MessageId,
    tally: Tally,
}

impl Reaction {
    /// All reactions to that message, in the order in which each emoji was first used.
    pub fn all(eyes: impl Into<Eyes>, message: &Message) -> Vec<Self> {
        let (eyes, conversation, id) = (eyes.into(), message.conversation, message.id);
        let one = |tally: &Tally| Self { eyes, conversation, message: id, tally: tally.clone() };
        message.reactions.iter().map(one).collect()
    }
}

/// One emoji with which people react to a message.
#[Object]
impl Reaction {
    /// The emoji.
    #[graphql(tag = "for all")]
    async fn emoji(&self) -> &str {
        self.tally.emoji.as_str()
    }

    /// How many people react so.
    #[graphql(tag = "for all")]
    async fn count(&self) -> u32 {
        self.tally.count
    }

    /// Who they are, the earliest first; up to 100.
    #[graphql(tag = "for all")]
    async fn users(&self, ctx: &Context<'_>, #[graphql(default = 10)] first: Option<i32>) -> Result<Vec<User>> {
        let limit = page_size("first", first.unwrap_or(10))?;
        let Self { conversation, message, .. } = *self;
        let of = ReactorsOf { conversation, message, emoji: self.tally.emoji.clone(), limit };
        let ids = ctx.loaders().reactors(of).await?;
        let users = ctx.loaders().users(&ids).await?;
        Ok(users.into_iter().map(|user| User::new(self.eyes, user)).collect())
    }

    /// Whether the viewer does.
    #[graphql(tag = "for viewer")]
    async fn is_by_viewer(&self, ctx: &Context<'_>) -> Result<bool> {
        let Self { conversation, message, .. } = *self;
        let by = ReactionsBy { conversation, message, user: self.eyes.viewer()?.user };
        Ok(ctx.loaders().reactions_by(by).await?.contains(&self.tally.emoji))
    }
}
