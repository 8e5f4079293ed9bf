//! Brings codes to whom they are for, beside the requests that ask for them: so the time of an answer tells nothing, and nobody
//! waits for a mail server.

use super::push::pause;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::contact::{Contact, OneTimeCode};
use crate::domain::ids::CodeId;
use crate::error::{Error, Result};
use async_trait::async_trait;
use futures_util::StreamExt as _;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// Codes that may wait to be carried. Where there are more, whoever asks for one is told to come again.
const WAITING: usize = 1_024;
/// Codes that are carried at once.
const AT_ONCE: usize = 8;
/// How often one is tried to be carried, with pauses that double from a second: after half a minute whoever waits for it has asked for
/// another.
const ATTEMPTS: u32 = 5;
/// For how long one is carried, all attempts together: one that is slow must not keep the others waiting.
const CARRY_LIMIT: Duration = Duration::from_secs(30);
/// How long a node that stops waits for those that are under way.
const LAST_LIMIT: Duration = Duration::from_secs(2);

/// A code on its way.
#[derive(Clone, Debug)]
pub struct Letter {
    /// By which the log and a gateway know it: it does not change from try to try.
    pub id: CodeId,
    /// Whither.
    pub to: Contact,
    /// The code.
    pub code: OneTimeCode,
    /// When it runs out.
    pub expires_at: Timestamp,
}

impl Letter {
    /// What a person is to read.
    pub fn text(&self) -> String {
        format!(
            "{} is your code to sign in. It counts once, for ten minutes. If you have not asked for it, leave it be.",
            self.code.as_str()
        )
    }

    /// What a gateway has said, without what is nobody's business: some repeat whom they could not reach.
    fn without_secrets(&self, reason: &str) -> String {
        let contact = match &self.to {
            Contact::Email(email) => email.as_str(),
            Contact::MobileNumber(number) => number.key(),
        };
        [contact, &self.to.key(), self.code.as_str()]
            .iter()
            .fold(reason.to_owned(), |told, secret| told.replace(secret, "…"))
    }
}

/// Why a code was not carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// The next try may go well.
    Passing(String),
    /// No other try will.
    Lasting(String),
}

/// Who carries codes: mail servers and gateways.
#[async_trait]
pub trait CodeCarrier: Send + Sync {
    /// Whether it comes to such contacts.
    fn reaches(&self, to: &Contact) -> bool;

    /// Carries one. Goes well once the other side has taken it, and ends in a set time.
    async fn carry(&self, letter: &Letter) -> Result<(), Undelivered>;
}

/// How codes come to whom they are for.
pub enum Delivery {
    /// In the answer to whoever asks for one: for development, since it proves nothing.
    Echo,
    /// By a carrier.
    By(Arc<dyn CodeCarrier>),
}

/// The queue before a carrier.
pub(super) struct Couriers {
    delivery: Delivery,
    queue: mpsc::Sender<Letter>,
    /// Until somebody carries them.
    waiting: Mutex<Option<mpsc::Receiver<Letter>>>,
}

/// Where a code may be put.
pub(super) enum Place<'c> {
    /// In the answer.
    Echo,
    /// In the queue.
    Queue(mpsc::Permit<'c, Letter>),
}

impl Couriers {
    pub(super) fn new(delivery: Delivery) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        Self { delivery, queue, waiting: Mutex::new(Some(waiting)) }
    }

    /// A place for a code to that contact: `INVALID_INPUT` where none can come there, `UNAVAILABLE` where too many wait.
    pub(super) fn place(&self, to: &Contact) -> Result<Place<'_>> {
        let Delivery::By(carrier) = &self.delivery else { return Ok(Place::Echo) };
        if !carrier.reaches(to) {
            let message = match to {
                Contact::Email(_) => "this server sends no codes to emails",
                Contact::MobileNumber(_) => "this server sends no codes to mobile numbers: use an email",
            };
            return Err(Error::invalid(to.field(), message).within("to"));
        }
        self.queue.try_reserve().map(Place::Queue).map_err(|full| Error::unavailable("the delivery of codes", full))
    }

    /// Carries what is put into the queue, until it is told to stop.
    pub(super) async fn run(&self, clock: Arc<dyn Clock>, stop: CancellationToken) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Delivery::By(carrier), Some(waiting)) = (&self.delivery, waiting) else { return };
        let letters = ReceiverStream::new(waiting).take_until(stop.cancelled());
        let mut work = pin!(letters.for_each_concurrent(AT_ONCE, |letter| carry_in_time(
            Arc::clone(carrier),
            letter,
            Arc::clone(&clock)
        )));
        if stop.run_until_cancelled(&mut work).await.is_none() && timeout(LAST_LIMIT, work).await.is_err() {
            warn!("codes that were under way are lost: whoever waits for one asks for another");
        }
    }
}

