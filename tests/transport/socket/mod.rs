//! graphql-transport-ws, sentence by sentence.

mod admission;
mod handshake;
mod lifetime;
mod operations;
mod pressure;
mod protocol;
