//! What the SQL database owes the message log: written in the transaction of the change that it tells of, and paid
//! afterwards, at least once.

use crate::domain::clock::Timestamp;
use crate::domain::ids::ConversationId;
use crate::domain::message::MembershipVersion;
use crate::domain::notice::Notice;
use crate::error::Result;
use async_trait::async_trait;

/// The place of a debt among those of its conversation: they are paid in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DebtPlace {
    /// The version of the conversation that the change has made.
    pub version: MembershipVersion,
    /// Counts the debts of one change, from 0.
    pub number: u32,
}

/// What is owed to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owed {
    /// That it tells this.
    Notice(Notice),
    /// That it be erased: nothing comes after it.
    Erasure,
}

/// One debt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    /// To whose log.
    pub conversation: ConversationId,
    /// Where it stands among the conversation's.
    pub place: DebtPlace,
    /// When the change was made.
    pub at: Timestamp,
    /// What is owed.
    pub owed: Owed,
}

/// The debts.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Conversations to whose logs anything is owed, `limit` at the most: those first to whom it is owed longest.
    async fn owing(&self, limit: u32) -> Result<Vec<ConversationId>>;

    /// What is owed to one conversation's log, in the order in which it is to be paid, `limit` at the most.
    async fn debts(&self, conversation: ConversationId, limit: u32) -> Result<Vec<Debt>>;

    /// Takes the debts up to that place off: they are paid. The conversation was active at `at`.
    async fn settle(&self, conversation: ConversationId, up_to: DebtPlace, at: Timestamp) -> Result<()>;
}
