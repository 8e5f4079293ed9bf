//! Documents, from a stranger's text to what may be run: guarded, parsed, counted, and remembered by their hash. One
//! way for every transport.

mod cache;
mod conflicts;
mod cost;
pub mod guard;
mod hash;
mod limits;
mod persisted;
mod roots;
mod shape;
mod tally;
mod trusted;
mod unknown;
mod validation;

pub use cache::Traffic;
pub use hash::DocumentHash;
pub use limits::DocumentLimits;
pub use shape::Shape;
pub use trusted::read as read_trusted;
pub use validation::Validator;

use super::operation::{Kind, Operation, Parameters, refusal, server_error};
use crate::error::{Code, Error};
use crate::measures::DocumentMeasures;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Positioned, Request, ServerError};
use cache::Cache;
use std::sync::Arc;
use trusted::Trusted;

/// All documents that clients have sent lately, or that alone they may mean.
pub struct Documents {
    limits: DocumentLimits,
    shape: Shape,
    cache: Cache,
    trusted: Option<Trusted>,
}

/// A document that is safe to validate and to run, though it may still break the schema's rules.
struct Checked {
    document: ExecutableDocument,
    hash: DocumentHash,
    /// The tokens it was made of.
    tokens: usize,
}

impl Documents {
    /// None yet, within these limits, for a schema of that shape.
    pub fn new(limits: DocumentLimits, shape: Shape) -> Self {
        Self { limits, shape, cache: Cache::new(), trusted: None }
    }

    /// Only these, by their ids: what is wrong with the first that is not right otherwise, and its id. Whether they
    /// suit the schema is not looked at.
    pub fn trusting(self, documents: &[(String, String)]) -> Result<Self, (String, Error)> {
        let checked = documents.iter().map(|(id, text)| match self.check(DocumentHash::of(text), text) {
            Ok(checked) => Ok((id.clone(), Arc::new(checked))),
            Err(errors) => {
                let message = errors.into_iter().next().map(|error| error.message).unwrap_or_default();
                Err((id.clone(), Error::new(Code::QueryRefused, message)))
            }
        });
        let trusted = Trusted::new(checked.collect::<Result<_, _>>()?);
        Ok(Self { trusted: Some(trusted), ..self })
    }

    /// The same, counting there.
    #[must_use]
    pub fn counting(mut self, measures: DocumentMeasures) -> Self {
        self.cache.measures = measures;
        self
    }

    /// How often a document was remembered, and how often it was not.
    pub fn traffic(&self) -> Traffic {
        self.cache.traffic()
    }

    /// The operation that is asked for, safe to be run: the errors of a refusal otherwise.
    pub fn prepare(&self, parameters: Parameters) -> Result<Operation, Vec<ServerError>> {
        let checked = self.find(&parameters)?;
        let Parameters { query, operation_name, variables, extensions, .. } = parameters;
        // The specification has an empty name be as good as none.
        let operation_name = operation_name.filter(|name| !name.is_empty());
        let variables = variables.unwrap_or_default();
        let chosen = chosen(&checked.document, operation_name.as_deref());
        if let Some((_, operation)) = chosen {
            cost::check(&checked.document, &operation.node, &variables, &self.shape, &self.limits).map_err(one)?;
        }
        let kind = chosen.map(|(_, operation)| match operation.node.ty {
            OperationType::Query => Kind::Query,
            OperationType::Mutation => Kind::Mutation,
            OperationType::Subscription => Kind::Subscription,
        });
        let name = chosen.and_then(|(name, _)| name.map(str::to_owned));
        let mut request = Request::new(query.unwrap_or_default()).variables(variables);
        request.operation_name = operation_name;
        request.extensions = extensions.unwrap_or_default();
        request.set_parsed_query(checked.document.clone());
        Ok(Operation { request, kind, name, hash: checked.hash })
    }

