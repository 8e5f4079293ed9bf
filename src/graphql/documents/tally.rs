//! What is refused once a document is parsed, before it is validated: too much of anything, counted with the fragments
//! spread out. Validation and execution walk every spread of a fragment anew, so that thirty fragments of two spreads
//! each would keep them busy for hours; here each fragment is counted once.

use super::limits::{DocumentLimits, exceeded};
use crate::error::{Code, Error, Result};
use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value;
use std::collections::HashMap;

/// Goes well where validating the document is little work: `QUERY_REFUSED` that names the limit otherwise.
pub(super) fn check(document: &ExecutableDocument, limits: &DocumentLimits) -> Result<()> {
    let mut count = Count { document, limits, fragments: HashMap::new() };
    let mut operations = Tally::default();
    for (_, operation) in document.operations.iter() {
        let tally = count.of(&operation.node.selection_set.node, 0)?;
        if tally.roots > limits.root_fields {
            return Err(exceeded(limits.root_fields, "fields on an operation's first level", "max-root-fields"));
        }
        operations = operations.beside(tally).beside(Tally::of_directives(&operation.node.directives));
        for variable in &operation.node.variable_definitions {
            operations.directives = operations.directives.saturating_add(variable.node.directives.len());
        }
    }
    let mut fragments = Tally::default();
    for name in document.fragments.keys() {
        fragments = fragments.beside(count.of_fragment(name, 0)?);
    }
    // Validation walks them both.
    operations.verify(limits)?;
    fragments.verify(limits)
}

/// How much there is of everything.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// Fields, fragments, arguments and their values.
    parts: usize,
    aliases: usize,
    directives: usize,
    /// Fields of the first level.
    roots: usize,
    /// Levels of fields.
    levels: usize,
    /// Selections within each other.
    nesting: usize,
}

impl Tally {
    fn of_directives(directives: &[Positioned<Directive>]) -> Self {
        let arguments = directives.iter().flat_map(|directive| &directive.node.arguments);
        Self { parts: values(arguments), directives: directives.len(), ..Self::default() }
    }

    fn beside(self, other: Self) -> Self {
        Self {
            parts: self.parts.saturating_add(other.parts),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            roots: self.roots.saturating_add(other.roots),
            levels: self.levels.max(other.levels),
            nesting: self.nesting.max(other.nesting),
        }
    }

    /// That of a selection which holds this.
    fn beneath(self) -> Self {
        Self { parts: self.parts.saturating_add(1), nesting: self.nesting + 1, ..self }
    }

    fn verify(&self, limits: &DocumentLimits) -> Result<()> {
        let counted = [
            (self.parts, limits.fields, "fields and arguments, its fragments spread out", "max-fields"),
            (self.levels, limits.depth, "levels of fields", "max-depth"),
            (self.aliases, limits.aliases, "aliases", "max-aliases"),
            (self.directives, limits.directives, "directives", "max-directives"),
        ];
        let over = counted.into_iter().find(|(count, limit, ..)| count > limit);
        over.map_or(Ok(()), |(_, limit, what, setting)| Err(exceeded(limit, what, setting)))
    }
}

/// Counts each fragment once, and remembers.
struct Count<'a> {
    document: &'a ExecutableDocument,
    limits: &'a DocumentLimits,
    /// `None` while it is being counted.
    fragments: HashMap<&'a Name, Option<Tally>>,
}

impl<'a> Count<'a> {
    fn of(&mut self, selections: &'a SelectionSet, nesting: usize) -> Result<Tally> {
        self.verify(nesting)?;
        selections.items.iter().try_fold(Tally::default(), |sum, selection| {
            let within = match &selection.node {
                Selection::Field(field) => {
                    let within = self.of(&field.node.selection_set.node, nesting + 1)?;
                    let arguments = values(&field.node.arguments);
                    Tally {
                        parts: within.parts.saturating_add(arguments),
                        aliases: within.aliases.saturating_add(usize::from(field.node.alias.is_some())),
                        roots: 1,
                        levels: within.levels + 1,
                        ..within
                    }
                }
                Selection::InlineFragment(fragment) => self.of(&fragment.node.selection_set.node, nesting + 1)?,
                Selection::FragmentSpread(spread) => self.of_fragment(&spread.node.fragment_name.node, nesting + 1)?,
            };
            Ok(sum.beside(within.beneath()).beside(Tally::of_directives(selection.node.directives())))
        })
    }

