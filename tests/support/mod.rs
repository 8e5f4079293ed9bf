//! What the tests stand on: databases of their own, nodes of the real binary, clients, and small makers of domain values.

#![allow(dead_code, unused_imports, unused_macros, reason = "each test binary uses its own part of this")]

pub(crate) mod backend;
pub(crate) mod checker;
pub(crate) mod client;
pub(crate) mod collector;
pub(crate) mod crowd;
pub(crate) mod dump;
pub(crate) mod events;
pub(crate) mod groups;
pub(crate) mod hostile;
pub(crate) mod issuer;
pub(crate) mod jwt;
pub(crate) mod mail;
pub(crate) mod make;
pub(crate) mod messages;
pub(crate) mod metrics;
pub(crate) mod mongo;
pub(crate) mod packages;
pub(crate) mod ports;
pub(crate) mod python;
pub(crate) mod receiver;
pub(crate) mod relay;
pub(crate) mod services;
pub(crate) mod size;
pub(crate) mod socket;
pub(crate) mod stores;
pub(crate) mod stream;
pub(crate) mod tls;
pub(crate) mod wires;
