//! Who is in a conversation, and how far they have come.

use super::errors::Result;
use super::scalars::{DateTime, int};
use super::user::User;
use crate::chat::Viewer;
use crate::domain::conversation as domain;
use async_graphql::{Context, ID, Object};

/// One person in one conversation, as the viewer sees it.
#[derive(Clone)]
pub struct Member {
    viewer: Viewer,
    member: domain::Member,
}

impl Member {
    /// That membership in the eyes of a member.
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

    /// Since when.
    async fn joined_at(&self) -> Option<DateTime> {
        Some(self.member.joined_at.into())
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
