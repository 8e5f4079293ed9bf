//! Messages: what they are, how they are read and heard.
#![expect(clippy::too_many_arguments, reason = "a list that begins anywhere has as many, and GraphQL no fewer")]

use super::attachment::Attachment;
use super::caller::ContextExt as _;
use super::conversation::{Conversation, ConversationRef};
use super::errors::{Result, nullable};
use super::eyes::Eyes;
use super::notice::SystemNotice;
use super::paging::{Connection, Edge, PageInfo};
use super::reaction::Reaction;
use super::receipt::ReadReceipt;
use super::scalars::{DateTime, Json, int, named, revision};
use super::standing::Standing;
use super::telling::told;
use super::user::User;
use crate::chat::{MessagePage, Slice};
use crate::domain::clock::Timestamp;
use crate::domain::conversation::MessageStatus as Status;
use crate::domain::ids::UserId;
use crate::domain::message::{self as domain, Revision};
use crate::domain::page::{Page, PageArguments};
use crate::domain::words::SearchPlace;
use crate::error::Error;
use crate::feed::Event;
use crate::store::conversations::ReadersOf;
use crate::store::log::RepliesTo;
use async_graphql::{Context, Enum, ID, Object, SimpleObject, Subscription};
use futures_util::Stream;
use std::sync::Arc;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MessageKind")]
pub enum MessageKind {
    /// Words by a person.
    Text,
    /// A picture by a person.
    Image,
    /// A file by a person.
    File,
    /// What the conversation tells of itself.
    System,
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

/// In which order a page of messages is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Chronology {
    /// In that of their places.
    Strict,
    /// In that of `shownAt`, which an effect of the server's bends where it is on.
    Artistic,
}

/// A message, as the viewer sees it.
#[derive(Clone)]
pub struct Message {
    eyes: Eyes,
    stored: Arc<domain::Message>,
    /// Up to where the one who gets it has everything of its conversation, if that is known.
    position: Option<Revision>,
    /// As of when it is shown, where that is another moment than that of its sending.
    shown_at: Option<Timestamp>,
}

impl Message {
    /// That message in the eyes of a member of its conversation.
    pub fn new(eyes: impl Into<Eyes>, stored: Arc<domain::Message>) -> Self {
        Self { eyes: eyes.into(), stored, position: None, shown_at: None }
    }

    /// The same for one who then has everything of its conversation up to there.
    #[must_use]
    pub fn at(self, position: Revision) -> Self {
        Self { position: Some(position), ..self }
    }

    /// Another message of the same conversation, for the same one.
    fn beside(&self, message: domain::Message) -> Self {
        Self { eyes: self.eyes, stored: message.into(), position: self.position, shown_at: None }
    }

