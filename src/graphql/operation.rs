//! An operation as every transport brings it and takes it away again: of a known kind before it runs, and refused as a
//! whole or answered afterwards.

use super::documents::DocumentHash;
use super::errors::Fault;
use crate::error::{Code, Error};
use async_graphql::{Extensions, Request, Response, ServerError, Value, Variables};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// What a client sends to have something done: the parameters of the GraphQL over HTTP specification, section 4.1, and of
/// its appendix on persisted documents.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", remote = "Self")]
pub struct Parameters {
    /// The document.
    pub query: Option<String>,
    /// By what the document is known.
    #[serde(alias = "id")]
    pub document_id: Option<String>,
    /// Which of the document's operations; needed where there are several.
    pub operation_name: Option<String>,
    /// What the operation's variables stand for.
    pub variables: Option<Variables>,
    /// For agreements beyond the specification.
    pub extensions: Option<Extensions>,
}

impl Parameters {
    /// Whether they name a document at all.
    pub fn are_whole(&self) -> bool {
        let by_extension = || self.extensions.as_ref().is_some_and(|found| found.0.contains_key("persistedQuery"));
        self.query.is_some() || self.document_id.is_some() || by_extension()
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parameters = Self::deserialize(deserializer)?;
        if parameters.are_whole() { Ok(parameters) } else { Err(D::Error::missing_field("query")) }
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads.
    Query,
    /// Writes.
    Mutation,
    /// Listens.
    Subscription,
}

/// An operation that is safe to run, though its document may still break the schema's rules.
pub struct Operation {
    /// What the executor takes.
    pub request: Request,
    /// What it does; `None` where the document has no operation of that name, which the executor will say.
    pub kind: Option<Kind>,
    /// What its document calls it, if anything.
    pub name: Option<String>,
    /// Of its document.
    pub hash: DocumentHash,
}

/// Errors of a document that are told.
const MAX_ERRORS: usize = 20;

/// What became of an operation.
pub enum Outcome {
    /// It was refused before it ran: there is no `data`, not even `null`.
    Refused(Vec<ServerError>),
    /// It ran. Where `data` is `null`, a field that may not be null has failed.
    Answered(Response),
}

impl From<Response> for Outcome {
    /// A field's error has a path; what has none was said of the operation as a whole.
    fn from(mut response: Response) -> Self {
        let is_of_the_whole = |error: &ServerError| error.path.is_empty();
        if has_failed(&response) && response.errors.iter().all(is_of_the_whole) {
            // More than these help nobody to find the mistake.
            response.errors.truncate(MAX_ERRORS);
            Self::Refused(with_codes(response.errors, Code::QueryRefused))
        } else {
            // What a resolver says has a code: without one it is an argument that the executor could not read.
            response.errors = with_codes(response.errors, Code::InvalidInput);
            Self::Answered(response)
        }
    }
}

/// Whether the response has errors and nothing else.
pub fn has_failed(response: &Response) -> bool {
    response.is_err() && response.data == Value::Null
}

/// What becomes of a subscription's event, once it has been resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is told, and those after it.
    Told,
    /// A store was away, or we have made a mistake: nothing may come after it, which would take the client past it.
    Lost,
    /// It is about what the viewer may not see any more, and is passed over.
    Withheld,
}

impl From<&Response> for Fate {
    fn from(event: &Response) -> Self {
        if !has_failed(event) {
            return Self::Told;
        }
        if fault(&event.errors).is_some() {
            Self::Lost
        } else if any_is(&event.errors, Code::NotFound) {
            Self::Withheld
        } else {
            Self::Told
        }
    }
}

/// What of the errors is the server's fault, if anything: a store that is away, or a mistake of ours.
pub fn fault(errors: &[ServerError]) -> Option<Code> {
    [Code::Internal, Code::Unavailable].into_iter().find(|code| any_is(errors, *code))
}

fn any_is(errors: &[ServerError], code: Code) -> bool {
    let is = |error: &ServerError| {
        let of_error = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        matches!(of_error, Some(Value::String(name)) if name == code.name())
    };
    errors.iter().any(is)
}

/// What went wrong with an operation as a whole, as GraphQL writes it: without its cause, which the log gets.
pub fn server_error(error: &Error) -> ServerError {
    Fault::from(error.clone()).into()
}

/// What is wrong with a document's syntax.
pub(super) fn refusal(error: ServerError) -> Vec<ServerError> {
    with_codes(vec![error], Code::QueryRefused)
}

/// Syntax and validation errors come without a code, and get this one.
fn with_codes(errors: Vec<ServerError>, code: Code) -> Vec<ServerError> {
    let with_code = |error: ServerError| match &error.extensions {
        Some(extensions) if extensions.get("code").is_some() => error,
        _ => coded(error, code),
    };
    errors.into_iter().map(with_code).collect()
}

fn coded(mut error: ServerError, code: Code) -> ServerError {
    error.extensions.get_or_insert_default().set("code", code.name());
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_fails_is_lost_or_withheld() {
        let failed = |code| {
            let path = vec![async_graphql::PathSegment::Field("events".into())];
            Response::from_errors(vec![server_error(&Error::new(code, "no")).with_path(path)])
        };
        assert_eq!(Fate::from(&failed(Code::Unavailable)), Fate::Lost);
        assert_eq!(Fate::from(&failed(Code::Internal)), Fate::Lost);
        assert_eq!(Fate::from(&failed(Code::NotFound)), Fate::Withheld);
        let mut in_part = failed(Code::Unavailable);
        in_part.data = Value::from(1);
        assert_eq!(Fate::from(&in_part), Fate::Told);
    }

    #[test]
    fn a_failed_field_is_no_refusal() {
        let field = ServerError::new("away", None).with_path(vec![async_graphql::PathSegment::Field("a".into())]);
        assert!(matches!(Response::from_errors(vec![field]).into(), Outcome::Answered(_)));
        let whole = ServerError::new("unknown field", None);
        assert!(matches!(Response::from_errors(vec![whole]).into(), Outcome::Refused(_)));
    }
}
