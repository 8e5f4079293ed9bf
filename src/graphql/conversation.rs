//! Conversations.
#![expect(clippy::too_many_arguments, reason = "a list that begins anywhere has as many, and GraphQL no fewer")]

use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer, nullable};
use super::eyes::Eyes;
use super::member::{Member, MembershipState};
use super::message::{Chronology, Message, MessageConnection, slice};
use super::paging::Connection;
use super::scalars::{DateTime, int, lookup, named};
use super::user::{User, UserLookup};
use crate::chat::{self, Act, ConversationState, Person, Viewer};
use crate::domain::conversation::{self as domain, MemberPlace};
use crate::domain::group;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Revision;
use crate::domain::page::{Page, PageArguments, Take, Window};
use crate::error::{Code, Error};
use crate::store::blocks::Block;
use crate::store::conversations::FirstMembers;
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};
use futures_util::future::try_join_all;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// What kind of conversation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ConversationKind")]
pub enum ConversationKind {
    /// Two people, for ever.
    Direct,
    /// Any number of people, who come and go.
    Group,
}

/// Who finds a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "group::Visibility")]
pub enum Visibility {
    /// Found and joined by anyone.
    Public,
    /// Joined by invitation alone.
    Private,
}

/// A conversation, as the viewer sees it.
#[derive(Clone)]
pub struct Conversation {
    eyes: Eyes,
    id: ConversationId,
    /// Up to where the one who gets it has everything of it, if that is known.
    position: Option<Revision>,
    /// Read when it is first asked for: many only want the id.
    state: Arc<OnceCell<ConversationState>>,
}

impl Conversation {
    /// That conversation in the eyes of somebody who may see it.
    pub fn new(eyes: impl Into<Eyes>, state: ConversationState) -> Self {
        let id = state.conversation.id;
        Self { eyes: eyes.into(), id, position: None, state: Arc::new(OnceCell::new_with(Some(state))) }
    }

    /// The conversation in which something happened that the viewer hears of. Who has everything up to `position`, if
    /// that is known, is shown that as its revision: what was written since is still on its way, and who goes on from
    /// there misses none of it.
    pub fn at(eyes: impl Into<Eyes>, id: ConversationId, position: Option<Revision>) -> Self {
        Self { eyes: eyes.into(), id, position, state: Arc::default() }
    }

    /// All of it but its id; `NOT_FOUND` where the viewer is no member any more.
    async fn state(&self, ctx: &Context<'_>) -> Result<&ConversationState, Error> {
        let read = async || {
            let state = ctx.loaders().conversation(self.eyes.viewer()?, self.id).await?;
            state.ok_or_else(|| Error::new(Code::NotFound, "the viewer does not see this conversation any more"))
        };
        self.state.get_or_try_init(read).await
    }

    async fn conversation(&self, ctx: &Context<'_>) -> Result<&domain::Conversation, Error> {
        Ok(&self.state(ctx).await?.conversation)
    }

    /// The conversation where the viewer is shown that of it; otherwise there is nothing to see.
    async fn seen(&self, ctx: &Context<'_>, act: Act) -> Result<Option<&ConversationState>, Error> {
        let state = self.state(ctx).await?;
        Ok(state.standing().sees(act).then_some(state))
    }

    /// The same for what its log tells. Where the log was found to be away a moment ago, it is not waited for again.
    async fn read(&self, ctx: &Context<'_>) -> Result<Option<&ConversationState>, Error> {
        let state = self.seen(ctx, Act::ReadMessages).await?;
        state.map(|state| state.head.as_ref().map(|_| state).map_err(Error::clone)).transpose()
    }

    /// Whether the viewer reads its messages still: asked again of what is newer than the members that let them in.
    async fn reads_still(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        let state = ctx.loaders().conversation(self.eyes.viewer()?, self.id).await?;
        Ok(state.is_some_and(|state| state.standing().sees(Act::ReadMessages)))
    }

    /// The same without asking: for what is let in by itself.
    fn log_is_there(&self) -> Result<(), Error> {
        let known = self.state.get().map(|state| state.head.as_ref());
        known.map_or(Ok(()), |head| head.map(drop).map_err(Error::clone))
    }

    async fn face(&self, ctx: &Context<'_>) -> Result<Option<&group::GroupFace>, Error> {
        Ok(self.conversation(ctx).await?.face())
    }

    async fn person(&self, ctx: &Context<'_>, id: UserId) -> Result<Option<User>, Error> {
        let user = ctx.loaders().user(id).await?;
        Ok(user.map(|user| User::new(self.eyes, user)))
    }

