//! Messages: what they are, how they are sent, read and heard.

use super::caller::ContextExt as _;
use super::conversation::{Conversation, ConversationRef};
use super::errors::{Payload, Result, UserError, answer, nullable};
use super::paging::{Connection, Edge, PageInfo};
use super::receipt::ReadReceipt;
use super::scalars::{DateTime, int, named, revision};
use super::user::User;
use crate::chat::{MessagePage, Sent, Viewer};
use crate::domain::conversation::MessageStatus as Status;
use crate::domain::ids::UserId;
use crate::domain::message::{self as domain, ClientId, Draft, MessageText, Revision};
use crate::domain::page::{PageArguments, encode};
use crate::error::Error;
use crate::store::conversations::ReadersOf;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt as _};
use std::sync::Arc;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MessageKind")]
pub enum MessageKind {
    /// Words by a person.
    Text,
}

/// How far a message has come with the other members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum MessageStatus {
    /// It is stored.
    Sent,
    /// It has reached a device of every other member.
    Delivered,
    /// Every other member has read it.
    Read,
}

/// A message, as the viewer sees it.
#[derive(Clone)]
pub struct Message {
    viewer: Viewer,
    stored: Arc<domain::Message>,
    /// Up to where the one who gets it has everything of its conversation, if that is known.
    position: Option<Revision>,
}

impl Message {
    /// That message in the eyes of a member of its conversation.
    pub fn new(viewer: &Viewer, stored: Arc<domain::Message>) -> Self {
        Self { viewer: *viewer, stored, position: None }
    }

    /// The same for one who then has everything of its conversation up to there.
    #[must_use]
    pub fn at(self, position: Revision) -> Self {
        Self { position: Some(position), ..self }
    }

    fn readers(&self) -> ReadersOf {
        let domain::Message { conversation, author, seq, .. } = *self.stored;
        ReadersOf { conversation, author, seq }
    }
}

/// What somebody said.
#[Object]
impl Message {
    /// Unique in the whole server; never changes.
    async fn id(&self) -> ID {
        self.stored.id.into()
    }

    /// Where it was said.
    async fn conversation(&self) -> Conversation {
        Conversation::at(&self.viewer, self.stored.conversation, self.position)
    }

    /// Its place in the conversation: rises with every message, never changes, may skip numbers.
    async fn seq(&self) -> i32 {
        int(self.stored.seq)
    }

    /// The conversation's revision at this message's latest change: equal to seq while it stands as sent.
    async fn revision(&self) -> i32 {
        int(self.stored.revision)
    }

    /// Who said it.
    async fn author(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        if self.stored.author == UserId::SYSTEM {
            return None;
        }
        let author = ctx.loaders().user(self.stored.author).await.transpose()?;
        Some(author.map(|author| User::new(&self.viewer, author)).map_err(Into::into))
    }

    /// What it is.
    async fn kind(&self) -> MessageKind {
        self.stored.kind.into()
    }

    /// The words; null once it was deleted.
    async fn text(&self) -> Option<&str> {
        self.stored.text.as_deref()
    }

    /// The id under which its author's device sent it; shown to the author alone.
    async fn client_id(&self) -> Option<&str> {
        let client_id = self.stored.client_id.as_ref()?;
        (self.stored.author == self.viewer.user).then(|| client_id.as_str())
    }

    /// When it was sent, by the server's clock.
    async fn created_at(&self) -> DateTime {
        self.stored.created_at.into()
    }

    /// When its words were last changed; null where they stand as sent.
    async fn edited_at(&self) -> Option<DateTime> {
        self.stored.edited_at.map(Into::into)
    }

    /// When it was deleted; null while it stands.
    async fn deleted_at(&self) -> Option<DateTime> {
        self.stored.deleted_at.map(Into::into)
    }

    /// How far it has come with the other members: READ once all of them have read it.
    async fn status(&self, ctx: &Context<'_>) -> Result<MessageStatus> {
        let floor = ctx.loaders().floor(self.stored.conversation, self.stored.author).await?;
        Ok(Status::of(self.stored.seq, floor).into())
    }

