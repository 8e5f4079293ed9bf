//! How people react to messages.

use super::caller::ContextExt as _;
use super::errors::Result;
use super::user::User;
use crate::chat::Viewer;
use crate::domain::message::{Message, Tally};
use crate::domain::page::page_size;
use crate::store::log::{ReactionsBy, ReactorsOf};
use async_graphql::{Context, Object};

/// One emoji with which people react to a message, as the viewer sees it.
pub struct Reaction {
    viewer: Viewer,
    of: ReactionsBy,
    tally: Tally,
}

impl Reaction {
    /// All reactions to that message, in the order in which each emoji was first used.
    pub fn all(viewer: &Viewer, message: &Message) -> Vec<Self> {
        let of = ReactionsBy { conversation: message.conversation, message: message.id, user: viewer.user };
        message.reactions.iter().map(|tally| Self { viewer: *viewer, of, tally: tally.clone() }).collect()
    }
}

/// One emoji with which people react to a message.
#[Object]
impl Reaction {
    /// The emoji.
    async fn emoji(&self) -> &str {
        self.tally.emoji.as_str()
    }

    /// How many people react so.
    async fn count(&self) -> u32 {
        self.tally.count
    }

    /// Who they are, the earliest first; up to 100.
    async fn users(&self, ctx: &Context<'_>, #[graphql(default = 10)] first: Option<i32>) -> Result<Vec<User>> {
        let limit = page_size("first", first.unwrap_or(10))?;
        let ReactionsBy { conversation, message, .. } = self.of;
        let of = ReactorsOf { conversation, message, emoji: self.tally.emoji.clone(), limit };
        let ids = ctx.loaders().reactors(of).await?;
        let users = ctx.loaders().users(&ids).await?;
        Ok(users.into_iter().map(|user| User::new(&self.viewer, user)).collect())
    }

    /// Whether the viewer does.
    async fn is_by_viewer(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.loaders().reactions_by(self.of).await?.contains(&self.tally.emoji))
    }
}
