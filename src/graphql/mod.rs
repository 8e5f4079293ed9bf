//! The face: what clients see of the chat, as one GraphQL schema. Per noun its object, inputs, queries, mutations and
//! subscriptions stand together; a resolver parses, calls one method of the chat, and wraps.

pub mod account;
pub mod ambience;
pub mod amendment;
pub mod attachment;
pub mod block;
pub mod caller;
pub mod code;
pub mod connection;
pub mod conversation;
pub mod credentials;
pub mod documents;
pub mod errors;
pub mod event;
pub mod external;
pub mod eyes;
pub mod group;
pub mod loaders;
pub mod member;
pub mod message;
mod message_questions;
pub mod node;
pub mod notice;
pub mod notification;
pub mod operation;
pub mod own;
pub mod paging;
pub mod position;
pub mod presence;
pub mod profile;
pub mod reaction;
pub mod receipt;
pub mod scalars;
pub mod search;
pub mod sending;
pub mod server;
pub mod session;
pub mod standing;
pub mod telling;
pub mod typing;
pub mod user;

pub use caller::Caller;
pub use connection::{ConnectionInit, SocketEnd};
pub use standing::Standing;

use crate::chat::Chat;
use crate::feed::Feed;
use crate::rate::Rates;
use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, SchemaBuilder};
use documents::DocumentLimits;
use loaders::Loaders;
use std::sync::Arc;

/// The whole schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The entry points for reading.
#[derive(MergedObject, Default)]
pub struct Query(
    account::ViewerQuery,
    node::NodeQuery,
    user::UserQuery,
    conversation::ConversationQuery,
    group::GroupQuery,
    message::MessageQuery,
    search::SearchQuery,
    server::ServerQuery,
);

/// The entry points for changing something. Each sets the state that it names and is safe to send twice.
#[derive(MergedObject, Default)]
pub struct Mutation(
    account::AccountMutation,
    code::CodeMutation,
    session::SessionMutation,
    credentials::CredentialsMutation,
    block::BlockMutation,
    profile::ProfileMutation,
    conversation::ConversationMutation,
    group::GroupMutation,
    sending::SendingMutation,
    amendment::AmendmentMutation,
    receipt::ReceiptMutation,
    notification::NotificationMutation,
    typing::TypingMutation,
);

/// The entry points for hearing what happens.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    event::EventSubscription,
    message::MessageSubscription,
    presence::PresenceSubscription,
    receipt::ReceiptSubscription,
    typing::TypingSubscription,
);

/// Whether clients may ask for the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// They may.
    Allowed,
    /// They may not, nor are they told of names that are like the ones they got wrong.
    Refused,
}

/// The schema over that chat and its feed, whose writers are counted by `rates`. Must be made within a runtime. The limits
/// are what it tells clients: that they are kept is up to [`documents`], which every operation passes before.
pub fn schema(
    chat: Arc<Chat>,
    feed: Arc<Feed>,
    rates: Arc<Rates>,
    introspection: Introspection,
    limits: DocumentLimits,
) -> Schema {
    let loaders = Loaders::new(&chat);
    let builder = builder().data(chat).data(feed).data(rates).data(loaders).data(limits);
    match introspection {
        Introspection::Allowed => builder.finish(),
        Introspection::Refused => builder.disable_introspection().disable_suggestions().finish(),
    }
}

/// The schema in GraphQL's own language, sorted.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    builder().finish().sdl_with_options(options)
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    // The executor's own limit of 32 is lifted to what documents may have: it would count them once more.
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_recursive_depth(DocumentLimits::MOST_NESTING)
}
