//! How often and how much anybody may ask of this process: operations and messages by their rate, open sockets and
//! subscriptions by their number, of each person and of each address. Counted in this process's memory and by each node for
//! itself: what is asked of two nodes is counted by each. It says no before work is begun, and stores nothing. (Guesses at
//! passwords and codes are counted in the database: `chat/limits`.)

mod buckets;
mod notation;
mod places;

pub use notation::allowance;
pub use places::Place;

use crate::domain::attempt::Allowance;
use crate::domain::client::ClientAddress;
use crate::domain::ids::UserId;
use crate::error::Result;
use buckets::Buckets;
use places::Places;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often it is looked for buckets that are full again.
const PERIOD: Duration = Duration::from_mins(1);

/// Whose asking is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person, wherever they are.
    Viewer(UserId),
    /// All who come from there.
    Address(ClientAddress),
}

impl From<UserId> for Who {
    fn from(user: UserId) -> Self {
        Self::Viewer(user)
    }
}

impl From<ClientAddress> for Who {
    fn from(address: ClientAddress) -> Self {
        Self::Address(address)
    }
}

/// What one person may have, and what all at one address may have together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Each<T> {
    /// One person, from all addresses.
    pub viewer: T,
    /// One address, whoever is there.
    pub address: T,
}

impl<T> Each<T> {
    fn of(&self, who: Who) -> &T {
        match who {
            Who::Viewer(_) => &self.viewer,
            Who::Address(_) => &self.address,
        }
    }

    fn map<U>(self, f: impl Fn(T) -> U) -> Each<U> {
        Each { viewer: f(self.viewer), address: f(self.address) }
    }
}

/// How much is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSettings {
    /// Operations, over whatever transport, and sockets that are opened.
    pub requests: Each<Allowance>,
    /// What is written to conversations, and whatever else others hear of.
    pub sends: Each<Allowance>,
    /// Look-ups of people and groups by a part of what they are called, and of people by their contacts.
    pub look_ups: Each<Allowance>,
    /// Sockets that are open at once.
    pub sockets: Each<u32>,
    /// Subscriptions that are open at once.
    pub subscriptions: Each<u32>,
}

/// Counts what is asked for. Each of its methods answers at once.
pub struct Rates(Option<Counted>);

struct Counted {
    requests: Each<Buckets>,
    sends: Each<Buckets>,
    look_ups: Each<Buckets>,
    sockets: Places,
    subscriptions: Places,
}

impl Rates {
    /// These limits.
    pub fn new(settings: &RateSettings) -> Self {
        Self(Some(Counted {
            requests: settings.requests.map(|allowance| Buckets::new("requests", allowance)),
            sends: settings.sends.map(|allowance| Buckets::new("messages", allowance)),
            look_ups: settings.look_ups.map(|allowance| Buckets::new("look-ups", allowance)),
            sockets: Places::new("open sockets", settings.sockets),
            subscriptions: Places::new("open subscriptions", settings.subscriptions),
        }))
    }

    /// No limits at all.
    pub fn off() -> Self {
        Self(None)
    }

    /// Counts an operation, or a socket that is opened. `RATE_LIMITED` where there were too many lately; that one costs
    /// nothing.
    pub fn request(&self, by: impl Into<Who>) -> Result<()> {
        let by = by.into();
        self.0.as_ref().map_or(Ok(()), |counted| counted.requests.of(by).take(by))
    }

    /// Counts something that is written to a conversation by that person from there, or that others hear of. `RATE_LIMITED`
    /// where there was too much lately.
    pub fn send(&self, viewer: UserId, from: ClientAddress) -> Result<()> {
        self.0.as_ref().map_or(Ok(()), |counted| take(&counted.sends, viewer, from))
    }

    /// Counts a look-up by that person from there. `RATE_LIMITED` where there were too many lately.
    pub fn look_up(&self, viewer: UserId, from: ClientAddress) -> Result<()> {
        self.0.as_ref().map_or(Ok(()), |counted| take(&counted.look_ups, viewer, from))
    }

    /// A place for an open socket, for as long as it is kept. `RATE_LIMITED` where all are taken.
    pub fn socket(&self, of: impl Into<Who>) -> Result<Place> {
        self.0.as_ref().map_or_else(|| Ok(Place::unlimited()), |counted| counted.sockets.enter(of.into()))
    }

    /// A place for an open subscription, for as long as it is kept. `RATE_LIMITED` where all are taken.
    pub fn subscription(&self, of: impl Into<Who>) -> Result<Place> {
        self.0.as_ref().map_or_else(|| Ok(Place::unlimited()), |counted| counted.subscriptions.enter(of.into()))
    }

    /// Forgets regularly those who have asked for nothing lately, until it is told to stop.
    pub async fn forget(self: Arc<Self>, stop: CancellationToken) {
        let Some(Counted { requests, sends, look_ups, .. }) = &self.0 else { return };
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let looks = async {
            loop {
                ticks.tick().await;
                for Each { viewer, address } in [requests, sends, look_ups] {
                    viewer.forget();
                    address.forget();
                }
            }
        };
        stop.run_until_cancelled(looks).await;
    }
}

fn take(of: &Each<Buckets>, viewer: UserId, from: ClientAddress) -> Result<()> {
    of.viewer.take(viewer.into())?;
    of.address.take(from.into())
}
