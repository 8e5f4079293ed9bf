//! What all nodes of one deployment share.

use crate::domain::clock::Timestamp;
use crate::domain::ids::ServerId;
use crate::domain::secret::Key;

/// Made once, by the first node on a database, and never changed.
#[derive(Clone, Debug)]
pub struct ServerFacts {
    /// Tells this deployment from every other.
    pub id: ServerId,
    /// What drafts are hashed with, to tell a repeat from a conflict.
    pub draft_key: Key,
    /// What a refresh token's successor is made with.
    pub refresh_key: Key,
}

impl ServerFacts {
    /// New ones, of the thread's random generator, which the operating system seeds.
    pub fn random(now: Timestamp) -> Self {
        Self {
            id: ServerId::new(now),
            draft_key: Key::from(rand::random::<[u8; 64]>()),
            refresh_key: Key::from(rand::random::<[u8; 64]>()),
        }
    }
}
