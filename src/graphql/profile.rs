//! Saying who one is.

use super::account::Viewer;
use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer};
use super::scalars::assign;
use crate::chat;
use crate::domain::user::{ProfileChange, Username, parse_about, parse_avatar_url, parse_display_name};
use crate::error::Error;
use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

/// How one is to be shown. What is left out stays; `null` takes it away.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// 3 to 32 letters, digits, `.`, `_` or `-`; unique whatever its case, not reserved, and not like another's. Whoever
    /// has no email keeps one.
    username: MaybeUndefined<String>,
    /// What to show instead of the username.
    display_name: MaybeUndefined<String>,
    /// The https address of a picture.
    avatar_url: MaybeUndefined<String>,
    /// At most 500 characters.
    about: MaybeUndefined<String>,
}

impl UpdateProfileInput {
    fn parse(self) -> Result<ProfileChange, Error> {
        Ok(ProfileChange {
            username: assign(self.username, Username::parse_new)?,
            display_name: assign(self.display_name, |name| parse_display_name(&name).map(Some))?,
            avatar_url: assign(self.avatar_url, |url| parse_avatar_url(&url).map(Some))?,
            about: assign(self.about, |about| parse_about(&about))?,
        })
    }
}

/// The signed-in person after a change, or why there was none.
#[derive(Default, SimpleObject)]
pub struct ViewerPayload {
    /// The person as they now are.
    viewer: Option<Viewer>,
    /// Why nothing was done.
    errors: Vec<UserError>,
}

impl ViewerPayload {
    /// That it was done.
    pub fn new(viewer: &chat::Viewer) -> Self {
        Self { viewer: Some(Viewer(*viewer)), errors: Vec::new() }
    }
}

impl Payload for ViewerPayload {
    fn refused(errors: Vec<UserError>) -> Self {
        Self { errors, ..Self::default() }
    }
}

/// Saying who one is.
#[derive(Default)]
pub struct ProfileMutation;

#[Object]
impl ProfileMutation {
    /// Changes how the viewer is shown. Everyone who shares a conversation with them hears of it.
    async fn update_profile(&self, ctx: &Context<'_>, input: UpdateProfileInput) -> Option<Result<ViewerPayload>> {
        let updated = async {
            let viewer = ctx.writer()?;
            ctx.chat().update_profile(&viewer, &input.parse()?).await?;
            Ok(ViewerPayload::new(&viewer))
        };
        answer(updated.await)
    }
}
