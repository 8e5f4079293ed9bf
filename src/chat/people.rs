//! What people see of each other: who is online.

use super::Chat;
use crate::bus::Bus;
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::presence::{Changed, PeopleVersion, Presence};
use crate::error::Result;
use crate::store;
use crate::store::blocks::Block;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A person in the eyes of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sight {
    /// Who looks.
    pub by: UserId,
    /// At whom.
    pub of: UserId,
}

impl Chat {
    /// Whether people are online, as others see it: those of whom one blocks the other see each other offline, and when
    /// somebody was last there is for those alone who share a conversation with them. Of oneself, all.
    pub async fn presences(&self, sights: &[Sight]) -> Result<HashMap<Sight, Presence>> {
        let of: HashSet<_> = sights.iter().map(|sight| sight.of).collect();
        let found = self.presence.presences(&of.into_iter().collect::<Vec<_>>()).await?;
        let apart = self.apart(sights).await?;
        let has_gone = |sight: &&Sight| found.get(&sight.of).is_some_and(|found| found.last_seen_at.is_some());
        let strangers = sights.iter().filter(|sight| sight.by != sight.of && !apart.contains(sight)).filter(has_gone);
        let pairs: Vec<_> = strangers.map(|sight| (sight.by, sight.of)).collect();
        let acquainted = if pairs.is_empty() { HashSet::new() } else { self.presence.acquainted(&pairs).await? };
        let seen = |sight: &Sight| {
            let mut presence = *found.get(&sight.of)?;
            if apart.contains(sight) {
                return Some((*sight, Presence::default()));
            }
            if sight.by != sight.of && !acquainted.contains(&(sight.by, sight.of)) {
                presence.last_seen_at = None;
            }
            Some((*sight, presence))
        };
        Ok(sights.iter().filter_map(seen).collect())
    }

    /// How many of a conversation are online in the eyes of that person.
    pub async fn online_members(
        &self,
        of: &[(ConversationId, UserId)],
    ) -> Result<HashMap<(ConversationId, UserId), u32>> {
        self.presence.online_members(of).await
    }

    /// Whose profile has changed since, by number.
    pub async fn profiles_since(&self, after: PeopleVersion, limit: u32) -> Result<Vec<Changed<()>>> {
        self.accounts.profiles_since(after, limit).await
    }

    /// Who is online where.
    pub fn presence(&self) -> &dyn store::Presence {
        &*self.presence
    }

    /// Who blocks whom.
    pub fn blocks(&self) -> &dyn store::Blocks {
        &*self.blocks
    }

    /// Those of the sights of whose two one blocks the other.
    async fn apart(&self, sights: &[Sight]) -> Result<HashSet<Sight>> {
        let blocks = |sight: &Sight| [Block { by: sight.by, of: sight.of }, Block { by: sight.of, of: sight.by }];
        let asked: Vec<_> = sights.iter().filter(|sight| sight.by != sight.of).flat_map(blocks).collect();
        let set = self.blocks.set_among(&asked).await?;
        Ok(sights.iter().copied().filter(|sight| blocks(sight).iter().any(|block| set.contains(block))).collect())
    }
}

/// Tells that others see something new of people, who are to be looked for.
pub(super) fn tell_people(bus: &dyn Bus) {
    bus.publish(Topic::People, Arc::new(Ring::People));
}
