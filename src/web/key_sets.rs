//! Where the keys of trusted issuers are read from.

use super::Endpoint;
use crate::chat::KeySource;
use crate::error::Result;
use async_trait::async_trait;
use std::path::PathBuf;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

/// The longest set of keys, in bytes: fifty times what a large issuer publishes.
const MAX_BYTES: usize = 256 * 1024;
/// How long reading one may take.
const LIMIT: Duration = Duration::from_secs(5);

/// A set of keys that an issuer publishes.
pub struct KeySetPage(Endpoint);

impl KeySetPage {
    /// The one at that address; fails as [`Endpoint::new`] does.
    pub fn new(address: &str) -> Result<Self> {
        Endpoint::new(address).map(Self)
    }
}

#[async_trait]
impl KeySource for KeySetPage {
    async fn read(&self) -> Result<Vec<u8>, String> {
        self.0.get(MAX_BYTES, LIMIT).await
    }
}

/// A set of keys that the operator keeps in a file.
pub struct KeySetFile(pub PathBuf);

#[async_trait]
impl KeySource for KeySetFile {
    async fn read(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let read = async {
            let file = File::open(&self.0).await?;
            file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).await
        };
        let read = tokio::time::timeout(LIMIT, read).await.map_err(|_| super::too_slow())?;
        read.map_err(|error| format!("{}: {error}", self.0.display()))?;
        if bytes.len() > MAX_BYTES { Err(format!("it has more than {MAX_BYTES} bytes")) } else { Ok(bytes) }
    }
}
