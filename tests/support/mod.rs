//! What the tests stand on: databases of their own, and small makers of domain values.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub(crate) mod make;
pub(crate) mod stores;
