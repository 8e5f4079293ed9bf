//! What a client says when it opens a socket.

use serde_json::{Map, Value};

/// The payload of a socket's `connection_init`, without the token in it. Put beside every operation of that socket.
/// Not to be logged: it may hold anything.
#[derive(Default)]
pub struct ConnectionInit {
    /// As the client sent it.
    pub payload: Map<String, Value>,
}
