//! What is kept, and what its keepers promise. The traits say what is atomic, in which order things come and what may
//! be repeated; the implementations in [`sql`] and [`mongo`] do not say it again. Nothing atomic spans two traits.
//!
//! Absence is `Ok(None)` or a shorter list: what it means is decided in `chat`. An answer's order is that of the
//! question only where the method says so. Every method fails with `UNAVAILABLE` where the store does not answer
//! in time, and with `INTERNAL` where it answers what it should not.

pub mod accounts;
pub mod attempts;
pub mod blocks;
pub mod codes;
pub mod conversations;
pub mod group;
pub mod groups;
pub mod identities;
pub mod log;
pub mod mongo;
pub mod moving;
pub mod nodes;
pub mod notifications;
pub mod outbox;
pub mod presence;
pub mod pushes;
pub mod questions;
pub mod reports;
mod search;
pub mod server;
pub mod sessions;
pub mod sql;
mod writer;

pub use accounts::Accounts;
pub use attempts::Attempts;
pub use blocks::Blocks;
pub use codes::Codes;
pub use conversations::Conversations;
pub use groups::Groups;
pub use identities::Identities;
pub use log::{LogReads, LogStore};
pub use moving::Moving;
pub use nodes::Nodes;
pub use notifications::Notifications;
pub use outbox::Outbox;
pub use presence::Presence;
pub use pushes::Pushes;
pub use reports::Reports;
pub use server::ServerFacts;
pub use sessions::Sessions;
pub use writer::MessageLog;

use crate::error::Result;
use async_trait::async_trait;

/// A store that can be asked whether it is there.
#[async_trait]
pub trait Probe: Send + Sync {
    /// What operators call it: `postgres`, `sqlite`, `mongodb`.
    fn name(&self) -> &'static str;

    /// Goes well where the store answers a question now.
    async fn ping(&self) -> Result<()>;
}
