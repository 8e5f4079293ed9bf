//! Whom those who listen here block: known without asking, since who types is told without asking a store.

use super::Feed;
use super::item::TypingChange;
use super::rendition::Shared;
use crate::chat::Chat;
use crate::domain::ids::UserId;
use crate::error::Result;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::watch;

/// Whom one person blocks; `None` until that is known.
pub(super) type Blocked = Option<Arc<HashSet<UserId>>>;

impl Feed {
    /// Whom the viewer blocks, for as long as the receiver is there, and it is known.
    pub(super) async fn follow_blocks(&self, viewer: UserId) -> Result<watch::Receiver<Blocked>> {
        let blocked = self.blocked.follow(viewer);
        if blocked.borrow().is_none() {
            let found = self.reads.blocked(viewer).await?;
            self.blocked.look(viewer, Some(found), |_, seen| seen.is_none());
        }
        Ok(blocked)
    }

    /// Finds out whom these people block now.
    pub(super) async fn look_at_blocks_of(&self, people: &[UserId]) -> Result<()> {
        let mut found = read(&self.chat, people).await?;
        for person in people {
            self.blocked.look(*person, Some(found.remove(person).unwrap_or_default()), PartialEq::ne);
        }
        Ok(())
    }
}

/// Whom those of the people block who block anybody.
pub(super) async fn read(chat: &Chat, people: &[UserId]) -> Result<HashMap<UserId, Arc<HashSet<UserId>>>> {
    let mut blocked: HashMap<UserId, HashSet<UserId>> = HashMap::new();
    for block in chat.blocks().set_by(people).await? {
        blocked.entry(block.by).or_default().insert(block.of);
    }
    Ok(blocked.into_iter().map(|(by, of)| (by, Arc::new(of))).collect())
}

/// The change as one who blocks those people hears of it, if at all.
pub(super) fn heard(change: Shared<TypingChange>, blocked: &Blocked) -> Option<Shared<TypingChange>> {
    let Some(blocked) = blocked.as_ref().filter(|blocked| !blocked.is_empty()) else { return Some(change) };
    if blocked.contains(&change.user) {
        return None;
    }
    if !change.typing.iter().any(|user| blocked.contains(user)) {
        return Some(change);
    }
    let mut theirs = TypingChange::clone(&change);
    theirs.typing.retain(|user| !blocked.contains(user));
    Some(Shared::new(theirs))
}
