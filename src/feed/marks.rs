//! How far the marks of a conversation's members have been followed. Each move has a version, so that what was lost on
//! the way is read by it.

use super::item::Moves;
use super::listener::Listener;
use super::rendition::Shared;
use crate::domain::conversation::MarksVersion;
use crate::domain::event::ReceiptMoved;
use crate::error::Result;

/// Where one subscriber stands.
pub(super) struct Marks {
    version: MarksVersion,
    /// Whether some moves may have been lost, and are to be read.
    is_lost: bool,
}

impl Marks {
    /// From that version on.
    pub(super) fn after(version: MarksVersion) -> Self {
        Self { version, is_lost: false }
    }

    /// What is new of it.
    pub(super) fn take(&mut self, receipts: &Moves) -> Vec<Shared<ReceiptMoved>> {
        if receipts.version <= self.version {
            return Vec::new();
        }
        self.version = receipts.version;
        receipts.moved.clone()
    }

    /// Some moves may have been lost.
    pub(super) fn lose(&mut self) {
        self.is_lost = true;
    }

    /// The moves that were lost, if any may have been.
    pub(super) async fn missed(&mut self, listener: &Listener) -> Result<Vec<Shared<ReceiptMoved>>> {
        if !self.is_lost {
            return Ok(Vec::new());
        }
        let receipts = listener.feed().reads.receipts(listener.conversation(), self.version).await?;
        *self = Self::after(receipts.version);
        Ok(receipts.moved.into_iter().map(Shared::new).collect())
    }
}
