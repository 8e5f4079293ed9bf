//! Who opens a connection.

use super::closing::{Closing, End};
use crate::chat::Viewer;
use crate::domain::client::ClientAddress;
use crate::error::Code;
use crate::graphql::{Caller, ConnectionInit, SocketEnd};
use crate::http::gate::authenticate;
use crate::http::{Gate, bearer};
use async_graphql::Data;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tracing::{error, warn};

/// A token found in the payload of `connection_init`, or what stands in its place.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Token(String),
    Nonsense,
}

/// Whom the token in the payload names, or else that of the upgrade request; nobody where there is none. A token that
/// does not count ends the connection.
pub(super) async fn admit(
    gate: &dyn Gate,
    limit: Duration,
    payload: &mut Map<String, Value>,
    header: Result<Option<&str>, Code>,
) -> Result<Option<Viewer>, End> {
    let token = match (take_token(payload), header) {
        (Found::Nonsense, _) | (Found::Nothing, Err(_)) => return Err(Closing::FORBIDDEN.into()),
        (Found::Nothing, Ok(None)) => return Ok(None),
        (Found::Nothing, Ok(Some(token))) => token.to_owned(),
        (Found::Token(token), _) => token,
    };
    match authenticate(gate, &token, limit).await {
        Ok(viewer) => Ok(Some(viewer)),
        Err(error) => Err(match error.code() {
            Code::Unavailable => {
                warn!(%error, "a token could not be checked");
                Closing::TRY_AGAIN
            }
            Code::Internal => {
                error!(%error, "a token could not be checked");
                Closing::INTERNAL
            }
            _ => Closing::FORBIDDEN,
        }
        .into()),
    }
}

/// `{"authorization": "Bearer …"}`, in any case, as a header would have it, or `{"token": "…"}`. Clients that have no
/// token send null or nothing in it.
fn take_token(payload: &mut Map<String, Value>) -> Found {
    let names: Vec<_> = payload.keys().filter(|name| name.eq_ignore_ascii_case("authorization")).cloned().collect();
    let credentials = names.iter().filter_map(|name| payload.remove(name)).last();
    let token = payload.remove("token");
    match (credentials.filter(is_said), token.filter(is_said)) {
        (None, None) => Found::Nothing,
        (Some(Value::String(text)), _) => {
            bearer::credentials(&text).map_or(Found::Nonsense, |token| Found::Token(token.to_owned()))
        }
        (None, Some(Value::String(token))) => Found::Token(token),
        _ => Found::Nonsense,
    }
}

fn is_said(value: &Value) -> bool {
    !value.is_null() && value != ""
}

/// What every operation on the connection finds beside it.
pub(super) fn session(
    viewer: Option<Viewer>,
    client: ClientAddress,
    payload: Map<String, Value>,
    end: Option<&Arc<SocketEnd>>,
) -> Data {
    let mut data = Data::default();
    data.insert(viewer.map_or(Caller::Anonymous, Caller::Viewer));
    data.insert(client);
    if let Some(end) = end {
        data.insert(Arc::clone(end));
    }
    data.insert(ConnectionInit { payload });
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(payload: Value) -> (Found, Value) {
        let Value::Object(mut payload) = payload else { panic!("not an object") };
        (take_token(&mut payload), payload.into())
    }

    #[test]
    fn a_token_is_taken_out_of_the_payload() {
        for payload in [
            json!({ "authorization": "Bearer a", "b": 1 }),
            json!({ "Authorization": "bearer a", "b": 1 }),
            json!({ "token": "a", "b": 1 }),
            json!({ "AUTHORIZATION": null, "token": "a", "b": 1 }),
            json!({ "authorization": "Bearer a", "token": "c", "b": 1 }),
        ] {
            assert_eq!(found(payload), (Found::Token("a".to_owned()), json!({ "b": 1 })));
        }
    }

    #[test]
    fn one_who_says_nothing_is_nobody() {
        for payload in [json!({}), json!({ "authorization": "" }), json!({ "token": null, "Authorization": null })] {
            assert_eq!(found(payload).0, Found::Nothing);
        }
    }

    #[test]
    fn what_is_no_token_is_not_overlooked() {
        for payload in [
            json!({ "authorization": "Basic a" }),
            json!({ "authorization": "a", "token": "b" }),
            json!({ "authorization": 1 }),
            json!({ "authorization": "Bearer " }),
            json!({ "token": { "a": 1 } }),
        ] {
            assert_eq!(found(payload).0, Found::Nonsense);
        }
    }
}
