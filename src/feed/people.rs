//! The people whose conversations are followed in this process, and whether any of them has come into one or gone out.

use crate::domain::conversation::MembershipsVersion;
use crate::domain::ids::UserId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Those who are followed, each with the version of their memberships that the regular look saw last.
#[derive(Default)]
pub(super) struct Followed {
    people: Mutex<HashMap<UserId, watch::Sender<MembershipsVersion>>>,
}

impl Followed {
    /// Follows a person for as long as the receiver is there.
    pub(super) fn follow(&self, user: UserId) -> watch::Receiver<MembershipsVersion> {
        self.people().entry(user).or_default().subscribe()
    }

    /// All who are followed.
    pub(super) fn all(&self) -> Vec<UserId> {
        let mut people = self.people();
        people.retain(|_, version| version.receiver_count() > 0);
        people.keys().copied().collect()
    }

    /// Takes in what the store says of a person.
    pub(super) fn look(&self, user: UserId, latest: MembershipsVersion) {
        if let Some(version) = self.people().get(&user) {
            version.send_if_modified(|version| {
                let is_news = latest > *version;
                *version = latest.max(*version);
                is_news
            });
        }
    }

    fn people(&self) -> MutexGuard<'_, HashMap<UserId, watch::Sender<MembershipsVersion>>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;

    #[test]
    fn who_follows_hears_of_each_change_and_leaves_nothing_behind() {
        let people = Followed::default();
        let user = UserId::new(Timestamp::from_unix_millis(0).unwrap());
        let (mut one, other) = (people.follow(user), people.follow(user));
        people.look(user, MembershipsVersion(2));
        people.look(user, MembershipsVersion(1));
        assert_eq!(*one.borrow_and_update(), MembershipsVersion(2));
        assert!(other.has_changed().unwrap());
        people.look(user, MembershipsVersion(2));
        assert!(!one.has_changed().unwrap(), "what is known is no news");
        drop(one);
        assert_eq!(people.all(), [user]);
        drop(other);
        assert!(people.all().is_empty());
    }
}