    fn find(&self, parameters: &Parameters) -> Result<Arc<Checked>, Vec<ServerError>> {
        let (id, text) = (persisted::id(parameters)?, parameters.query.as_deref());
        if let Some(trusted) = &self.trusted {
            return trusted.find(id, text).map_err(one);
        }
        let asked = id.map(DocumentHash::parse);
        match (text, asked) {
            (Some(text), None) => self.remembered(DocumentHash::of(text), text),
            (Some(text), Some(asked)) => {
                let hash = DocumentHash::of(text);
                if asked == Some(hash) { self.remembered(hash, text) } else { Err(persisted::other_hash()) }
            }
            (None, asked) => {
                let known = asked.flatten().and_then(|hash| self.cache.get(&hash));
                known.ok_or_else(persisted::not_found)
            }
        }
    }

    fn remembered(&self, hash: DocumentHash, text: &str) -> Result<Arc<Checked>, Vec<ServerError>> {
        if let Some(known) = self.cache.get(&hash) {
            return Ok(known);
        }
        let checked = Arc::new(self.check(hash, text)?);
        self.cache.put(hash, &checked);
        Ok(checked)
    }

    fn check(&self, hash: DocumentHash, text: &str) -> Result<Checked, Vec<ServerError>> {
        let tokens = guard::check(text, &self.limits).map_err(one)?;
        let mut document = parse_query(text).map_err(syntax)?;
        tally::check(&document, &self.limits).map_err(one)?;
        conflicts::check(&document)?;
        unknown::check(&document, &self.shape).map_err(one)?;
        roots::settle(&mut document, self.shape.root(OperationType::Subscription)).map_err(one)?;
        Ok(Checked { document, hash, tokens })
    }
}

