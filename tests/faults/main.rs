//! What holds while processes are killed, lines break and stores go away: the real binary under load, with people who
//! send until they are answered and followers who resume where they stand. A checker judges each history.

#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod away;
mod chance;
mod crashes;
mod follower;
mod keeper;
mod lines;
mod nats;
mod nodes;
mod notices;
mod parts;
mod removals;
mod repeats;
mod sender;
mod stage;
mod verdicts;
