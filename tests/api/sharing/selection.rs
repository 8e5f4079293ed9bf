//! Selections of everything, made of the schema.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, ServiceDocument, Type, TypeKind, TypeSystemDefinition};
use std::collections::{BTreeMap, BTreeSet};

/// The schema's objects: each field with its type, and whether it has arguments that must be given.
pub(super) struct Objects(BTreeMap<String, Vec<Field>>);

struct Field {
    name: String,
    ty: String,
}

impl Objects {
    pub(super) fn of_the_schema() -> Self {
        let ServiceDocument { definitions } = parse_schema(natterjack::graphql::sdl()).unwrap();
        let mut objects = BTreeMap::new();
        for definition in definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let TypeKind::Object(object) = &definition.node.kind else { continue };
            let fields = object.fields.iter().map(|field| &field.node);
            let fields = fields.map(|field| Field { name: field.name.node.to_string(), ty: base(&field.ty.node) });
            objects.insert(definition.node.name.node.to_string(), fields.collect());
        }
        Self(objects)
    }

    /// Selects of an object of that type every field that `wanted` wants, and of those that are objects again, each type
    /// once. Notes which fields these are.
    pub(super) fn selected(
        &self,
        ty: &str,
        wanted: &dyn Fn(&str, &str) -> bool,
        noted: &mut BTreeSet<String>,
    ) -> String {
        self.select(ty, wanted, &mut BTreeMap::new(), noted)
    }

    fn select(
        &self,
        ty: &str,
        wanted: &dyn Fn(&str, &str) -> bool,
        met: &mut BTreeMap<String, usize>,
        noted: &mut BTreeSet<String>,
    ) -> String {
        let times = met.entry(ty.to_owned()).or_default();
        *times += 1;
        if *times > 1 {
            return "{ __typename }".to_owned();
        }
        let mut text = String::from("{ __typename");
        for field in self.0[ty].iter().filter(|field| wanted(ty, &field.name)) {
            noted.insert(format!("{ty}.{}", field.name));
            text.push(' ');
            text.push_str(&field.name);
            if let Some(arguments) = arguments(ty, &field.name) {
                text.push_str(arguments);
            }
            if self.0.contains_key(&field.ty) {
                text.push(' ');
                text.push_str(&self.select(&field.ty, wanted, met, noted));
            }
        }
        text.push_str(" }");
        text
    }

    /// All fields of objects that such an object leads to.
    pub(super) fn reached(&self, from: &[&str]) -> BTreeSet<String> {
        let mut ahead: Vec<_> = from.iter().map(ToString::to_string).collect();
        let (mut types, mut fields) = (BTreeSet::new(), BTreeSet::new());
        while let Some(ty) = ahead.pop() {
            let Some(object) = self.0.get(&ty).filter(|_| types.insert(ty.clone())) else { continue };
            fields.extend(object.iter().map(|field| format!("{ty}.{}", field.name)));
            ahead.extend(object.iter().map(|field| field.ty.clone()));
        }
        fields
    }
}

/// Lists are told how long they are to be.
fn arguments(ty: &str, field: &str) -> Option<&'static str> {
    match (ty, field) {
        ("Conversation", "messages" | "pinnedMessages" | "members") | ("Message", "replies") => Some("(first: 3)"),
        _ => None,
    }
}

fn base(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(ty) => base(ty),
    }
}
