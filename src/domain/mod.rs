//! What a chat is made of, and the rules that need no database to hold: no I/O, no async, no knowledge of GraphQL.

pub mod address;
pub mod attempt;
pub mod batch;
pub mod client;
pub mod clock;
pub mod contact;
pub mod conversation;
pub mod emoji;
pub mod event;
pub mod extras;
pub mod group;
pub mod identity;
pub mod ids;
pub mod lookalike;
pub mod message;
pub mod moving;
pub mod node;
pub mod notice;
pub mod notification;
pub mod page;
pub mod presence;
pub mod rules;
pub mod secret;
pub mod text;
pub mod user;
pub mod words;
