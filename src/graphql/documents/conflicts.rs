//! Fields of one selection that cannot be one field of the answer, as validation finds them, but refused with the first.
//! Validation tells of each pair, anew at each level: a document of some kilobytes would have it write millions of errors.

use super::limits::exceeded;
use crate::graphql::operation::{refusal, server_error};
use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Positioned, ServerError};
use std::collections::{HashMap, HashSet};

/// Arguments of one field or directive, each of which is compared with each of the next of that name. None of the schema
/// has half as many.
const MAX_ARGUMENTS: usize = 20;

/// Goes well where there are none. Looks at each selection once, and at what fragments bring into it, which must have
/// been counted before.
pub(super) fn check(document: &ExecutableDocument) -> Result<(), Vec<ServerError>> {
    for (_, operation) in document.operations.iter() {
        set(document, &operation.node.selection_set.node)?;
    }
    document.fragments.values().try_for_each(|fragment| set(document, &fragment.node.selection_set.node))
}

/// Those of this level, and those of the levels below.
fn set(document: &ExecutableDocument, selections: &SelectionSet) -> Result<(), Vec<ServerError>> {
    Level { document, fields: HashMap::new(), spread: HashSet::new() }.add(None, selections)?;
    below(document, selections)
}

fn below(document: &ExecutableDocument, selections: &SelectionSet) -> Result<(), Vec<ServerError>> {
    selections.items.iter().try_for_each(|selection| {
        let directives = selection.node.directives().iter().map(|directive| directive.node.arguments.len());
        match &selection.node {
            Selection::Field(field) => {
                few(directives.chain([field.node.arguments.len()]))?;
                set(document, &field.node.selection_set.node)
            }
            Selection::InlineFragment(fragment) => {
                few(directives)?;
                below(document, &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(_) => few(directives),
        }
    })
}

fn few(mut arguments: impl Iterator<Item = usize>) -> Result<(), Vec<ServerError>> {
    if arguments.any(|count| count > MAX_ARGUMENTS) {
        return Err(vec![server_error(&exceeded(MAX_ARGUMENTS, "arguments of one field", "fixed"))]);
    }
    Ok(())
}

/// The fields of one level, by type and by the name under which they are answered.
struct Level<'a> {
    document: &'a ExecutableDocument,
    fields: HashMap<(Option<&'a Name>, &'a Name), &'a Positioned<Field>>,
    spread: HashSet<&'a Name>,
}

impl<'a> Level<'a> {
    fn add(&mut self, on: Option<&'a Name>, selections: &'a SelectionSet) -> Result<(), Vec<ServerError>> {
        selections.items.iter().try_for_each(|selection| match &selection.node {
            Selection::Field(field) => self.field(on, field),
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                self.add(on, &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                match self.document.fragments.get(name) {
                    Some(fragment) if self.spread.insert(name) => {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.add(Some(on), &fragment.node.selection_set.node)
                    }
                    _ => Ok(()),
                }
            }
        })
    }

    fn field(&mut self, on: Option<&'a Name>, field: &'a Positioned<Field>) -> Result<(), Vec<ServerError>> {
        let key = &field.node.response_key().node;
        let first = *self.fields.entry((on, key)).or_insert(field);
        if is_same(&first.node, &field.node) {
            return Ok(());
        }
        let message = format!("the fields `{key}` differ in what they ask for, and cannot be one field of the answer");
        let mut error = ServerError::new(message, Some(first.pos));
        error.locations.push(field.pos);
        Err(refusal(error))
    }
}

/// Whether they ask for the same of one object.
pub(super) fn is_same(one: &Field, other: &Field) -> bool {
    let is_same = |(name, value): &(Positioned<Name>, Positioned<_>)| {
        other.get_argument(&name.node).is_some_and(|found| found.node == value.node)
    };
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && one.arguments.len() <= MAX_ARGUMENTS
        && one.arguments.iter().all(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use std::iter::repeat_n;

    fn checked(document: &str) -> Result<(), Vec<ServerError>> {
        check(&parse_query(document).unwrap())
    }

    #[test]
    fn fields_that_cannot_be_one_are_refused_with_the_first() {
        for document in [
            "{ a: b a: c a: d }",
            "{ a(b: 1) a(b: 2) a(b: 3) }",
            "{ a(b: 1) a }",
            "{ a ... { a(b: 1) } }",
            "{ c { ...f ...g } } fragment f on A { a: b } fragment g on A { a: c }",
            "{ c { ... on A { a: b } ... on A { a: c } } }",
            "{ a } fragment f on A { a: b a: c }",
        ] {
            let errors = checked(document).unwrap_err();
            assert_eq!((errors.len(), errors[0].locations.len()), (1, 2), "{document}");
            assert!(errors[0].message.contains("cannot be one field"), "{document}");
        }
    }

    #[test]
    fn fields_that_are_the_same_or_apart_are_let_pass() {
        for document in [
            "{ a(b: 1, c: {d: 2}) a(c: {d: 2}, b: 1) }",
            "{ c { ... on A { a: b } ... on B { a: c } } }",
            "{ a { x: b } c { x: d } }",
            "{ ...f ...f } fragment f on A { a(b: $c) }",
        ] {
            assert!(checked(document).is_ok(), "{document}");
        }
    }

    #[test]
    fn a_field_has_few_arguments() {
        let field = |count: usize| format!("{{ a({}) }}", repeat_n("b: 1 ", count).collect::<String>());
        assert!(checked(&field(MAX_ARGUMENTS)).is_ok());
        assert!(checked(&field(MAX_ARGUMENTS + 1)).is_err());
    }
}