    fn of_fragment(&mut self, name: &Name, nesting: usize) -> Result<Tally> {
        if let Some(known) = self.fragments.get(name) {
            let tally = known.ok_or_else(|| circle(name))?;
            return self.verify(nesting + tally.nesting).map(|()| tally);
        }
        // That there is none will be said by validation.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Ok(Tally::default()) };
        self.fragments.insert(name, None);
        let tally = self.of(&fragment.node.selection_set.node, nesting)?;
        let tally = tally.beside(Tally::of_directives(&fragment.node.directives));
        self.fragments.insert(name, Some(tally));
        Ok(tally)
    }

    fn verify(&self, nesting: usize) -> Result<()> {
        let limit = self.limits.nesting;
        if nesting > limit {
            return Err(exceeded(limit, "selections within each other, its fragments spread out", "max-nesting"));
        }
        Ok(())
    }
}

/// Validation would say it too, but not before the executor has followed the circle.
fn circle(name: &Name) -> Error {
    Error::new(Code::QueryRefused, format!("the fragment `{name}` spreads itself"))
}

/// The arguments and what they hold.
fn values<'a>(arguments: impl IntoIterator<Item = &'a (Positioned<Name>, Positioned<Value>)>) -> usize {
    arguments.into_iter().map(|(_, value)| 1 + within(&value.node)).sum()
}

fn within(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(|item| 1 + within(item)).sum(),
        Value::Object(fields) => fields.values().map(|field| 1 + within(field)).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use std::fmt::Write as _;

    fn checked(document: &str) -> Result<()> {
        check(&parse_query(document).unwrap(), &DocumentLimits::DEFAULT)
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

    fn refusal(document: &str) -> String {
        let error = checked(document).unwrap_err();
        assert_eq!(error.code(), Code::QueryRefused);
        error.message().to_owned()
    }

    #[test]
    fn a_circle_of_fragments_is_refused() {
        for document in [
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
            "{ a } fragment a on Query { ...a }",
            "{ a } fragment a on Query { b { ... { ...a } } }",
        ] {
            assert!(refusal(document).contains("spreads itself"), "{document}");
        }
    }

    #[test]
    fn each_limit_is_named() {
        let many = |what: &str, count: usize| what.repeat(count);
        for (document, setting) in [
            (format!("{{ a(b: [{}]) }}", many("1 ", 10_000)), "max-fields"),
            (format!("{}{}", many("{ a ", 25), many("}", 25)), "max-depth"),
            (format!("{{ c {{ {} }} }}", many("b: a ", 251)), "max-aliases"),
            (format!("{{ a {} }}", many("@b ", 251)), "max-directives"),
            (format!("query {} {{ a }}", many("@b ", 251)), "max-directives"),
            (format!("query($a: Int {}) {{ a }}", many("@b ", 251)), "max-directives"),
            (format!("{{ {} }}", many("a ", 51)), "max-root-fields"),
            (
                format!("{{ ... {{ {} }} ...f }} fragment f on Q {{ {} }}", many("a ", 25), many("a ", 26)),
                "max-root-fields",
            ),
            (chain(65, "...NEXT"), "max-nesting"),
        ] {
            let message = refusal(&document);
            assert!(message.contains(&format!("({setting})")), "{message}");
        }
    }

    #[test]
    fn a_fragment_counts_wherever_it_is_spread() {
        let aliases = |spreads: usize| {
            let spreads = "a { ...f } ".repeat(spreads);
            format!("{{ {spreads} }} fragment f on Q {{ {} }}", "b: a ".repeat(25))
        };
        assert!(checked(&aliases(10)).is_ok());
        assert!(refusal(&aliases(11)).contains("(max-aliases)"));
        let levels = |levels: usize| {
            let nested = format!("{}{}", "{ a ".repeat(levels), "}".repeat(levels));
            format!("{{ a {{ ...f }} }} fragment f on Q {nested}")
        };
        assert!(checked(&levels(23)).is_ok());
        assert!(refusal(&levels(24)).contains("(max-depth)"));
    }

    #[test]
    fn an_ordinary_document_passes() {
        assert!(checked("query A { a { b ... on C { d } ...e } } fragment e on C { f(g: [1, 2]) }").is_ok());
    }
}