/// What is wrong with a document's syntax, without the whole of its line, which the parser's own message repeats.
fn syntax(error: async_graphql::parser::Error) -> Vec<ServerError> {
    let mut error = ServerError::from(error);
    let reason = error.message.rsplit_once("\n  = ").map_or(error.message.as_str(), |(_, reason)| reason);
    let reason: String = reason.chars().take(200).collect();
    error.message = format!("the document cannot be read: {reason}");
    refusal(error)
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` wants it")]
fn one(error: Error) -> Vec<ServerError> {
    vec![server_error(&error)]
}

/// The operation that the executor will choose, with its name; `None` where it will find none.
fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<(Option<&'a str>, &'a Positioned<OperationDefinition>)> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some((None, operation)),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), name) => {
            let only = if operations.len() == 1 { operations.iter().next() } else { None };
            let found = name.map_or(only, |name| operations.get_key_value(name));
            found.map(|(name, operation)| (Some(name.as_str()), operation))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::Value;
    use serde_json::{Value as Json, json};

    fn documents() -> Documents {
        Documents::new(DocumentLimits::DEFAULT, Shape::default())
    }

    /// What a request with these parameters becomes, or the message and the code of its refusal.
    fn prepared(documents: &Documents, parameters: Json) -> Result<Operation, (String, String)> {
        let parameters = serde_json::from_value(parameters).unwrap();
        documents.prepare(parameters).map_err(|errors| {
            let code = errors[0].extensions.as_ref().unwrap().get("code").unwrap().clone();
            let Value::String(code) = code else { panic!("{code}") };
            (errors[0].message.clone(), code)
        })
    }

    fn kind_of(query: &str, name: Option<&str>) -> Option<Kind> {
        prepared(&documents(), json!({ "query": query, "operationName": name })).ok().unwrap().kind
    }

    #[test]
    fn the_kind_is_that_of_the_operation_which_will_run() {
        let two = "query A { a } mutation B { b }";
        assert_eq!(kind_of("{ a }", None), Some(Kind::Query));
        assert_eq!(kind_of("{ a }", Some("")), Some(Kind::Query));
        assert_eq!(kind_of("subscription S { a }", None), Some(Kind::Subscription));
        assert_eq!(kind_of(two, Some("A")), Some(Kind::Query));
        assert_eq!(kind_of(two, Some("B")), Some(Kind::Mutation));
        assert_eq!(kind_of(two, Some("C")), None);
        assert_eq!(kind_of(two, None), None);
        assert_eq!(kind_of("{ a }", Some("A")), None);
    }

    #[test]
    fn an_operation_bears_its_name_and_the_hash_of_its_document() {
        let operation = prepared(&documents(), json!({ "query": "query A { a }" })).ok().unwrap();
        assert_eq!(operation.name.as_deref(), Some("A"));
        // As `printf %s 'query A { a }' | sha256sum` has it.
        assert_eq!(operation.hash.to_string(), HASH_OF_A);
        assert_eq!(prepared(&documents(), json!({ "query": "{ a }" })).ok().unwrap().name, None);
    }

    const HASH_OF_A: &str = "7d0eedabb966107835cf307a0ebaf93b5d2cb8c30228611ffe3d27a53c211a0c";

    #[test]
    fn a_refusal_has_a_code() {
        for query in
            ["{", "{ a(b: \"\"\" }", "{ a: b a: c }", "subscription { a b }", "{ ...f } fragment f on A { ...f }"]
        {
            let (_, code) = prepared(&documents(), json!({ "query": query })).err().unwrap();
            assert_eq!(code, "QUERY_REFUSED", "{query}");
        }
    }

    #[test]
    fn a_document_is_parsed_once() {
        let documents = documents();
        for query in ["{ a }", "{ b }", "{ a }", "{ a }", "{"] {
            let _ = prepared(&documents, json!({ "query": query }));
        }
        assert_eq!(documents.traffic(), Traffic { hits: 2, misses: 3 });
    }

    #[test]
    fn a_document_is_known_again_by_its_hash() {
        let documents = documents();
        let apq = |hash: &str| json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
        let not_found = ("PersistedQueryNotFound".to_owned(), "PERSISTED_QUERY_NOT_FOUND".to_owned());
        assert_eq!(prepared(&documents, apq(HASH_OF_A)).err().unwrap(), not_found);
        assert_eq!(prepared(&documents, apq("nonsense")).err().unwrap(), not_found);
        let mut whole = apq(HASH_OF_A);
        whole["query"] = "query A { b }".into();
        let (message, code) = prepared(&documents, whole.clone()).err().unwrap();
        assert!(message.contains("SHA-256") && code == "INVALID_INPUT", "{message}");
        whole["query"] = "query A { a }".into();
        assert!(prepared(&documents, whole).is_ok());
        for known in
            [apq(HASH_OF_A), json!({ "documentId": format!("sha256:{HASH_OF_A}") }), json!({ "id": HASH_OF_A })]
        {
            assert_eq!(prepared(&documents, known).ok().unwrap().name.as_deref(), Some("A"));
        }
        for malformed in [json!({ "version": 2, "sha256Hash": HASH_OF_A }), json!({ "version": 1 }), json!(1)] {
            let parameters = json!({ "query": "query A { a }", "extensions": { "persistedQuery": malformed } });
            assert_eq!(prepared(&documents, parameters).err().unwrap().1, "INVALID_INPUT");
        }
        let two = json!({ "documentId": "x", "extensions": apq(HASH_OF_A)["extensions"] });
        assert_eq!(prepared(&documents, two).err().unwrap().1, "INVALID_INPUT");
    }

    #[test]
    fn where_some_are_trusted_no_others_run() {
        let trusted = [("1".to_owned(), "query A { a }".to_owned()), ("sha256:2".to_owned(), "{ b }".to_owned())];
        let trusting = documents().trusting(&trusted).ok().unwrap();
        let apq = |hash: &str| json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
        for good in [
            json!({ "documentId": "1" }),
            json!({ "id": "1", "operationName": "A" }),
            json!({ "documentId": "sha256:2" }),
            apq("2"),
            json!({ "query": "{ b }" }),
            json!({ "documentId": "1", "query": "query A { a }" }),
        ] {
            assert!(prepared(&trusting, good.clone()).is_ok(), "{good}");
        }
        for other in [
            json!({ "query": "{ c }" }),
            json!({ "documentId": "3" }),
            json!({ "documentId": HASH_OF_A }),
            json!({ "documentId": "1", "query": "{ b }" }),
            json!({ "documentId": "1", "query": "{ c }" }),
            json!({ "documentId": "3", "query": "{ b }" }),
        ] {
            assert_eq!(prepared(&trusting, other.clone()).err().unwrap().1, "QUERY_REFUSED", "{other}");
        }
        let wrong = [("1".to_owned(), "{".to_owned())];
        assert_eq!(documents().trusting(&wrong).err().unwrap().0, "1");
    }
}
