//! How spans come to the collector: by the one client for calling others.

use crate::web::Endpoint;
use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tracing::{info, warn};

/// How long the collector may take for one post.
const LIMIT: Duration = Duration::from_secs(5);

/// Posts, and tells the log when the collector goes and when it comes back.
pub(super) struct Post {
    endpoint: Arc<Endpoint>,
    /// The exporter has a thread of its own, which no runtime knows.
    runtime: Handle,
    is_away: AtomicBool,
}

impl Post {
    pub(super) fn new(endpoint: Endpoint, runtime: Handle) -> Self {
        Self { endpoint: Arc::new(endpoint), runtime, is_away: AtomicBool::new(false) }
    }

    fn note(&self, posted: &Result<(), String>) {
        let was_away = self.is_away.swap(posted.is_err(), Ordering::Relaxed);
        match posted {
            Err(error) if !was_away => {
                warn!(error, "the collector of traces takes no spans; they are dropped meanwhile");
            }
            Ok(()) if was_away => info!("the collector of traces takes spans again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Post {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let endpoint = Arc::clone(&self.endpoint);
        let posting = self.runtime.spawn(async move { endpoint.post_as(&parts.headers, body, LIMIT).await });
        let posted = posting.await.map_err(|error| error.to_string()).and_then(|posted| posted);
        self.note(&posted);
        posted?;
        Ok(Response::new(Bytes::new()))
    }
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Post(…)")
    }
}