    fn replies_to(&self) -> RepliesTo {
        RepliesTo { conversation: self.stored.conversation, message: self.stored.id }
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
    #[graphql(tag = "for all")]
    pub async fn id(&self) -> ID {
        self.stored.id.into()
    }

    /// Where it was said.
    #[graphql(tag = "for all")]
    async fn conversation(&self) -> Conversation {
        Conversation::at(self.eyes, self.stored.conversation, self.position)
    }

    /// Its place in the conversation: rises with every message, never changes, may skip numbers.
    #[graphql(tag = "for all")]
    async fn seq(&self) -> i32 {
        int(self.stored.seq)
    }

    /// The conversation's revision at this message's latest change: equal to seq while it stands as sent.
    #[graphql(tag = "for all")]
    async fn revision(&self) -> i32 {
        int(self.stored.revision)
    }

    /// Who said it; null for a system notice.
    #[graphql(tag = "for all")]
    async fn author(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        if self.stored.author == UserId::SYSTEM {
            return None;
        }
        let author = ctx.loaders().user(self.stored.author).await.transpose()?;
        Some(author.map(|author| User::new(self.eyes, author)).map_err(Into::into))
    }

    /// What it is.
    #[graphql(tag = "for all")]
    async fn kind(&self) -> MessageKind {
        self.stored.kind.into()
    }

    /// The words; null once it was deleted, and for a system notice.
    #[graphql(tag = "for all")]
    async fn text(&self) -> Option<&str> {
        self.stored.text.as_deref()
    }

    /// What a system notice tells; null for other kinds.
    #[graphql(tag = "for all", tag = "with notice")]
    async fn notice(&self) -> Option<SystemNotice> {
        self.stored.notice.clone().map(|notice| SystemNotice::new(self.eyes, notice))
    }

    /// What is attached to it, in its sender's order.
    #[graphql(tag = "for all")]
    async fn attachments(&self) -> Vec<Attachment> {
        self.stored.extras.attachments.iter().map(Into::into).collect()
    }

    /// The app's own data, as it was sent; null where there is none, and once it was deleted.
    #[graphql(tag = "for all")]
    async fn metadata(&self) -> Option<Json> {
        let metadata = self.stored.extras.metadata.as_ref()?;
        Some(Json(metadata.object().clone().into()))
    }

    /// Who is mentioned in it.
    #[graphql(tag = "for all")]
    async fn mentions(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        let users = ctx.loaders().users(&self.stored.extras.mentions).await?;
        Ok(users.into_iter().map(|user| User::new(self.eyes, user)).collect())
    }

    /// The message that it answers, which may be an answer itself.
    #[graphql(tag = "for viewer", tag = "with reply")]
    async fn reply_to(&self, ctx: &Context<'_>) -> Option<Result<Message>> {
        let id = self.stored.reply_to?;
        let answered = async { ctx.loaders().message(self.eyes.viewer()?, id).await };
        nullable(answered.await.map(|message| message.map(|message| self.beside(message))))
    }

    /// How many messages answer it; deleted ones do not count.
    #[graphql(tag = "for all")]
    async fn reply_count(&self, ctx: &Context<'_>) -> Result<u32> {
        Ok(ctx.loaders().reply_count(self.replies_to()).await?)
    }

    /// The messages that answer it, oldest first, those that were deleted among them: each keeps its place.
    #[graphql(tag = "for viewer")]
    async fn replies(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<MessageConnection>> {
        let page = async {
            let window = PageArguments { first, after, last, before }.parse()?;
            let page = ctx.chat().replies(self.eyes.viewer()?, self.replies_to(), &window).await?;
            Ok::<_, Error>(Some(MessageConnection::new(self.eyes, page)))
        };
        nullable(page.await)
    }

    /// How people react to it, in the order in which each emoji was first used.
    #[graphql(tag = "for all", tag = "with reactions")]
    async fn reactions(&self) -> Vec<Reaction> {
        Reaction::all(self.eyes, &self.stored)
    }

    /// Whether it is pinned.
    #[graphql(tag = "for all")]
    async fn is_pinned(&self) -> bool {
        self.stored.pinned_at.is_some()
    }

    /// The id under which its author's device sent it; shown to the author alone.
    #[graphql(tag = "for author")]
    async fn client_id(&self) -> Option<Result<&str>> {
        let client_id = self.stored.client_id.as_ref()?;
        nullable(self.eyes.are_of(self.stored.author).map(|are_its| are_its.then(|| client_id.as_str())))
    }

    /// When it was sent, by the server's clock.
    #[graphql(tag = "for all")]
    async fn created_at(&self) -> DateTime {
        self.stored.created_at.into()
    }

    /// createdAt, unless artistic chronology was asked for and took effect.
    #[graphql(tag = "for all")]
    async fn shown_at(&self) -> DateTime {
        self.shown_at.unwrap_or(self.stored.created_at).into()
    }

    /// When its words were last changed; null where they stand as sent.
    #[graphql(tag = "for all")]
    async fn edited_at(&self) -> Option<DateTime> {
        self.stored.edited_at.map(Into::into)
    }

    /// When it was deleted; null while it stands.
    #[graphql(tag = "for all")]
    async fn deleted_at(&self) -> Option<DateTime> {
        self.stored.deleted_at.map(Into::into)
    }

    /// How far it has come with the other members: READ once all of them have read it.
    #[graphql(tag = "for all")]
    async fn status(&self, ctx: &Context<'_>) -> Result<MessageStatus> {
        let floor = ctx.loaders().floor(self.stored.conversation, self.stored.author).await?;
        Ok(Status::of(self.stored.seq, floor).into())
    }

    /// Who has read it, the earliest first, its author not among them.
    #[graphql(tag = "for all")]
    async fn read_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10)] first: Option<i32>,
    ) -> Result<Vec<ReadReceipt>> {
        let readers = ctx.chat().readers(self.readers(), first.unwrap_or(10)).await?;
        Ok(readers.into_iter().filter_map(|member| ReadReceipt::new(self.eyes, &member)).collect())
    }

    /// How many have read it, its author not among them.
    #[graphql(tag = "for all")]
    async fn read_by_count(&self, ctx: &Context<'_>) -> Result<u32> {
        Ok(ctx.loaders().reader_count(self.readers()).await?)
    }
}

