//! Anything that has an id, found by it.

use super::caller::ContextExt as _;
use super::conversation::Conversation;
use super::errors::{Result, nullable};
use super::message::Message;
use super::notification::Notification;
use super::session::Session;
use super::user::User;
use crate::chat::Viewer;
use crate::domain::ids::{ConversationId, MessageId, NotificationId, SessionId, UserId};
use crate::domain::rules::MAX_IDS;
use crate::error::Error;
use async_graphql::{Context, ID, Interface, Object};
use futures_util::future::join_all;

/// An object with an id that is unique in the whole server and never changes.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Unique in the whole server; never changes."))]
pub enum Node {
    /// A person.
    User(User),
    /// A conversation.
    Conversation(Conversation),
    /// A message.
    Message(Message),
    /// A sign-in of the viewer's.
    Session(Session),
    /// Something that the viewer is notified of.
    Notification(Notification),
}

impl Node {
    /// What has that id, where the viewer may see it. A malformed id is that of nothing.
    async fn find(ctx: &Context<'_>, viewer: &Viewer, id: &ID) -> Result<Option<Self>, Error> {
        let loaders = ctx.loaders();
        if let Ok(id) = id.parse::<UserId>() {
            return Ok(loaders.user(id).await?.map(|user| User::new(viewer, user).into()));
        }
        if let Ok(id) = id.parse::<ConversationId>() {
            let state = loaders.conversation(viewer, id).await?;
            return Ok(state.map(|state| Conversation::new(viewer, state).into()));
        }
        if let Ok(id) = id.parse::<MessageId>() {
            let message = loaders.message(viewer, id).await?;
            return Ok(message.map(|message| Message::new(viewer, message.into()).into()));
        }
        if let Ok(id) = id.parse::<NotificationId>() {
            let found = loaders.notification(viewer, id).await?;
            return Ok(found.map(|found| Notification::new(viewer, found).into()));
        }
        let Ok(id) = id.parse::<SessionId>() else { return Ok(None) };
        let session = ctx.chat().own_session(viewer, id).await?;
        Ok(session.map(|session| Session::new(viewer, session).into()))
    }
}

/// Finding anything.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// What has that id; null where there is nothing for the viewer to see.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Option<Result<Node>> {
        let found = async { Node::find(ctx, &ctx.viewer()?, &id).await };
        nullable(found.await)
    }

    /// The same for up to 1,000 ids, in their order.
    async fn nodes(&self, ctx: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Result<Node>>>> {
        let viewer = ctx.viewer()?;
        if ids.len() > MAX_IDS {
            return Err(Error::invalid("ids", format!("may name {MAX_IDS} at the most")).into());
        }
        let found = join_all(ids.iter().map(|id| Node::find(ctx, &viewer, id))).await;
        Ok(found.into_iter().map(nullable).collect())
    }
}
