//! How long the server takes, as the driver tells of each of its commands.

use super::failures::is_away;
use crate::measures::{StoreOperation, StoreTimes};
use mongodb::event::EventHandler;
use mongodb::event::command::CommandEvent;

/// What notes each answer there, and each that does not come.
pub(super) fn noting(times: StoreTimes) -> EventHandler<CommandEvent> {
    EventHandler::callback(move |event| match event {
        CommandEvent::Succeeded(answer) => {
            if let Some(operation) = operation(&answer.command_name) {
                times.observe(operation, answer.duration);
            }
        }
        CommandEvent::Failed(failure) if is_away(&failure.failure) => times.count_unavailable(),
        _ => {}
    })
}

/// What a command is for; `None` for those by which the driver keeps its connections. A transaction begins with its first
/// statement.
fn operation(command: &str) -> Option<StoreOperation> {
    match command {
        "find" | "aggregate" | "getMore" => Some(StoreOperation::Read),
        "insert" | "update" | "delete" | "findAndModify" => Some(StoreOperation::Write),
        "commitTransaction" => Some(StoreOperation::Commit),
        _ => None,
    }
}
