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

impl Chat {
    /// Whom a bearer token names, if its session lives: `UNAUTHENTICATED` otherwise.
    pub async fn authenticate(&self, token: &str) -> Result<Viewer> {
        let viewer = self.tokens.viewer(token)?;
        let session = self.session(&viewer).await?;
        if !session.is_live(self.clock.now()) {
            return Err(bad_token());
        }
        Ok(viewer)
    }

    /// The viewer's own session.
    pub async fn session(&self, viewer: &Viewer) -> Result<Session> {
        let found = self.sessions_by_id.ask(viewer.session).await?;
        found.filter(|session| session.user == viewer.user).ok_or_else(bad_token)
    }

    /// One of the viewer's sessions that live.
    pub async fn own_session(&self, viewer: &Viewer, id: SessionId) -> Result<Option<Session>> {
        let found = self.sessions_by_id.ask(id).await?;
        Ok(found.filter(|session| session.user == viewer.user && session.is_live(self.clock.now())))
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

    /// Ends the viewer's session. Doing it twice is harmless.
    pub async fn logout(&self, viewer: &Viewer) -> Result<SessionId> {
        self.sessions.end(viewer.session, self.clock.now()).await?;
        self.tell_of_end(viewer.session);
        Ok(viewer.session)
    }

    pub(super) fn tell_of_end(&self, session: SessionId) {
        self.bus.publish(Topic::Sessions, Arc::new(Ring::SessionEnded(session)));
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

fn bad_refresh_token() -> Error {
    Error::new(Code::WrongCredentials, "the refresh token is not valid, or no longer").within("refreshToken")
}
