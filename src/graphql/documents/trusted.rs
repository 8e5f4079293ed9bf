//! The only documents that an operator lets run, by their ids: a file that the clients' build has written.

use super::{Checked, DocumentHash};
use crate::error::{Code, Error, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The file: Apollo's manifest of persisted queries, or an object of ids and documents, as graphql-codegen and Relay's
/// compiler write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Manifest { operations: Vec<Entry> },
    Flat(BTreeMap<String, String>),
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    body: String,
}

/// The ids and texts of a file's documents; `INVALID_INPUT` where it is of another form.
pub fn read(json: &str) -> Result<Vec<(String, String)>> {
    let other = |_| {
        Error::new(Code::InvalidInput, "must be a JSON object of ids and documents, or a manifest of persisted queries")
    };
    Ok(match serde_json::from_str(json).map_err(other)? {
        File::Manifest { operations } => operations.into_iter().map(|entry| (entry.id, entry.body)).collect(),
        File::Flat(documents) => documents.into_iter().collect(),
    })
}

/// They and no others.
pub(super) struct Trusted {
    by_id: HashMap<String, Arc<Checked>>,
    by_hash: HashMap<DocumentHash, Arc<Checked>>,
}

impl Trusted {
    /// By their ids.
    pub(super) fn new(documents: Vec<(String, Arc<Checked>)>) -> Self {
        let by_hash = documents.iter().map(|(_, checked)| (checked.hash, Arc::clone(checked))).collect();
        let without_prefix = |id: String| id.strip_prefix("sha256:").map(str::to_owned).unwrap_or(id);
        let by_id = documents.into_iter().map(|(id, checked)| (without_prefix(id), checked)).collect();
        Self { by_id, by_hash }
    }

    /// The one that is meant, by its id, or by its own text, which is as good; `QUERY_REFUSED` where it is none of them.
    pub(super) fn find(&self, id: Option<&str>, text: Option<&str>) -> Result<Arc<Checked>> {
        let by_id = id.map(|id| self.by_id.get(id));
        let by_text = text.map(|text| self.by_hash.get(&DocumentHash::of(text)));
        let found = match (by_id, by_text) {
            (Some(Some(by_id)), Some(Some(by_text))) if by_id.hash != by_text.hash => None,
            (Some(None), _) | (_, Some(None)) => None,
            (by_id, by_text) => by_id.or(by_text).flatten(),
        };
        let refused = || Error::new(Code::QueryRefused, "only trusted documents run here: name one by its documentId");
        found.map(Arc::clone).ok_or_else(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_file_are_read() {
        let manifest = r#"{
            "format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{ "id": "1", "name": "A", "type": "query", "body": "query A { a }" }]
        }"#;
        let expected = vec![("1".to_owned(), "query A { a }".to_owned())];
        assert_eq!(read(manifest).unwrap(), expected);
        assert_eq!(read(r#"{ "1": "query A { a }" }"#).unwrap(), expected);
        assert_eq!(read("{}").unwrap(), []);
        for other in ["", "[]", r#"{ "1": 2 }"#, r#"{ "operations": [{ "id": 1 }] }"#] {
            assert_eq!(read(other).unwrap_err().code(), Code::InvalidInput, "{other}");
        }
    }
}
