//! What an operation may cost, before it runs: one for each field that may have to be resolved. A list counts as often
//! as it may have items; lists within lists multiply.

use super::limits::{DocumentLimits, exceeded};
use super::shape::{FieldShape, Shape, Times};
use crate::domain::rules::MAX_PAGE_SIZE;
use crate::error::Result;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value as Given, Variables};
use async_graphql_value::Value;
use std::collections::HashMap;

/// So many fields of what the schema says of itself cost as much as one other: they are at hand, and need no store.
const INTROSPECTION: u64 = 10;
/// Bytes of the variables, counted wherever one is used, since validation copies it there.
const MAX_VARIABLE_BYTES: u64 = 4 * 1024 * 1024;
/// Values within the variables, each of which is looked at by itself. The longest list that any field takes is that of 10,000
/// positions, each of three values.
const MAX_VALUES: u64 = 50_000;
/// What each value takes beside its text, in bytes.
const VALUE: u64 = 64;

/// Goes well where the operation costs no more than it may with these variables.
pub(super) fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    shape: &Shape,
    limits: &DocumentLimits,
) -> Result<()> {
    let values: Size = variables.values().map(Size::of).sum();
    if values.count > MAX_VALUES {
        return Err(exceeded(MAX_VALUES, "values in its variables", "fixed"));
    }
    let mut count = Count { document, operation, variables, shape, fragments: HashMap::new(), sizes: HashMap::new() };
    let cost = count.of(shape.root(operation.ty), &operation.selection_set.node);
    if cost.variables > MAX_VARIABLE_BYTES {
        return Err(exceeded(MAX_VARIABLE_BYTES, "bytes of variables where they are used", "fixed"));
    }
    if cost.fields > limits.complexity {
        return Err(exceeded(limits.complexity, "fields to resolve, lists as long as they may be", "max-complexity"));
    }
    Ok(())
}

/// How much a value is.
#[derive(Clone, Copy, Default)]
struct Size {
    count: u64,
    bytes: u64,
}

impl Size {
    fn of(value: &Given) -> Self {
        let (text, within): (usize, Self) = match value {
            Given::String(text) => (text.len(), Self::default()),
            Given::Enum(name) => (name.len(), Self::default()),
            Given::Binary(bytes) => (bytes.len(), Self::default()),
            Given::List(items) => (0, items.iter().map(Self::of).sum()),
            Given::Object(fields) => (fields.keys().map(|key| key.len()).sum(), fields.values().map(Self::of).sum()),
            Given::Null | Given::Number(_) | Given::Boolean(_) => (0, Self::default()),
        };
        Self { count: within.count + 1, bytes: within.bytes + VALUE + text as u64 }
    }
}

impl std::iter::Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), |sum, size| Self { count: sum.count + size.count, bytes: sum.bytes + size.bytes })
    }
}

#[derive(Clone, Copy, Default)]
struct Cost {
    fields: u64,
    /// Bytes of variables, each where it is used.
    variables: u64,
}

impl Cost {
    fn beside(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            variables: self.variables.saturating_add(other.variables),
        }
    }
}

/// Counts each fragment once, and remembers. That none spreads itself was checked before.
struct Count<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    shape: &'a Shape,
    fragments: HashMap<&'a Name, Cost>,
    sizes: HashMap<&'a Name, u64>,
}

