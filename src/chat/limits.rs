//! Limits on guessing. Every attempt is counted in the store before its work is begun, so that it makes no difference how
//! many come at once, to how many nodes, or in how few requests; whoever turns out to be right gets theirs back.
//!
//! Nobody can be locked out by a stranger for long. Attempts on an account are counted by account and address first, closely.
//! Those of all addresses together are counted too, more widely, since an attacker may have many; but an address from which
//! the person has come in lately is spared that: NIST SP 800-63B, section 5.2.2, names the same as a way to keep an attacker
//! from locking a subscriber out. Of codes it is spared only where that was by a code: anybody may register with a contact that
//! is not theirs, and come in by its password from wherever they like. An account that does not exist is counted as one that
//! does.

use super::Chat;
use super::regularly::regularly;
use crate::domain::attempt::{Allowance, AttemptKey, Change, Outcome, Take};
use crate::domain::client::ClientAddress;
use crate::domain::clock::Clock;
use crate::domain::ids::UserId;
use crate::domain::secret::Key;
use crate::error::{Error, Result};
use crate::store::Attempts;
use crate::store::group::{Commit, GroupCommit};
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Passwords tried for one account from one address: ten, then twenty an hour. One who has forgotten which of a few passwords
/// it was is not stopped.
const PASSWORDS_FROM_ADDRESS: Allowance = Allowance { burst: 10, every: Duration::from_mins(3) };
/// Passwords that somebody who is signed in wants to have instead: to look whether one is guessed first takes a while.
const PASSWORD_CHANGES: Allowance = Allowance { burst: 10, every: Duration::from_mins(3) };
/// Passwords tried for one account from everywhere: never more than 100 in an hour, which OWASP ASVS 4.0.3, 2.2.1, allows.
const PASSWORDS: Allowance = Allowance { burst: 50, every: Duration::from_secs(72) };
/// Codes asked for, to be sent to one recipient, from one address. Each may cost the operator money, and the recipient a
/// moment.
const CODE_REQUESTS_FROM_ADDRESS: Allowance = Allowance { burst: 3, every: Duration::from_mins(5) };
/// The same from everywhere: one for each ten minutes that a code counts, and a few at once.
const CODE_REQUESTS: Allowance = Allowance { burst: 6, every: Duration::from_mins(10) };
/// Codes tried for one recipient from one address. A code by itself bears five tries; this is for new code after new code.
const CODES_FROM_ADDRESS: Allowance = Allowance { burst: 10, every: Duration::from_mins(3) };
/// The same from everywhere. At 30 an hour one of a million codes is met once in four years, on average.
const CODES: Allowance = Allowance { burst: 30, every: Duration::from_mins(2) };
/// Passwords and codes tried from one address, whoever's: one password for many accounts. Wide, since behind one address may be
/// a school, whose sign-ins cost nothing where they are right.
const TRIES_BY_ADDRESS: Allowance = Allowance { burst: 100, every: Duration::from_secs(30) };
/// Codes asked for from one address, for whomsoever.
const CODE_REQUESTS_BY_ADDRESS: Allowance = Allowance { burst: 20, every: Duration::from_mins(3) };
/// Accounts made from one address, and names found taken.
const REGISTRATIONS_BY_ADDRESS: Allowance = Allowance { burst: 20, every: Duration::from_mins(3) };
/// For how long an address is known from which a person has come in: as long as a refresh token counts by default.
const ACQUAINTANCE: Duration = Duration::from_hours(30 * 24);

/// How long one batch of attempts may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How often it is looked for what counts no more.
const PERIOD: Duration = Duration::from_mins(1);
/// How much of it is removed in one go.
const FORGOTTEN_AT_ONCE: u32 = 1_000;

