//! Fields that the schema does not have. Validation tells of each, and looks for names that are like it among all of the
//! type: a document of nothing else would keep it busy.

use super::limits::exceeded;
use super::shape::Shape;
use crate::error::Result;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// More mistakes than these help nobody to find them.
const MAX_UNKNOWN: usize = 20;

/// Goes well where there are few: validation will tell of them.
pub(super) fn check(document: &ExecutableDocument, shape: &Shape) -> Result<()> {
    let mut count = Count { shape, unknown: 0 };
    for (_, operation) in document.operations.iter() {
        count.add(shape.root(operation.node.ty), &operation.node.selection_set.node)?;
    }
    document.fragments.values().try_for_each(|fragment| {
        count.add(Some(&fragment.node.type_condition.node.on.node), &fragment.node.selection_set.node)
    })
}

struct Count<'a> {
    shape: &'a Shape,
    unknown: usize,
}

impl<'a> Count<'a> {
    /// Looks at each selection once. Of what has an unknown type nothing is told.
    fn add(&mut self, on: Option<&'a str>, selections: &'a SelectionSet) -> Result<()> {
        selections.items.iter().try_for_each(|selection| match &selection.node {
            Selection::Field(field) => {
                let name = &field.node.name.node;
                let is_unknown = on.is_some_and(|on| self.shape.lacks(on, name)) && name != "__typename";
                self.unknown += usize::from(is_unknown);
                if self.unknown > MAX_UNKNOWN {
                    return Err(exceeded(MAX_UNKNOWN, "fields that the schema does not have", "fixed"));
                }
                let within = on.and_then(|on| self.shape.field(on, name)).map(|field| &field.of[..]);
                self.add(within, &field.node.selection_set.node)
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                let on = condition.map_or(on, |condition| Some(&condition.node.on.node));
                self.add(on, &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(_) => Ok(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::sdl;
    use async_graphql::parser::parse_query;

    #[test]
    fn a_document_of_mistakes_is_refused() {
        let shape = Shape::parse(&sdl()).unwrap();
        let checked = |document: &str| check(&parse_query(document).unwrap(), &shape);
        let wrong = |count: usize| "wrong ".repeat(count);
        assert!(checked(&format!("{{ viewer {{ {} __typename }} }}", wrong(20))).is_ok());
        assert!(checked(&format!("{{ viewer {{ {} }} }}", wrong(21))).is_err());
        assert!(checked(&format!("{{ a }} fragment f on User {{ {} }}", wrong(20))).is_err());
        assert!(checked(&format!("{{ node(id: 1) {{ ... on Message {{ author {{ {} }} }} }} }}", wrong(21))).is_err());
        assert!(checked(&format!("{{ {} }}", "__typename ".repeat(30))).is_ok());
    }
}
