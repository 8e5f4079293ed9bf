//! Who is on this node: whoever has a socket here, and for a moment after the last one has closed.

use super::people::tell_people;
use crate::bus::Bus;
use crate::domain::clock::Clock;
use crate::domain::ids::{NodeId, UserId};
use crate::domain::presence::Move;
use crate::error::{Error, Result};
use crate::store::Presence;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// People who are noted in the database at once.
const MAX_BATCH: usize = 1_024;
/// How long that may take.
const WRITE_LIMIT: Duration = Duration::from_secs(5);
/// How long to wait before a database that is away is told again.
const PAUSE: Duration = Duration::from_secs(1);

/// The people on this node, and what of them stands in the database. It follows what is so here, however long it was
/// away: no socket waits for it.
pub struct Attendance {
    presence: Arc<dyn Presence>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    gap: Duration,
    here: Mutex<Here>,
    changed: Notify,
}

#[derive(Default)]
struct Here {
    /// Whether the database knows this node.
    is_announced: bool,
    people: HashMap<UserId, Person>,
    /// Whose last socket has closed, and when that counts, by time.
    leaving: VecDeque<(Instant, UserId)>,
    /// Who may stand in the database otherwise than here.
    unsettled: HashSet<UserId>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Person {
    sockets: usize,
    /// Until when the person counts as here without any.
    until: Option<Instant>,
    is_noted: Option<bool>,
}

impl Person {
    fn is_here(&self, now: Instant) -> bool {
        self.sockets > 0 || self.until.is_some_and(|until| now < until)
    }
}

/// That a socket is open. Dropped once it is not.
struct Attending {
    attendance: Arc<Attendance>,
    user: UserId,
}

impl Drop for Attending {
    fn drop(&mut self) {
        self.attendance.leave(self.user);
    }
}

impl Attendance {
    /// Nobody's so far. One whose last socket has closed counts as here for `gap` more.
    pub fn new(presence: Arc<dyn Presence>, bus: Arc<dyn Bus>, clock: Arc<dyn Clock>, gap: Duration) -> Self {
        Self { presence, bus, clock, gap, here: Mutex::default(), changed: Notify::new() }
    }

    /// A socket of that person's is open for as long as what this gives is kept. Never waits.
    pub fn enter(self: &Arc<Self>, user: UserId) -> impl Send + use<> {
        {
            let mut here = self.here();
            let person = here.people.entry(user).or_default();
            person.sockets += 1;
            person.until = None;
            here.unsettled.insert(user);
        }
        self.changed.notify_one();
        Attending { attendance: Arc::clone(self), user }
    }

    fn leave(&self, user: UserId) {
        let until = Instant::now() + self.gap;
        {
            let mut here = self.here();
            let Some(person) = here.people.get_mut(&user) else { return };
            person.sockets -= 1;
            if person.sockets > 0 {
                return;
            }
            person.until = Some(until);
            here.leaving.push_back((until, user));
        }
        self.changed.notify_one();
    }

    /// The database knows this node from now on. Where it did not before, it knows nobody to be here either.
    pub(super) fn announced(&self, stood_there: bool) {
        {
            let mut here = self.here();
            if here.is_announced && stood_there {
                return;
            }
            here.is_announced = true;
            let Here { people, unsettled, .. } = &mut *here;
            for (user, person) in people {
                person.is_noted = Some(false);
                unsettled.insert(*user);
            }
        }
        self.changed.notify_one();
    }

    /// Notes who comes and goes until it is told to stop.
    pub(super) async fn run(&self, node: NodeId, stop: &CancellationToken) {
        let follow = async {
            loop {
                let next = self.here().leaving.front().map(|(until, _)| *until);
                tokio::select! {
                    () = self.changed.notified() => {}
                    () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
                }
                while let Err(error) = self.settle(node).await {
                    warn!(%error, "it cannot be said who is online");
                    sleep(PAUSE).await;
                }
            }
        };
        stop.run_until_cancelled(follow).await;
    }

    /// Takes everybody off the nodes that run no more.
    pub(super) async fn clear(&self) -> Result<()> {
        if self.presence.clear(self.clock.now()).await? {
            tell_people(&*self.bus);
        }
        Ok(())
    }

    /// Makes the database say what is so here.
    async fn settle(&self, node: NodeId) -> Result<()> {
        loop {
            let moves = self.here().due(Instant::now());
            if moves.is_empty() {
                return Ok(());
            }
            let noted = timeout(WRITE_LIMIT, self.presence.note(node, &moves, self.clock.now())).await;
            let noted = noted.unwrap_or_else(|late| Err(Error::unavailable("the database", late)));
            self.here().noted(&moves, noted.is_ok());
            if noted? {
                tell_people(&*self.bus);
            }
        }
    }

    fn here(&self) -> MutexGuard<'_, Here> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Here {
    /// Whom the database is to be told of, [`MAX_BATCH`] at the most.
    fn due(&mut self, now: Instant) -> Vec<Move> {
        while self.leaving.front().is_some_and(|(until, _)| *until <= now) {
            self.unsettled.extend(self.leaving.pop_front().map(|(_, user)| user));
        }
        if !self.is_announced {
            return Vec::new();
        }
        let mut moves = Vec::new();
        let Self { people, unsettled, .. } = self;
        unsettled.retain(|user| {
            if moves.len() == MAX_BATCH {
                return true;
            }
            let Some(person) = people.get(user) else { return false };
            let is_here = person.is_here(now);
            if person.is_noted != Some(is_here) {
                moves.push(Move { user: *user, is_here });
            } else if !is_here {
                people.remove(user);
            }
            false
        });
        moves
    }

    /// Takes in that the database was told so, or that it is to be told again.
    fn noted(&mut self, moves: &[Move], is_done: bool) {
        for one in moves {
            // Also where it is done: what has changed meanwhile is looked at again, and who has gone is forgotten.
            self.unsettled.insert(one.user);
            if let Some(person) = self.people.get_mut(&one.user) {
                // What has failed may have been done all the same.
                person.is_noted = is_done.then_some(one.is_here);
            }
        }
    }
}
