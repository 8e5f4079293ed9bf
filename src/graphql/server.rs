//! What this server is, and what clients may count on.

use super::ambience::Ambience;
use super::caller::ContextExt as _;
use super::documents::DocumentLimits;
use crate::domain::rules::{MAX_PAGE_SIZE, MAX_TEXT_LENGTH};
use async_graphql::{Context, Object, SimpleObject};

/// What this server is.
#[derive(SimpleObject)]
pub struct Server {
    /// The product.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// The effects that are on.
    ambience: Ambience,
    /// What clients may count on.
    limits: Limits,
}

/// What clients may count on.
#[derive(SimpleObject)]
#[expect(clippy::struct_field_names, reason = "the contract's names")]
pub struct Limits {
    /// Characters in a message.
    max_text_length: usize,
    /// Items on a page.
    max_page_size: u32,
    /// People in a group, those who are invited among them.
    max_group_size: u32,
    /// Changes of one conversation that a client may have missed to be told each; beyond that it gets ResyncNeeded.
    max_replay: u32,
    /// Levels of fields in an operation.
    max_depth: usize,
    /// What an operation may cost: one for each field that it may have to resolve, those of a page as often as the page is long.
    max_complexity: u64,
}

/// The server itself.
#[derive(Default)]
pub struct ServerQuery;

#[Object]
impl ServerQuery {
    /// What this server is, and what clients may count on.
    async fn server(&self, ctx: &Context<'_>) -> Server {
        let documents = ctx.data_unchecked::<DocumentLimits>();
        let limits = Limits {
            max_text_length: MAX_TEXT_LENGTH,
            max_page_size: MAX_PAGE_SIZE,
            max_group_size: ctx.chat().max_group_size(),
            max_replay: ctx.feed().max_replay(),
            max_depth: documents.depth,
            max_complexity: documents.complexity,
        };
        Server {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            ambience: ctx.chat().ambience().into(),
            limits,
        }
    }
}
