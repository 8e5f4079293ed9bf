//! Conversations.

use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer, nullable};
use super::member::Member;
use super::message::{Message, MessageConnection};
use super::paging::Connection;
use super::scalars::{DateTime, int, lookup, named};
use super::user::{User, UserLookup};
use crate::chat::{self, ConversationState, Viewer};
use crate::domain::conversation::{self as domain, MemberPlace};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Revision;
use crate::domain::page::PageArguments;
use crate::error::{Code, Error};
use crate::store::log::UnreadBy;
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Between whom a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ConversationKind")]
pub enum ConversationKind {
    /// Two people.
    Direct,
}

/// A conversation, as the viewer sees it.
#[derive(Clone)]
pub struct Conversation {
    viewer: Viewer,
    id: ConversationId,
    /// Up to where the one who gets it has everything of it, if that is known.
    position: Option<Revision>,
    /// Read when it is first asked for: many only want the id.
    state: Arc<OnceCell<ConversationState>>,
}

impl Conversation {
    /// That conversation in the eyes of one of its members.
    pub fn new(viewer: &Viewer, state: ConversationState) -> Self {
        let id = state.conversation.id;
        Self { viewer: *viewer, id, position: None, state: Arc::new(OnceCell::new_with(Some(state))) }
    }

    /// The conversation in which something happened that the viewer hears of. Who has everything up to `position`, if
    /// that is known, is shown that as its revision: what was written since is still on its way, and who goes on from
    /// there misses none of it.
    pub fn at(viewer: &Viewer, id: ConversationId, position: Option<Revision>) -> Self {
        Self { viewer: *viewer, id, position, state: Arc::default() }
    }

    /// All of it but its id; `NOT_FOUND` where the viewer is no member any more.
    async fn state(&self, ctx: &Context<'_>) -> Result<&ConversationState, Error> {
        let read = async || {
            let state = ctx.loaders().conversation(&self.viewer, self.id).await?;
            state.ok_or_else(|| Error::new(Code::NotFound, "the viewer is no member of this conversation any more"))
        };
        self.state.get_or_try_init(read).await
    }

    async fn conversation(&self, ctx: &Context<'_>) -> Result<&domain::Conversation, Error> {
        Ok(&self.state(ctx).await?.conversation)
    }

    async fn person(&self, ctx: &Context<'_>, id: UserId) -> Result<Option<User>, Error> {
        let user = ctx.loaders().user(id).await?;
        Ok(user.map(|user| User::new(&self.viewer, user)))
    }

    fn other(&self, conversation: &domain::Conversation) -> Option<UserId> {
        conversation.pair?.other(self.viewer.user)
    }
}

/// What people say to each other, and who they are.
#[Object]
impl Conversation {
    /// Unique in the whole server; never changes.
    async fn id(&self) -> ID {
        self.id.into()
    }

    /// Between whom it is.
    async fn kind(&self, ctx: &Context<'_>) -> Result<ConversationKind> {
        Ok(self.conversation(ctx).await?.kind.into())
    }

    /// What to show the viewer: the other person's name.
    async fn title(&self, ctx: &Context<'_>) -> Result<String> {
        let peer = match self.other(self.conversation(ctx).await?) {
            Some(peer) => ctx.loaders().user(peer).await?,
            None => None,
        };
        let untitled = || Error::internal("a direct conversation without the other person");
        Ok(peer.ok_or_else(untitled)?.display_name())
    }

    /// The other person of a direct conversation.
    async fn peer(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let peer = async {
            match self.other(self.conversation(ctx).await?) {
                Some(peer) => self.person(ctx, peer).await,
                None => Ok(None),
            }
        };
        nullable(peer.await)
    }

