//! The people of whom something is followed in this process: their memberships, their blocks, their
//! notifications.

use crate::domain::ids::UserId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Those who are followed, each with what was seen of them last.
pub(super) struct Followed<T> {
    people: Mutex<HashMap<UserId, watch::Sender<T>>>,
}

impl<T> Default for Followed<T> {
    fn default() -> Self {
        Self { people: Mutex::default() }
    }
}

impl<T: Default> Followed<T> {
    /// Follows a person for as long as the receiver is there.
    pub(super) fn follow(&self, user: UserId) -> watch::Receiver<T> {
        self.people().entry(user).or_default().subscribe()
    }

    /// All who are followed.
    pub(super) fn all(&self) -> Vec<UserId> {
        let mut people = self.people();
        people.retain(|_, version| version.receiver_count() > 0);
        people.keys().copied().collect()
    }

    /// Takes in what the store says of a person, if that is to replace what was seen before.
    pub(super) fn look(&self, user: UserId, latest: T, replaces: impl FnOnce(&T, &T) -> bool) {
        if let Some(seen) = self.people().get(&user) {
            seen.send_if_modified(|seen| {
                let is_news = replaces(&latest, seen);
                if is_news {
                    *seen = latest;
                }
                is_news
            });
        }
    }

    fn people(&self) -> MutexGuard<'_, HashMap<UserId, watch::Sender<T>>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::conversation::MembershipsVersion;

    #[test]
    fn who_follows_hears_of_each_change_and_leaves_nothing_behind() {
        let people = Followed::default();
        let user = UserId::new(Timestamp::from_unix_millis(0).unwrap());
        let (mut one, other) = (people.follow(user), people.follow(user));
        people.look(user, MembershipsVersion(2), PartialOrd::gt);
        people.look(user, MembershipsVersion(1), PartialOrd::gt);
        assert_eq!(*one.borrow_and_update(), MembershipsVersion(2));
        assert!(other.has_changed().unwrap());
        people.look(user, MembershipsVersion(2), PartialOrd::gt);
        assert!(!one.has_changed().unwrap(), "what is known is no news");
        drop(one);
        assert_eq!(people.all(), [user]);
        drop(other);
        assert!(people.all().is_empty());
    }
}
