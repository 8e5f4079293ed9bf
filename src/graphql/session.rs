//! Sign-ins.

use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer};
use super::scalars::DateTime;
use crate::chat::Viewer;
use crate::domain::user as domain;
use async_graphql::{Context, ID, Object, SimpleObject};

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

    /// When it last signed in or took new tokens.
    async fn last_used_at(&self) -> DateTime {
        self.session.last_used_at.into()
    }

    /// Whether it is the one that asks.
    async fn is_current(&self) -> bool {
        self.session.id == self.viewer.session
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

/// Signing out.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Ends this session.
    async fn logout(&self, ctx: &Context<'_>) -> Option<Result<SessionPayload>> {
        let ended = async {
            let id = ctx.chat().logout(&ctx.viewer()?).await?;
            Ok(SessionPayload { ended_session_ids: vec![id.into()], ..SessionPayload::default() })
        };
        answer(ended.await)
    }
}
