//! What is read of the log for many messages at once.

use crate::chat::Chat;
use crate::domain::emoji::Emoji;
use crate::domain::ids::UserId;
use crate::error::Result;
use crate::store::log::{ReactionsBy, ReactorsOf, RepliesTo};
use crate::store::questions::Question;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;

/// How many messages answer one.
pub(super) struct ReplyCounts(pub(super) Arc<Chat>);

#[async_trait]
impl Question for ReplyCounts {
    type About = RepliesTo;
    type Answer = u32;

    async fn ask(&self, about: &[RepliesTo]) -> Result<HashMap<RepliesTo, u32>> {
        self.0.log().reply_counts(about).await
    }
}

/// Who reacts to a message with one emoji.
pub(super) struct Reactors(pub(super) Arc<Chat>);

#[async_trait]
impl Question for Reactors {
    type About = ReactorsOf;
    type Answer = Vec<UserId>;

    async fn ask(&self, about: &[ReactorsOf]) -> Result<HashMap<ReactorsOf, Vec<UserId>>> {
        self.0.log().reactors(about).await
    }
}

/// What one person reacts to a message with.
pub(super) struct ReactionsOfOne(pub(super) Arc<Chat>);

#[async_trait]
impl Question for ReactionsOfOne {
    type About = ReactionsBy;
    type Answer = Vec<Emoji>;

    async fn ask(&self, about: &[ReactionsBy]) -> Result<HashMap<ReactionsBy, Vec<Emoji>>> {
        self.0.log().reactions_by(about).await
    }
}
