//! Changing messages that stand.

use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer};
use super::message::Message;
use super::scalars::named;
use crate::chat::Viewer;
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
            let viewer = ctx.viewer()?;
            let message = named("messageId", &input.message_id)?;
            let text = MessageText::parse(input.text)?;
            Ok(MessagePayload::new(&viewer, ctx.chat().edit_message(&viewer, message, text).await?))
        };
        answer(edited.await)
    }

    /// Leaves a tombstone in a message's place; its author's alone.
    async fn delete_message(&self, ctx: &Context<'_>, input: MessageIdInput) -> Option<Result<MessagePayload>> {
        let deleted = async {
            let viewer = ctx.viewer()?;
            let message = named("messageId", &input.message_id)?;
            Ok(MessagePayload::new(&viewer, ctx.chat().delete_message(&viewer, message).await?))
        };
        answer(deleted.await)
    }
}
