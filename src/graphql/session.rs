//! Sign-ins.

use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer};
use super::scalars::DateTime;
use crate::chat::Viewer;
use crate::domain::user as domain;
use async_graphql::{Context, ID, Object, SimpleObject};

/// One sign-in on one device.
#[derive(Clone, SimpleObject)]
pub struct Session {
    /// Unique in the whole server; never changes.
    id: ID,
    /// What the device called itself.
    device_name: Option<String>,
    /// When it signed in.
    created_at: DateTime,
    /// When it last signed in or took new tokens.
    last_used_at: DateTime,
    /// Whether it is the one that asks.
    is_current: bool,
}

impl Session {
    /// That sign-in, as the viewer sees it.
    pub fn new(viewer: &Viewer, session: domain::Session) -> Self {
        Self {
            id: session.id.into(),
            device_name: session.device_name,
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            is_current: session.id == viewer.session,
        }
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
