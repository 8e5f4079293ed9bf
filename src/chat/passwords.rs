//! Passwords: hashed by argon2id, off the async threads, a bounded number at once.

use crate::domain::user::Password;
use crate::error::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// What OWASP's Password Storage Cheat Sheet asks of argon2id at least: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How long one who signs in may wait for a place.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// One hash takes 19 MiB and a core.
    places: Arc<Semaphore>,
    /// What is checked where there is no account, so that it takes as long as where there is one.
    decoy: Arc<str>,
}

impl Passwords {
    /// A hasher that works on that many passwords at once. Computes one hash.
    pub fn new(at_once: usize) -> Result<Self> {
        let params =
            Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Error::internal(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy: PasswordHash =
            argon2.hash_password(b"nobody's").map_err(|error| Error::internal(error.to_string()))?;
        Ok(Self { argon2, places: Arc::new(Semaphore::new(at_once.max(1))), decoy: decoy.to_string().into() })
    }

    /// The hash to keep, in the PHC string format, with a random salt.
    pub async fn hash(&self, password: Password) -> Result<String> {
        let argon2 = self.argon2.clone();
        let hashed =
            self.in_turn(move || argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string())).await?;
        hashed.map_err(|error| Error::internal(error.to_string()))
    }

    /// Whether the password is the one that was hashed. Without a hash it takes as long, and is not.
    pub async fn is_right(&self, password: Password, hash: Option<&str>) -> Result<bool> {
        let is_real = hash.is_some();
        let hash: Arc<str> = hash.map_or_else(|| Arc::clone(&self.decoy), Arc::from);
        let argon2 = self.argon2.clone();
        let fits = self.in_turn(move || argon2.verify_password(password.as_bytes(), &*hash).is_ok()).await?;
        Ok(fits && is_real)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = timeout(MAX_WAIT, Arc::clone(&self.places).acquire_owned()).await;
        let place = place.map_err(|late| Error::unavailable("signing in", late))?.map_err(Error::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse_new(text.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::new(1).unwrap();
        let hash = passwords.hash(password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.is_right(password("correct horse"), Some(&hash)).await.unwrap());
        assert!(!passwords.is_right(password("battery staple"), Some(&hash)).await.unwrap());
        assert!(!passwords.is_right(password("nobody's"), None).await.unwrap());
    }
}
