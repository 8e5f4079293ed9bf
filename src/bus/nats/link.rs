//! The connection to the NATS server: how it is found again, and what the log hears of it.

use crate::bus::losses::Losses;
use crate::error::{Code, Error, Result};
use crate::measures::BusMeasures;
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use percent_encoding::percent_decode_str;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

/// Commands that may wait in the client, for the server's absence or a stalled connection: they are sent after, stale
/// rings among them, so few.
const COMMANDS: usize = 256;

/// What may wait for one relay, which waits for nobody itself. The client drops what comes beyond.
const UNHEARD: usize = 256;

/// A connection that fails without a word is noticed after three of these.
const PING_EVERY: Duration = Duration::from_secs(10);

/// The wait before the first attempt to connect again at most, and how far it grows by doubling.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(25), Duration::from_secs(2));

/// A client that looks for the server for ever, beginning now, until `closing`.
pub(super) async fn connect(url: &str, closing: CancellationToken, measures: BusMeasures) -> Result<Client> {
    let (servers, credentials) = parse(url)?;
    let journal = Journal::new(measures);
    let mut options = ConnectOptions::new()
        .name(env!("CARGO_PKG_NAME"))
        .no_echo()
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(move |attempts| {
            if closing.is_cancelled() {
                // The library has no other way to give up for one who no longer wants it.
                Duration::MAX
            } else {
                backoff(attempts)
            }
        })
        .ping_interval(PING_EVERY)
        .client_capacity(COMMANDS)
        .subscription_capacity(UNHEARD)
        .event_callback(move |event| {
            journal.note(&event);
            std::future::ready(())
        });
    options = match credentials {
        Some(Credentials::Password { user, password }) => options.user_and_password(user, password),
        Some(Credentials::Token(token)) => options.token(token),
        None => options,
    };
    options.connect(servers).await.map_err(Error::internal)
}

/// Half of it is chance, so that nodes do not come back all at once.
fn backoff(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    let longest = BACKOFF.0.saturating_mul(2_u32.saturating_pow(doublings)).min(BACKOFF.1);
    rand::random_range(longest / 2..=longest)
}

#[derive(PartialEq, Eq)]
enum Credentials {
    Password { user: String, password: String },
    Token(String),
}

/// The servers, and the first credentials among them, taken out of the addresses, since the client would log them and
/// does not use them.
fn parse(url: &str) -> Result<(Vec<ServerAddr>, Option<Credentials>)> {
    let mut credentials = None;
    let mut servers = Vec::new();
    for server in url.split(',') {
        let server: ServerAddr = server.trim().parse().map_err(malformed)?;
        if server.host().is_empty() {
            return Err(malformed("a NATS server's address needs a host"));
        }
        credentials = credentials.or_else(|| credentials_of(&server));
        let mut bare = server.into_inner();
        // Fails for an address that can have none.
        let _ = bare.set_username("").and_then(|()| bare.set_password(None));
        servers.push(ServerAddr::from_url(bare).map_err(malformed)?);
    }
    Ok((servers, credentials))
}

/// The reasons do not bear the address, which may hold a password.
fn malformed(reason: impl std::fmt::Display) -> Error {
    Error::new(Code::InvalidInput, reason.to_string())
}

fn credentials_of(server: &ServerAddr) -> Option<Credentials> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = server.username().map(decoded)?;
    Some(match server.password().map(decoded) {
        Some(password) => Credentials::Password { user, password },
        None => Credentials::Token(user),
    })
}

/// Tells the log what happens to the connection, and each reason why it cannot be made but once.
struct Journal {
    /// Why the last attempt to connect failed, where it did.
    failure: Mutex<Option<String>>,
    unheard: Losses,
    measures: BusMeasures,
}

impl Journal {
    fn new(measures: BusMeasures) -> Self {
        Self { failure: Mutex::default(), unheard: Losses::new("a relay fell behind", &measures), measures }
    }

    fn note(&self, event: &Event) {
        match event {
            Event::Connected => {
                self.is_news(None);
                self.measures.set_connected(true);
                info!("nats connected");
            }
            Event::Disconnected => {
                self.measures.set_connected(false);
                warn!("nats disconnected");
            }
            Event::ClientError(error) => {
                let error = error.to_string();
                if self.is_news(Some(&error)) {
                    warn!(error, "nats unreachable");
                }
            }
            Event::ServerError(error) => warn!(%error, "nats refused"),
            Event::SlowConsumer(_) => {
                self.unheard.add(1);
            }
            Event::LameDuckMode => info!("nats shutting down"),
            Event::Draining | Event::Closed => debug!(%event, "nats closing"),
        }
    }

    /// Whether attempts failed otherwise before.
    fn is_news(&self, failure: Option<&str>) -> bool {
        let mut last = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = last.as_deref() != failure;
        *last = failure.map(str::to_owned);
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_out_of_the_addresses() {
        let (servers, credentials) = parse("nats://toad:p%40nd@one:4222, tls://two").unwrap();
        let servers: Vec<_> = servers.iter().map(ServerAddr::as_url_str).collect();
        assert_eq!(servers, ["nats://one:4222", "tls://two"]);
        let expected = Credentials::Password { user: "toad".to_owned(), password: "p@nd".to_owned() };
        assert!(credentials == Some(expected));
        let (_, credentials) = parse("s3cret@one").unwrap();
        assert!(credentials == Some(Credentials::Token("s3cret".to_owned())));
        assert!(parse("one").unwrap().1.is_none());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in ["", "http://one", "nats://one,", "nats://one:port"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_wait_grows_and_stays_within_its_bounds() {
        assert!(backoff(1) <= BACKOFF.0);
        for attempts in [0, 1, 5, 10, 100, usize::MAX] {
            assert!((BACKOFF.0 / 2..=BACKOFF.1).contains(&backoff(attempts)));
        }
        assert!(backoff(usize::MAX) >= BACKOFF.1 / 2);
    }

    #[test]
    fn a_reason_that_stays_the_same_is_told_once() {
        let journal = Journal::new(BusMeasures::default());
        assert!(journal.is_news(Some("away")));
        assert!(!journal.is_news(Some("away")));
        assert!(journal.is_news(Some("refused")));
        journal.note(&Event::Connected);
        assert!(journal.is_news(Some("refused")));
    }
}
