//! Buckets of tries that fill again with time, one for each who asks: the generic cell rate algorithm as the crate
//! `governor` has it, over a memory that is bounded.

use super::Who;
use crate::domain::attempt::Allowance;
use crate::error::{Error, Result};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many who ask are remembered, of each kind: with some 32 bytes for each, two megabytes. An attacker has a bucket for
/// each address of IPv4 and each /64 of IPv6 (65,536 of them in a /48, which one may get for the asking): whatever comes, there
/// are no more than these.
const MOST: usize = 50_000;

/// One kind of asking, limited alike for all who do it.
pub(super) struct Buckets<C: Clock = DefaultClock> {
    what: &'static str,
    limiter: RateLimiter<Who, Remembered<Who>, C, NoOpMiddleware<C::Instant>>,
}

impl Buckets {
    pub(super) fn new(what: &'static str, allowance: Allowance) -> Self {
        Self::by(what, allowance, DefaultClock::default())
    }
}

impl<C: Clock> Buckets<C> {
    fn by(what: &'static str, allowance: Allowance, clock: C) -> Self {
        let burst = NonZeroU32::new(allowance.burst).unwrap_or(NonZeroU32::MIN);
        // A span of no length is no limit to speak of; governor takes it for a nanosecond.
        let quota =
            Quota::with_period(allowance.every).unwrap_or(Quota::per_second(NonZeroU32::MAX)).allow_burst(burst);
        Self { what, limiter: RateLimiter::new(quota, Remembered::new(MOST), clock) }
    }

    /// Takes a try; `RATE_LIMITED`, and nothing is taken, where there is none.
    pub(super) fn take(&self, who: Who) -> Result<()> {
        let refused = |until: governor::NotUntil<C::Instant>| {
            Error::too_many(self.what, until.wait_time_from(self.limiter.clock().now()))
        };
        self.limiter.check_key(&who).map_err(refused)
    }

    /// Forgets those whose buckets are full again, which is as good as not having asked.
    pub(super) fn forget(&self) {
        self.limiter.retain_recent();
    }
}

/// When each bucket is full again, of no more than so many. Where there are too many, those are forgotten that were the
/// nearest to full: so little is forgiven, and least of all to those who ask the most.
struct Remembered<K> {
    most: usize,
    full_at: Mutex<HashMap<K, Nanos>>,
}

impl<K: Hash + Eq> Remembered<K> {
    fn new(most: usize) -> Self {
        Self { most, full_at: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Nanos>> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets a quarter of them at once: looked through so seldom, they cost each newcomer the same few steps.
fn make_room<K: Hash + Eq>(full_at: &mut HashMap<K, Nanos>) {
    let mut moments: Vec<Nanos> = full_at.values().copied().collect();
    let mut to_go = moments.len().div_ceil(4);
    let Some(last) = to_go.checked_sub(1) else { return };
    let (_, &mut last, _) = moments.select_nth_unstable(last);
    full_at.retain(|_, moment| {
        let goes = *moment <= last && to_go > 0;
        to_go -= usize::from(goes);
        !goes
    });
}

impl<K: Hash + Eq + Clone> StateStore for Remembered<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut full_at = self.lock();
        let (answer, moment) = measure(full_at.get(key).copied())?;
        if full_at.len() >= self.most && !full_at.contains_key(key) {
            make_room(&mut full_at);
        }
        full_at.insert(key.clone(), moment);
        Ok(answer)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Remembered<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut full_at = self.lock();
        full_at.retain(|_, moment| *moment > drop_below);
        // What a flood has taken is given back.
        let enough = full_at.len() * 2;
        full_at.shrink_to(enough);
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::ClientAddress;
    use crate::error::Code;
    use governor::clock::FakeRelativeClock;
    use std::net::{IpAddr, Ipv6Addr};
    use std::time::Duration;

    /// One in ten seconds, and five at once.
    const SLOW: Allowance = Allowance { burst: 5, every: Duration::from_secs(10) };

    fn buckets(allowance: Allowance) -> (Buckets<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Buckets::by("requests", allowance, clock.clone()), clock)
    }

    /// The nth /64 of IPv6, by some address in it.
    fn network(n: u64) -> Who {
        let address = Ipv6Addr::from((0x2001_0db8_u128 << 96) + (u128::from(n) << 64) + u128::from(n % 7));
        Who::Address(ClientAddress::from(IpAddr::from(address)))
    }

    fn wait(buckets: &Buckets<FakeRelativeClock>, who: Who) -> Option<Duration> {
        let error = buckets.take(who).err()?;
        assert_eq!(error.code(), Code::RateLimited);
        assert!(error.message().starts_with("too many requests"), "{error}");
        error.retry_after()
    }

    #[test]
    fn each_has_a_bucket_that_fills_again() {
        let (buckets, clock) = buckets(SLOW);
        for who in [network(1), network(2)] {
            assert_eq!((0..7).filter(|_| wait(&buckets, who).is_none()).count(), 5);
        }
        clock.advance(Duration::from_secs(25));
        assert_eq!((0..7).filter(|_| wait(&buckets, network(1)).is_none()).count(), 2);
        clock.advance(Duration::from_hours(1));
        assert_eq!(
            (0..7).filter(|_| wait(&buckets, network(1)).is_none()).count(),
            5,
            "it holds no more than its burst"
        );
    }

    #[test]
    fn the_wait_that_is_told_is_enough_and_hardly_more() {
        for (allowance, passes) in [(SLOW, 100), (Allowance { burst: 3, every: Duration::from_millis(40) }, 0)] {
            let (buckets, clock) = buckets(allowance);
            while buckets.take(network(1)).is_ok() {}
            clock.advance(Duration::from_millis(passes));
            let told = wait(&buckets, network(1)).unwrap();
            assert!(told.subsec_nanos() == 0 && told >= Duration::from_secs(1), "{told:?}");
            assert!(told < allowance.every + Duration::from_secs(1));
            clock.advance(told);
            assert_eq!(wait(&buckets, network(1)), None);
        }
    }

    #[test]
    fn however_many_come_memory_is_bounded_and_who_floods_is_not_forgiven() {
        let (buckets, clock) = buckets(SLOW);
        let flooding = network(u64::from(u32::MAX));
        while buckets.take(flooding).is_ok() {}
        for n in 0..1_000_000 {
            assert!(buckets.take(network(n)).is_ok());
            if n % 1_000 == 0 {
                clock.advance(Duration::from_millis(1));
            }
        }
        let remembered = buckets.limiter.len();
        assert!((MOST / 2..=MOST).contains(&remembered), "{remembered}");
        assert!(wait(&buckets, flooding).is_some());
    }

    #[test]
    fn those_whose_bucket_is_full_again_are_forgotten() {
        let (buckets, clock) = buckets(SLOW);
        for n in 0..1_000 {
            buckets.take(network(n)).unwrap();
        }
        buckets.take(network(7)).unwrap();
        // A try longer than the fullest of them takes.
        clock.advance(Duration::from_secs(31));
        buckets.take(network(1_000)).unwrap();
        buckets.forget();
        assert_eq!(buckets.limiter.len(), 1);
        let room = buckets.limiter.into_state_store().lock().capacity();
        assert!(room < 100, "what they took is given back: {room}");
    }

    #[test]
    fn where_there_is_no_room_those_go_that_are_nearest_to_full() {
        let mut full_at: HashMap<u64, Nanos> = (0..100).map(|n| (n, Nanos::from(n / 10))).collect();
        make_room(&mut full_at);
        assert_eq!(full_at.len(), 75);
        assert!((30..100).all(|n| full_at.contains_key(&n)));
    }
}