/// A page of messages.
#[derive(SimpleObject)]
pub struct MessageConnection {
    /// The messages with their cursors.
    #[graphql(tag = "for all")]
    edges: Vec<Edge<Message>>,
    /// The messages.
    #[graphql(tag = "for all")]
    nodes: Vec<Message>,
    /// Where this page lies in the list.
    #[graphql(tag = "for all")]
    page_info: PageInfo,
    /// The conversation's revision that this page is at least as new as: subscribe from here. Null for a list over several
    /// conversations.
    #[graphql(tag = "for all")]
    revision: Option<i32>,
}

impl MessageConnection {
    /// That page in the eyes of a member.
    pub fn new(eyes: impl Into<Eyes>, MessagePage { page, revision }: MessagePage) -> Self {
        let eyes = eyes.into();
        let wrap = |message: domain::Message| Message::new(eyes, message.into()).at(revision);
        let Connection { edges, nodes, page_info } = Connection::new(page, |message| message.seq, wrap);
        Self { edges, nodes, page_info, revision: Some(int(revision)) }
    }

    /// A page of messages that were found, in the eyes of a member of all their conversations.
    pub fn of_several(eyes: impl Into<Eyes>, page: Page<domain::Message>) -> Self {
        let eyes = eyes.into();
        let wrap = |message: domain::Message| Message::new(eyes, message.into());
        let Connection { edges, nodes, page_info } = Connection::new(page, |message| SearchPlace(message.id), wrap);
        Self { edges, nodes, page_info, revision: None }
    }
}

impl MessageConnection {
    /// The same as it is shown to one who asked for that chronology. The cursors are those of the messages' places, and the page is
    /// the same one: going on from either end of it passes over nothing.
    #[must_use]
    pub fn shown(mut self, ctx: &Context<'_>, chronology: Option<Chronology>) -> Self {
        let ambience = ctx.chat().ambience().filter(|_| chronology == Some(Chronology::Artistic));
        if let Some(ambience) = ambience {
            for edge in &mut self.edges {
                edge.node.shown_at = Some(ambience.shown_at(&edge.node.stored));
            }
            self.edges.sort_by_key(|edge| (edge.node.shown_at, edge.node.stored.seq));
            self.nodes = self.edges.iter().map(|edge| edge.node.clone()).collect();
        }
        self
    }
}

/// The part of a log that these arguments ask for; otherwise `INVALID_INPUT` or `NOT_FOUND` on the one at fault.
pub fn slice(arguments: PageArguments, around: Option<&ID>) -> Result<Slice, Error> {
    let Some(around) = around else { return arguments.parse().map(Slice::Window) };
    if arguments.after.is_some() || arguments.before.is_some() {
        return Err(Error::invalid("aroundId", "goes with `first` or `last`, and with no cursor"));
    }
    let count = arguments.parse::<Revision>()?.take.limit();
    Ok(Slice::Around(named("aroundId", around)?, count))
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
        #[graphql(desc = "The page about this message: half before it, half after it; of `first` or `last` messages.")]
        around_id: Option<ID>,
        #[graphql(default_with = "Some(Chronology::Strict)")] chronology: Option<Chronology>,
    ) -> Option<Result<MessageConnection>> {
        let page = async {
            let viewer = ctx.viewer()?;
            let slice = slice(PageArguments { first, after, last, before }, around_id.as_ref())?;
            let Ok(of) = of.parse() else { return Ok(None) };
            let page = ctx.chat().history(&viewer, of, &slice).await?;
            Ok::<_, Error>(page.map(|page| MessageConnection::new(&viewer, page).shown(ctx, chronology)))
        };
        nullable(page.await)
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
        let standing = ctx.data_opt::<Arc<Standing>>();
        let begin = async {
            let viewer = ctx.viewer()?;
            let conversation = named("conversationId", &conversation_id)?;
            let after = after_seq.map(|after| revision("afterSeq", after)).transpose()?;
            let (resumed, stand) = standing.map(|standing| standing.resume_in(conversation)).unzip();
            let after = resumed.flatten().or(after);
            let messages = ctx.feed().messages(&viewer, conversation, after, stand).await?;
            if let Some(standing) = standing {
                standing.has_begun();
            }
            Ok((viewer, messages))
        };
        told(ctx, begin, |eyes, event| match event {
            Event::Message { message, .. } => Some(Message::new(eyes, Arc::clone(&message)).at(message.seq)),
            _ => None,
        })
        .await
    }
}
