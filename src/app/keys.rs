//! Whose tokens count, as the settings say: this server's own keys, and the issuers that it trusts.

use super::{named, secret};
use crate::chat::{Issuer, Issuers, KeySource, Keyring, SigningKey, Trust};
use crate::config::{Config, JwtKey, Keys, Secret};
use crate::domain::secret::Key;
use crate::error::{Error, Result};
use crate::web::{KeySetFile, KeySetPage};
use std::path::Path;
use std::sync::Arc;
use tracing::warn;

const JWT_KEYS: &str = "NATTERJACK_JWT_KEYS (--jwt-keys)";
const ISSUERS: &str = "NATTERJACK_ISSUERS (--issuers)";

/// Whose tokens count.
pub(super) struct Authority {
    /// This server's own.
    pub(super) keys: Keyring,
    /// Those of others.
    pub(super) issuers: Issuers,
    /// Makes the hashes of one-time codes.
    pub(super) code_key: Key,
    /// Makes the hashes by which guesses are counted.
    pub(super) attempt_key: Key,
}

impl Authority {
    /// As the settings say.
    pub(super) async fn of(config: &Config) -> Result<Self> {
        let secret = jwt_secret(config)?;
        let [code_key, attempt_key] =
            ["one-time codes", "attempts"].map(|purpose| Key::derived(secret.as_bytes(), purpose));
        Ok(Self { keys: keyring(config, &secret)?, issuers: issuers(config).await?, code_key, attempt_key })
    }
}

/// The keys that this server signs its tokens with. Without a setting: a secret that is made in the data folder.
fn keyring(config: &Config, secret: &Secret) -> Result<Keyring> {
    let mut keys = config.jwt_keys.iter().map(|key| match key {
        JwtKey::Secret => Ok(SigningKey::of_secret(secret.as_bytes())),
        JwtKey::File(file) => of_file(file),
    });
    let Some(signs) = keys.next() else {
        return Keyring::new(SigningKey::of_secret(secret.as_bytes()), Vec::new());
    };
    let others = keys.collect::<Result<_>>()?;
    Keyring::new(signs?, others).map_err(|error| named(JWT_KEYS, error))
}

fn of_file(file: &Path) -> Result<SigningKey> {
    let wrong = |reason: &dyn std::fmt::Display| named(JWT_KEYS, format!("{} {reason}", file.display()));
    let pem = std::fs::read(file).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    SigningKey::of_pem(&pem).map_err(|error| wrong(&error))
}

fn jwt_secret(config: &Config) -> Result<Secret> {
    if let Some(secret) = &config.jwt_secret {
        return Ok(secret.clone());
    }
    if config.database_url.is_some() {
        warn!(
            "NATTERJACK_JWT_SECRET is not set: other nodes on this database would not take this one's tokens and codes"
        );
    }
    secret::of_folder(&config.data_dir)
}

/// The issuers that it trusts. A file of keys must be there; a page may come up later.
async fn issuers(config: &Config) -> Result<Issuers> {
    let wrong = |error: Error| named(ISSUERS, error);
    let mut issuers = Vec::new();
    for trusted in config.issuers.iter().flat_map(|issuers| &issuers.0) {
        let trust = Trust {
            issuer: trusted.issuer.clone(),
            audiences: trusted.audience.clone(),
            algorithms: trusted.algorithms.clone(),
        };
        let source: Arc<dyn KeySource> = match &trusted.keys {
            Keys::Page(address) => Arc::new(KeySetPage::new(address).map_err(wrong)?),
            Keys::File(file) => Arc::new(KeySetFile(file.clone())),
        };
        let issuer = Issuer::new(&trust, source).map_err(wrong)?;
        if let Keys::File(_) = trusted.keys {
            issuer.read_keys().await.map_err(|error| named(ISSUERS, error))?;
        }
        issuers.push(issuer);
    }
    Issuers::new(issuers).map_err(wrong)
}
