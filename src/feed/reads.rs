//! What subscribers ask the stores.

use super::blocked;
use super::tail::Tail;
use crate::chat::Chat;
use crate::domain::conversation::{MarksVersion, Member, MembershipsVersion};
use crate::domain::event::{ReceiptMoved, ReceiptsMoved};
use crate::domain::ids::{ConversationId, UserId};
use crate::error::{Error, Result};
use crate::store::questions::{Question, Together};
use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Conversations whose marks are read at a time.
const MARKS_AT_ONCE: usize = 4;

/// The questions of all subscribers of this process.
pub(super) struct Reads {
    tails: Together<Tails>,
    admissions: Together<Admissions>,
    versions: Together<Versions>,
    memberships: Together<Memberships>,
    receipts: Together<Receipts>,
    blocked: Together<BlockedBy>,
}

impl Reads {
    pub(super) fn new(chat: &Arc<Chat>) -> Self {
        Self {
            tails: Together::new(Tails(Arc::clone(chat))),
            admissions: Together::new(Admissions(Arc::clone(chat))),
            versions: Together::new(Versions(Arc::clone(chat))),
            memberships: Together::new(Memberships(Arc::clone(chat))),
            receipts: Together::new(Receipts(Arc::clone(chat))),
            blocked: Together::new(BlockedBy(Arc::clone(chat))),
        }
    }

    /// Where a conversation's log ends, and the versions of what stands outside of it.
    pub(super) async fn tail(&self, conversation: ConversationId) -> Result<Tail> {
        self.tails.ask(conversation).await
    }

    /// Whether that person has joined that conversation.
    pub(super) async fn is_member(&self, conversation: ConversationId, user: UserId) -> Result<bool> {
        self.admissions.ask((conversation, user)).await
    }

    /// The version of a person's memberships.
    pub(super) async fn memberships_version(&self, user: UserId) -> Result<MembershipsVersion> {
        self.versions.ask(user).await
    }

    /// A person's memberships, those in conversations that the person is invited to among them.
    pub(super) async fn memberships(&self, user: UserId) -> Result<Vec<Member>> {
        self.memberships.ask(user).await
    }

    /// The marks that have moved since that version, as they now are.
    pub(super) async fn receipts(&self, conversation: ConversationId, after: MarksVersion) -> Result<ReceiptsMoved> {
        let receipts = self.receipts.ask((conversation, after)).await?;
        receipts.ok_or_else(|| Error::internal("marks were asked for and not answered"))
    }

    /// Whom a person blocks.
    pub(super) async fn blocked(&self, user: UserId) -> Result<Arc<HashSet<UserId>>> {
        self.blocked.ask(user).await
    }

    /// Waits until all that was asked is answered.
    pub(super) async fn close(&self) {
        self.tails.close().await;
        self.admissions.close().await;
        self.versions.close().await;
        self.memberships.close().await;
        self.receipts.close().await;
        self.blocked.close().await;
    }
}

struct Tails(Arc<Chat>);

#[async_trait]
impl Question for Tails {
    type About = ConversationId;
    type Answer = Tail;

    async fn ask(&self, about: &[ConversationId]) -> Result<HashMap<ConversationId, Tail>> {
        Tail::read(&self.0, about).await
    }
}

struct Admissions(Arc<Chat>);

#[async_trait]
impl Question for Admissions {
    type About = (ConversationId, UserId);
    type Answer = bool;

    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, bool>> {
        let members = self.0.conversations().memberships(about).await?;
        Ok(members.into_iter().map(|member| ((member.conversation, member.user), member.has_joined())).collect())
    }
}

struct Versions(Arc<Chat>);

#[async_trait]
impl Question for Versions {
    type About = UserId;
    type Answer = MembershipsVersion;

    async fn ask(&self, about: &[UserId]) -> Result<HashMap<UserId, MembershipsVersion>> {
        self.0.conversations().memberships_versions(about).await
    }
}

struct Memberships(Arc<Chat>);

#[async_trait]
impl Question for Memberships {
    type About = UserId;
    type Answer = Vec<Member>;

    async fn ask(&self, about: &[UserId]) -> Result<HashMap<UserId, Vec<Member>>> {
        let mut memberships: HashMap<UserId, Vec<Member>> = HashMap::new();
        for member in self.0.conversations().memberships_of(about).await? {
            memberships.entry(member.user).or_default().push(member);
        }
        Ok(memberships)
    }
}

struct BlockedBy(Arc<Chat>);

#[async_trait]
impl Question for BlockedBy {
    type About = UserId;
    type Answer = Arc<HashSet<UserId>>;

    async fn ask(&self, about: &[UserId]) -> Result<HashMap<UserId, Self::Answer>> {
        blocked::read(&self.0, about).await
    }
}

struct Receipts(Arc<Chat>);

#[async_trait]
impl Question for Receipts {
    type About = (ConversationId, MarksVersion);
    type Answer = Option<ReceiptsMoved>;

    async fn ask(&self, about: &[Self::About]) -> Result<HashMap<Self::About, Self::Answer>> {
        let about: Vec<_> = about.to_vec();
        let moved = stream::iter(about).map(|(conversation, after)| moved_since(&self.0, conversation, after));
        moved.buffer_unordered(MARKS_AT_ONCE).try_collect().await
    }
}

async fn moved_since(
    chat: &Chat,
    conversation: ConversationId,
    after: MarksVersion,
) -> Result<((ConversationId, MarksVersion), Option<ReceiptsMoved>)> {
    let since = chat.conversations().marks_since(conversation, after).await?;
    let now = chat.clock().now();
    // When they moved is known of one of the two marks alone.
    let moved = |member: &Member| ReceiptMoved::of(member, now);
    let moved = since.members.iter().map(moved).collect();
    Ok(((conversation, after), Some(ReceiptsMoved { conversation, version: since.version, moved })))
}
