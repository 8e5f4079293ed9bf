//! Passwords: hashed by argon2id, off the async threads, a bounded number at once. Hashes of other kinds, which were moved in
//! from an older system, are checked in the same turn.

mod argon;
mod bcrypt;
mod guessable;

use crate::domain::user::Password;
use crate::error::{Error, Result};
use argon::Argon;
use bcrypt::Bcrypt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tracing::trace;

/// Passwords that are worked on at once, at the most: each takes a core, and 19 MiB. More cores are left to the chat.
const AT_ONCE: usize = 4;
/// How many may wait for a place: about as many as get theirs within [`MAX_WAIT`] on two cores.
const MAX_WAITING: usize = 1_024;
/// How long one who signs in may wait for a place: less than an operation may take.
const MAX_WAIT: Duration = Duration::from_secs(20);

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    argon: Arc<Argon>,
    /// One hash takes 19 MiB and a core.
    places: Arc<Semaphore>,
    /// For those who wait and those who have a place.
    line: Arc<Semaphore>,
    /// What is checked where there is no account, so that it takes as long as where there is one.
    decoy: Arc<str>,
}

/// How a password and a hash fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is another password, or there is no hash.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, and the hash is not what would be made of it now.
    Old,
}

impl Passwords {
    /// A hasher that works on one password for each core at once, up to four. Computes one hash.
    pub fn new() -> Result<Self> {
        let at_once = std::thread::available_parallelism().map_or(1, usize::from).min(AT_ONCE);
        let argon = Argon::new()?;
        let decoy = argon.hash(b"nobody's")?;
        let (places, line) = (Semaphore::new(at_once), Semaphore::new(at_once + MAX_WAITING));
        Ok(Self { argon: Arc::new(argon), places: Arc::new(places), line: Arc::new(line), decoy: decoy.into() })
    }

    /// The hash to keep of a password that is to be set, in the PHC string format, with a random salt. `INVALID_INPUT` on
    /// `password` where it is one that is guessed first, or is made of these names of its owner's.
    pub async fn hash(&self, password: Password, names: &[&str]) -> Result<String> {
        self.refuse_guessable(&password, names).await?;
        self.hash_again(password).await
    }

    /// Refuses what [`Passwords::hash`] refuses.
    pub(super) async fn refuse_guessable(&self, password: &Password, names: &[&str]) -> Result<()> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let password = password.clone();
        self.turn().await?.run(move || guessable::check(&password, &names)).await?
    }

    /// The hash to keep of a password that may be set, or is.
    pub(super) async fn hash_again(&self, password: Password) -> Result<String> {
        let argon = Arc::clone(&self.argon);
        let hashed = self.turn().await?.run(move || argon.hash(password.as_bytes())).await?;
        trace!("password hashed");
        hashed
    }

    /// Whether the password is the one that was hashed. Without a hash it takes as long, and is not.
    pub(super) async fn check(&self, password: &Password, hash: Option<&str>) -> Result<Fit> {
        let is_real = hash.is_some();
        let hash: Arc<str> = hash.map_or_else(|| Arc::clone(&self.decoy), Arc::from);
        let (argon, password) = (Arc::clone(&self.argon), password.clone());
        let fit = self.turn().await?.run(move || fit(&argon, &password, &hash)).await?;
        trace!("password checked");
        Ok(if is_real { fit } else { Fit::Wrong })
    }

    /// Says why a hash cannot be checked here, if so.
    pub fn refuse(hash: &str) -> Option<&'static str> {
        match Bcrypt::parse(hash) {
            Some(bcrypt) => bcrypt.refuse(),
            None => Argon::refuse(hash),
        }
    }

    async fn turn(&self) -> Result<Turn> {
        let line = Arc::clone(&self.line).try_acquire_owned();
        let line = line.map_err(|_| Error::unavailable("signing in", "too many wait for it"))?;
        let place = timeout(MAX_WAIT, Arc::clone(&self.places).acquire_owned()).await;
        let place = place.map_err(|late| Error::unavailable("signing in", late))?.map_err(Error::internal)?;
        Ok(Turn { _line: line, _place: place })
    }
}

