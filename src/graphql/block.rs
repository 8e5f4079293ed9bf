//! Blocking people.

use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer};
use super::scalars::named;
use super::user::User;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

/// Whether to have nothing to do with whom.
#[derive(InputObject)]
pub struct SetBlockedInput {
    /// Whom.
    user_id: ID,
    /// Whether.
    is_blocked: bool,
}

/// A person after a change, or why there was none.
#[derive(Default, SimpleObject)]
pub struct UserPayload {
    /// The person as the viewer now sees them.
    user: Option<User>,
    /// Why nothing was done.
    errors: Vec<UserError>,
}

impl Payload for UserPayload {
    fn refused(errors: Vec<UserError>) -> Self {
        Self { errors, ..Self::default() }
    }
}

/// Blocking people.
#[derive(Default)]
pub struct BlockMutation;

#[Object]
impl BlockMutation {
    /// Blocks a person, or ends that. Neither of the two can then send the other direct messages.
    async fn set_blocked(&self, ctx: &Context<'_>, input: SetBlockedInput) -> Option<Result<UserPayload>> {
        let set = async {
            let viewer = ctx.writer()?;
            let user = named("userId", &input.user_id)?;
            let person = ctx.chat().set_blocked(&viewer, user, input.is_blocked).await?;
            Ok(UserPayload { user: Some(User::new(&viewer, person)), errors: Vec::new() })
        };
        answer(set.await)
    }
}
