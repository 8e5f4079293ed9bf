//! The messages of graphql-transport-ws.

use crate::graphql::operation::Parameters;
use crate::http::object::Object;
use async_graphql::ServerError;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The sub-protocol's name.
pub(super) const NAME: &str = "graphql-transport-ws";

/// The longest id of an operation, in bytes. It stands in every message.
const MAX_ID: usize = 255;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    /// Comes first, and once.
    ConnectionInit { payload: Option<Map<String, Value>> },
    /// Is the server there? To be answered at once.
    Ping { payload: Option<Map<String, Value>> },
    /// The client is there.
    Pong {},
    /// Begins an operation of any kind.
    Subscribe { id: OperationId, payload: Object<Parameters> },
    /// Ends an operation.
    Complete { id: OperationId },
}

impl ClientMessage {
    pub(super) fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text).map(|Object(message)| message)
    }
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    /// The client may begin operations.
    ConnectionAck,
    /// The server is there; with what the ping bore.
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    /// An operation has failed as a whole, and is over.
    Error { id: &'a str, payload: &'a [ServerError] },
    /// An operation is over.
    Complete { id: &'a str },
}

impl ServerMessage<'_> {
    pub(super) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

/// How each message begins that bears a result of that operation.
pub(super) fn head_of_next(id: &OperationId) -> Box<str> {
    let id = Value::from(id.as_str());
    format!(r#"{{"type":"next","id":{id},"payload":"#).into()
}

/// One result of an operation, after that head. It is in JSON already and may go to thousands: nothing of it is looked at.
pub(super) fn next(head: &str, payload: &RawValue) -> String {
    [head, payload.get(), "}"].concat()
}

/// How a client calls its operation: from 1 to 255 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct OperationId(Arc<str>);

impl OperationId {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for OperationId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        match id.len() {
            1..=MAX_ID => Ok(Self(id.into())),
            _ => Err(D::Error::custom(format!("an id has from 1 to {MAX_ID} bytes"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::to_raw_value;

    #[test]
    fn what_a_client_may_say_is_understood() {
        for text in [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null}"#,
            r#"{"payload":{"a":[1.5,null]},"type":"connection_init","more":0}"#,
            r#" {"type":"ping"}"#,
            r#"{"type":"pong","payload":{}}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{a}","variables":null,"extensions":{"a":1}}}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{a}","variables":{"a":{"b":[1]}},"operationName":"A"}}"#,
            r#"{"id":"1","type":"complete"}"#,
        ] {
            assert!(ClientMessage::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_malformed_is_not() {
        let long = format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(MAX_ID + 1));
        for text in [
            "",
            "hello",
            "null",
            r#"["ping"]"#,
            r#"{"type":"ping"}{}"#,
            r#"{"type":1}"#,
            r#"{"id":"1"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"start","id":"1","payload":{"query":"{a}"}}"#,
            r#"{"type":"connection_init","payload":"token"}"#,
            r#"{"type":"ping","payload":[]}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":["{a}",null,null,null]}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","operationName":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","extensions":"a"}}"#,
            r#"{"type":"complete"}"#,
            &long,
        ] {
            assert!(ClientMessage::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_the_server_says_is_as_the_protocol_has_it() {
        let errors = [ServerError::new("no", None)];
        for (message, text) in [
            (ServerMessage::ConnectionAck, r#"{"type":"connection_ack"}"#),
            (ServerMessage::Pong { payload: None }, r#"{"type":"pong"}"#),
            (ServerMessage::Pong { payload: Some(Map::new()) }, r#"{"type":"pong","payload":{}}"#),
            (
                ServerMessage::Error { id: "1", payload: &errors },
                r#"{"type":"error","id":"1","payload":[{"message":"no"}]}"#,
            ),
            (ServerMessage::Complete { id: "1" }, r#"{"type":"complete","id":"1"}"#),
        ] {
            assert_eq!(message.to_json().unwrap(), text);
        }
    }

    #[test]
    fn a_result_bears_its_id_whatever_that_is() {
        let payload = to_raw_value(&serde_json::json!({ "data": 1 })).unwrap();
        for id in ["1", "a \"quoted\" one", "ä\n"] {
            let text = next(&head_of_next(&OperationId(id.into())), &payload);
            let message: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(message, serde_json::json!({ "type": "next", "id": id, "payload": { "data": 1 } }));
        }
    }
}
