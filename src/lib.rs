//! A chat backend behind one GraphQL schema, on which no message is ever missed.
//!
//! The map, from the ground up; each part uses only what stands before it:
//!
//! - [`error`]: what goes wrong, with a code.
//! - [`measures`]: what is counted and timed.
//! - [`domain`]: what a chat is made of, without I/O.
//! - [`store`]: traits for what is kept, and their implementations on SQL databases and MongoDB.
//! - [`bus`]: how processes hear of each other's doings.
//! - [`chat`]: what one may do.
//! - [`feed`]: what subscribers hear.
//! - [`rate`]: how often and how much anybody may ask of this process.
//! - [`graphql`]: the schema.
//! - [`http`]: how clients reach the schema.
//! - [`web`]: how others are called.
//! - [`traces`]: spans for a collector.
//! - [`webhook`]: signed posts to where the operator wants them.
//! - [`push`]: how people are reached who are not there.
//! - [`carrier`]: how one-time codes come to whom they are for.
//! - [`config`] and [`app`]: the settings, and the whole put together; [`logs`]: what is written to standard error.

pub mod app;
pub mod bus;
pub mod carrier;
pub mod chat;
pub mod config;
pub mod domain;
pub mod error;
pub mod feed;
pub mod graphql;
pub mod http;
pub mod logs;
pub mod measures;
pub mod push;
pub mod rate;
pub mod store;
pub mod traces;
pub mod web;
pub mod webhook;
