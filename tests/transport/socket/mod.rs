//! graphql-transport-ws, sentence by sentence.

mod admission;
mod frames;
mod handshake;
mod lifetime;
mod operations;
mod pressure;
mod protocol;
mod sentences;
