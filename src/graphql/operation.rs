//! An operation as every transport brings it and takes it away again: guarded, parsed and of a known kind before it
//! runs, and refused as a whole or answered afterwards.

use super::{guard, spreads};
use crate::error::{Code, Error};
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::{Extensions, Request, Response, ServerError, Value, Variables};
use serde::Deserialize;

/// What a client sends to have something done: the parameters of the GraphQL over HTTP specification, section 4.1.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    /// The document.
    pub query: String,
    /// Which of the document's operations; needed where there are several.
    pub operation_name: Option<String>,
    /// What the operation's variables stand for.
    pub variables: Option<Variables>,
    /// For agreements beyond the specification.
    pub extensions: Option<Extensions>,
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
}

impl Operation {
    /// Guards and parses the document: the errors of a refusal otherwise.
    pub fn prepare(parameters: Parameters) -> Result<Self, Vec<ServerError>> {
        guard::check(&parameters.query).map_err(|error| vec![server_error(&error)])?;
        let mut request = Request::new(parameters.query).variables(parameters.variables.unwrap_or_default());
        request.operation_name = parameters.operation_name;
        request.extensions = parameters.extensions.unwrap_or_default();
        let name = request.operation_name.clone();
        match request.parsed_query() {
            Ok(document) => {
                spreads::check(document).map_err(|error| vec![server_error(&error)])?;
                let kind = kind(document, name.as_deref());
                Ok(Self { request, kind })
            }
            Err(error) => Err(with_codes(vec![error], Code::QueryRefused)),
        }
    }
}

/// The kind of the operation that the executor will choose.
fn kind(document: &ExecutableDocument, name: Option<&str>) -> Option<Kind> {
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations.values().next(),
        (DocumentOperations::Single(_), Some(_)) | (DocumentOperations::Multiple(_), None) => None,
    };
    chosen.map(|operation| match operation.node.ty {
        OperationType::Query => Kind::Query,
        OperationType::Mutation => Kind::Mutation,
        OperationType::Subscription => Kind::Subscription,
    })
}

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
        let is = |error: &ServerError, code: Code| {
            let of_error = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
            of_error == Some(&Value::from(code.name()))
        };
        let any_is = |code| event.errors.iter().any(|error| is(error, code));
        if any_is(Code::Unavailable) || any_is(Code::Internal) {
            Self::Lost
        } else if any_is(Code::NotFound) {
            Self::Withheld
        } else {
            Self::Told
        }
    }
}

/// What went wrong as GraphQL writes it, without its cause.
pub fn server_error(error: &Error) -> ServerError {
    coded(ServerError::new(error.message(), None), error.code())
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

    fn prepare(query: &str, name: Option<&str>) -> Result<Operation, Vec<ServerError>> {
        Operation::prepare(Parameters {
            query: query.to_owned(),
            operation_name: name.map(str::to_owned),
            variables: None,
            extensions: None,
        })
    }

    fn kind_of(query: &str, name: Option<&str>) -> Option<Kind> {
        prepare(query, name).ok().and_then(|operation| operation.kind)
    }

    #[test]
    fn the_kind_is_that_of_the_operation_which_will_run() {
        let two = "query A { a } mutation B { b }";
        assert_eq!(kind_of("{ a }", None), Some(Kind::Query));
        assert_eq!(kind_of("subscription S { a }", None), Some(Kind::Subscription));
        assert_eq!(kind_of(two, Some("A")), Some(Kind::Query));
        assert_eq!(kind_of(two, Some("B")), Some(Kind::Mutation));
        assert_eq!(kind_of(two, Some("C")), None);
        assert_eq!(kind_of(two, None), None);
        assert_eq!(kind_of("{ a }", Some("A")), None);
    }

    #[test]
    fn a_refusal_has_a_code() {
        for query in ["{", "{ a(b: \"\"\" }"] {
            let errors = prepare(query, None).err().unwrap();
            let code = errors[0].extensions.as_ref().unwrap().get("code").unwrap();
            assert_eq!(code, &Value::from("QUERY_REFUSED"));
        }
    }

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
