//! Sign-ins.

use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer};
use super::scalars::DateTime;
use super::scalars::named;
use crate::chat::Viewer;
use crate::domain::ids::SessionId;
use crate::domain::user as domain;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

/// One sign-in on one device, as the viewer sees it.
#[derive(Clone)]
pub struct Session {
    viewer: Viewer,
    session: domain::Session,
}

impl Session {
    /// That sign-in of the viewer's.
    pub fn new(viewer: &Viewer, session: domain::Session) -> Self {
        Self { viewer: *viewer, session }
    }
}

/// One sign-in on one device.
#[Object]
impl Session {
    /// Unique in the whole server; never changes.
    pub async fn id(&self) -> ID {
        self.session.id.into()
    }

    /// What the device called itself.
    async fn device_name(&self) -> Option<&str> {
        self.session.device_name.as_deref()
    }

    /// When it signed in.
    async fn created_at(&self) -> DateTime {
        self.session.created_at.into()
    }

    /// When it was last used: by a request, or by opening a socket or renewing its tokens. To about a minute, but for the one
    /// that asks, which is used now.
    async fn last_used_at(&self) -> DateTime {
        self.session.last_used_at.into()
    }

    /// Whether it is the one that asks.
    async fn is_current(&self) -> bool {
        Some(self.session.id) == self.viewer.session
    }
}

/// What was ended.
#[derive(Default, SimpleObject)]
pub struct SessionPayload {
    /// The sessions whose tokens no longer count.
    ended_session_ids: Vec<ID>,
    /// Why nothing was ended.
    errors: Vec<UserError>,
}

impl Payload for SessionPayload {
    fn refused(errors: Vec<UserError>) -> Self {
        Self { errors, ..Self::default() }
    }
}

impl SessionPayload {
    fn of(ended: impl IntoIterator<Item = SessionId>) -> Self {
        Self { ended_session_ids: ended.into_iter().map(Into::into).collect(), errors: Vec::new() }
    }
}

/// A sign-in to be ended.
#[derive(InputObject)]
pub struct EndSessionInput {
    /// Which, of the viewer's.
    session_id: ID,
}

/// Signing out.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Ends this session. A trusted issuer's token has none, and ends by itself.
    async fn logout(&self, ctx: &Context<'_>) -> Option<Result<SessionPayload>> {
        let ended = async { Ok(SessionPayload::of(ctx.chat().logout(&ctx.viewer()?).await?)) };
        answer(ended.await)
    }

    /// Ends one of the viewer's sessions, on another device or on this one. Its sockets close.
    async fn end_session(&self, ctx: &Context<'_>, input: EndSessionInput) -> Option<Result<SessionPayload>> {
        let ended = async {
            let viewer = ctx.viewer()?;
            let id = named("sessionId", &input.session_id)?;
            Ok(SessionPayload::of([ctx.chat().end_session(&viewer, id).await?]))
        };
        answer(ended.await)
    }

    /// Ends every session of the viewer's, this one too. Their sockets close.
    async fn logout_everywhere(&self, ctx: &Context<'_>) -> Option<Result<SessionPayload>> {
        let ended = async { Ok(SessionPayload::of(ctx.chat().logout_everywhere(&ctx.viewer()?).await?)) };
        answer(ended.await)
    }
}