/// A place to work on one password, until the work is done, whether or not anybody waits for it still.
struct Turn {
    _line: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Turn {
    async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let done = tokio::task::spawn_blocking(move || {
            let _turn = self;
            work()
        });
        done.await.map_err(Error::internal)
    }
}

fn fit(argon: &Argon, password: &Password, hash: &str) -> Fit {
    if let Some(bcrypt) = Bcrypt::parse(hash) {
        return if bcrypt.refuse().is_none() && bcrypt.fits(password.as_bytes()) { Fit::Old } else { Fit::Wrong };
    }
    if Passwords::refuse(hash).is_some() || !argon.fits(password.as_bytes(), hash) {
        return Fit::Wrong;
    }
    if Argon::is_current(hash) { Fit::Right } else { Fit::Old }
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
    use futures_util::future::join_all;

    fn password(text: &str) -> Password {
        Password::parse_new(text.to_owned()).unwrap()
    }

    async fn fit_of(passwords: &Passwords, text: &str, hash: &str) -> Fit {
        passwords.check(&password(text), Some(hash)).await.unwrap()
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash(password("correct horse"), &[]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(fit_of(&passwords, "correct horse", &hash).await, Fit::Right);
        assert_eq!(fit_of(&passwords, "battery staple", &hash).await, Fit::Wrong);
        assert_eq!(passwords.check(&password("nobody's"), None).await.unwrap(), Fit::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_is_old() {
        let passwords = Passwords::new().unwrap();
        let with = |algorithm, memory, passes, lanes| {
            let params = Params::new(memory, passes, lanes, None).unwrap();
            let argon2 = Argon2::new(algorithm, Version::V0x13, params);
            argon2.hash_password(b"correct horse").unwrap().to_string()
        };
        for old in [
            with(Algorithm::Argon2id, 19_456, 1, 1),
            with(Algorithm::Argon2id, 8_192, 2, 1),
            with(Algorithm::Argon2id, 65_536, 1, 4),
            with(Algorithm::Argon2i, 19_456, 2, 1),
        ] {
            assert_eq!(Passwords::refuse(&old), None, "{old}");
            assert_eq!(fit_of(&passwords, "correct horse", &old).await, Fit::Old, "{old}");
            assert_eq!(fit_of(&passwords, "battery staple", &old).await, Fit::Wrong, "{old}");
        }
    }

    #[tokio::test]
    async fn what_would_cost_too_much_or_is_no_hash_is_refused_and_fits_nothing() {
        let passwords = Passwords::new().unwrap();
        let tail = "c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for hash in [
            String::new(),
            "correct horse".to_owned(),
            "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E".to_owned(),
            format!("$argon2id$v=19$m=1048576,t=2,p=1${tail}"),
            format!("$argon2id$v=19$m=19456,t=100,p=1${tail}"),
            format!("$argon2id$v=19$m=19456,t=2,p=64${tail}"),
            "$2b$31$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie".to_owned(),
        ] {
            assert!(Passwords::refuse(&hash).is_some(), "{hash}");
            assert_eq!(fit_of(&passwords, "correct horse", &hash).await, Fit::Wrong, "{hash}");
        }
    }

    #[tokio::test]
    async fn no_more_wait_than_may() {
        let passwords = Passwords::new().unwrap();
        let places: Vec<_> = join_all((0..AT_ONCE + MAX_WAITING).map(|_| async {
            let _ = timeout(Duration::from_millis(1), passwords.turn()).await;
        }))
        .await;
        assert_eq!(places.len(), AT_ONCE + MAX_WAITING);
        let free = passwords.line.available_permits();
        let mut held: Vec<_> = Vec::new();
        for _ in 0..free {
            held.push(Arc::clone(&passwords.line).try_acquire_owned().unwrap());
        }
        let refused = passwords.turn().await.err().unwrap();
        assert_eq!(refused.code(), crate::error::Code::Unavailable);
        held.pop();
        assert!(passwords.turn().await.is_ok(), "who has gone away has left the line");
    }
}
