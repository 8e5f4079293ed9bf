//! Changing messages that stand.

use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer};
use super::message::Message;
use super::scalars::named;
use crate::chat::Viewer;
use crate::domain::emoji::Emoji;
use crate::domain::message::{self as domain, MessageText};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

/// What to make of a message.
#[derive(InputObject)]
pub struct EditMessageInput {
    /// Which.
    message_id: ID,
    /// 1 to 20,000 characters, not white space alone.
    text: String,
}

/// How to react to a message.
#[derive(InputObject)]
pub struct SetReactionInput {
    /// Which.
    message_id: ID,
    /// With which emoji: one.
    emoji: String,
    /// Whether to.
    is_on: bool,
}

/// Whether a message is pinned.
#[derive(InputObject)]
pub struct SetPinnedInput {
    /// Which.
    message_id: ID,
    /// Whether it is.
    is_pinned: bool,
}

/// What to bring before the moderators.
#[derive(InputObject)]
pub struct ReportMessageInput {
    /// Which message.
    message_id: ID,
    /// Why: 1 to 1,000 characters.
    reason: String,
}

/// Which message.
#[derive(InputObject)]
pub struct MessageIdInput {
    /// Its id.
    message_id: ID,
}

/// A message that has been changed, or why not.
#[derive(Default, SimpleObject)]
pub struct MessagePayload {
    /// The message as it now stands.
    message: Option<Message>,
    /// Why nothing was changed.
    errors: Vec<UserError>,
}

impl Payload for MessagePayload {
    fn refused(errors: Vec<UserError>) -> Self {
        Self { message: None, errors }
    }
}

impl MessagePayload {
    /// That message in the eyes of a member of its conversation.
    pub fn new(viewer: &Viewer, message: domain::Message) -> Self {
        Self { message: Some(Message::new(viewer, message.into())), errors: Vec::new() }
    }
}

/// Changing messages.
#[derive(Default)]
pub struct AmendmentMutation;

#[Object]
impl AmendmentMutation {
    /// Gives a message other words; its author's alone. A deleted message is a CONFLICT.
    async fn edit_message(&self, ctx: &Context<'_>, input: EditMessageInput) -> Option<Result<MessagePayload>> {
        let edited = async {
            let viewer = ctx.writer()?;
            let message = named("messageId", &input.message_id)?;
            let text = MessageText::parse(input.text)?;
            Ok(MessagePayload::new(&viewer, ctx.chat().edit_message(&viewer, message, text).await?))
        };
        answer(edited.await)
    }

    /// Lets the viewer react to a message with an emoji, or no more. A deleted message is a CONFLICT.
    async fn set_reaction(&self, ctx: &Context<'_>, input: SetReactionInput) -> Option<Result<MessagePayload>> {
        let set = async {
            let viewer = ctx.writer()?;
            let SetReactionInput { message_id, emoji, is_on } = input;
            let message = named("messageId", &message_id)?;
            let emoji = Emoji::parse(&emoji)?;
            Ok(MessagePayload::new(&viewer, ctx.chat().set_reaction(&viewer, message, emoji, is_on).await?))
        };
        answer(set.await)
    }

    /// Pins a message, which a notice tells of, or unpins it: either of the two in a direct conversation, the owner and
    /// the admins in a group. A deleted message is a CONFLICT.
    async fn set_pinned(&self, ctx: &Context<'_>, input: SetPinnedInput) -> Option<Result<MessagePayload>> {
        let set = async {
            let viewer = ctx.writer()?;
            let message = named("messageId", &input.message_id)?;
            Ok(MessagePayload::new(&viewer, ctx.chat().set_pinned(&viewer, message, input.is_pinned).await?))
        };
        answer(set.await)
    }

    /// Brings a message before the operator's moderators, as it stands now. Again, with another reason.
    async fn report_message(&self, ctx: &Context<'_>, input: ReportMessageInput) -> Option<Result<MessagePayload>> {
        let reported = async {
            let viewer = ctx.writer()?;
            let message = named("messageId", &input.message_id)?;
            Ok(MessagePayload::new(&viewer, ctx.chat().report_message(&viewer, message, &input.reason).await?))
        };
        answer(reported.await)
    }

    /// Leaves a tombstone in a message's place; its author's or, in a group, its owner's and its admins'.
    async fn delete_message(&self, ctx: &Context<'_>, input: MessageIdInput) -> Option<Result<MessagePayload>> {
        let deleted = async {
            let viewer = ctx.writer()?;
            let message = named("messageId", &input.message_id)?;
            Ok(MessagePayload::new(&viewer, ctx.chat().delete_message(&viewer, message).await?))
        };
        answer(deleted.await)
    }
}
