//! Things that are open at once, counted for each who has them. What is kept is bounded by what is open.

use super::{Each, Who};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// When one may come again who has too many: nobody knows when another of theirs ends.
const COME_AGAIN: Duration = Duration::from_secs(5);

/// One kind of thing, and who has how many.
pub(super) struct Places {
    what: &'static str,
    most: Each<u32>,
    taken: Taken,
}

#[derive(Clone, Default)]
struct Taken(Arc<Mutex<HashMap<Who, u32>>>);

impl Taken {
    fn lock(&self) -> MutexGuard<'_, HashMap<Who, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is taken, until this is dropped.
#[must_use = "it is free again once this is dropped"]
pub struct Place(Option<(Who, Taken)>);

impl Places {
    pub(super) fn new(what: &'static str, most: Each<u32>) -> Self {
        Self { what, most, taken: Taken::default() }
    }

    /// Takes a place; `RATE_LIMITED` where all are taken.
    pub(super) fn enter(&self, who: Who) -> Result<Place> {
        let mut taken = self.taken.lock();
        let count = taken.get(&who).copied().unwrap_or(0);
        if count >= *self.most.of(who) {
            return Err(Error::too_many(self.what, COME_AGAIN));
        }
        taken.insert(who, count + 1);
        Ok(Place(Some((who, self.taken.clone()))))
    }
}

impl Place {
    /// One that counts nowhere.
    pub(super) fn unlimited() -> Self {
        Self(None)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((who, taken)) = self.0.take() else { return };
        if let Entry::Occupied(mut count) = taken.lock().entry(who) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::ClientAddress;
    use crate::domain::clock::{Clock as _, SystemClock};
    use crate::domain::ids::UserId;
    use crate::error::Code;

    #[test]
    fn each_has_so_many_places_and_gets_them_back() {
        let places = Places::new("open sockets", Each { viewer: 1, address: 2 });
        let (viewer, address) = (UserId::new(SystemClock.now()).into(), ClientAddress::UNKNOWN.into());
        let held = [places.enter(address), places.enter(address), places.enter(viewer)].map(Result::unwrap);
        for who in [viewer, address] {
            let error = places.enter(who).err().unwrap();
            assert_eq!((error.code(), error.retry_after()), (Code::RateLimited, Some(COME_AGAIN)));
            assert_eq!(error.message(), "too many open sockets; try again in 5 seconds");
        }
        let [one, another, viewers] = held;
        drop(one);
        assert!(places.enter(address).is_ok() && places.enter(viewer).is_err());
        drop((another, viewers));
        assert!(places.enter(viewer).is_ok());
        assert!(places.taken.lock().is_empty(), "who has nothing open is not remembered");
    }
}
