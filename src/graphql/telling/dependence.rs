//! What an event's response depends on besides the event: stated once beside each field, as its tag, and gathered here
//! over what a document selects. Tags are not printed in the schema: they are for those who read the code, and for this.
//!
//! | tag | what a field's value depends on |
//! |---|---|
//! | `for all` | nothing: it is the same for all who hear of the event |
//! | `for viewer` | who looks |
//! | `for author` | whether the message's author looks |
//! | `for place` | where the client stands, and who looks where that is not known |
//! | `with reply`, `with notice`, `with reactions` | the same as its other tag and what is selected in it, and nothing for a message without |

use crate::graphql::Subscription;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, TypeCondition,
};
use async_graphql::registry::{MetaField, MetaType, Registry};
use async_graphql::{Name, Positioned, SubscriptionType, Value};
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::ops::{BitOr, BitOrAssign};
use std::sync::LazyLock;

/// Every type that events lead to, with the statements of its fields.
static TYPES: LazyLock<Registry> = LazyLock::new(|| {
    let mut registry = Registry::default();
    Subscription::create_type_info(&mut registry);
    registry
});

/// A set of what a response may depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dependence(u8);

impl Dependence {
    /// Nothing but the event.
    pub const NONE: Self = Self(0);
    /// Who looks.
    pub const VIEWER: Self = Self(1);
    /// Whether the message's author looks.
    pub const AUTHOR: Self = Self(1 << 1);
    /// Where the client stands.
    pub const PLACE: Self = Self(1 << 2);
    /// Who looks, where the message answers another.
    pub const REPLY: Self = Self(1 << 3);
    /// Who looks, where the message is a notice.
    pub const NOTICE: Self = Self(1 << 4);
    /// Who looks, where somebody reacts to the message.
    pub const REACTIONS: Self = Self(1 << 5);

    /// Whether anything is in both.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Dependence {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Dependence {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl FromIterator<Self> for Dependence {
    fn from_iter<I: IntoIterator<Item = Self>>(all: I) -> Self {
        all.into_iter().fold(Self::NONE, BitOr::bitor)
    }
}

/// What stands beside a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Statement {
    on: Dependence,
    /// With what it matters alone.
    with: Option<Dependence>,
}

impl Statement {
    /// What the field's tags say; `None` where that is nothing, or nonsense.
    fn of(field: &MetaField) -> Option<Self> {
        let (mut on, mut with) = (None, None);
        for tag in &field.tags {
            let (said, dependence) = match tag.as_str() {
                "for all" => (&mut on, Dependence::NONE),
                "for viewer" => (&mut on, Dependence::VIEWER),
                "for author" => (&mut on, Dependence::AUTHOR),
                "for place" => (&mut on, Dependence::PLACE),
                "with reply" => (&mut with, Dependence::REPLY),
                "with notice" => (&mut with, Dependence::NOTICE),
                "with reactions" => (&mut with, Dependence::REACTIONS),
                _ => return None,
            };
            if said.replace(dependence).is_some() {
                return None;
            }
        }
        Some(Self { on: on?, with })
    }

    /// The field's dependence, with that of what is selected in it.
    fn and(self, below: Dependence) -> Dependence {
        match (self.on | below, self.with) {
            (all, Some(with)) if all != Dependence::NONE => with,
            (all, _) => all,
        }
    }
}

/// What is stated beside a field to make a difference to it, be it so only for some messages; `None` for a field that no
/// event leads to.
pub fn stated(ty: &str, field: &str) -> Option<Dependence> {
    Some(Statement::of(TYPES.types.get(ty)?.field_by_name(field)?)?.on)
}

/// What the one field of a subscription depends on, and which variables reach below it.
#[derive(Debug)]
pub(super) struct Selected {
    /// Of each type that an event may be shown as.
    of: HashMap<&'static str, Dependence>,
    pub(super) variables: BTreeSet<Name>,
}

impl Selected {
    /// What that operation of the document selects; `None` where it is not exactly one field of the schema's subscriptions,
    /// of which an event could be shown.
    pub(super) fn by(document: &ExecutableDocument, operation: &OperationDefinition) -> Option<Self> {
        let walk = Walk(document);
        let mut roots = Vec::new();
        walk.fields(&operation.selection_set.node, &mut roots);
        let [root] = roots.as_slice() else { return None };
        let fields = TYPES.types.get(&*Subscription::type_name())?.fields()?;
        let (name, shown) = TYPES.types.get_key_value(base(&fields.get(root.name.node.as_str())?.ty))?;
        let types = match shown.possible_types() {
            Some(types) => types.iter().map(String::as_str).collect(),
            None => vec![name.as_str()],
        };
        let selected = &root.selection_set.node;
        let mut variables = BTreeSet::new();
        walk.variables(selected, &mut variables);
        Some(Self { of: types.into_iter().map(|ty| (ty, walk.below(selected, ty))).collect(), variables })
    }

