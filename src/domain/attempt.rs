//! How often something may be tried: buckets of tries that fill again with time.
//!
//! A bucket is one number, the moment at which it will be full again, if nothing more is taken: the generic cell rate
//! algorithm (ITU-T I.371, annex A). A full bucket is as good as none, so that only what was tried lately is kept.

use super::clock::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

/// What a bucket is known by: a keyed hash of what is tried and by whom, so that neither stands in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptKey(pub [u8; 16]);

/// How many tries there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// At once, where nothing was tried lately.
    pub burst: u32,
    /// One more after each such span. More than the burst and what comes again meanwhile are never to be had.
    pub every: Duration,
}

impl Allowance {
    /// The bucket after one try: when it is full again. Where it is empty, how long until there is one.
    fn take(self, full_at: Timestamp, now: Timestamp) -> Result<Timestamp, Duration> {
        let emptied = now.plus(self.every.saturating_mul(self.burst));
        // Another node's clock may be ahead: no bucket is emptier than empty.
        let taken = full_at.clamp(now, emptied).plus(self.every);
        if taken <= emptied { Ok(taken) } else { Err(taken.since(emptied)) }
    }
}

/// One bucket from which an attempt takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// Which.
    pub from: AttemptKey,
    /// How much it holds.
    pub allowance: Allowance,
    /// Nothing is taken from it while this mark counts.
    pub spared_by: Option<AttemptKey>,
}

/// What becomes of buckets and marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An attempt takes a try from each, or nothing where one of them is empty.
    Reserve(Vec<Take>),
    /// An attempt has come to its end.
    Settle {
        /// What it gives back of what it has taken.
        given_back: Vec<Take>,
        /// What is marked from now on, for so long.
        marked: Vec<(AttemptKey, Duration)>,
    },
}

/// What a change has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These tries were taken.
    Reserved(Vec<Take>),
    /// Nothing was; the same attempt can be made after that time.
    Refused(Duration),
    /// It is done.
    Settled,
}

impl Change {
    /// The marks that it depends on.
    pub fn spared_by(&self) -> impl Iterator<Item = AttemptKey> {
        let takes = if let Self::Reserve(takes) = self { takes.as_slice() } else { &[] };
        takes.iter().filter_map(|take| take.spared_by)
    }

    /// The buckets and marks that it may change.
    pub fn keys(&self) -> impl Iterator<Item = AttemptKey> {
        let (takes, marked) = match self {
            Self::Reserve(takes) => (takes, &[][..]),
            Self::Settle { given_back, marked } => (given_back, marked.as_slice()),
        };
        takes.iter().map(|take| take.from).chain(marked.iter().map(|(key, _)| *key))
    }
}

/// What is known of buckets and marks: when each is full again or counts no more. What is not there is full, and marks nothing.
pub type Known = HashMap<AttemptKey, Timestamp>;

/// Makes the changes, one after another.
pub fn apply(changes: &[Change], known: &mut Known, now: Timestamp) -> Vec<Outcome> {
    changes.iter().map(|change| apply_one(change, known, now)).collect()
}

fn apply_one(change: &Change, known: &mut Known, now: Timestamp) -> Outcome {
    match change {
        Change::Reserve(takes) => reserve(takes, known, now),
        Change::Settle { given_back, marked } => {
            for take in given_back {
                // Below now it is full all the same.
                known.entry(take.from).and_modify(|full_at| *full_at = full_at.minus(take.allowance.every));
            }
            for (key, lasts) in marked {
                let until = known.entry(*key).or_insert(now);
                *until = now.plus(*lasts).max(*until);
            }
            Outcome::Settled
        }
    }
}