    fn other(&self, conversation: &domain::Conversation) -> Result<Option<UserId>, Error> {
        let viewer = self.eyes.viewer()?.user;
        Ok(conversation.pair().and_then(|pair| pair.other(viewer)))
    }
}

/// What people say to each other, and who they are.
#[Object]
impl Conversation {
    /// Unique in the whole server; never changes.
    #[graphql(tag = "for all")]
    pub async fn id(&self) -> ID {
        self.id.into()
    }

    /// What kind it is of.
    #[graphql(tag = "for viewer")]
    async fn kind(&self, ctx: &Context<'_>) -> Result<ConversationKind> {
        Ok(self.conversation(ctx).await?.kind().into())
    }

    /// Who finds it. Direct conversations are private.
    #[graphql(tag = "for viewer")]
    async fn visibility(&self, ctx: &Context<'_>) -> Result<Visibility> {
        Ok(self.face(ctx).await?.map_or(Visibility::Private, |face| face.visibility.into()))
    }

    /// What to show the viewer: the group's name, or the other person's.
    #[graphql(tag = "for viewer")]
    async fn title(&self, ctx: &Context<'_>) -> Result<String> {
        let conversation = self.conversation(ctx).await?;
        if let Some(face) = conversation.face() {
            return Ok(face.name.as_str().to_owned());
        }
        let peer = match self.other(conversation)? {
            Some(peer) => ctx.loaders().user(peer).await?,
            None => None,
        };
        let untitled = || Error::internal("a direct conversation without the other person");
        Ok(peer.ok_or_else(untitled)?.display_name())
    }

    /// A group's name.
    #[graphql(tag = "for viewer")]
    async fn name(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        nullable(self.face(ctx).await.map(|face| face.map(|face| face.name.as_str().to_owned())))
    }

    /// What a group is about.
    #[graphql(tag = "for viewer")]
    async fn description(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        nullable(self.face(ctx).await.map(|face| face?.description.clone()))
    }

    /// Where a group's picture is.
    #[graphql(tag = "for viewer")]
    async fn avatar_url(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        nullable(self.face(ctx).await.map(|face| face?.avatar_url.clone()))
    }

    /// The other person of a direct conversation.
    #[graphql(tag = "for viewer")]
    async fn peer(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let peer = async {
            match self.other(self.conversation(ctx).await?)? {
                Some(peer) => self.person(ctx, peer).await,
                None => Ok(None),
            }
        };
        nullable(peer.await)
    }

    /// Who began it.
    #[graphql(tag = "for viewer")]
    async fn created_by(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let creator = async { self.person(ctx, self.conversation(ctx).await?.created_by).await };
        nullable(creator.await)
    }

