//! Groups: making them, finding them, and who comes in and goes out.

use super::caller::ContextExt as _;
use super::conversation::{Conversation, ConversationPayload, Visibility};
use super::errors::{Payload, Result, UserError, answer};
use super::member::Role;
use super::paging::Connection;
use super::scalars::{assign, named};
use crate::chat::{GroupDraft, Way};
use crate::domain::conversation::ActivityPlace;
use crate::domain::group::{self as domain, FaceChange, GroupFace, GroupName, parse_description};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::page::PageArguments;
use crate::domain::rules::MAX_IDS;
use crate::domain::user::{parse_avatar_url, parse_matching};
use crate::error::Error;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

/// A group to be made.
#[derive(InputObject)]
pub struct CreateGroupInput {
    /// 1 to 100 printable characters.
    name: String,
    /// What it is about: at most 1,000 characters.
    description: Option<String>,
    /// The https address of a picture.
    avatar_url: Option<String>,
    /// Who finds it.
    #[graphql(default_with = "Some(Visibility::Private)")]
    visibility: Option<Visibility>,
    /// Who is let in at once: at most 1,000.
    member_ids: Option<Vec<ID>>,
    /// Who is invited: at most 1,000.
    invite_ids: Option<Vec<ID>>,
}

impl CreateGroupInput {
    fn parse(&self) -> Result<GroupDraft, Error> {
        let face = GroupFace {
            name: GroupName::parse(&self.name)?,
            description: self.description.as_deref().map(parse_description).transpose()?.flatten(),
            avatar_url: self.avatar_url.as_deref().map(parse_avatar_url).transpose()?,
            visibility: self.visibility.unwrap_or(Visibility::Private).into(),
        };
        let members = people("memberIds", self.member_ids.as_deref().unwrap_or_default())?;
        let invited = people("inviteIds", self.invite_ids.as_deref().unwrap_or_default())?;
        Ok(GroupDraft { face, members, invited })
    }
}

/// How a group is to show itself. What is left out stays; `null` takes a description or a picture away.
#[derive(InputObject)]
pub struct UpdateConversationInput {
    /// Which group.
    conversation_id: ID,
    /// 1 to 100 printable characters.
    name: Option<String>,
    /// What it is about: at most 1,000 characters.
    description: MaybeUndefined<String>,
    /// The https address of a picture.
    avatar_url: MaybeUndefined<String>,
    /// Who finds it.
    visibility: Option<Visibility>,
}

impl UpdateConversationInput {
    fn parse(self) -> Result<(ConversationId, FaceChange), Error> {
        let conversation = named("conversationId", &self.conversation_id)?;
        let change = FaceChange {
            name: self.name.as_deref().map(GroupName::parse).transpose()?,
            description: assign(self.description, |text| parse_description(&text))?,
            avatar_url: assign(self.avatar_url, |url| parse_avatar_url(&url).map(Some))?,
            visibility: self.visibility.map(domain::Visibility::from),
        };
        Ok((conversation, change))
    }
}

/// People's ids; `INVALID_INPUT` or `NOT_FOUND` on the field.
fn people(field: &'static str, ids: &[ID]) -> Result<Vec<UserId>, Error> {
    if ids.len() > MAX_IDS {
        return Err(Error::invalid(field, format!("may name {MAX_IDS} at the most")));
    }
    ids.iter().map(|id| named(field, id)).collect()
}

/// Which conversation.
#[derive(InputObject)]
pub struct ConversationIdInput {
    /// Its id.
    conversation_id: ID,
}

/// Whom to let into which group, or to invite.
#[derive(InputObject)]
pub struct AddMembersInput {
    /// Which group.
    conversation_id: ID,
    /// Whom: at most 1,000.
    user_ids: Vec<ID>,
}

/// Whom to take out of which group.
#[derive(InputObject)]
pub struct RemoveMemberInput {
    /// Which group.
    conversation_id: ID,
    /// Whom.
    user_id: ID,
}

/// Whom to give which role.
#[derive(InputObject)]
pub struct SetRoleInput {
    /// In which group.
    conversation_id: ID,
    /// Whom.
    user_id: ID,
    /// Which. With OWNER, the owner hands over and becomes an admin.
    role: Role,
}

/// Whether to be left in peace by which conversation.
#[derive(InputObject)]
pub struct SetMutedInput {
    /// Which.
    conversation_id: ID,
    /// Whether.
    is_muted: bool,
}

/// A conversation that is gone, or why not.
#[derive(Default, SimpleObject)]
pub struct DeleteConversationPayload {
    /// Its id.
    deleted_conversation_id: Option<ID>,
    /// Why nothing was done.
    errors: Vec<UserError>,
}

impl Payload for DeleteConversationPayload {
    fn refused(errors: Vec<UserError>) -> Self {
        Self { errors, ..Self::default() }
    }
}

/// Finding groups.
#[derive(Default)]
pub struct GroupQuery;