/// One that waited until it counts no more is not sent, and none keeps its place for long.
async fn carry_in_time(carrier: Arc<dyn CodeCarrier>, letter: Letter, clock: Arc<dyn Clock>) {
    let left = letter.expires_at.since(clock.now());
    if left.is_zero() || timeout(left.min(CARRY_LIMIT), carry(&*carrier, &letter)).await.is_err() {
        warn!(code = %letter.id, "a code was not carried in time");
    }
}

async fn carry(carrier: &dyn CodeCarrier, letter: &Letter) {
    for attempt in 1..=ATTEMPTS {
        let reason = match carrier.carry(letter).await {
            Ok(()) => return debug!(code = %letter.id, "carried"),
            Err(Undelivered::Lasting(reason)) => return given_up(letter, attempt, &reason),
            Err(Undelivered::Passing(reason)) if attempt == ATTEMPTS => return given_up(letter, attempt, &reason),
            Err(Undelivered::Passing(reason)) => reason,
        };
        let pause = pause(attempt);
        debug!(code = %letter.id, attempt, reason = letter.without_secrets(&reason), again_in = ?pause, "a code is not carried yet");
        sleep(pause).await;
    }
}

fn given_up(letter: &Letter, attempts: u32, reason: &str) {
    warn!(code = %letter.id, attempts, reason = letter.without_secrets(reason), "a code could not be carried");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::SystemClock;
    use crate::domain::contact::MobileNumber;
    use crate::domain::user::Email;

    fn letter(to: Contact) -> Letter {
        let now = SystemClock.now();
        Letter { id: CodeId::new(now), to, code: OneTimeCode::attempt("012345").unwrap(), expires_at: now }
    }

    /// A carrier that reaches emails alone, and carries nothing.
    struct Emails;

    #[async_trait]
    impl CodeCarrier for Emails {
        fn reaches(&self, to: &Contact) -> bool {
            matches!(to, Contact::Email(_))
        }

        async fn carry(&self, _: &Letter) -> Result<(), Undelivered> {
            std::future::pending().await
        }
    }

    fn email() -> Contact {
        Contact::Email(Email::parse("Ada@example.org").unwrap())
    }

    #[test]
    fn what_a_gateway_repeats_is_not_logged() {
        let said = letter(email()).without_secrets("550 <Ada@example.org> (ada@example.org): 012345?");
        assert_eq!(said, "550 <…> (…): …?");
        let number = Contact::MobileNumber(MobileNumber::parse("+4915123456789").unwrap());
        assert_eq!(letter(number).without_secrets("no route to +4915123456789"), "no route to +…");
    }

    #[test]
    fn a_queue_that_is_full_takes_no_more() {
        let couriers = Couriers::new(Delivery::By(Arc::new(Emails)));
        for _ in 0..WAITING {
            let Ok(Place::Queue(place)) = couriers.place(&email()) else { panic!("there is a place") };
            place.send(letter(email()));
        }
        assert_eq!(couriers.place(&email()).err().unwrap().code(), crate::error::Code::Unavailable);
        let number = Contact::MobileNumber(MobileNumber::parse("+4915123456789").unwrap());
        assert_eq!(couriers.place(&number).err().unwrap().field(), ["to", "mobileNumber"]);
    }
}
