//! An issuer's keys as this process knows them: read anew in the background every few minutes, and soon after a token names
//! one that is not among them. What was read last counts for as long as the issuer is away.

use super::KeySource;
use super::key_set::{IssuerKey, KeySet};
use crate::chat::tokens::bad_token;
use crate::error::{Error, Result};
use jsonwebtoken::{Algorithm, Header};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

/// How old keys become: one that the issuer takes back counts no longer than that, while the issuer can be reached.
const PERIOD: Duration = Duration::from_mins(5);
/// How soon an issuer is asked again that could not be reached.
const RETRY: Duration = Duration::from_secs(15);
/// How often an issuer may be asked over tokens that name unknown keys, which anybody can make up.
const PAUSE: Duration = Duration::from_secs(5);
/// How long a token waits for keys: less than a request waits for its token.
const PATIENCE: Duration = Duration::from_secs(8);

/// What is known of an issuer's keys.
#[derive(Clone, Default)]
struct Known {
    keys: Option<Arc<KeySet>>,
    /// When they were last read, or could not be.
    at: Option<Instant>,
    has_failed: bool,
}

impl Known {
    fn of(&self, header: &Header) -> Option<Arc<IssuerKey>> {
        self.keys.as_ref().and_then(|keys| keys.of(header))
    }

    fn may_be_renewed(&self) -> bool {
        self.at.is_none_or(|at| at.elapsed() >= PAUSE)
    }
}

/// One issuer's keys.
pub(super) struct Keys {
    issuer: String,
    algorithms: Vec<Algorithm>,
    source: Arc<dyn KeySource>,
    known: watch::Sender<Known>,
    /// Rung where a token names an unknown key.
    wanted: Notify,
}

impl Keys {
    /// Of that issuer, found there, and used by these algorithms.
    pub(super) fn new(issuer: String, algorithms: Vec<Algorithm>, source: Arc<dyn KeySource>) -> Self {
        Self { issuer, algorithms, source, known: watch::Sender::default(), wanted: Notify::new() }
    }

    /// The key that a token with that head names: `UNAUTHENTICATED` where there is none, `UNAVAILABLE` where there may be
    /// one that cannot be read now.
    pub(super) async fn of(&self, header: &Header) -> Result<Arc<IssuerKey>> {
        if !self.algorithms.contains(&header.alg) {
            return Err(bad_token());
        }
        let mut news = self.known.subscribe();
        let known = news.borrow_and_update().clone();
        if let Some(key) = known.of(header) {
            return Ok(key);
        }
        if known.may_be_renewed() {
            self.wanted.notify_one();
            // Where nothing comes, what is known stands.
            timeout(PATIENCE, news.changed()).await.ok();
        }
        let known = news.borrow().clone();
        match known.of(header) {
            Some(key) => Ok(key),
            None if known.keys.is_none() || known.has_failed => {
                Err(Error::unavailable("the issuer of the token", "its keys cannot be read"))
            }
            None => Err(bad_token()),
        }
    }

    /// Reads them now.
    pub(super) async fn read(&self) -> Result<(), String> {
        let read = self.source.read().await.and_then(|json| KeySet::parse(&json, &self.algorithms));
        let outcome = read.as_ref().map(drop).map_err(Clone::clone);
        self.known.send_modify(|known| {
            known.at = Some(Instant::now());
            known.has_failed = outcome.is_err();
            if let Ok(keys) = read {
                known.keys = Some(Arc::new(keys));
            }
        });
        outcome
    }