    /// What an event depends on that is shown as that type, or as the only one.
    pub(super) fn of(&self, ty: &str) -> Dependence {
        let only = || if self.of.len() == 1 { self.of.values().next().copied() } else { None };
        self.of.get(ty).copied().or_else(only).unwrap_or(Dependence::VIEWER)
    }
}

/// Finds the variables in arguments. The type of their values has no name here.
macro_rules! in_arguments {
    ($arguments:expr, $found:expr) => {
        for (_, value) in &$arguments {
            let find = |name| {
                $found.insert(name);
                Ok::<_, Infallible>(Value::Null)
            };
            let Ok(_) = value.node.clone().into_const_with(find);
        }
    };
}

/// A way through a document whose fragments have been found not to grow without bound.
struct Walk<'a>(&'a ExecutableDocument);

impl<'a> Walk<'a> {
    /// The fields of a selection, those of its fragments among them.
    fn fields(&self, of: &'a SelectionSet, found: &mut Vec<&'a Field>) {
        for selection in &of.items {
            match &selection.node {
                Selection::Field(field) => found.push(&field.node),
                fragment => {
                    if let Some((_, selected)) = self.fragment(fragment) {
                        self.fields(selected, found);
                    }
                }
            }
        }
    }

    /// What a selection depends on where it is of an object of that type. Fields that a directive may leave out count.
    fn below(&self, of: &'a SelectionSet, ty: &str) -> Dependence {
        if let Some(types) = TYPES.types.get(ty).and_then(MetaType::possible_types) {
            return types.iter().map(|ty| self.below(of, ty)).collect();
        }
        let one = |selection: &'a Positioned<Selection>| match &selection.node {
            Selection::Field(field) => self.field(&field.node, ty),
            fragment => match self.fragment(fragment) {
                Some((condition, selected)) if applies(condition, ty) => self.below(selected, ty),
                Some(_) => Dependence::NONE,
                None => Dependence::VIEWER,
            },
        };
        of.items.iter().map(one).collect()
    }

    fn field(&self, field: &'a Field, ty: &str) -> Dependence {
        let name = field.name.node.as_str();
        if name == "__typename" {
            return Dependence::NONE;
        }
        let known = TYPES.types.get(ty).and_then(|ty| ty.field_by_name(name));
        match known.and_then(|known| Some((Statement::of(known)?, base(&known.ty)))) {
            Some((statement, ty)) => statement.and(self.below(&field.selection_set.node, ty)),
            None => Dependence::VIEWER,
        }
    }

    /// The variables in a selection's arguments and directives.
    fn variables(&self, of: &'a SelectionSet, found: &mut BTreeSet<Name>) {
        for selection in &of.items {
            let (directives, selected) = match &selection.node {
                Selection::Field(field) => {
                    in_arguments!(field.node.arguments, found);
                    (&field.node.directives, Some(&field.node.selection_set.node))
                }
                Selection::InlineFragment(fragment) => {
                    (&fragment.node.directives, Some(&fragment.node.selection_set.node))
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.0.fragments.get(&spread.node.fragment_name.node);
                    in_directives(fragment.map_or(&[], |fragment| &fragment.node.directives), found);
                    (&spread.node.directives, fragment.map(|fragment| &fragment.node.selection_set.node))
                }
            };
            in_directives(directives, found);
            if let Some(selected) = selected {
                self.variables(selected, found);
            }
        }
    }

    fn fragment(&self, selection: &'a Selection) -> Option<(Option<&'a TypeCondition>, &'a SelectionSet)> {
        match selection {
            Selection::Field(_) => None,
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref().map(|condition| &condition.node);
                Some((condition, &fragment.node.selection_set.node))
            }
            Selection::FragmentSpread(spread) => {
                let fragment = &self.0.fragments.get(&spread.node.fragment_name.node)?.node;
                Some((Some(&fragment.type_condition.node), &fragment.selection_set.node))
            }
        }
    }
}

fn in_directives(directives: &[Positioned<Directive>], found: &mut BTreeSet<Name>) {
    for directive in directives {
        in_arguments!(directive.node.arguments, found);
    }
}

/// Whether what is selected under that condition is selected of an object of that type.
fn applies(condition: Option<&TypeCondition>, ty: &str) -> bool {
    let Some(condition) = condition else { return true };
    let on = condition.on.node.as_str();
    let possible = TYPES.types.get(on).and_then(MetaType::possible_types);
    // One that is not known here may be an interface of the type's: then its fields count.
    on == ty || possible.map_or(!TYPES.types.contains_key(on), |types| types.contains(ty))
}

