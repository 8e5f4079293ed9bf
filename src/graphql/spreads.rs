//! What is refused once a document is parsed, before it is validated: fragments that multiply. Validation walks every
//! spread of a fragment anew, so that thirty fragments of two spreads each would keep it busy for hours.

use crate::error::{Code, Error, Result};
use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use std::collections::HashMap;

/// Fields and spreads of a document, each fragment counted wherever it is spread.
pub const MAX_SELECTIONS: usize = 10_000;
/// How deep selections may stand within each other, through the fragments that they spread.
pub const MAX_DEPTH: usize = 64;

/// Goes well where validating the document is little work: `QUERY_REFUSED` that names the limit otherwise. Fragments
/// that spread each other in a circle are counted once: validation will say what is wrong with them.
pub fn check(document: &ExecutableDocument) -> Result<()> {
    let mut count = Count { document, fragments: HashMap::new() };
    let mut selections = 0_usize;
    for (_, operation) in document.operations.iter() {
        selections = selections.saturating_add(count.of(&operation.node.selection_set.node, 0)?);
    }
    for fragment in document.fragments.keys() {
        selections = selections.saturating_add(count.of_fragment(fragment, 0)?);
    }
    if selections > MAX_SELECTIONS {
        let message = format!("the document selects more than {MAX_SELECTIONS} fields, its fragments spread out");
        return Err(Error::new(Code::QueryRefused, message));
    }
    Ok(())
}

/// Counts each fragment once, and remembers.
struct Count<'a> {
    document: &'a ExecutableDocument,
    fragments: HashMap<&'a Name, usize>,
}

impl<'a> Count<'a> {
    fn of(&mut self, selections: &'a SelectionSet, depth: usize) -> Result<usize> {
        if depth > MAX_DEPTH {
            let message =
                format!("the document's selections stand more than {MAX_DEPTH} deep, its fragments spread out");
            return Err(Error::new(Code::QueryRefused, message));
        }
        selections.items.iter().try_fold(0_usize, |sum, selection| {
            let within = match &selection.node {
                Selection::Field(field) => self.of(&field.node.selection_set.node, depth + 1)?,
                Selection::InlineFragment(fragment) => self.of(&fragment.node.selection_set.node, depth + 1)?,
                Selection::FragmentSpread(spread) => self.of_fragment(&spread.node.fragment_name.node, depth + 1)?,
            };
            Ok(sum.saturating_add(1).saturating_add(within))
        })
    }

    fn of_fragment(&mut self, name: &Name, depth: usize) -> Result<usize> {
        if let Some(count) = self.fragments.get(name) {
            return Ok(*count);
        }
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Ok(0) };
        self.fragments.insert(name, 0);
        let count = self.of(&fragment.node.selection_set.node, depth)?;
        self.fragments.insert(name, count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use std::fmt::Write as _;

    fn checked(document: &str) -> Result<()> {
        check(&parse_query(document).unwrap())
    }

    fn chain(fragments: usize, spreads: &str) -> String {
        let mut document = "{ ...f0 }".to_owned();
        for n in 0..fragments {
            let next = n + 1;
            write!(document, " fragment f{n} on Query {{ {} }}", spreads.replace("NEXT", &format!("f{next}"))).unwrap();
        }
        write!(document, " fragment f{fragments} on Query {{ a }}").unwrap();
        document
    }

    #[test]
    fn fragments_that_multiply_are_refused() {
        assert_eq!(checked(&chain(30, "...NEXT ...NEXT")).unwrap_err().code(), Code::QueryRefused);
        assert!(checked(&chain(5, "...NEXT ...NEXT")).is_ok());
    }

    #[test]
    fn a_long_chain_of_fragments_is_refused() {
        assert_eq!(checked(&chain(1_000, "...NEXT")).unwrap_err().code(), Code::QueryRefused);
        assert!(checked(&chain(30, "...NEXT")).is_ok());
    }

    #[test]
    fn a_circle_of_fragments_is_left_to_validation() {
        assert!(checked("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }").is_ok());
    }

    #[test]
    fn an_ordinary_document_passes() {
        assert!(checked("query A { a { b ... on C { d } ...e } } fragment e on C { f(g: [1, 2]) }").is_ok());
    }
}
