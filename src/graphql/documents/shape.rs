//! What of the schema decides how much a document asks for: which fields there are, of which type, and how often they
//! are there.

use crate::domain::rules::MAX_PAGE_SIZE;
use crate::error::{Error, Result};
use async_graphql::Value;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, OperationType, Type, TypeKind, TypeSystemDefinition,
};
use std::collections::{HashMap, HashSet};

/// How many items a list is taken to have whose length nobody asks for: attachments, reactions.
const LIST: u64 = 10;

/// The fields of each type.
#[derive(Default)]
pub struct Shape {
    types: HashMap<String, HashMap<String, FieldShape>>,
    roots: [Option<String>; 3],
}

/// A field as far as its cost goes.
#[derive(Clone)]
pub(super) struct FieldShape {
    /// What it is of, or a list of.
    pub(super) of: String,
    pub(super) times: Times,
}

/// How often what a field holds has to be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Times {
    /// That often.
    Fixed(u64),
    /// As often as `first` or `last` say, and where they do not, as this says.
    Page(u64),
    /// As often as these lists have items.
    Lists(Vec<String>),
}

impl Shape {
    /// That of the schema which is written so in GraphQL's own language.
    pub fn parse(sdl: &str) -> Result<Self> {
        let document = parse_schema(sdl).map_err(Error::internal)?;
        let mut shape = Self::default();
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Type(found) => {
                    let fields = match &found.node.kind {
                        TypeKind::Object(object) => &object.fields[..],
                        TypeKind::Interface(interface) => &interface.fields,
                        _ => &[],
                    };
                    let fields = fields.iter().map(|field| (field.node.name.node.to_string(), of(&field.node)));
                    shape.types.insert(found.node.name.node.to_string(), fields.collect());
                }
                TypeSystemDefinition::Schema(found) => {
                    let roots = [found.node.query, found.node.mutation, found.node.subscription];
                    shape.roots = roots.map(|root| root.map(|name| name.node.to_string()));
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        shape.connections();
        shape.introspection();
        Ok(shape)
    }

    /// The type of an operation's first level.
    pub(super) fn root(&self, kind: OperationType) -> Option<&str> {
        let [query, mutation, subscription] = &self.roots;
        match kind {
            OperationType::Query => query.as_deref(),
            OperationType::Mutation => mutation.as_deref(),
            OperationType::Subscription => subscription.as_deref(),
        }
    }

    /// A field of a type, where it is known.
    pub(super) fn field(&self, on: &str, name: &str) -> Option<&FieldShape> {
        self.types.get(on)?.get(name)
    }

    /// Whether a type is known, and known not to have the field.
    pub(super) fn lacks(&self, on: &str, name: &str) -> bool {
        // Of introspection only those are known that hold others.
        let is_whole = |fields: &&HashMap<_, _>| !fields.is_empty() && !on.starts_with("__");
        self.types.get(on).filter(is_whole).is_some_and(|fields| !fields.contains_key(name))
    }

    /// The lists of a connection are as long as the page, which its own field counts.
    fn connections(&mut self) {
        let pages = self.types.values().flat_map(HashMap::values);
        let pages = pages.filter(|field| matches!(field.times, Times::Page(_)));
        let connections: HashSet<String> = pages.map(|field| field.of.clone()).collect();
        let is_connection = |fields: &HashMap<String, FieldShape>| fields.contains_key("pageInfo");
        for (name, fields) in &mut self.types {
            if connections.contains(name) && is_connection(fields) {
                for field in fields.values_mut() {
                    field.times = Times::Fixed(1);
                }
            }
        }
    }

    /// What the schema says of itself (the specification, section 4.2), with lists as long as this one's are on average.
    fn introspection(&mut self) {
        let types = self.types.len() as u64;
        let fields = self.types.values().map(HashMap::len).sum::<usize>() as u64;
        let average = fields.div_ceil(types.max(1));
        let lists = [
            ("__Schema", vec![("types", "__Type", types), ("directives", "__Directive", 5)]),
            (
                "__Schema",
                vec![("queryType", "__Type", 1), ("mutationType", "__Type", 1), ("subscriptionType", "__Type", 1)],
            ),
            ("__Type", vec![("fields", "__Field", average), ("inputFields", "__InputValue", average)]),
            ("__Type", vec![("interfaces", "__Type", 1), ("possibleTypes", "__Type", 2), ("ofType", "__Type", 1)]),
            ("__Type", vec![("enumValues", "__EnumValue", 2)]),
            ("__Field", vec![("args", "__InputValue", 2), ("type", "__Type", 1)]),
            ("__Directive", vec![("args", "__InputValue", 2), ("locations", "__DirectiveLocation", 1)]),
            ("__InputValue", vec![("type", "__Type", 1)]),
        ];
        for (on, fields) in lists {
            let fields = fields.into_iter().map(|(name, of, times)| {
                (name.to_owned(), FieldShape { of: of.to_owned(), times: Times::Fixed(times) })
            });
            self.types.entry(on.to_owned()).or_default().extend(fields);
        }
        let query = self.roots[0].clone().unwrap_or_default();
        for (name, of) in [("__schema", "__Schema"), ("__type", "__Type")] {
            let field = FieldShape { of: of.to_owned(), times: Times::Fixed(1) };
            self.types.entry(query.clone()).or_default().insert(name.to_owned(), field);
        }
    }
}

fn of(field: &FieldDefinition) -> FieldShape {
    let argument = |name: &str| field.arguments.iter().find(|argument| argument.node.name.node == name);
    let is_list = |ty: &Type| matches!(ty.base, BaseType::List(_));
    let times = match argument("first") {
        Some(first) => Times::Page(default(&first.node).unwrap_or(u64::from(MAX_PAGE_SIZE))),
        None if is_list(&field.ty.node) => {
            let lists = field.arguments.iter().filter(|argument| is_list(&argument.node.ty.node));
            let lists: Vec<_> = lists.map(|argument| argument.node.name.node.to_string()).collect();
            if lists.is_empty() { Times::Fixed(LIST) } else { Times::Lists(lists) }
        }
        None => Times::Fixed(1),
    };
    FieldShape { of: named(&field.ty.node.base).to_owned(), times }
}

fn default(argument: &InputValueDefinition) -> Option<u64> {
    match &argument.default_value.as_ref()?.node {
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

fn named(base: &BaseType) -> &str {
    match base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(&item.base),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::sdl;

    #[test]
    fn how_often_a_field_is_there_is_read_from_the_schema() {
        let shape = Shape::parse(&sdl()).unwrap();
        for (on, field, times) in [
            ("Viewer", "conversations", Times::Page(100)),
            ("ConversationConnection", "edges", Times::Fixed(1)),
            ("ConversationConnection", "nodes", Times::Fixed(1)),
            ("Message", "readBy", Times::Page(10)),
            ("Message", "attachments", Times::Fixed(LIST)),
            ("Message", "author", Times::Fixed(1)),
            ("Query", "nodes", Times::Lists(vec!["ids".to_owned()])),
        ] {
            let found = shape.field(on, field).map(|field| &field.times);
            assert_eq!(found, Some(&times), "{on}.{field}");
        }
        assert_eq!(shape.root(OperationType::Subscription), Some("Subscription"));
        for (on, field, is_lacking) in [
            ("Query", "nobody", true),
            ("Query", "viewer", false),
            ("Nobody", "nothing", false),
            ("__Type", "name", false),
        ] {
            assert_eq!(shape.lacks(on, field), is_lacking, "{on}.{field}");
        }
    }
}
