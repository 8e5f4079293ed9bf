//! How a connection comes to its end.

use crate::http::lifetime::Over;
use crate::measures::SocketEnd;
use axum::extract::ws::CloseFrame;
use std::borrow::Cow;

/// The longest reason of a close frame, in bytes: a control frame has 125, and two are the code (RFC 6455, section
/// 5.5). Clients see 1006 and nothing else where it is longer.
const MAX_REASON: usize = 123;

/// Why the server closes a socket. The codes above 4000 are those of graphql-transport-ws, the others those of RFC
/// 6455, section 7.4. After 4403, 4408 and those of the registry for a while, well-made clients come again.
#[derive(Clone, Debug)]
pub(super) struct Closing {
    code: u16,
    reason: Cow<'static, str>,
}

impl Closing {
    pub(super) const GOING_AWAY: Self = Self::new(1001, "The server is going away");
    pub(super) const BROKEN: Self = Self::new(1002, "The WebSocket protocol was broken");
    pub(super) const NO_UTF8: Self = Self::new(1007, "A message was not UTF-8");
    pub(super) const TOO_LONG: Self = Self::new(1009, "A message was too long");
    pub(super) const TRY_AGAIN: Self = Self::new(1013, "Try again later");
    /// One that clients come again after, unlike 4429.
    pub(super) const TOO_MANY_SOCKETS: Self = Self::new(1013, "Too many open sockets of this person; try again later");
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    pub(super) const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    pub(super) const EXPIRED: Self = Self::new(4403, "The token has run out");
    pub(super) const SESSION_OVER: Self = Self::new(4403, "The session is over");
    pub(super) const OTHER_PROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    pub(super) const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub(super) const SECOND_INIT: Self = Self::new(4429, "Too many initialisation requests");
    pub(super) const INTERNAL: Self = Self::new(4500, "Internal server error");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    pub(super) fn malformed(what: impl std::fmt::Display) -> Self {
        Self { code: 4400, reason: format!("Invalid message: {what}").into() }
    }

    pub(super) fn id_taken(id: &str) -> Self {
        Self { code: 4409, reason: format!("Subscriber for {id} already exists").into() }
    }
}

impl From<Over> for Closing {
    fn from(over: Over) -> Self {
        match over {
            Over::Expired => Self::EXPIRED,
            Over::SessionOver => Self::SESSION_OVER,
        }
    }
}

impl From<Closing> for CloseFrame {
    fn from(Closing { code, reason }: Closing) -> Self {
        let end = reason.floor_char_boundary(MAX_REASON);
        Self { code, reason: reason[..end].into() }
    }
}

/// What becomes of a connection that cannot go on.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// The server closes it.
    Close(Closing),
    /// The server closes it, and cannot make sense of what the client sends any more.
    Break(Closing),
    /// The client closes it.
    Leave,
    /// There is nobody to close it with.
    Gone,
}

impl End {
    /// What the measures call it.
    pub(super) fn told(&self) -> SocketEnd {
        match self {
            Self::Close(closing) | Self::Break(closing) => SocketEnd::Server(closing.code),
            Self::Leave => SocketEnd::Client,
            Self::Gone => SocketEnd::Gone,
        }
    }
}

impl From<Closing> for End {
    fn from(closing: Closing) -> Self {
        Self::Close(closing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_its_frame() {
        let frame = CloseFrame::from(Closing::id_taken(&format!("x{}", "ä".repeat(127))));
        assert_eq!((frame.code, frame.reason.len()), (4409, 122));
        assert!(frame.reason.ends_with('ä'));
    }
}
