//! Time: where it comes from and how fine it is.

use chrono::{DateTime, Datelike as _, SecondsFormat, SubsecRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// An instant in UTC, whole milliseconds: as fine as every store keeps it, so that what was written is what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Milliseconds since 1970, as MongoDB's dates and ids of version 7 count them.
    pub fn unix_millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// Whole seconds since 1970, as JSON Web Tokens count them (RFC 7519, `NumericDate`).
    pub fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// The instant that many milliseconds after 1970; `None` beyond the years 1 to 9999, which all stores can keep (Postgres
    /// from 4713 before, RFC 3339 to 9999).
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).filter(|at| (1..=9999).contains(&at.year())).map(Self)
    }

    /// This instant moved on; the calendar's end where it would pass it.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let moved = TimeDelta::from_std(duration).ok().and_then(|by| self.0.checked_add_signed(by));
        moved.map_or(Self(DateTime::<Utc>::MAX_UTC), Self::from)
    }

    /// This instant moved back; the calendar's beginning where it would pass it.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let moved = TimeDelta::from_std(duration).ok().and_then(|by| self.0.checked_sub_signed(by));
        moved.map_or(Self(DateTime::<Utc>::MIN_UTC), Self::from)
    }

    /// How long after `earlier` this is; nothing where it is before.
    pub fn since(self, earlier: Self) -> Duration {
        (self.0 - earlier.0).to_std().unwrap_or_default()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(3))
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(at: Timestamp) -> Self {
        at.0
    }
}

/// RFC 3339 to the millisecond: `2026-01-31T12:00:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// Where the time comes from. Passed in, so that tests can set it.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the system clock is read")]
    fn now(&self) -> Timestamp {
        Utc::now().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_shown_in_utc_to_the_millisecond() {
        let at = Timestamp::from_unix_millis(1_769_860_800_007).unwrap();
        assert_eq!(at.to_string(), "2026-01-31T12:00:00.007Z");
    }

    #[test]
    fn what_is_finer_than_a_millisecond_is_cut() {
        let fine = DateTime::from_timestamp(1, 999_999).unwrap();
        assert_eq!(Timestamp::from(fine).unix_millis(), 1_000);
    }

    #[test]
    fn what_no_store_keeps_is_no_instant() {
        let ends = [("0001-01-01T00:00:00Z", -1), ("9999-12-31T23:59:59.999Z", 1)];
        for (end, beyond) in ends {
            let millis = DateTime::parse_from_rfc3339(end).unwrap().timestamp_millis();
            assert!(Timestamp::from_unix_millis(millis).is_some(), "{end}");
            assert_eq!(Timestamp::from_unix_millis(millis + beyond), None, "{end}");
        }
    }

    #[test]
    fn a_span_never_passes_the_calendar() {
        let end = Timestamp::from_unix_millis(0).unwrap().plus(Duration::MAX);
        assert!(end > Timestamp::from_unix_millis(0).unwrap());
        let beginning = Timestamp::from_unix_millis(0).unwrap().minus(Duration::MAX);
        assert!(beginning < Timestamp::from_unix_millis(0).unwrap());
    }
}
