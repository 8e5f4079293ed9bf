//! Sessions: how a token is taken, renewed and ended.

use super::Chat;
use super::access::Viewer;
use super::accounts::SignedIn;
use super::tokens::bad_token;
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::SessionId;
use crate::domain::user::Session;
use crate::error::{Code, Error, Result};
use crate::store::Sessions;
use crate::store::questions::Question;
use crate::store::sessions::{Rotated, Rotation};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// For how long a refresh token that was traded still gets the same pair: a client that lost the answer asks again.
const GRACE: Duration = Duration::from_secs(10);
/// Ended sessions that are told of at once: a ring has to fit into a message of the bus.
const TOLD_AT_ONCE: usize = 1_000;

/// The longest token that is looked at, in bytes: far longer than any that says who somebody is.
pub(super) const MAX_TOKEN: usize = 16 * 1024;

impl Chat {
    /// Whom a bearer token names, if its session lives, or an issuer vouches for them whom this server trusts:
    /// `UNAUTHENTICATED` otherwise. The session is used thereby.
    pub async fn authenticate(&self, token: &str) -> Result<Viewer> {
        if token.len() > MAX_TOKEN {
            return Err(bad_token());
        }
        if let Some(issuer) = self.issuers.named_by(token) {
            return self.authenticate_external(issuer, token).await;
        }
        let viewer = self.tokens.viewer(token)?;
        let session = self.stored_session(&viewer).await?.ok_or_else(bad_token)?;
        let now = self.clock.now();
        if !session.is_live(now) {
            return Err(bad_token());
        }
        self.uses.note(&session, now);
        Ok(viewer)
    }

    /// The viewer's own session, where there is one, which is used now.
    pub async fn session(&self, viewer: &Viewer) -> Result<Option<Session>> {
        Ok(self.stored_session(viewer).await?.map(|session| self.seen_by(viewer, session)))
    }

    /// One of the viewer's sessions that live.
    pub async fn own_session(&self, viewer: &Viewer, id: SessionId) -> Result<Option<Session>> {
        let found = self.sessions_by_id.ask(id).await?;
        let own = found.filter(|session| session.user == viewer.user && session.is_live(self.clock.now()));
        Ok(own.map(|session| self.seen_by(viewer, session)))
    }

    /// The viewer's sessions that live, the latest use first: so the one that asks is the first of them.
    pub async fn own_sessions(&self, viewer: &Viewer) -> Result<Vec<Session>> {
        let found = self.sessions.of_user(viewer.user, self.clock.now()).await?;
        let mut sessions: Vec<_> = found.into_iter().map(|session| self.seen_by(viewer, session)).collect();
        sessions.sort_by_key(|session| std::cmp::Reverse((session.last_used_at, session.id)));
        Ok(sessions)
    }

    /// Trades a refresh token for its one successor pair. A token that was traded before, and not just now, is a
    /// stolen one or its thief's: the session ends. `WRONG_CREDENTIALS` on `refreshToken` in every such case.
    pub async fn refresh_session(&self, token: &str) -> Result<SignedIn> {
        let presented = self.tokens.refresh_token(token).ok_or_else(bad_refresh_token)?;
        let successor = self.tokens.successor(&presented);
        let now = self.clock.now();
        let rotation = Rotation {
            session: presented.session,
            presented: presented.hash(),
            successor: successor.hash(),
            at: now,
            grace: GRACE,
            expires_at: self.tokens.refresh_expiry(now),
        };
        match self.sessions.rotate(&rotation).await? {
            Rotated::Done(session) | Rotated::Repeated(session) => self.signed_in(&session, successor),
            Rotated::Reused(session) => {
                self.tell_of_end(session.id);
                Err(bad_refresh_token())
            }
            Rotated::Gone => Err(bad_refresh_token()),
        }
    }

    /// Ends the viewer's session, where there is one: an issuer's token ends by itself. Doing it twice is harmless.
    pub async fn logout(&self, viewer: &Viewer) -> Result<Option<SessionId>> {
        match viewer.session {
            Some(session) => self.end(session).await.map(Some),
            None => Ok(None),
        }
    }

    /// Ends one of the viewer's sessions, on whichever device. Doing it twice is harmless. `NOT_FOUND` on `sessionId` where
    /// it is none of the viewer's.
    pub async fn end_session(&self, viewer: &Viewer, id: SessionId) -> Result<SessionId> {
        let found = self.sessions_by_id.ask(id).await?;
        let own = found.filter(|session| session.user == viewer.user).ok_or_else(no_such_session)?;
        self.end(own.id).await
    }

    /// Ends all of the viewer's sessions; those that this has ended.
    pub async fn logout_everywhere(&self, viewer: &Viewer) -> Result<Vec<SessionId>> {
        let ended = self.sessions.end_all(viewer.user, self.clock.now()).await?;
        self.tell_of_ends(&ended);
        Ok(ended)
    }

    async fn end(&self, session: SessionId) -> Result<SessionId> {
        self.sessions.end(session, self.clock.now()).await?;
        self.tell_of_end(session);
        Ok(session)
    }

    pub(super) fn tell_of_end(&self, session: SessionId) {
        self.tell_of_ends(&[session]);
    }

    /// Tells all nodes, whose sockets of these sessions close then.
    pub(super) fn tell_of_ends(&self, sessions: &[SessionId]) {
        for some in sessions.chunks(TOLD_AT_ONCE) {
            self.bus.publish(Topic::Sessions, Arc::new(Ring::SessionsEnded(some.to_vec())));
        }
    }

    async fn stored_session(&self, viewer: &Viewer) -> Result<Option<Session>> {
        let Some(id) = viewer.session else { return Ok(None) };
        let found = self.sessions_by_id.ask(id).await?;
        Ok(Some(found.filter(|session| session.user == viewer.user).ok_or_else(bad_token)?))
    }

    /// The session by which somebody asks is used now, whatever is known of it.
    fn seen_by(&self, viewer: &Viewer, session: Session) -> Session {
        let last_used_at =
            if Some(session.id) == viewer.session { self.clock.now() } else { self.uses.latest(&session) };
        Session { last_used_at, ..session }
    }
}

/// Every request asks for its session.
pub(super) struct SessionById(pub(super) Arc<dyn Sessions>);

#[async_trait]
impl Question for SessionById {
    type About = SessionId;
    type Answer = Option<Session>;

    async fn ask(&self, about: &[SessionId]) -> Result<HashMap<SessionId, Option<Session>>> {
        let found = self.0.find(about).await?;
        Ok(found.into_iter().map(|session| (session.id, Some(session))).collect())
    }
}

/// The answer for a session that is not there, and for somebody else's.
fn no_such_session() -> Error {
    Error::not_found("sessionId", "there is no such session")
}

fn bad_refresh_token() -> Error {
    Error::new(Code::WrongCredentials, "the refresh token is not valid, or no longer").within("refreshToken")
}
