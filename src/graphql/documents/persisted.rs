//! Which document a request means, where it does not, or not only, bring it: the appendix on persisted documents of the
//! GraphQL over HTTP specification (`documentId`), and automatic persisted queries as Apollo's clients and urql speak
//! them (`extensions.persistedQuery`).

use crate::error::{Code, Error};
use crate::graphql::operation::{Parameters, server_error};
use async_graphql::{ServerError, Value};

/// The prefix of a SHA-256 in hexadecimal.
const SHA256: &str = "sha256:";

/// By which id a request names its document, if it does. Of one with the prefix `sha256:` the rest.
pub(super) fn id(parameters: &Parameters) -> Result<Option<&str>, Vec<ServerError>> {
    let document_id = parameters.document_id.as_deref().map(|id| id.strip_prefix(SHA256).unwrap_or(id));
    let extensions = parameters.extensions.as_ref().and_then(|extensions| extensions.0.get("persistedQuery"));
    let hash = extensions.filter(|value| **value != Value::Null).map(hash).transpose()?;
    match (document_id, hash) {
        (Some(id), Some(hash)) if id != hash => {
            Err(invalid("documentId and extensions.persistedQuery name two documents"))
        }
        (id, hash) => Ok(id.or(hash)),
    }
}

fn hash(persisted: &Value) -> Result<&str, Vec<ServerError>> {
    let field = |name: &str| match persisted {
        Value::Object(fields) => fields.get(name),
        _ => None,
    };
    match (field("version"), field("sha256Hash")) {
        (Some(Value::Number(version)), Some(Value::String(hash))) if version.as_u64() == Some(1) => Ok(hash),
        _ => Err(invalid("extensions.persistedQuery: must be {version: 1, sha256Hash: …}")),
    }
}

/// Of a document that came with another's hash.
pub(super) fn other_hash() -> Vec<ServerError> {
    invalid("the document's SHA-256 is not the one that was given")
}

fn invalid(message: &'static str) -> Vec<ServerError> {
    vec![server_error(&Error::new(Code::InvalidInput, message))]
}

/// Of a document that is not remembered: the client is to send it again, as a whole. Clients look for this message and
/// this code, which are the protocol's.
pub(super) fn not_found() -> Vec<ServerError> {
    let mut error = ServerError::new("PersistedQueryNotFound", None);
    error.extensions.get_or_insert_default().set("code", "PERSISTED_QUERY_NOT_FOUND");
    vec![error]
}
