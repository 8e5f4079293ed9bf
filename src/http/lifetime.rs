//! For how long what somebody has opened may stay open.

use super::Gate;
use crate::chat::Viewer;
use crate::graphql::SocketEnd;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// For how long it outlives the session.
const ANSWER_TIME: Duration = Duration::from_millis(200);

/// Why it may stay open no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The token has run out.
    Expired,
    /// The session has ended before its time.
    SessionOver,
}

/// Returns when neither the viewer's token nor a later one that was taken over the same socket counts, or the session is
/// over. Never, where nobody is signed in.
pub(super) async fn lifetime(gate: &dyn Gate, viewer: Option<Viewer>, end: Option<&Arc<SocketEnd>>) -> Over {
    let (Some(viewer), Some(end)) = (viewer, end) else { return pending().await };
    let mut expires_at = end.follow();
    let expiry = async {
        // Asked again: the clock of the day and the timer's need not agree.
        loop {
            let left = expires_at.borrow_and_update().since(gate.now());
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = sleep(left) => {}
                Ok(()) = expires_at.changed() => {}
            }
        }
    };
    tokio::select! {
        () = expiry => Over::Expired,
        () = gate.session_end(&viewer) => {
            // The operation that ended it may have been one on this socket, whose answer is on its way.
            sleep(ANSWER_TIME).await;
            Over::SessionOver
        }
    }
}
