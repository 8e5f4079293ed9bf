//! Every field through which a conversation is reached has a row in the table, and the docs print that table.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use natterjack::chat::{Act, Standing, Verdict};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The types whose every field is somebody's to use, and not everybody's.
const TYPES: [&str; 4] = ["Query", "Mutation", "Subscription", "Conversation"];

/// What everybody who is signed in may use, and why that shows nobody what is not theirs.
const OPEN: &[(&str, &str)] = &[
    ("Query.viewer", "oneself; null for one who is not signed in"),
    ("Query.node", "finds what the fields for its kind find, for whom they find it"),
    ("Query.nodes", "as `Query.node`"),
    ("Query.user", "people are there for everybody"),
    ("Query.users", "people are there for everybody"),
    ("Query.publicConversations", "public groups are there for everybody; of each the rows below hold"),
    ("Query.server", "what clients must know of the server; also for one who is not signed in"),
    ("Mutation.register", "makes an account; for one who has none"),
    (
        "Mutation.login",
        "the password is asked for, or the code that was sent, or the token of an issuer that the server trusts",
    ),
    ("Mutation.requestLoginCode", "sends a code to an email or a number; answers the same whosoever it is"),
    ("Mutation.setContact", "one's own; the code that was sent there is asked for"),
    ("Mutation.refreshSession", "the refresh token is asked for"),
    ("Mutation.logout", "one's own session"),
    ("Mutation.endSession", "one's own session"),
    ("Mutation.logoutEverywhere", "one's own sessions"),
    ("Mutation.changePassword", "one's own; the current one is asked for"),
    ("Mutation.deleteAccount", "one's own; the password is asked for"),
    ("Mutation.setBlocked", "whom one has to do with is one's own to say"),
    (
        "Mutation.openConversation",
        "one's own conversation with a person; `BLOCKED` where it would have to begin and the two are apart",
    ),
    (
        "Mutation.createGroup",
        "a group of one's own; those who are brought in must not be apart from the one who makes it",
    ),
    ("Mutation.updateProfile", "one's own"),
    ("Mutation.markNotificationsSeen", "one's own"),
    (
        "Subscription.presenceChanged",
        "people are there for everybody; of strangers it tells whether they are online and no more, of those who are apart nothing",
    ),
    ("Subscription.events", "of each conversation what `hear` lets one hear; of others that they are not there"),
];

#[test]
fn every_field_has_a_row_or_a_reason_to_have_none() {
    let rows: BTreeSet<_> = Act::ALL.iter().flat_map(|act| act.fields()).map(|field| (*field).to_owned()).collect();
    let open: BTreeSet<_> = OPEN.iter().map(|(field, _)| (*field).to_owned()).collect();
    let both: Vec<_> = rows.intersection(&open).collect();
    assert!(both.is_empty(), "both for everybody and in the table of chat/access: {both:?}");
    let said: BTreeSet<_> = rows.union(&open).cloned().collect();
    let there = fields_of_the_schema();
    let unsaid: Vec<_> = there.difference(&said).collect();
    assert!(unsaid.is_empty(), "say in chat/access, `Act::fields`, or in OPEN here, who may use {unsaid:?}");
    let gone: Vec<_> = said.difference(&there).collect();
    assert!(gone.is_empty(), "no fields of the schema: {gone:?}");
}

#[test]
fn the_table_in_the_docs_is_the_one_in_the_code() {
    let docs = include_str!("../../../docs/access.md");
    for (name, printed) in [("table", table()), ("list of what is open", open())] {
        assert!(
            docs.contains(&printed),
            "docs/access.md has another {name} than the code. Put this there:\n\n{printed}"
        );
    }
}

fn fields_of_the_schema() -> BTreeSet<String> {
    let schema = parse_schema(natterjack::graphql::sdl()).unwrap();
    let mut fields = BTreeSet::new();
    for definition in schema.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.as_str();
        let TypeKind::Object(object) = &definition.node.kind else { continue };
        if TYPES.contains(&name) {
            fields.extend(object.fields.iter().map(|field| format!("{name}.{}", field.node.name.node)));
        }
    }
    fields
}

/// The table, for people.
fn table() -> String {
    let mut table = String::from("| |");
    for standing in Standing::ALL {
        write!(table, " {} |", words(&format!("{standing:?}"))).unwrap();
    }
    table.push_str(" where |\n|---|");
    table.push_str(&"---|".repeat(Standing::ALL.len() + 1));
    for act in Act::ALL {
        write!(table, "\n| {} |", words(&format!("{act:?}"))).unwrap();
        for standing in Standing::ALL {
            write!(table, " {} |", word(standing.verdict(act))).unwrap();
        }
        let fields: Vec<_> = act.fields().iter().map(|field| format!("`{field}`")).collect();
        write!(table, " {} |", fields.join(" ")).unwrap();
    }
    table
}

/// What everybody may use, for people.
fn open() -> String {
    let line = |(field, why): &(&str, &str)| format!("| `{field}` | {why} |");
    format!("| field | why |\n|---|---|\n{}", OPEN.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Granted => "yes",
        Verdict::Empty => "empty",
        Verdict::NotAllowed => "no",
        Verdict::Blocked => "blocked",
        Verdict::NotFound => "–",
    }
}

/// `SeeOwnMembership` as `see own membership`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}
