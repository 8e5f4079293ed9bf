//! What an operator or a test may set about the transports.

use super::{Origins, Proxies};
use bytes::Bytes;
use std::time::Duration;

/// How HTTP is served.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// From which pages browsers may call.
    pub origins: Origins,
    /// Which proxies are believed when they say whence a request comes.
    pub proxies: Proxies,
    /// Whether the page to try queries on is served.
    pub graphiql: bool,
    /// Whether the web client is served.
    pub web: bool,
    /// Whether the measures are served beside everything else, to whoever asks.
    pub metrics: bool,
    /// What others check this server's tokens with, as JSON (RFC 7517, section 5), where that is for others to know.
    pub key_set: Option<Bytes>,
    /// The longest body of a request, in bytes.
    pub max_body: usize,
    /// The most operations in one request; below 2, they come one by one.
    pub max_batch: usize,
    /// For how long a connection may be still before the head of its next request has come.
    pub head_limit: Duration,
    /// For how long the body of a request may be on its way.
    pub read_limit: Duration,
    /// For how long a client may take nothing of what is written to it; then its connection is cut. On Linux alone.
    pub write_limit: Duration,
    /// For how long one operation may run; subscriptions are not limited.
    pub run_limit: Duration,
    /// For how long a token may be looked at.
    pub authentication_limit: Duration,
    /// For how long the server goes on, not ready any more, once it was asked to stop: balancers find out meanwhile.
    pub shutdown_grace: Duration,
    /// For how long what has begun may go on after that.
    pub shutdown_limit: Duration,
    /// How sockets are kept.
    pub socket: SocketSettings,
    /// How event streams are kept.
    pub stream: StreamSettings,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            origins: Origins::Own,
            proxies: Proxies::default(),
            graphiql: true,
            web: true,
            metrics: true,
            key_set: None,
            max_body: 1024 * 1024,
            max_batch: 0,
            // Longer than balancers keep one that is idle (Google's ten minutes, Caddy two, nginx and AWS's one), so that it is
            // they who close it: else a request of theirs may meet the end.
            head_limit: Duration::from_secs(650),
            read_limit: Duration::from_secs(30),
            write_limit: Duration::from_mins(1),
            run_limit: Duration::from_secs(30),
            authentication_limit: Duration::from_secs(10),
            shutdown_grace: Duration::ZERO,
            shutdown_limit: Duration::from_secs(10),
            socket: SocketSettings::default(),
            stream: StreamSettings::default(),
        }
    }
}

/// How sockets are kept.
#[derive(Clone, Debug)]
pub struct SocketSettings {
    /// The longest message that a client may send, in bytes.
    pub max_message: usize,
    /// The most operations that may run on one socket.
    pub max_operations: usize,
    /// How many results may wait on one socket until they are sent. Where it is full, the operations wait.
    pub queue: usize,
    /// How soon `connection_init` must have come.
    pub init_limit: Duration,
    /// How often the client is asked whether it is there.
    pub ping_every: Duration,
    /// After how long without a sign of life the client is taken for lost.
    pub silence_limit: Duration,
    /// For how long the client may take to read why its socket was closed.
    pub close_limit: Duration,
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            max_message: 1024 * 1024,
            max_operations: 256,
            queue: 32,
            init_limit: Duration::from_secs(3),
            ping_every: Duration::from_secs(15),
            silence_limit: Duration::from_secs(35),
            close_limit: Duration::from_secs(2),
        }
    }
}

/// How event streams are kept.
#[derive(Clone, Debug)]
pub struct StreamSettings {
    /// How many results may wait on one stream until they are sent. Where it is full, the operation waits.
    pub queue: usize,
    /// After how long without a result something is sent that says nothing: less than the 15 s after which some proxies cut
    /// what is still (the HTML standard, section 9.2.7).
    pub keep_alive: Duration,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self { queue: 32, keep_alive: Duration::from_secs(12) }
    }
}
