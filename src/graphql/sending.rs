//! Sending messages.

use super::attachment::AttachmentInput;
use super::caller::ContextExt as _;
use super::conversation::ConversationRef;
use super::errors::{Payload, Result, UserError, answer};
use super::message::{Message, MessageKind};
use super::paging::Edge;
use super::scalars::{Json, named};
use crate::chat::{self, Sent, Viewer};
use crate::domain::extras::{Extras, Metadata};
use crate::domain::message::{ClientId, Draft, MessageText};
use crate::domain::page::encode;
use crate::error::Error;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

/// What to send, and where.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// Where to, or to whom.
    to: ConversationRef,
    /// 1 to 20,000 characters, not white space alone. May be left out where something is attached.
    text: Option<String>,
    /// How to show it. `SYSTEM` is `INVALID_INPUT`.
    #[graphql(default_with = "Some(MessageKind::Text)")]
    kind: Option<MessageKind>,
    /// Up to 20.
    attachments: Option<Vec<AttachmentInput>>,
    /// The app's own data: an object of up to 8 KiB as JSON.
    metadata: Option<Json>,
    /// The message that it answers, of the same conversation.
    reply_to_id: Option<ID>,
    /// Who is mentioned in it: up to 100 members of the conversation.
    mention_ids: Option<Vec<ID>>,
    /// The sending device's own id for this message, e.g. a UUID. Sent again under the same id, by whichever node and
    /// however late, a message is stored once and the first answer comes back; anything else under a used id is a
    /// CONFLICT.
    client_id: Option<String>,
}

impl SendMessageInput {
    fn parse(self) -> Result<(chat::ConversationRef, Draft), Error> {
        let attachments = AttachmentInput::parse_all(self.attachments.unwrap_or_default())?;
        let text = match self.text {
            // Of a picture without words, clients may say so with an empty text.
            Some(text) if text.trim().is_empty() && !attachments.is_empty() => None,
            text => text.map(MessageText::parse).transpose()?,
        };
        let mentioned = self.mention_ids.unwrap_or_default();
        let mentions = mentioned.iter().map(|id| named("mentionIds", id)).collect::<Result<_, _>>()?;
        let metadata = self.metadata.map(|Json(metadata)| Metadata::parse(metadata)).transpose()?;
        let draft = Draft {
            kind: self.kind.unwrap_or(MessageKind::Text).into(),
            text,
            extras: Extras { attachments, metadata, mentions },
            reply_to: self.reply_to_id.map(|id| named("replyToId", &id)).transpose()?,
            client_id: self.client_id.map(ClientId::parse).transpose()?,
        };
        let draft = draft.checked()?;
        Ok((self.to.parse().map_err(|error| error.within("to"))?, draft))
    }
}

/// A message that is stored, or why not.
#[derive(Default, SimpleObject)]
pub struct SendMessagePayload {
    /// The message as it now stands.
    message: Option<Message>,
    /// The message with its cursor in the conversation's history.
    edge: Option<Edge<Message>>,
    /// Whether this clientId had been stored before, and `message` is that first one.
    is_repeat: bool,
    /// Why nothing was sent.
    errors: Vec<UserError>,
}

impl Payload for SendMessagePayload {
    fn refused(errors: Vec<UserError>) -> Self {
        Self { errors, ..Self::default() }
    }
}

impl SendMessagePayload {
    fn new(viewer: &Viewer, Sent { message, is_repeat }: Sent) -> Self {
        let cursor = encode(&message.seq);
        let message = Message::new(viewer, message.into());
        let edge = Edge { cursor, node: message.clone() };
        Self { message: Some(message), edge: Some(edge), is_repeat, errors: Vec::new() }
    }
}

/// Sending messages.
#[derive(Default)]
pub struct SendingMutation;

#[Object]
impl SendingMutation {
    /// Sends a message to a conversation or a person.
    async fn send_message(&self, ctx: &Context<'_>, input: SendMessageInput) -> Option<Result<SendMessagePayload>> {
        let sent = async {
            let viewer = ctx.writer()?;
            let (to, draft) = input.parse()?;
            Ok(SendMessagePayload::new(&viewer, ctx.chat().send_message(&viewer, to, draft).await?))
        };
        answer(sent.await)
    }
}