impl<'a> Count<'a> {
    fn of(&mut self, on: Option<&'a str>, selections: &'a SelectionSet) -> Cost {
        selections.items.iter().fold(Cost::default(), |sum, selection| {
            let directives = selection.node.directives().iter().flat_map(|directive| &directive.node.arguments);
            let used = Cost { variables: self.used(directives), ..Cost::default() };
            let cost = match &selection.node {
                Selection::Field(field) => self.of_field(on, &field.node),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| Some(&condition.node.on.node));
                    self.of(on, &fragment.node.selection_set.node)
                }
                Selection::FragmentSpread(spread) => self.of_fragment(&spread.node.fragment_name.node),
            };
            sum.beside(used).beside(cost)
        })
    }

    fn of_fragment(&mut self, name: &'a Name) -> Cost {
        if let Some(known) = self.fragments.get(name) {
            return *known;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Cost::default() };
        let cost = self.of(Some(&fragment.node.type_condition.node.on.node), &fragment.node.selection_set.node);
        self.fragments.insert(name, cost);
        cost
    }

    fn of_field(&mut self, on: Option<&'a str>, field: &'a Field) -> Cost {
        let found: Option<&FieldShape> = on.and_then(|on| self.shape.field(on, &field.name.node));
        let within = self.of(found.map(|field| &field.of[..]), &field.selection_set.node);
        let times = found.map_or(1, |found| self.times(&found.times, field));
        let mut fields = within.fields.saturating_mul(times);
        if matches!(field.name.node.as_str(), "__schema" | "__type") {
            fields /= INTROSPECTION;
        }
        let variables = within.variables.saturating_add(self.used(&field.arguments));
        Cost { fields: fields.saturating_add(1), variables }
    }

    fn times(&self, times: &Times, field: &'a Field) -> u64 {
        match times {
            Times::Fixed(times) => *times,
            Times::Page(unsaid) => {
                let said = ["first", "last"].map(|name| self.given(field, name));
                let count = |given: &Given| match given {
                    Given::Number(number) => number.as_u64(),
                    _ => None,
                };
                // A page over the limit is refused by its field, and what is no number cannot be known.
                let most = u64::from(MAX_PAGE_SIZE);
                let pages = said.into_iter().flatten().filter(|given| !matches!(given, Given::Null));
                pages.map(|given| count(&given).map_or(most, |count| count.min(most))).max().unwrap_or(*unsaid)
            }
            Times::Lists(names) => {
                let length = |name: &String| match self.given(field, name) {
                    Some(Given::List(items)) => items.len() as u64,
                    _ => 1,
                };
                names.iter().map(length).sum()
            }
        }
    }

    /// What an argument comes to, with the variables and their defaults put in.
    fn given(&self, field: &Field, name: &str) -> Option<Given> {
        let value = field.get_argument(name)?;
        value.node.clone().into_const_with(|name| self.variable(&name).cloned().ok_or(())).ok()
    }

    fn variable(&self, name: &Name) -> Option<&'a Given> {
        let definitions = &self.operation.variable_definitions;
        self.variables.get(name).or_else(|| {
            let found = definitions.iter().find(|definition| definition.node.name.node == *name);
            found.and_then(|definition| definition.node.default_value.as_ref()).map(|value| &value.node)
        })
    }

    fn used(&mut self, arguments: impl IntoIterator<Item = &'a (Positioned<Name>, Positioned<Value>)>) -> u64 {
        arguments.into_iter().fold(0_u64, |sum, (_, value)| sum.saturating_add(self.used_in(&value.node)))
    }

    fn used_in(&mut self, value: &'a Value) -> u64 {
        match value {
            Value::Variable(name) => {
                if let Some(known) = self.sizes.get(name) {
                    return *known;
                }
                let size = self.variable(name).map_or(0, |value| Size::of(value).bytes);
                self.sizes.insert(name, size);
                size
            }
            Value::List(items) => items.iter().fold(0, |sum, item| self.used_in(item).saturating_add(sum)),
            Value::Object(fields) => fields.values().fold(0, |sum, field| self.used_in(field).saturating_add(sum)),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chosen;
    use super::*;
    use crate::graphql::sdl;
    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, json};
    use std::sync::LazyLock;

    static SHAPE: LazyLock<Shape> = LazyLock::new(|| Shape::parse(&sdl()).unwrap());

    fn cost(document: &str, variables: Json) -> u64 {
        let document = parse_query(document).unwrap();
        let (_, operation) = chosen(&document, None).unwrap();
        let variables: Variables = serde_json::from_value(variables).unwrap();
        // The least limit that lets it pass.
        let passes = |complexity: u64| {
            let limits = DocumentLimits { complexity, ..DocumentLimits::DEFAULT };
            check(&document, &operation.node, &variables, &SHAPE, &limits).is_ok()
        };
        let (mut fails, mut least) = (0, u64::from(u32::MAX));
        while least - fails > 1 {
            let middle = fails.midpoint(least);
            *(if passes(middle) { &mut least } else { &mut fails }) = middle;
        }
        least
    }

    #[test]
    fn each_field_costs_one_and_pages_multiply() {
        for (document, expected) in [
            ("{ viewer { id email } }", 3),
            ("{ viewer { conversations(first: 5) { __typename } } }", 1 + 1 + 5),
            ("{ viewer { conversations(last: 5) { nodes { id title } } } }", 2 + 5 * 3),
            (
                "{ viewer { conversations(first: 5) { nodes { members(first: 3) { nodes { role } } } } } }",
                2 + 5 * (2 + 3 * 2),
            ),
            ("{ viewer { conversations { nodes { id } } } }", 2 + 100 * 2),
            ("{ viewer { conversations(first: 2000000000) { nodes { id } } } }", 2 + 100 * 2),
            ("{ viewer { conversations(first: -1) { nodes { id } } } }", 2 + 100 * 2),
            ("{ nodes(ids: [\"a\", \"b\"]) { id __typename } }", 1 + 2 * 2),
            ("{ a: viewer { ...f } b: viewer { ...f } } fragment f on Viewer { id email }", 6),
            ("{ viewer { ... on Viewer { id } } }", 2),
        ] {
            assert_eq!(cost(document, json!({})), expected, "{document}");
        }
    }

    #[test]
    fn variables_and_their_defaults_count() {
        let page = "query($n: Int = 7) { viewer { conversations(first: $n) { nodes { id } } } }";
        for (variables, pages) in
            [(json!({ "n": 4 }), 4), (json!({}), 7), (json!({ "n": null }), 100), (json!({ "n": "x" }), 100)]
        {
            assert_eq!(cost(page, variables.clone()), 2 + pages * 2, "{variables}");
        }
        let undefined = "{ viewer { conversations(first: $n) { nodes { id } } } }";
        assert_eq!(cost(undefined, json!({})), 2 + 100 * 2);
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        assert_eq!(cost(nodes, json!({ "ids": ["a", "b", "c"] })), 1 + 3);
    }

    #[test]
    fn what_is_used_often_may_not_be_large() {
        let document = parse_query(format!("query($v: [ID!]!) {{ {} }}", "nodes(ids: $v) { id } ".repeat(40))).unwrap();
        let (_, operation) = chosen(&document, None).unwrap();
        let refused = |variables: Json| {
            let variables: Variables = serde_json::from_value(variables).unwrap();
            let limits = DocumentLimits { complexity: u64::MAX, ..DocumentLimits::DEFAULT };
            let checked = check(&document, &operation.node, &variables, &Shape::default(), &limits);
            checked.err().map(|error| error.message().to_owned())
        };
        assert_eq!(refused(json!({ "v": ["a"] })), None);
        assert!(refused(json!({ "v": "x".repeat(200_000) })).unwrap().contains("where they are used"));
        assert!(refused(json!({ "w": vec![1; 50_000] })).unwrap().contains("50000 values"));
    }
}
