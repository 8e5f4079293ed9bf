//! What the benches have in common, beside what the tests stand on.

#![allow(dead_code, reason = "each bench uses its own part of this")]

pub(crate) mod figures;
pub(crate) mod follower;
pub(crate) mod process;
