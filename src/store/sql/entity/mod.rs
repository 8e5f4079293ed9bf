//! The tables' rows, and what the domain makes of them. The tables themselves are made in `migration`.

pub(super) mod announcement;
pub(super) mod attempt;
pub(super) mod block;
pub(super) mod code;
pub(super) mod conversation;
pub(super) mod departure;
pub(super) mod identity;
pub(super) mod log_head;
pub(super) mod member;
pub(super) mod message;
pub(super) mod message_word;
pub(super) mod moved_in;
pub(super) mod node;
pub(super) mod notification;
pub(super) mod outbox;
pub(super) mod people_head;
pub(super) mod presence;
pub(super) mod projection;
pub(super) mod push;
pub(super) mod reaction;
pub(super) mod refresh_trade;
pub(super) mod report;
pub(super) mod server;
pub(super) mod session;
pub(super) mod user;
pub(super) mod words_backlog;

use crate::domain::message::Revision;
use crate::error::{Error, Result};

/// What a column should not hold.
fn corrupt(column: &str, value: impl std::fmt::Display) -> Error {
    Error::internal(format!("the column {column} holds {value}"))
}

fn revision(column: &str, number: i64) -> Result<Revision> {
    Revision::new(number).ok_or_else(|| corrupt(column, number))
}