#[Object]
impl GroupQuery {
    /// Public groups, the most lately active first; `matching` looks in their names.
    async fn public_conversations(
        &self,
        ctx: &Context<'_>,
        matching: Option<String>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<Connection<Conversation>>> {
        let page = async {
            let matching = matching.unwrap_or_default();
            let viewer = if matching.is_empty() { ctx.viewer()? } else { ctx.seeker()? };
            let window = PageArguments { first, after, last, before }.parse()?;
            let matching = parse_matching(&matching)?;
            let page = ctx.chat().public_conversations(&viewer, matching, &window).await?;
            let place = |(place, _): &(ActivityPlace, _)| *place;
            Ok::<_, Error>(Connection::new(page, place, |(_, state)| Conversation::new(&viewer, state)))
        };
        Some(page.await.map_err(Into::into))
    }
}

/// Making groups, and changing who is in them.
#[derive(Default)]
pub struct GroupMutation;

#[Object]
impl GroupMutation {
    /// Makes a group, of which the viewer is the owner.
    async fn create_group(&self, ctx: &Context<'_>, input: CreateGroupInput) -> Option<Result<ConversationPayload>> {
        let made = async {
            let viewer = ctx.writer()?;
            Ok(ConversationPayload::new(&viewer, ctx.chat().create_group(&viewer, input.parse()?).await?))
        };
        answer(made.await)
    }

    /// Changes how a group shows itself; its owner and its admins may.
    async fn update_conversation(
        &self,
        ctx: &Context<'_>,
        input: UpdateConversationInput,
    ) -> Option<Result<ConversationPayload>> {
        let updated = async {
            let viewer = ctx.writer()?;
            let (conversation, change) = input.parse()?;
            let state = ctx.chat().update_conversation(&viewer, conversation, &change).await?;
            Ok(ConversationPayload::new(&viewer, state))
        };
        answer(updated.await)
    }

    /// Deletes a group with its messages and memberships; its owner's alone.
    async fn delete_conversation(
        &self,
        ctx: &Context<'_>,
        input: ConversationIdInput,
    ) -> Option<Result<DeleteConversationPayload>> {
        let deleted = async {
            let viewer = ctx.writer()?;
            let conversation = named("conversationId", &input.conversation_id)?;
            ctx.chat().delete_conversation(&viewer, conversation).await?;
            let deleted_conversation_id = Some(input.conversation_id);
            Ok(DeleteConversationPayload { deleted_conversation_id, errors: Vec::new() })
        };
        answer(deleted.await)
    }

    /// Joins a public group, or accepts an invitation.
    async fn join_conversation(
        &self,
        ctx: &Context<'_>,
        input: ConversationIdInput,
    ) -> Option<Result<ConversationPayload>> {
        let joined = async {
            let viewer = ctx.writer()?;
            let conversation = named("conversationId", &input.conversation_id)?;
            Ok(ConversationPayload::new(&viewer, ctx.chat().join_conversation(&viewer, conversation).await?))
        };
        answer(joined.await)
    }

    /// Leaves a group, or declines an invitation. An owner who leaves hands over to the longest-standing admin, else
    /// member; a group that nobody is left in goes. `conversation` is null where the viewer sees it no more.
    async fn leave_conversation(
        &self,
        ctx: &Context<'_>,
        input: ConversationIdInput,
    ) -> Option<Result<ConversationPayload>> {
        let left = async {
            let viewer = ctx.writer()?;
            let conversation = named("conversationId", &input.conversation_id)?;
            let state = ctx.chat().leave_conversation(&viewer, conversation).await?;
            Ok(state.map_or_else(ConversationPayload::default, |state| ConversationPayload::new(&viewer, state)))
        };
        answer(left.await)
    }

    /// Lets people into a group; its owner and its admins may.
    async fn add_members(&self, ctx: &Context<'_>, input: AddMembersInput) -> Option<Result<ConversationPayload>> {
        answer(bring_in(ctx, &input, Way::Add).await)
    }

    /// Invites people to a group; its owner and its admins may.
    async fn invite_members(&self, ctx: &Context<'_>, input: AddMembersInput) -> Option<Result<ConversationPayload>> {
        answer(bring_in(ctx, &input, Way::Invite).await)
    }

    /// Takes a person of a lower role out of a group, or an invitation back.
    async fn remove_member(&self, ctx: &Context<'_>, input: RemoveMemberInput) -> Option<Result<ConversationPayload>> {
        let removed = async {
            let viewer = ctx.writer()?;
            let conversation = named("conversationId", &input.conversation_id)?;
            let user = named("userId", &input.user_id)?;
            Ok(ConversationPayload::new(&viewer, ctx.chat().remove_member(&viewer, conversation, user).await?))
        };
        answer(removed.await)
    }

    /// Gives a member of a group a role; its owner's alone.
    async fn set_role(&self, ctx: &Context<'_>, input: SetRoleInput) -> Option<Result<ConversationPayload>> {
        let set = async {
            let viewer = ctx.writer()?;
            let conversation = named("conversationId", &input.conversation_id)?;
            let user = named("userId", &input.user_id)?;
            let state = ctx.chat().set_role(&viewer, conversation, user, input.role.into()).await?;
            Ok(ConversationPayload::new(&viewer, state))
        };
        answer(set.await)
    }

    /// Says whether the viewer wants to be notified of what happens in a conversation.
    async fn set_muted(&self, ctx: &Context<'_>, input: SetMutedInput) -> Option<Result<ConversationPayload>> {
        let set = async {
            let viewer = ctx.writer()?;
            let conversation = named("conversationId", &input.conversation_id)?;
            let state = ctx.chat().set_muted(&viewer, conversation, input.is_muted).await?;
            Ok(ConversationPayload::new(&viewer, state))
        };
        answer(set.await)
    }
}

async fn bring_in(ctx: &Context<'_>, input: &AddMembersInput, way: Way) -> Result<ConversationPayload, Error> {
    let viewer = ctx.writer()?;
    let conversation = named("conversationId", &input.conversation_id)?;
    let users = people("userIds", &input.user_ids)?;
    Ok(ConversationPayload::new(&viewer, ctx.chat().bring_in(&viewer, conversation, &users, way).await?))
}