    /// Who began it.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let creator = async { self.person(ctx, self.conversation(ctx).await?.created_by).await };
        nullable(creator.await)
    }

    /// When it began.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(self.conversation(ctx).await?.created_at.into())
    }

    /// Counts every lasting change in this conversation, from 0. Subscribe from here and nothing is missed.
    async fn revision(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(match self.position {
            Some(position) => position,
            None => self.state(ctx).await?.head.revision,
        }))
    }

    /// The message that was sent last.
    async fn last_message(&self, ctx: &Context<'_>) -> Option<Result<Message>> {
        let message = async {
            let message = ctx.loaders().latest(self.conversation(ctx).await?.id).await?;
            Ok::<_, Error>(message.map(|message| Message::new(&self.viewer, message.into())))
        };
        nullable(message.await)
    }

    /// As Query.history.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<MessageConnection>> {
        let page = async {
            let window = PageArguments { first, after, last, before }.parse()?;
            let page = ctx.chat().messages(&self.viewer, self.id, &window).await?;
            Ok::<_, Error>(Some(MessageConnection::new(&self.viewer, page)))
        };
        nullable(page.await)
    }

    /// How many people are in it.
    async fn member_count(&self, ctx: &Context<'_>) -> Result<u32> {
        Ok(ctx.loaders().member_count(self.conversation(ctx).await?.id).await?)
    }

    /// The people in it.
    async fn members(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<Connection<Member>>> {
        let page = async {
            let window = PageArguments { first, after, last, before }.parse()?;
            let page = ctx.chat().members(&self.viewer, self.id, &window).await?;
            let place = |member: &domain::Member| MemberPlace(member.user);
            Ok::<_, Error>(Some(Connection::new(page, place, |member| Member::new(&self.viewer, member))))
        };
        nullable(page.await)
    }

    /// The viewer's own membership.
    async fn viewer_membership(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        let member = ctx.loaders().member(self.id, self.viewer.user).await;
        nullable(member.map(|member| member.map(|member| Member::new(&self.viewer, member))))
    }

    /// Messages by others after the viewer's read mark, counted up to 1000. Sending moves the sender's own marks.
    async fn unread_count(&self, ctx: &Context<'_>) -> Option<Result<u32>> {
        let count = async {
            match ctx.loaders().member(self.id, self.viewer.user).await? {
                Some(member) => ctx.loaders().unread(UnreadBy::of(&member)).await,
                None => Ok(0),
            }
        };
        nullable(count.await.map(Some))
    }

    /// Who is typing now.
    async fn typing(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        let typing = ctx.chat().typing(self.conversation(ctx).await?.id);
        let users = ctx.loaders().users(&typing).await?;
        Ok(users.into_iter().map(|user| User::new(&self.viewer, user)).collect())
    }
}

/// A conversation, or the direct conversation with a person, which need not have begun.
#[derive(OneofObject)]
pub enum ConversationRef {
    /// This conversation.
    ConversationId(ID),
    /// The direct one with this person.
    UserId(ID),
}

impl ConversationRef {
    /// What is meant; where the id is malformed, `NOT_FOUND` on its field.
    pub fn parse(&self) -> Result<chat::ConversationRef, Error> {
        match self {
            Self::ConversationId(id) => named("conversationId", id).map(chat::ConversationRef::Conversation),
            Self::UserId(id) => named("userId", id).map(chat::ConversationRef::Person),
        }
    }
}

/// With whom to have a conversation.
#[derive(InputObject)]
pub struct OpenConversationInput {
    /// The other person.
    with: UserLookup,
}

/// A conversation after a change, or why there was none.
#[derive(Default, SimpleObject)]
pub struct ConversationPayload {
    /// The conversation as it now is.
    conversation: Option<Conversation>,
    /// Why nothing was done.
    errors: Vec<UserError>,
}

impl ConversationPayload {
    /// The payload of a change that was made.
    pub fn new(viewer: &Viewer, state: ConversationState) -> Self {
        Self { conversation: Some(Conversation::new(viewer, state)), ..Self::default() }
    }
}

impl Payload for ConversationPayload {
    fn refused(errors: Vec<UserError>) -> Self {
        Self { errors, ..Self::default() }
    }
}

/// Looking conversations up.
#[derive(Default)]
pub struct ConversationQuery;

#[Object]
impl ConversationQuery {
    /// One conversation; null where there is none for the viewer.
    async fn conversation(&self, ctx: &Context<'_>, id: ID) -> Option<Result<Conversation>> {
        let found = async {
            let viewer = ctx.viewer()?;
            let Some(id) = lookup(&id) else { return Ok(None) };
            let state = ctx.loaders().conversation(&viewer, id).await?;
            Ok::<_, Error>(state.map(|state| Conversation::new(&viewer, state)))
        };
        nullable(found.await)
    }
}

/// Beginning conversations.
#[derive(Default)]
pub struct ConversationMutation;

#[Object]
impl ConversationMutation {
    /// Finds or begins the direct conversation with a person.
    async fn open_conversation(
        &self,
        ctx: &Context<'_>,
        input: OpenConversationInput,
    ) -> Option<Result<ConversationPayload>> {
        let opened = async {
            let viewer = ctx.viewer()?;
            let field = input.with.field();
            let nobody = || Error::not_found(field, "there is no such person").within("with");
            let person = input.with.person().ok_or_else(nobody)?;
            let state = ctx.chat().open_conversation(&viewer, person).await.map_err(|error| error.within("with"))?;
            Ok(ConversationPayload::new(&viewer, state))
        };
        answer(opened.await)
    }
}
