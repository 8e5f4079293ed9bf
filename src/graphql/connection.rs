//! What a client says when it opens a socket, and for how long it may be open.

use crate::chat::Viewer;
use crate::domain::clock::Timestamp;
use crate::domain::ids::SessionId;
use serde_json::{Map, Value};
use tokio::sync::watch;

/// The payload of a socket's `connection_init`, without the token in it. Put beside every operation of that socket.
/// Not to be logged: it may hold anything.
#[derive(Default)]
pub struct ConnectionInit {
    /// As the client sent it.
    pub payload: Map<String, Value>,
}

/// Until when a socket may be open: as long as the token counts that opened it, or a later one of the same session. Put beside
/// every operation of that socket.
pub struct SocketEnd {
    session: Option<SessionId>,
    expires_at: watch::Sender<Timestamp>,
}

impl SocketEnd {
    /// That of a socket which this viewer has opened.
    pub fn new(viewer: &Viewer) -> Self {
        Self { session: viewer.session, expires_at: watch::Sender::new(viewer.expires_at) }
    }

    /// The viewer has another token now. It moves the end of a socket of the same session, and never back.
    pub fn renew(&self, viewer: &Viewer) {
        if self.session.is_some() && viewer.session == self.session {
            self.expires_at.send_if_modified(|expires_at| {
                let is_later = viewer.expires_at > *expires_at;
                *expires_at = viewer.expires_at.max(*expires_at);
                is_later
            });
        }
    }

    /// The end, as it moves.
    pub fn follow(&self) -> watch::Receiver<Timestamp> {
        self.expires_at.subscribe()
    }
}