/// What somebody tries.
#[derive(Clone, Copy, Debug)]
pub(super) enum Guess<'a> {
    /// A password for an account; `login` is the key of the name it is called by, and nothing where that can be nobody's.
    Password { login: &'a str },
    /// The present password, by one who is signed in.
    OwnPassword { user: UserId },
    /// Another password in place of it, by the same.
    PasswordChange { user: UserId },
    /// To have a code sent to that email or number, by its key.
    CodeRequest { to: &'a str },
    /// A code that was sent to that email or number, by its key.
    Code { to: &'a str },
    /// To make an account that is called so, by the keys of its names.
    Registration { names: &'a [String] },
}

/// An attempt that was let through.
#[must_use = "who is right gets it back"]
#[derive(Debug, Default)]
pub(super) struct Attempt {
    /// What is given back where it is right.
    for_the_right: Vec<Take>,
    /// What is not.
    spent: Vec<Take>,
    /// By which the address is known from then on.
    acquaintances: Vec<AttemptKey>,
}

/// Counts guesses.
pub struct Limits(Option<Counting>);

struct Counting {
    counter: GroupCommit<Counter>,
    key: Key,
}

impl Limits {
    /// Limits that are counted there. The key makes what is tried, and by whom, unreadable in the store.
    pub fn new(attempts: Arc<dyn Attempts>, clock: Arc<dyn Clock>, key: Key) -> Self {
        Self(Some(Counting { counter: GroupCommit::new(Counter { attempts, clock }), key }))
    }

    /// No limits at all.
    pub fn off() -> Self {
        Self(None)
    }

    /// Counts an attempt at all of these together, before anything is done about it. `RATE_LIMITED` where one of them was tried
    /// too often; then none is counted.
    pub(super) async fn attempt(&self, guesses: &[Guess<'_>], by: ClientAddress) -> Result<Attempt> {
        let Some(Counting { counter, key }) = &self.0 else { return Ok(Attempt::default()) };
        let takes_of = |guess: &Guess<'_>| guess.takes(key, by);
        let taken = match counter.submit(All, Change::Reserve(guesses.iter().flat_map(takes_of).collect())).await? {
            Outcome::Reserved(taken) => taken,
            Outcome::Refused(wait) => return Err(Error::rate_limited(wait)),
            Outcome::Settled => return Err(Error::internal("an attempt was settled before it began")),
        };
        let acquaintances = guesses.iter().flat_map(|guess| guess.acquaintances(key, by)).collect();
        let refundable: Vec<Take> = guesses.iter().filter(|guess| guess.can_be_right()).flat_map(takes_of).collect();
        let (for_the_right, spent) = taken.into_iter().partition(|take| refundable.contains(take));
        Ok(Attempt { for_the_right, spent, acquaintances })
    }

    /// The attempt was right: it costs nothing, but that an account was made, and the address is known from now on. Where this
    /// cannot be noted it is only logged.
    pub(super) async fn succeeded(&self, attempt: Attempt) {
        self.settle(attempt.for_the_right, attempt.acquaintances).await;
    }

    /// The same, where it was right by a code that was sent to one of these, by their keys.
    pub(super) async fn succeeded_by_code(&self, mut attempt: Attempt, to: &[String], by: ClientAddress) {
        let Some(Counting { key, .. }) = &self.0 else { return };
        attempt.acquaintances.extend(to.iter().map(|to| acquaintance(key, Way::Code, to, by)));
        self.succeeded(attempt).await;
    }

    /// The attempt came to nothing and told nothing: all of it is given back.
    pub(super) async fn forgive(&self, mut attempt: Attempt) {
        attempt.for_the_right.append(&mut attempt.spent);
        self.settle(attempt.for_the_right, Vec::new()).await;
    }

    async fn settle(&self, given_back: Vec<Take>, acquaintances: Vec<AttemptKey>) {
        let Some(Counting { counter, .. }) = &self.0 else { return };
        let marked = acquaintances.into_iter().map(|key| (key, ACQUAINTANCE)).collect();
        if let Err(error) = counter.submit(All, Change::Settle { given_back, marked }).await {
            warn!(%error, "an attempt that was right counts as one that was not");
        }
    }

    /// Waits until all that was counted is stored.
    pub(super) async fn close(&self) {
        if let Some(Counting { counter, .. }) = &self.0 {
            counter.close().await;
        }
    }
}

impl Guess<'_> {
    /// From which buckets it takes.
    fn takes(self, key: &Key, by: ClientAddress) -> Vec<Take> {
        let bucket =
            |label: &str, of: &[&[u8]], allowance| Take { from: hashed(key, label, of), allowance, spared_by: None };
        let address: &[u8] = &by.bytes();
        // Closely from one address, and widely from all others.
        let both = |label: &str, of: &str, near, far, spared_by| {
            let near = bucket(label, &[of.as_bytes(), address], near);
            let spared_by = Some(acquaintance(key, spared_by, of, by));
            [near, Take { spared_by, ..bucket(label, &[of.as_bytes()], far) }]
        };
        let tries = bucket("tries", &[address], TRIES_BY_ADDRESS);
        match self {
            Self::Password { login } => {
                let [near, far] = both("password", login, PASSWORDS_FROM_ADDRESS, PASSWORDS, Way::Any);
                vec![near, far, tries]
            }
            Self::Code { to } => {
                let [near, far] = both("code", to, CODES_FROM_ADDRESS, CODES, Way::Code);
                vec![near, far, tries]
            }
            Self::CodeRequest { to } => {
                let [near, far] = both("code request", to, CODE_REQUESTS_FROM_ADDRESS, CODE_REQUESTS, Way::Code);
                vec![near, far, bucket("code requests", &[address], CODE_REQUESTS_BY_ADDRESS)]
            }
            Self::OwnPassword { user } => {
                vec![bucket("own password", &[user.uuid().as_bytes()], PASSWORDS_FROM_ADDRESS), tries]
            }
            Self::PasswordChange { user } => {
                vec![bucket("password changes", &[user.uuid().as_bytes()], PASSWORD_CHANGES)]
            }
            Self::Registration { .. } => vec![bucket("registrations", &[address], REGISTRATIONS_BY_ADDRESS)],
        }
    }

    /// Whether it is a guess at all: what is asked for costs also where it is granted.
    fn can_be_right(self) -> bool {
        match self {
            Self::Password { .. } | Self::OwnPassword { .. } | Self::Code { .. } => true,
            Self::PasswordChange { .. } | Self::CodeRequest { .. } | Self::Registration { .. } => false,
        }
    }

    /// By which the address is known where it was right.
    fn acquaintances(self, key: &Key, by: ClientAddress) -> Vec<AttemptKey> {
        match self {
            Self::Password { login: whom } | Self::Code { to: whom } => vec![acquaintance(key, Way::Any, whom, by)],
            Self::Registration { names } => names.iter().map(|name| acquaintance(key, Way::Any, name, by)).collect(),
            Self::OwnPassword { .. } | Self::PasswordChange { .. } | Self::CodeRequest { .. } => Vec::new(),
        }
    }
}

/// How somebody has come in from an address.
#[derive(Clone, Copy)]
enum Way {
    /// However that was.
    Any,
    /// By a code, which shows that the contact is theirs.
    Code,
}

fn acquaintance(key: &Key, by_way: Way, whom: &str, by: ClientAddress) -> AttemptKey {
    let label = match by_way {
        Way::Any => "acquaintance",
        Way::Code => "acquaintance by code",
    };
    hashed(key, label, &[whom.as_bytes(), &by.bytes()])
}

fn hashed(key: &Key, label: &str, of: &[&[u8]]) -> AttemptKey {
    let parts: Vec<&[u8]> = [b"attempt", label.as_bytes()].into_iter().chain(of.iter().copied()).collect();
    // 128 bits: no two of what is tried meet by chance.
    let [hashed @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = key.mac(&parts);
    AttemptKey(hashed)
}

/// Stores what comes while a transaction is under way in the next one, together.
struct Counter {
    attempts: Arc<dyn Attempts>,
    clock: Arc<dyn Clock>,
}

impl Counter {
    /// Removes what counts no more, a part at a time.
    async fn forget(&self) -> Result<()> {
        while self.attempts.forget(self.clock.now(), FORGOTTEN_AT_ONCE).await? >= u64::from(FORGOTTEN_AT_ONCE) {}
        Ok(())
    }
}

/// All attempts share one queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct All;

impl fmt::Display for All {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attempts")
    }
}

#[async_trait]
impl Commit for Counter {
    type Key = All;
    type Job = Change;
    type Answer = Outcome;

    const STORE: &'static str = "the count of attempts";
    /// Some buckets each: no more than one statement takes.
    const MAX_BATCH: usize = 64;
    const MAX_BATCH_BYTES: usize = usize::MAX;

    fn bytes(change: &Change) -> usize {
        size_of_val(change)
    }

    async fn commit(&self, _: All, changes: Vec<Change>) -> Result<Vec<Outcome>> {
        let outcomes = timeout(LIMIT, self.attempts.apply(&changes, self.clock.now())).await;
        outcomes.map_err(|late| Error::unavailable(Self::STORE, late))?
    }
}

impl Chat {
    /// Removes regularly what of attempts counts no more, until it is told to stop.
    pub async fn forget_attempts(self: Arc<Self>, stop: CancellationToken) {
        let Some(Counting { counter, .. }) = &self.limits.0 else { return };
        let undone = "what of attempts counts no more cannot be removed";
        regularly(PERIOD, stop, undone, || counter.committer().forget()).await;
    }
}
