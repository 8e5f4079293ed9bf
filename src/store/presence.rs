//! Who is online.

use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, NodeId, UserId};
use crate::domain::presence::{Changed, Move, PeopleVersion, Presence as State};
use crate::error::Result;
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};

/// On which nodes people are. Who is on any is online.
///
/// Whoever is thereby online and was not, or the other way round, gets the next number of [`PeopleVersion`], in the same
/// transaction. No number shows before the one below it.
#[async_trait]
pub trait Presence: Send + Sync {
    /// Notes who has come to a node and who has gone from it, each person once; whether anybody is thereby online or
    /// offline. Noting it twice is harmless, and who has no account is passed over. Atomic for every 1,024 people. The node
    /// must have said that it runs before.
    async fn note(&self, node: NodeId, moves: &[Move], at: Timestamp) -> Result<bool>;

    /// Takes everybody off the nodes that have left, or whose word was removed (see [`Nodes`](super::Nodes)); whether
    /// anybody is thereby offline. Several nodes may do so at once.
    async fn clear(&self, at: Timestamp) -> Result<bool>;

    /// Those of the people who have an account, as they are.
    async fn presences(&self, of: &[UserId]) -> Result<HashMap<UserId, State>>;

    /// How many who have joined that conversation are online, but for those who block that person or whom that person
    /// blocks.
    async fn online_members(&self, of: &[(ConversationId, UserId)]) -> Result<HashMap<(ConversationId, UserId), u32>>;

    /// Those of the pairs who have both joined one conversation.
    async fn acquainted(&self, pairs: &[(UserId, UserId)]) -> Result<HashSet<(UserId, UserId)>>;

    /// The latest number.
    async fn people_version(&self) -> Result<PeopleVersion>;

    /// Who has come online or gone since, by number, `limit` at the most.
    async fn turned_since(&self, after: PeopleVersion, limit: u32) -> Result<Vec<Changed<State>>>;
}
