//! x
pub struct NatsBus;