fn reserve(takes: &[Take], known: &mut Known, now: Timestamp) -> Outcome {
    let (mut reserved, mut longest) = (Vec::<(Take, Timestamp)>::with_capacity(takes.len()), None);
    for take in takes {
        // One bucket may be taken from twice.
        let before =
            |key: &AttemptKey| reserved.iter().rfind(|(take, _)| take.from == *key).map(|(_, full_at)| *full_at);
        let when = |key: &AttemptKey| before(key).or_else(|| known.get(key).copied()).unwrap_or(now);
        if take.spared_by.is_some_and(|mark| when(&mark) > now) {
            continue;
        }
        match take.allowance.take(when(&take.from), now) {
            Ok(full_at) => reserved.push((*take, full_at)),
            Err(wait) => longest = longest.max(Some(wait)),
        }
    }
    if let Some(wait) = longest {
        return Outcome::Refused(wait);
    }
    known.extend(reserved.iter().map(|(take, full_at)| (take.from, *full_at)));
    Outcome::Reserved(reserved.into_iter().map(|(take, _)| take).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Allowance = Allowance { burst: 5, every: Duration::from_mins(1) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(1_769_860_800_000 + seconds * 1_000).unwrap()
    }

    fn key(n: u8) -> AttemptKey {
        AttemptKey([n; 16])
    }

    fn take(n: u8) -> Take {
        Take { from: key(n), allowance: FIVE, spared_by: None }
    }

    fn try_once(known: &mut Known, takes: &[Take], now: Timestamp) -> Outcome {
        apply(&[Change::Reserve(takes.to_vec())], known, now).remove(0)
    }

    fn tries(known: &mut Known, takes: &[Take], now: Timestamp) -> usize {
        (0..100).filter(|_| matches!(try_once(known, takes, now), Outcome::Reserved(_))).count()
    }

    fn refused(seconds: u64) -> Outcome {
        Outcome::Refused(Duration::from_secs(seconds))
    }

    #[test]
    fn a_full_bucket_holds_its_burst_and_one_more_comes_with_each_span() {
        let mut known = Known::new();
        assert_eq!(tries(&mut known, &[take(1)], at(0)), 5);
        assert_eq!(try_once(&mut known, &[take(1)], at(0)), refused(60));
        assert_eq!(try_once(&mut known, &[take(1)], at(59)), refused(1));
        assert_eq!(tries(&mut known, &[take(1)], at(60)), 1);
        assert_eq!(tries(&mut known, &[take(1)], at(180)), 2);
        assert_eq!(
            tries(&mut known, &[take(1)], at(10_000)),
            5,
            "no more than the burst, however long nothing was tried"
        );
    }

    #[test]
    fn an_attempt_takes_from_all_its_buckets_or_from_none() {
        let mut known = Known::new();
        assert_eq!(tries(&mut known, &[take(1)], at(0)), 5);
        assert_eq!(tries(&mut known, &[take(2), take(1)], at(0)), 0);
        assert_eq!(tries(&mut known, &[take(2)], at(0)), 5);
        assert_eq!(try_once(&mut known, &[take(2), take(1)], at(30)), refused(30), "the longest wait of all");
    }

    #[test]
    fn an_attempt_that_takes_twice_from_a_bucket_costs_two() {
        let mut known = Known::new();
        assert_eq!(tries(&mut known, &[take(1), take(1)], at(0)), 2);
        let settle = Change::Settle { given_back: vec![take(1), take(1)], marked: Vec::new() };
        apply(&[settle], &mut known, at(0));
        assert_eq!(tries(&mut known, &[take(1)], at(0)), 3);
    }

    #[test]
    fn what_is_given_back_can_be_taken_again_and_no_more() {
        let mut known = Known::new();
        tries(&mut known, &[take(1)], at(0));
        let settle = Change::Settle { given_back: vec![take(1)], marked: Vec::new() };
        assert_eq!(apply(std::slice::from_ref(&settle), &mut known, at(0)), [Outcome::Settled]);
        assert_eq!(tries(&mut known, &[take(1)], at(0)), 1);
        apply(&[settle.clone(), settle], &mut known, at(10_000));
        assert_eq!(tries(&mut known, &[take(1)], at(10_000)), 5);
    }

    #[test]
    fn a_mark_spares_a_bucket_while_it_counts() {
        let mut known = Known::new();
        tries(&mut known, &[take(1)], at(0));
        let spared = Take { spared_by: Some(key(9)), ..take(1) };
        assert_eq!(tries(&mut known, &[spared], at(0)), 0);
        let marked = vec![(key(9), Duration::from_secs(10))];
        apply(&[Change::Settle { given_back: Vec::new(), marked }], &mut known, at(0));
        assert_eq!(try_once(&mut known, &[spared], at(9)), Outcome::Reserved(Vec::new()));
        assert_eq!(tries(&mut known, &[spared, take(2)], at(9)), 5, "the others are not spared");
        assert_eq!(try_once(&mut known, &[spared], at(10)), refused(50));
    }

    #[test]
    fn a_clock_that_was_ahead_empties_a_bucket_and_no_more() {
        let mut known = Known::from([(key(1), at(1_000_000))]);
        assert_eq!(try_once(&mut known, &[take(1)], at(0)), refused(60));
    }
}
