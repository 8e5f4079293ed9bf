//! Who is in a conversation, and how far they have come.

use super::caller::ContextExt as _;
use super::errors::{Result, nullable};
use super::scalars::{DateTime, int};
use super::user::User;
use crate::chat::Viewer;
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
    viewer: Viewer,
    member: domain::Member,
}

impl Member {
    /// That membership in the eyes of somebody who may see it.
    pub fn new(viewer: &Viewer, member: domain::Member) -> Self {
        Self { viewer: *viewer, member }
    }
}

/// One person in one conversation.
#[Object]
impl Member {
    /// Unique in the whole server; never changes.
    async fn id(&self) -> ID {
        let domain::Member { conversation, user, .. } = &self.member;
        format!("mbr_{}{}", conversation.uuid().simple(), user.uuid().simple()).into()
    }

    /// The person.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, &self.viewer, self.member.user).await
    }

    /// What the person may do there. In a direct conversation both are members.
    async fn role(&self) -> Role {
        self.member.role.into()
    }

    /// Whether the person is in it already.
    async fn state(&self) -> MembershipState {
        self.member.state.into()
    }

    /// Since when; null for one who is invited.
    async fn joined_at(&self) -> Option<DateTime> {
        self.member.joined_at.map(Into::into)
    }

    /// Who invited the person or let them in; null where they came by themselves.
    async fn invited_by(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let user = ctx.loaders().user(self.member.invited_by?).await;
        nullable(user.map(|user| user.map(|user| User::new(&self.viewer, user))))
    }

    /// Whether the person wants no notifications of it. Null but for the viewer's own membership.
    async fn is_muted(&self) -> Option<bool> {
        (self.member.user == self.viewer.user).then_some(self.member.is_muted)
    }

    /// The seq up to which messages have reached one of this person's devices.
    async fn delivered_seq(&self) -> i32 {
        int(self.member.marks.delivered_seq)
    }

    /// The seq up to which this person has read.
    async fn read_seq(&self) -> i32 {
        int(self.member.marks.read_seq)
    }
}
