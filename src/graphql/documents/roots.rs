//! The one field of a subscription. The specification has it so that a stream is of one thing (section 5.2.4.1); the
//! executor would run a stream for each, and none for those that fragments bring.

use super::conflicts::is_same;
use crate::error::{Code, Error, Result};
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};
use std::collections::HashSet;

/// Refuses subscriptions of several fields, and leaves of the others the one field, without the fragments around it. The
/// document's fragments must have been found to be without circles.
pub(super) fn settle(document: &mut ExecutableDocument, root: Option<&str>) -> Result<()> {
    let mut one = OneField { document, root, spread: HashSet::new() };
    let subscriptions = document.operations.iter().filter(|(_, found)| found.node.ty == OperationType::Subscription);
    let settled: Result<Vec<_>> = subscriptions
        .map(|(name, operation)| {
            let field = one.of(&operation.node)?;
            let is_plain =
                matches!(operation.node.selection_set.node.items[..], [Positioned { node: Selection::Field(_), .. }]);
            Ok((!is_plain).then(|| (name.cloned(), field)))
        })
        .collect();
    let spread: HashSet<Name> = one.spread.into_iter().cloned().collect();
    for (name, field) in settled?.into_iter().flatten() {
        let operation = match (&mut document.operations, &name) {
            (DocumentOperations::Single(operation), _) => Some(operation),
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get_mut(name),
            (DocumentOperations::Multiple(_), None) => None,
        };
        if let Some(operation) = operation {
            let pos = field.pos;
            operation.node.selection_set.node.items = vec![Positioned::new(Selection::Field(field), pos)];
        }
    }
    forget(document, &spread);
    Ok(())
}

/// Those of the fragments that nothing spreads any more: validation would take them for a mistake.
fn forget(document: &mut ExecutableDocument, candidates: &HashSet<Name>) {
    if candidates.is_empty() {
        return;
    }
    let mut used = HashSet::new();
    for (_, operation) in document.operations.iter() {
        spreads(document, &operation.node.selection_set.node, &mut used);
    }
    let used: HashSet<Name> = used.into_iter().cloned().collect();
    document.fragments.retain(|name, _| used.contains(name) || !candidates.contains(name));
}

fn spreads<'a>(document: &'a ExecutableDocument, selections: &'a SelectionSet, used: &mut HashSet<&'a Name>) {
    for selection in &selections.items {
        match &selection.node {
            Selection::Field(field) => spreads(document, &field.node.selection_set.node, used),
            Selection::InlineFragment(fragment) => spreads(document, &fragment.node.selection_set.node, used),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name).filter(|_| used.insert(name)) {
                    spreads(document, &fragment.node.selection_set.node, used);
                }
            }
        }
    }
}

struct OneField<'a> {
    document: &'a ExecutableDocument,
    /// The type of a subscription's first level, where it is known.
    root: Option<&'a str>,
    /// The fragments that stand there.
    spread: HashSet<&'a Name>,
}

impl<'a> OneField<'a> {
    fn of(&mut self, operation: &'a OperationDefinition) -> Result<Positioned<Field>> {
        let mut fields = Vec::new();
        self.collect(&operation.selection_set.node, &mut fields)?;
        let mut fields = fields.into_iter();
        let first = fields
            .next()
            .ok_or_else(|| refused("a subscription has one field on its first level, and this has none"))?;
        if first.node.name.node.starts_with("__") {
            return Err(refused("a subscription has one field on its first level, and no introspection"));
        }
        let mut one = first.clone();
        for other in fields {
            if other.node.response_key().node != first.node.response_key().node {
                return Err(refused("a subscription has one field on its first level, and this has several"));
            }
            if !is_same(&first.node, &other.node) {
                return Err(refused("the fields on a subscription's first level differ in what they ask for"));
            }
            one.node.selection_set.node.items.extend(other.node.selection_set.node.items.iter().cloned());
        }
        Ok(one)
    }

