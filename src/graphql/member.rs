//! Who is in a conversation, and how far they have come.

use super::caller::ContextExt as _;
use super::errors::{Result, nullable};
use super::eyes::Eyes;
use super::scalars::{DateTime, int};
use super::user::User;
use crate::domain::conversation as domain;
use async_graphql::{Context, Enum, ID, Object};

/// What a member may do: more with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Role")]
pub enum Role {
    /// Reads and writes.
    Member,
    /// Also says who is in the group, and how it shows itself.
    Admin,
    /// Also gives roles and may delete the group. Each group has one.
    Owner,
}

/// Whether a person is in a conversation already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MembershipState")]
pub enum MembershipState {
    /// May come in, and has not.
    Invited,
    /// Is in.
    Joined,
}

/// One person in one conversation, as the viewer sees it.
#[derive(Clone)]
pub struct Member {
    eyes: Eyes,
    member: domain::Member,
}

impl Member {
    /// That membership in the eyes of somebody who may see it.
    pub fn new(eyes: impl Into<Eyes>, member: domain::Member) -> Self {
        Self { eyes: eyes.into(), member }
    }
}

/// One person in one conversation.
#[Object]
impl Member {
    /// Unique in the whole server; never changes.
    #[graphql(tag = "for all")]
    async fn id(&self) -> ID {
        let domain::Member { conversation, user, .. } = &self.member;
        format!("mbr_{}{}", conversation.uuid().simple(), user.uuid().simple()).into()
    }

    /// The person.
    #[graphql(tag = "for all")]
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, self.eyes, self.member.user).await
    }

    /// What the person may do there. In a direct conversation both are members.
    #[graphql(tag = "for all")]
    async fn role(&self) -> Role {
        self.member.role.into()
    }

    /// Whether the person is in it already.
    #[graphql(tag = "for all")]
    async fn state(&self) -> MembershipState {
        self.member.state.into()
    }

    /// Since when; null for one who is invited.
    #[graphql(tag = "for all")]
    async fn joined_at(&self) -> Option<DateTime> {
        self.member.joined_at.map(Into::into)
    }

    /// Who invited the person or let them in; null where they came by themselves.
    #[graphql(tag = "for all")]
    async fn invited_by(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let user = ctx.loaders().user(self.member.invited_by?).await;
        nullable(user.map(|user| user.map(|user| User::new(self.eyes, user))))
    }

    /// Whether the person wants no notifications of it. Null but for the viewer's own membership.
    #[graphql(tag = "for viewer")]
    async fn is_muted(&self) -> Option<Result<bool>> {
        nullable(self.eyes.are_of(self.member.user).map(|are_its| are_its.then_some(self.member.is_muted)))
    }

    /// The seq up to which messages have reached one of this person's devices.
    #[graphql(tag = "for all")]
    async fn delivered_seq(&self) -> i32 {
        int(self.member.marks.delivered_seq)
    }

    /// The seq up to which this person has read.
    #[graphql(tag = "for all")]
    async fn read_seq(&self) -> i32 {
        int(self.member.marks.read_seq)
    }
}
