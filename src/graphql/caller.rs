//! On whose behalf an operation runs, and what it may reach.

use super::errors::Result;
use super::loaders::Loaders;
use crate::chat::{Chat, Viewer};
use crate::domain::client::ClientAddress;
use crate::error::{Code, Error};
use crate::feed::Feed;
use crate::rate::Rates;
use async_graphql::Context;
use std::sync::Arc;

/// Who calls, as far as the transport could tell. Put beside every request; what needs a viewer asks for it there.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Came without a token.
    Anonymous,
    /// Came with a good token.
    Viewer(Viewer),
    /// Came with a token that does not count, or that could not be checked. Only what needs a viewer fails.
    Refused(Error),
}

impl From<Result<Viewer, Error>> for Caller {
    fn from(authenticated: Result<Viewer, Error>) -> Self {
        match authenticated {
            Ok(viewer) => Self::Viewer(viewer),
            Err(error) => Self::Refused(error),
        }
    }
}

/// What a resolver may reach.
pub trait ContextExt {
    /// The chat.
    fn chat(&self) -> &Chat;

    /// What subscribers hear.
    fn feed(&self) -> &Arc<Feed>;

    /// What is read for many objects at once.
    fn loaders(&self) -> &Loaders;

    /// Whence the operation comes: put beside every request by the transport, as the [`Caller`] is.
    fn client(&self) -> ClientAddress;

    /// The viewer; `UNAUTHENTICATED` where nobody is signed in.
    fn viewer(&self) -> Result<Viewer, Error>;

    /// The viewer, who is about to write to a conversation, or to change or say something that others hear of: one of their
    /// sends is counted, before anything of it is looked at. `RATE_LIMITED` where there were too many lately.
    fn writer(&self) -> Result<Viewer, Error>;

    /// The viewer, who looks for people or groups by a part of what they are called, or for a person by an email or a number:
    /// one of their look-ups is counted. `RATE_LIMITED` where there were too many lately.
    fn seeker(&self) -> Result<Viewer, Error>;

    /// The viewer, if anybody is signed in; a token that does not count is an error here too.
    fn viewer_if_any(&self) -> Result<Option<Viewer>, Error>;
}

impl ContextExt for Context<'_> {
    fn chat(&self) -> &Chat {
        self.data_unchecked::<Arc<Chat>>()
    }

    fn feed(&self) -> &Arc<Feed> {
        self.data_unchecked()
    }

    fn loaders(&self) -> &Loaders {
        self.data_unchecked()
    }

    fn client(&self) -> ClientAddress {
        self.data_opt().copied().unwrap_or(ClientAddress::UNKNOWN)
    }

    fn viewer(&self) -> Result<Viewer, Error> {
        let nobody = || Error::new(Code::Unauthenticated, "nobody is signed in: send `Authorization: Bearer …`");
        self.viewer_if_any()?.ok_or_else(nobody)
    }

    fn writer(&self) -> Result<Viewer, Error> {
        let viewer = self.viewer()?;
        self.data_unchecked::<Arc<Rates>>().send(viewer.user, self.client())?;
        Ok(viewer)
    }

    fn seeker(&self) -> Result<Viewer, Error> {
        let viewer = self.viewer()?;
        self.data_unchecked::<Arc<Rates>>().look_up(viewer.user, self.client())?;
        Ok(viewer)
    }

    fn viewer_if_any(&self) -> Result<Option<Viewer>, Error> {
        match self.data_opt::<Caller>() {
            Some(Caller::Viewer(viewer)) => Ok(Some(*viewer)),
            Some(Caller::Refused(error)) => Err(error.clone()),
            Some(Caller::Anonymous) | None => Ok(None),
        }
    }
}
