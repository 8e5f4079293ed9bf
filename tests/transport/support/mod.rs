//! A server under a small schema, and clients that show every byte.

pub(crate) mod gate;
#[path = "../../support/packages/mod.rs"]
#[expect(dead_code, reason = "what runs against the real binary is for tests/api")]
pub(crate) mod packages;
pub(crate) mod schema;
pub(crate) mod server;
#[path = "../../support/stream.rs"]
pub(crate) mod stream;
pub(crate) mod wire;

use std::time::Duration;

/// How long something that must happen may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// For how long nothing happens where nothing must.
pub(crate) const QUIET: Duration = Duration::from_millis(250);
