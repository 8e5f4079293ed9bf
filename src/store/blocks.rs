//! Who wants nothing to do with whom.

use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::page::{Page, Window};
use crate::domain::user::{NamePlace, User};
use crate::error::Result;
use async_trait::async_trait;
use std::collections::HashSet;

/// One person's block of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// Who blocks.
    pub by: UserId,
    /// Whom.
    pub of: UserId,
}

/// Blocks.
#[async_trait]
pub trait Blocks: Send + Sync {
    /// Sets a block, or takes it away; whether it was otherwise before.
    async fn set(&self, block: Block, is_blocked: bool, at: Timestamp) -> Result<bool>;

    /// Those of the blocks that are set.
    async fn set_among(&self, blocks: &[Block]) -> Result<HashSet<Block>>;

    /// Those of these people whom this one blocks or who block this one.
    async fn apart(&self, user: UserId, among: &[UserId]) -> Result<HashSet<UserId>>;

    /// All blocks that one of these people has set, or that are set on one.
    async fn around(&self, people: &[UserId]) -> Result<HashSet<Block>>;

    /// All blocks that one of these people has set.
    async fn set_by(&self, people: &[UserId]) -> Result<Vec<Block>>;

    /// The people whom this one blocks, in the order of [`NamePlace`].
    async fn page(&self, by: UserId, window: &Window<NamePlace>) -> Result<Page<(NamePlace, User)>>;
}
