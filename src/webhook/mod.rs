//! Posts JSON over HTTP to where the operator wants it: a webhook, signed as <https://www.standardwebhooks.com> has it.

mod signature;

use crate::domain::clock::Clock;
use crate::error::Result;
use crate::web::Endpoint;
use serde::Serialize;
use signature::Signer;
use std::sync::Arc;
use std::time::Duration;

/// A webhook.
pub struct Webhook {
    endpoint: Endpoint,
    signer: Signer,
    clock: Arc<dyn Clock>,
}

impl Webhook {
    /// The one at that address, to which posts are signed with that secret. Fails as [`Endpoint::new`] does.
    pub fn new(address: &str, secret: &[u8], clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self { endpoint: Endpoint::new(address)?, signer: Signer::new(secret), clock })
    }

    /// Posts that body under that id, by which a receiver knows one that comes again. Goes well once it was answered with 2xx,
    /// and ends within the limit.
    pub async fn post(&self, id: &str, body: &impl Serialize, limit: Duration) -> Result<(), String> {
        let body = serde_json::to_vec(body).map_err(|error| error.to_string())?;
        let headers = self.signer.headers(id, self.clock.now(), &body);
        self.endpoint.post(headers, body, limit).await
    }
}