    /// When it began.
    #[graphql(tag = "for viewer")]
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(self.conversation(ctx).await?.created_at.into())
    }

    /// Counts every lasting change in this conversation, from 0. Subscribe from here and nothing is missed: so it is 0 for
    /// one who does not read its messages yet.
    #[graphql(tag = "for place")]
    async fn revision(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(match self.position {
            Some(position) => position,
            None => match self.seen(ctx, Act::ReadMessages).await? {
                Some(state) => state.head.clone()?.revision,
                None => Revision::ZERO,
            },
        }))
    }

    /// The message that was sent last; null for one who does not read them.
    #[graphql(tag = "for viewer")]
    async fn last_message(&self, ctx: &Context<'_>) -> Option<Result<Message>> {
        let message = async {
            let Some(state) = self.read(ctx).await? else { return Ok(None) };
            let Some(message) = ctx.loaders().latest(state.conversation.id).await? else { return Ok(None) };
            let is_newer = message.membership_version > state.conversation.membership_version;
            if is_newer && !self.reads_still(ctx).await? {
                return Ok(None);
            }
            let shown = Message::new(self.eyes, message.into());
            Ok::<_, Error>(Some(match self.position {
                Some(position) => shown.at(position),
                None => shown,
            }))
        };
        nullable(message.await)
    }

    /// As Query.history.
    #[graphql(tag = "for viewer")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        #[graphql(desc = "The page about this message: half before it, half after it; of `first` or `last` messages.")]
        around_id: Option<ID>,
        #[graphql(default_with = "Some(Chronology::Strict)")] chronology: Option<Chronology>,
    ) -> Option<Result<MessageConnection>> {
        let page = async {
            let slice = slice(PageArguments { first, after, last, before }, around_id.as_ref())?;
            self.log_is_there()?;
            let page = ctx.chat().messages(self.eyes.viewer()?, self.id, &slice).await?;
            Ok::<_, Error>(Some(MessageConnection::new(self.eyes, page).shown(ctx, chronology)))
        };
        nullable(page.await)
    }

    /// The messages that are pinned, oldest first.
    #[graphql(tag = "for viewer")]
    async fn pinned_messages(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<MessageConnection>> {
        let page = async {
            let window = PageArguments { first, after, last, before }.parse()?;
            self.log_is_there()?;
            let page = ctx.chat().pinned_messages(self.eyes.viewer()?, self.id, &window).await?;
            Ok::<_, Error>(Some(MessageConnection::new(self.eyes, page)))
        };
        nullable(page.await)
    }

    /// How many people are in it.
    #[graphql(tag = "for viewer")]
    async fn member_count(&self, ctx: &Context<'_>) -> Result<u32> {
        Ok(self.conversation(ctx).await?.member_count)
    }

    /// How many of them are online.
    #[graphql(tag = "for viewer")]
    async fn online_member_count(&self, ctx: &Context<'_>) -> Result<u32> {
        let id = self.conversation(ctx).await?.id;
        Ok(ctx.loaders().online_members(self.eyes.viewer()?, id).await?)
    }

    /// The people in it, or those who are invited; none for one who has nothing to do with it.
    #[graphql(tag = "for viewer")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(MembershipState::Joined)")] state: Option<MembershipState>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<Connection<Member>>> {
        let page = async {
            let window = PageArguments { first, after, last, before }.parse()?;
            let state = state.unwrap_or(MembershipState::Joined).into();
            let page = self.member_page(ctx, state, &window).await?;
            let place = |member: &domain::Member| MemberPlace(member.user);
            Ok::<_, Error>(Some(Connection::new(page, place, |member| Member::new(self.eyes, member))))
        };
        nullable(page.await)
    }

    /// The viewer's own membership; null for one who has not joined and is not invited.
    #[graphql(tag = "for viewer")]
    async fn viewer_membership(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        let state = self.seen(ctx, Act::SeeOwnMembership).await;
        nullable(state.map(|state| state?.member.clone().map(|member| Member::new(self.eyes, member))))
    }

    /// Messages by others after the viewer's read mark, neither notices nor tombstones, counted up to 1000. Sending moves
    /// the sender's own marks.
    #[graphql(tag = "for viewer")]
    async fn unread_count(&self, ctx: &Context<'_>) -> Option<Result<u32>> {
        let count = async {
            let unread = self.read(ctx).await?.and_then(ConversationState::unread);
            match unread {
                Some(unread) => ctx.loaders().unread(unread).await,
                None => Ok(0),
            }
        };
        nullable(count.await.map(Some))
    }

    /// Who is typing now.
    #[graphql(tag = "for viewer")]
    async fn typing(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        let Some(state) = self.seen(ctx, Act::SeeTyping).await? else { return Ok(Vec::new()) };
        let typing = ctx.chat().typing(state.conversation.id);
        let by = self.eyes.viewer()?.user;
        let is_blocked = |of| ctx.loaders().is_blocked(Block { by, of });
        let are_blocked = try_join_all(typing.iter().copied().map(is_blocked)).await?;
        let seen = typing.into_iter().zip(are_blocked).filter_map(|(user, is_blocked)| (!is_blocked).then_some(user));
        let users = ctx.loaders().users(&seen.collect::<Vec<_>>()).await?;
        Ok(users.into_iter().map(|user| User::new(self.eyes, user)).collect())
    }
}

impl Conversation {
    /// The first members of many conversations are read together; whoever pages on reads a list by itself.
    async fn member_page(
        &self,
        ctx: &Context<'_>,
        state: domain::MembershipState,
        window: &Window<MemberPlace>,
    ) -> Result<Page<domain::Member>, Error> {
        let (Take::First(count), None, None) = (window.take, window.after, window.before) else {
            return ctx.chat().members(self.eyes.viewer()?, self.id, state, window).await;
        };
        if self.seen(ctx, Act::SeeMembers).await?.is_none() {
            return Ok(Page::empty());
        }
        let first = FirstMembers { conversation: self.id, state, limit: count.saturating_add(1) };
        Ok(Page::of_read(window, ctx.loaders().first_members(first).await?))
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
            let viewer = ctx.writer()?;
            let field = input.with.field();
            let nobody = || Error::not_found(field, "there is no such person").within("with");
            let person = input.with.person().ok_or_else(nobody)?;
            if matches!(person, Person::Contact(_)) {
                ctx.seeker()?;
            }
            let state = ctx.chat().open_conversation(&viewer, person).await.map_err(|error| error.within("with"))?;
            Ok(ConversationPayload::new(&viewer, state))
        };
        answer(opened.await)
    }
}