/// `User` of `[User!]!`.
fn base(ty: &str) -> &str {
    ty.trim_matches(['[', ']', '!'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use std::collections::BTreeMap;

    /// The objects that events lead to.
    fn reached() -> BTreeMap<&'static str, &'static MetaType> {
        let mut reached = BTreeMap::new();
        let roots = TYPES.types[&*Subscription::type_name()].fields().unwrap();
        let mut ahead: Vec<_> = roots.values().map(|field| base(&field.ty)).collect();
        while let Some(name) = ahead.pop() {
            let ty = &TYPES.types[name];
            if let Some(types) = ty.possible_types() {
                ahead.extend(types.iter().map(String::as_str));
            } else if matches!(ty, MetaType::Object { .. }) && reached.insert(name, ty).is_none() {
                ahead.extend(ty.fields().unwrap().values().map(|field| base(&field.ty)));
            }
        }
        reached
    }

    fn selected(query: &str) -> Option<Selected> {
        let document = parse_query(query).unwrap();
        let operation = &document.operations.iter().next().unwrap().1.node;
        Selected::by(&document, operation)
    }

    fn dependence(query: &str, ty: &str) -> Dependence {
        selected(query).unwrap().of(ty)
    }

    #[test]
    fn every_field_that_an_event_leads_to_states_what_it_depends_on() {
        let mut unstated = Vec::new();
        for (name, ty) in reached() {
            let fields = ty.fields().unwrap().values();
            unstated.extend(
                fields.filter(|field| Statement::of(field).is_none()).map(|field| format!("{name}.{}", field.name)),
            );
        }
        assert!(
            unstated.is_empty(),
            "say by a tag, as telling/dependence has them, on what these depend: {unstated:?}"
        );
        assert!(reached().len() > 20, "the walk comes to all of them");
    }

    #[test]
    fn what_is_said_twice_or_wrongly_is_not_said() {
        let field = |tags: &[&str]| MetaField {
            tags: tags.iter().map(ToString::to_string).collect(),
            ..MetaField::new("a".to_owned(), "String")
        };
        for tags in [&[][..], &["with reply"], &["for all", "for viewer"], &["for everybody"], &["for all", "x"]] {
            assert_eq!(Statement::of(&field(tags)), None, "{tags:?}");
        }
        assert_eq!(Statement::of(&field(&["with reply", "for all"])).unwrap().with, Some(Dependence::REPLY));
    }

    #[test]
    fn a_selection_depends_on_what_its_fields_do() {
        const ADDED: &str = "MessageAdded";
        let of = |selected: &str| {
            let query = format!("subscription {{ events {{ at ... on MessageAdded {{ {selected} }} }} }}");
            dependence(&query, ADDED)
        };
        assert_eq!(of("message { id text author { displayName } conversation { id } }"), Dependence::NONE);
        assert_eq!(of("message { clientId }"), Dependence::AUTHOR);
        assert_eq!(of("conversation { revision }"), Dependence::PLACE);
        assert_eq!(of("conversation { unreadCount }"), Dependence::VIEWER);
        assert_eq!(of("message { author { isBlockedByViewer } clientId }"), Dependence::VIEWER | Dependence::AUTHOR);
        assert_eq!(of("message { reactions { emoji count } }"), Dependence::NONE);
        assert_eq!(of("message { reactions { isByViewer } }"), Dependence::REACTIONS);
        assert_eq!(of("message { replyTo { id } }"), Dependence::REPLY);
        assert_eq!(of("message { notice { kind actor { id } } }"), Dependence::NONE);
        assert_eq!(of("message { notice { actor { presence { isOnline } } } }"), Dependence::NOTICE);
        assert_eq!(of("message { author @skip(if: true) { presence { isOnline } } }"), Dependence::VIEWER);
        assert_eq!(of("message { nothingSuch }"), Dependence::VIEWER);
    }

    #[test]
    fn each_type_of_event_depends_on_its_own_fragments() {
        let query = "subscription { ...All }
            fragment All on Subscription { happened: events { __typename at ...One ... on Event { at } ...Two } }
            fragment One on MessageAdded { message { clientId } }
            fragment Two on Synced { conversation { unreadCount } }";
        assert_eq!(dependence(query, "MessageAdded"), Dependence::AUTHOR);
        assert_eq!(dependence(query, "MessageChanged"), Dependence::NONE);
        assert_eq!(dependence(query, "Synced"), Dependence::VIEWER);
        assert_eq!(dependence(query, "Nonsense"), Dependence::VIEWER);
        let query = "subscription { messageAdded(conversationId: 1) { clientId } }";
        assert_eq!(dependence(query, "MessageAdded"), Dependence::AUTHOR);
    }

    #[test]
    fn what_has_not_one_field_of_ours_is_not_shared() {
        for query in [
            "subscription { a: events { at } b: events { at } }",
            "subscription { events { at } ... { events { at } } }",
            "subscription { nothing { at } }",
            "subscription { __typename }",
        ] {
            assert!(selected(query).is_none(), "{query}");
        }
    }

    #[test]
    fn variables_count_where_they_reach_below_the_field() {
        let query = "subscription($a: ID!, $b: Int, $c: Boolean!, $d: Boolean!, $e: Int, $f: Boolean!) {
            messageAdded(conversationId: $a) @include(if: $f) {
                readBy(first: $b) { at } ... on Message @skip(if: $c) { id } ...Rest @include(if: $d) } }
            fragment Rest on Message { reactions { users(first: $e) { id } } }";
        let variables = selected(query).unwrap().variables;
        assert_eq!(variables.iter().map(Name::as_str).collect::<String>(), "bcde");
    }
}