    /// Who has read it, the earliest first, its author not among them.
    async fn read_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10)] first: Option<i32>,
    ) -> Result<Vec<ReadReceipt>> {
        let readers = ctx.chat().readers(self.readers(), first.unwrap_or(10)).await?;
        Ok(readers.into_iter().map(|member| ReadReceipt::new(&self.viewer, &member)).collect())
    }

    /// How many have read it, its author not among them.
    async fn read_by_count(&self, ctx: &Context<'_>) -> Result<u32> {
        Ok(ctx.loaders().reader_count(self.readers()).await?)
    }
}

/// A page of messages.
#[derive(SimpleObject)]
pub struct MessageConnection {
    /// The messages with their cursors.
    edges: Vec<Edge<Message>>,
    /// The messages.
    nodes: Vec<Message>,
    /// Where this page lies in the list.
    page_info: PageInfo,
    /// The conversation's revision that this page is at least as new as: subscribe from here.
    revision: Option<i32>,
}

impl MessageConnection {
    /// That page in the eyes of a member.
    pub fn new(viewer: &Viewer, MessagePage { page, revision }: MessagePage) -> Self {
        let wrap = |message: domain::Message| Message::new(viewer, message.into()).at(revision);
        let Connection { edges, nodes, page_info } = Connection::new(page, |message| message.seq, wrap);
        Self { edges, nodes, page_info, revision: Some(int(revision)) }
    }
}

/// What to send, and where.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// Where to, or to whom.
    to: ConversationRef,
    /// 1 to 20,000 characters, not white space alone.
    text: Option<String>,
    /// The sending device's own id for this message, e.g. a UUID. Sent again under the same id, by whichever node and
    /// however late, a message is stored once and the first answer comes back; another text under a used id is a
    /// CONFLICT.
    client_id: Option<String>,
}

impl SendMessageInput {
    fn draft(text: Option<String>, client_id: Option<String>) -> Result<Draft, Error> {
        Ok(Draft {
            text: MessageText::parse(text.unwrap_or_default())?,
            client_id: client_id.map(ClientId::parse).transpose()?,
        })
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

/// Reading messages.
#[derive(Default)]
pub struct MessageQuery;

#[Object]
impl MessageQuery {
    /// A conversation's messages in order, oldest first: `last: 50` is the newest page. Changes nothing: see markRead.
    async fn history(
        &self,
        ctx: &Context<'_>,
        of: ConversationRef,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<MessageConnection>> {
        let page = async {
            let viewer = ctx.viewer()?;
            let window = PageArguments { first, after, last, before }.parse()?;
            let Ok(of) = of.parse() else { return Ok(None) };
            let page = ctx.chat().history(&viewer, of, &window).await?;
            Ok::<_, Error>(page.map(|page| MessageConnection::new(&viewer, page)))
        };
        nullable(page.await)
    }
}

/// Sending messages.
#[derive(Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Sends a message to a conversation or a person.
    async fn send_message(&self, ctx: &Context<'_>, input: SendMessageInput) -> Option<Result<SendMessagePayload>> {
        let sent = async {
            let viewer = ctx.viewer()?;
            let SendMessageInput { to, text, client_id } = input;
            let draft = SendMessageInput::draft(text, client_id)?;
            let to = to.parse().map_err(|error| error.within("to"))?;
            Ok(SendMessagePayload::new(&viewer, ctx.chat().send_message(&viewer, to, draft).await?))
        };
        answer(sent.await)
    }
}

/// Hearing messages.
#[derive(Default)]
pub struct MessageSubscription;

#[Subscription]
impl MessageSubscription {
    /// The messages of one conversation as they come; with `afterSeq`, first all those since then, without a limit.
    async fn message_added(
        &self,
        ctx: &Context<'_>,
        conversation_id: ID,
        after_seq: Option<i32>,
    ) -> Result<impl Stream<Item = Result<Message>>> {
        let viewer = ctx.viewer()?;
        let conversation = named("conversationId", &conversation_id)?;
        let after = after_seq.map(|after| revision("afterSeq", after)).transpose()?;
        let messages = ctx.feed().messages(&viewer, conversation, after).await?;
        Ok(messages.map(move |message| {
            let message = message?;
            let seq = message.seq;
            Ok(Message::new(&viewer, message).at(seq))
        }))
    }
}
