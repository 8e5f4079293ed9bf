//! Where a client stands: in the argument of a subscription, and in the payload of a socket's beginning.

use super::connection::ConnectionInit;
use super::scalars::{lookup, named, revision};
use crate::domain::ids::ConversationId;
use crate::domain::message::Revision;
use crate::domain::rules::{MAX_IDS, MAX_POSITIONS};
use crate::error::Error;
use async_graphql::{ID, InputObject};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Where a client stands in a conversation: the highest revision it has taken in.
#[derive(Deserialize, InputObject)]
#[serde(rename_all = "camelCase")]
pub struct PositionInput {
    /// Which conversation.
    #[serde(deserialize_with = "id")]
    conversation_id: ID,
    /// Up to where.
    revision: i32,
}

/// As GraphQL reads ids: a text or an integer.
fn id<'de, D: serde::Deserializer<'de>>(id: D) -> Result<ID, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Number(i64),
    }
    Ok(match Written::deserialize(id)? {
        Written::Text(text) => ID(text),
        Written::Number(number) => ID(number.to_string()),
    })
}

/// What a client knows.
#[derive(Default)]
pub(super) struct Positions {
    /// Up to where, in each conversation.
    pub(super) known: HashMap<ConversationId, Revision>,
    /// Malformed ids are those of nothing.
    pub(super) unknown: BTreeSet<String>,
}

impl Positions {
    /// The positions of the argument and those of the socket's beginning; `None` where there are neither.
    pub(super) fn of(
        argument: Option<Vec<PositionInput>>,
        init: Option<&ConnectionInit>,
    ) -> Result<Option<Self>, Error> {
        let from_init = init.map(ConnectionInit::after).transpose()?.flatten();
        if argument.is_none() && from_init.is_none() {
            return Ok(None);
        }
        let mut positions = Self::default();
        positions.add(argument.unwrap_or_default())?;
        positions.add(from_init.unwrap_or_default())?;
        Ok(Some(positions))
    }

    /// Of two positions in one conversation the later holds.
    fn add(&mut self, inputs: Vec<PositionInput>) -> Result<(), Error> {
        at_most("after", MAX_POSITIONS, &inputs)?;
        for input in inputs {
            let position = revision("revision", input.revision).map_err(|error| error.within("after"))?;
            match lookup(&input.conversation_id) {
                Some(conversation) => {
                    let known = self.known.entry(conversation).or_default();
                    *known = position.max(*known);
                }
                None => drop(self.unknown.insert(input.conversation_id.0)),
            }
        }
        Ok(())
    }
}

impl ConnectionInit {
    /// The positions in it: `{"after": [{"conversationId": "…", "revision": 1}]}`.
    fn after(&self) -> Result<Option<Vec<PositionInput>>, Error> {
        let Some(after) = self.payload.get("after") else { return Ok(None) };
        let message = "must be a list of { conversationId, revision } in the payload of connection_init";
        Deserialize::deserialize(after).map_err(|_| Error::invalid("after", message))
    }
}

fn at_most<T>(field: &'static str, limit: usize, list: &[T]) -> Result<(), Error> {
    if list.len() <= limit { Ok(()) } else { Err(Error::invalid(field, format!("may name {limit} at the most"))) }
}

/// The conversations to hear of. One that the client claims to know is said to be gone where it is none; of those, the
/// others are not told.
pub(super) fn conversations(ids: &[ID], positions: Option<&mut Positions>) -> Result<HashSet<ConversationId>, Error> {
    at_most("conversationIds", MAX_IDS, ids)?;
    let mut unknown = BTreeSet::new();
    let known = positions.as_ref().map(|positions| &positions.unknown);
    let mut conversations = HashSet::new();
    for id in ids {
        if known.is_some_and(|known| known.contains(&id.0)) {
            unknown.insert(id.0.clone());
        } else {
            conversations.insert(named("conversationIds", id)?);
        }
    }
    if let Some(positions) = positions {
        positions.unknown = unknown;
    }
    Ok(conversations)
}
