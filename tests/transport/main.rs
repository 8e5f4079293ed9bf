//! The transports, rule by rule: the real router on a real port, under a small schema that does what the rules are
//! about, and a gate that lets in whom a test wants in.

#![cfg(test)]

mod clients;
mod documents;
mod executor;
mod health;
mod hostile;
mod http;
mod rates;
mod shutdown;
mod socket;
mod streams;
mod support;
