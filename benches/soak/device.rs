//! A device: follows everything of its person's, is cut now and then, and resumes on any of the nodes.

use super::bench::figures::Times;
use super::bench::follower::{Follower, Told};
use super::support::checker::{Seen, Subscriber};
use super::support::socket::Gone;
use super::world::{Finish, PAUSE, World};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// How long a device that does not keep up reads nothing.
const STALL: Duration = Duration::from_secs(2);

/// What one device has heard.
pub(crate) struct Follow {
    pub(crate) subscriber: Subscriber,
    /// From the moment that a message was written to this device, where it kept up.
    pub(crate) deliveries: Times,
    /// From the connection until it had everything.
    pub(crate) resumes: Times,
    pub(crate) cuts: u64,
    /// Connections that did not come about or broke, which is as it should be while a node goes away.
    pub(crate) lost: u64,
    /// There is never so much to be missed here that this could be right.
    pub(crate) resyncs: Vec<String>,
}

struct Device {
    world: Arc<World>,
    place: usize,
    follower: Follower,
    finish: watch::Receiver<Option<Finish>>,
    keeps_up: bool,
    /// When it was last connected, until it has everything.
    connected_at: Option<Instant>,
    follow: Follow,
}

/// Follows until it has everything that there is, or the time for that is over.
pub(crate) async fn follow(world: Arc<World>, place: usize, cut_after: u64) -> Follow {
    let member = &world.people[place / 2];
    let positions = member.conversations.iter().map(|conversation| (conversation.clone(), 0)).collect();
    let follower = Follower::new(member.person(), positions);
    let subscriber =
        Subscriber { name: format!("device {place}"), began: follower.positions.clone(), ..Default::default() };
    let follow =
        Follow { subscriber, deliveries: Times::new(), resumes: Times::new(), cuts: 0, lost: 0, resyncs: Vec::new() };
    let finish = world.finishing();
    let mut device =
        Device { world, place, follower, finish, keeps_up: place.is_multiple_of(2), connected_at: None, follow };
    while !device.is_done() {
        // Neither all at the same time nor for ever.
        let time = Duration::from_secs(cut_after).mul_f64(0.2 + 1.6 * rand::random::<f64>());
        if device.connected_for(time).await.is_ok() {
            device.follow.cuts += 1;
        } else {
            device.follow.lost += 1;
            sleep(PAUSE).await;
        }
    }
    device.follow
}

impl Device {
    /// Whether it has everything that there is, or has waited for it long enough.
    fn is_done(&self) -> bool {
        let finish = self.finish.borrow();
        finish.as_ref().is_some_and(|Finish { heads, deadline }| {
            let has = |conversation| self.follower.positions.get(conversation) >= heads.get(conversation);
            Instant::now() >= *deadline || self.follower.positions.keys().all(has)
        })
    }

    async fn connected_for(&mut self, time: Duration) -> Result<(), Gone> {
        let end = Instant::now() + time;
        self.follower.person = self.world.people[self.place / 2].person();
        self.world.any_url().clone_into(&mut self.follower.person.client.url);
        self.connected_at = Some(Instant::now());
        tokio::select! {
            connected = self.follower.connect() => connected?,
            () = sleep_until(end) => {}
        }
        while !self.is_done() {
            if !self.keeps_up && rand::random_range(0..100) == 0 {
                sleep(STALL).await;
            }
            tokio::select! {
                told = self.follower.next() => self.take_in(told?),
                _ = self.finish.changed() => {}
                () = sleep_until(end) => break,
            }
        }
        self.follower.cut();
        Ok(())
    }

    fn take_in(&mut self, told: Told) {
        match told {
            Told::Message { conversation, message, is_live } => {
                let seen = Seen::of(&conversation, &message).unwrap_or_else(|| panic!("{message}"));
                if is_live && self.keeps_up {
                    self.follow.deliveries_record(&self.world, &seen);
                }
                self.follow.subscriber.given.push(seen);
            }
            Told::Synced | Told::Expiring => {}
            Told::ResyncNeeded { conversation, revision } => {
                self.follow.resyncs.push(format!("{conversation} at revision {revision}"));
            }
        }
        if self.keeps_up
            && self.follower.is_synced()
            && let Some(connected_at) = self.connected_at.take()
        {
            self.follow.resumes.record(connected_at.elapsed());
        }
    }
}

impl Follow {
    /// A tombstone does not tell when it was made.
    fn deliveries_record(&mut self, world: &World, seen: &Seen) {
        let written = seen.text.as_ref().and_then(|text| text.split(' ').next()?.parse().ok());
        if let Some(written) = written.map(Duration::from_micros) {
            self.deliveries.record(world.began.elapsed().saturating_sub(written));
        }
    }
}