    /// Reads them again and again.
    pub(super) async fn keep(&self) {
        let issuer = &self.issuer;
        let mut was_told = None;
        loop {
            let read = self.read().await.map(|()| self.known.borrow().keys.as_ref().map_or(0, |keys| keys.count()));
            let period = if read.is_ok() { PERIOD } else { RETRY };
            if was_told.as_ref() != Some(&read) {
                match &read {
                    Ok(0) => warn!(%issuer, "a trusted issuer publishes no key that counts"),
                    Ok(keys) => info!(%issuer, keys, "the keys of a trusted issuer were read"),
                    Err(error) => {
                        warn!(%issuer, error, "the keys of a trusted issuer cannot be read: those that are known count on");
                    }
                }
                was_told = Some(read);
            }
            sleep(PAUSE).await;
            // Elapsed or wanted: it is the same.
            timeout(period.saturating_sub(PAUSE), self.wanted.notified()).await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use async_trait::async_trait;
    use serde_json::{Value, json};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::task::JoinSet;

    /// Publishes what it is told to, and counts how often it is asked.
    #[derive(Default)]
    struct Published {
        keys: Mutex<Option<Value>>,
        asked: AtomicUsize,
    }

    impl Published {
        fn publish(&self, ids: Option<&[&str]>) {
            let key = |id: &&str| json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
            *self.keys.lock().unwrap() = ids.map(|ids| json!({ "keys": ids.iter().map(key).collect::<Vec<_>>() }));
        }
    }

    #[async_trait]
    impl KeySource for Published {
        async fn read(&self) -> Result<Vec<u8>, String> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let keys = self.keys.lock().unwrap();
            keys.as_ref().map(|keys| keys.to_string().into_bytes()).ok_or_else(|| "away".to_owned())
        }
    }

    struct Stage {
        keys: Arc<Keys>,
        published: Arc<Published>,
        _keeping: JoinSet<()>,
    }

    impl Stage {
        fn new(ids: Option<&[&str]>) -> Self {
            let published = Arc::new(Published::default());
            published.publish(ids);
            let source: Arc<dyn KeySource> = Arc::<Published>::clone(&published);
            let keys = Arc::new(Keys::new("https://id.example.org".to_owned(), vec![Algorithm::EdDSA], source));
            let mut keeping = JoinSet::new();
            let kept = Arc::clone(&keys);
            keeping.spawn(async move { kept.keep().await });
            Self { keys, published, _keeping: keeping }
        }

        async fn outcome(&self, id: &str) -> Option<Code> {
            let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::EdDSA) };
            self.keys.of(&header).await.err().map(|error| error.code())
        }

        fn asked(&self) -> usize {
            self.published.asked.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_key_is_asked_for_and_not_too_often() {
        let stage = Stage::new(Some(&["a"]));
        assert_eq!(stage.outcome("a").await, None);
        stage.published.publish(Some(&["a", "b"]));
        sleep(PAUSE).await;
        assert_eq!(stage.outcome("b").await, None, "asked for at once");
        let before = stage.asked();
        for n in 0..1_000 {
            assert_eq!(stage.outcome(&n.to_string()).await, Some(Code::Unauthenticated));
        }
        assert!(stage.asked() <= before + 1, "{}", stage.asked() - before);
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_is_taken_back_counts_no_longer_after_some_minutes() {
        let stage = Stage::new(Some(&["a", "b"]));
        assert_eq!(stage.outcome("a").await, None);
        stage.published.publish(Some(&["b"]));
        sleep(PERIOD + RETRY).await;
        assert_eq!(stage.outcome("a").await, Some(Code::Unauthenticated));
        assert_eq!(stage.outcome("b").await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn keys_count_on_while_their_issuer_is_away() {
        let stage = Stage::new(Some(&["a"]));
        assert_eq!(stage.outcome("a").await, None);
        stage.published.publish(None);
        sleep(PERIOD * 10).await;
        assert_eq!(stage.outcome("a").await, None);
        assert_eq!(stage.outcome("b").await, Some(Code::Unavailable), "nobody knows");
        stage.published.publish(Some(&["b"]));
        sleep(RETRY + PAUSE).await;
        assert_eq!(stage.outcome("b").await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_issuer_that_was_never_reached_is_not_there_yet() {
        let stage = Stage::new(None);
        assert_eq!(stage.outcome("a").await, Some(Code::Unavailable));
        let header = Header::new(Algorithm::RS256);
        assert_eq!(stage.keys.of(&header).await.err().unwrap().code(), Code::Unauthenticated, "not allowed anyway");
    }
}
