//! What a chat is made of, and the rules that need no database to hold: no I/O, no async, no knowledge of GraphQL.

pub mod batch;
pub mod clock;
pub mod conversation;
pub mod event;
pub mod ids;
pub mod message;
pub mod node;
pub mod page;
pub mod rules;
pub mod secret;
pub mod text;
pub mod user;