    fn collect(&mut self, selections: &'a SelectionSet, fields: &mut Vec<&'a Positioned<Field>>) -> Result<()> {
        for selection in &selections.items {
            let directives = selection.node.directives();
            let is_conditional =
                directives.iter().any(|found| matches!(found.node.name.node.as_str(), "skip" | "include"));
            match &selection.node {
                _ if is_conditional => {
                    return Err(refused("@skip and @include do not stand on the first level of a subscription"));
                }
                Selection::Field(field) => fields.push(field),
                _ if !directives.is_empty() => {
                    return Err(refused("directives do not stand on fragments of a subscription's first level"));
                }
                Selection::InlineFragment(fragment) => {
                    self.verify(fragment.node.type_condition.as_ref().map(|condition| &condition.node.on.node))?;
                    self.collect(&fragment.node.selection_set.node, fields)?;
                }
                Selection::FragmentSpread(spread) => {
                    let Some((name, fragment)) = self.document.fragments.get_key_value(&spread.node.fragment_name.node)
                    else {
                        return Err(refused("a subscription spreads a fragment that the document does not have"));
                    };
                    self.verify(Some(&fragment.node.type_condition.node.on.node))?;
                    if self.spread.insert(name) || fields.is_empty() {
                        self.collect(&fragment.node.selection_set.node, fields)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn verify(&self, on: Option<&Name>) -> Result<()> {
        match (on, self.root) {
            (Some(on), Some(root)) if on != root => {
                Err(refused("a fragment of a subscription's first level is of another type"))
            }
            _ => Ok(()),
        }
    }
}

fn refused(message: &'static str) -> Error {
    Error::new(Code::QueryRefused, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn settled(document: &str) -> Result<ExecutableDocument> {
        let mut document = parse_query(document).unwrap();
        settle(&mut document, Some("Subscription")).map(|()| document)
    }

    #[test]
    fn a_subscription_of_several_fields_or_none_of_its_own_is_refused() {
        for document in [
            "subscription { a b }",
            "subscription { a c: a }",
            "subscription { a(b: 1) ... on Subscription { a(b: 2) } }",
            "subscription { a ...f } fragment f on Subscription { b }",
            "subscription { ... { a } ... on Subscription { b } }",
            "subscription { __typename }",
            "subscription { ...f } fragment f on Subscription { __typename }",
            "subscription { a @skip(if: false) }",
            "subscription { ... @include(if: true) { a } }",
            "subscription { ...f @include(if: true) } fragment f on Subscription { a }",
            "subscription { ...f @other } fragment f on Subscription { a }",
            "subscription { ...f } fragment f on Query { a }",
            "subscription { ...f }",
            "query Q { a b } subscription S { a b }",
        ] {
            assert_eq!(settled(document).unwrap_err().code(), Code::QueryRefused, "{document}");
        }
    }

    #[test]
    fn the_one_field_is_found_through_fragments() {
        for document in [
            "subscription { a(b: 1) { c d } }",
            "subscription { ... { ...f } } fragment f on Subscription { a(b: 1) { c d } }",
            "subscription S { ...f } fragment f on Subscription { a(b: 1) { c } ... on Subscription { a(b: 1) { d } } }",
            "query Q { b } subscription S { ...f } fragment f on Subscription { a(b: 1) { c d } }",
        ] {
            let parsed = settled(document).unwrap();
            let (_, operation) =
                parsed.operations.iter().find(|(_, found)| found.node.ty == OperationType::Subscription).unwrap();
            let [Positioned { node: Selection::Field(field), .. }] = &operation.node.selection_set.node.items[..]
            else {
                panic!("{document}");
            };
            assert_eq!(field.node.selection_set.node.items.len(), 2, "{document}");
            assert!(parsed.fragments.is_empty(), "{document}");
        }
    }

    #[test]
    fn fragments_that_are_spread_elsewhere_stay() {
        let document = settled(
            "subscription { ...f } fragment f on Subscription { a { ...g } } fragment g on A { b } fragment h on A { c }",
        );
        let mut left: Vec<_> = document.unwrap().fragments.keys().map(ToString::to_string).collect();
        left.sort();
        assert_eq!(left, ["g", "h"]);
    }
}
