//! A field whose value may fail to be found is one that may be null: its error nulls it and nothing else. Read from the source of
//! the schema, where a resolver says so by what it returns: `Option<Result<T>>`.
#![cfg(test)]

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::collections::BTreeMap;
use std::path::Path;

/// Those that fail with their parent: `Type::resolver`, and why there is nothing to show of the parent without them.
const FAIL_WITH_THEIR_PARENT: &[(&str, &str)] = &[
    ("Conversation::created_at", STATE),
    ("Conversation::kind", STATE),
    ("Conversation::member_count", STATE),
    ("Conversation::online_member_count", COUNT),
    (
        "Conversation::revision",
        "clients go on from it: none at all is better than a wrong one, and it is asked for by those who resume",
    ),
    ("Conversation::title", STATE),
    ("Conversation::typing", LIST),
    ("Conversation::visibility", STATE),
    ("EventSubscription::events", STREAM),
    ("Member::user", PERSON),
    ("Message::mentions", LIST),
    ("Message::read_by", LIST),
    ("Message::read_by_count", COUNT),
    ("Message::reply_count", COUNT),
    ("Message::status", "of the same database as the right to read the message, so that it is hardly away alone"),
    ("MessageSubscription::message_added", STREAM),
    (
        "NodeQuery::nodes",
        "the list as a whole fails where the ids are too many or nobody is signed in; each of its items fails alone",
    ),
    ("PresenceChanged::user", EVENT),
    ("PresenceSubscription::presence_changed", STREAM),
    ("Reaction::is_by_viewer", "a wrong answer would let the viewer react twice, or not at all"),
    ("Reaction::users", LIST),
    ("ReadReceipt::user", PERSON),
    ("ReceiptChanged::user", EVENT),
    ("ReceiptSubscription::receipt_changed", STREAM),
    ("TypingChanged::typing", EVENT),
    ("TypingChanged::user", EVENT),
    ("TypingSubscription::typing_changed", STREAM),
    ("User::is_blocked_by_viewer", "a wrong answer would show one who is blocked as one who is not"),
    ("User::presence", "of the same database as the person"),
    ("UserChanged::user", EVENT),
    ("Viewer::is_email_verified", STATE),
    ("Viewer::is_mobile_number_verified", STATE),
    ("Viewer::sessions", "of the same database as the viewer"),
    ("Viewer::user", PERSON),
];

const STATE: &str = "of the same row as the rest of its parent: where it cannot be read, nothing of the parent can";
const COUNT: &str = "a number that is shown; clients have no other idea of it, and 0 would be wrong";
const LIST: &str = "an empty list would be wrong, and the lists of the schema are never null";
const PERSON: &str = "its parent says something of that person and of nobody else";
const EVENT: &str = "an event that cannot be told as a whole is not told: the subscription ends, and is resumed";
const STREAM: &str = "a subscription that cannot begin";

#[test]
fn what_can_fail_may_be_null_or_has_a_reason() {
    let said: BTreeMap<_, _> = FAIL_WITH_THEIR_PARENT.iter().copied().collect();
    let there = failing(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/graphql"));
    assert!(there.len() >= 10, "the source is read: {there:?}");
    let unsaid: Vec<_> = there.iter().filter(|field| !said.contains_key(field.as_str())).collect();
    assert!(unsaid.is_empty(), "let these return Option<Result<T>>, or say why they cannot: {unsaid:?}");
    let gone: Vec<_> = said.keys().filter(|field| !there.contains(&(**field).to_owned())).collect();
    assert!(gone.is_empty(), "these cannot fail: {gone:?}");
}

#[test]
fn a_resolver_that_can_fail_is_found_wherever_it_stands() {
    let source = "
        #[derive(Default)] #[Object(name = \"B\")] impl A {
            async fn one(&self) -> Result<u8> { async fn inner() -> Result<u8> {} }
            pub async fn two(&self, ctx: &Context<'_>, #[graphql(default = 1)] n: Option<i32>) -> Result<Option<u8>, E> {}
            async fn three(&self) -> Option<Result<u8>> {}
            async fn four(&self, f: impl Fn() -> Result<u8>) -> u8 {}
            async fn five(&self) {}
            /// Fails.
            async fn six(&self) -> async_graphql::Result<u8> { ready(1).await }
        }
        #[Subscription] impl Some { async fn stream(&self) -> crate::Result<impl Stream<Item = Result<u8>>> {} }
        impl A { async fn not_a_field(&self) -> Result<u8> {} }
        async fn neither() -> Result<u8> {}
    ";
    let mut found = Vec::new();
    read(source.parse().unwrap(), &mut found);
    assert_eq!(found, ["A::one", "A::two", "A::six", "Some::stream"]);
}

/// The resolvers in these files that return a `Result`.
fn failing(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(failing(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            read(std::fs::read_to_string(path).unwrap().parse().unwrap(), &mut found);
        }
    }
    found
}

/// What an `impl` must bear for its functions to be fields.
const MAKES_FIELDS: [&str; 3] = ["Object", "ComplexObject", "Subscription"];

fn read(source: TokenStream, found: &mut Vec<String>) {
    let (mut makes_fields, mut words) = (false, Vec::<String>::new());
    for token in source {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                let first = group.stream().into_iter().next().map(|token| token.to_string());
                makes_fields |= first.is_some_and(|first| MAKES_FIELDS.contains(&first.as_str()));
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                if let [.., keyword, name] = words.as_slice()
                    && makes_fields
                    && keyword == "impl"
                {
                    read_fields(name, &group, found);
                }
                (makes_fields, words) = (false, Vec::new());
            }
            TokenTree::Ident(word) => words.push(word.to_string()),
            _ => {}
        }
    }
}

fn read_fields(of: &str, body: &Group, found: &mut Vec<String>) {
    let mut tokens = body.stream().into_iter();
    while let Some(token) = tokens.next() {
        if token.to_string() != "fn" {
            continue;
        }
        let name = tokens.next().unwrap().to_string();
        // Its parameters are one group, its body the next one in braces; between them stands what it returns.
        let rest = tokens.by_ref().skip_while(|token| !is_group(token, Delimiter::Parenthesis)).skip(1);
        let returned: Vec<_> =
            rest.take_while(|token| !is_group(token, Delimiter::Brace)).map(|token| token.to_string()).collect();
        // The last word before what it holds: `async_graphql::Result<`.
        let head = returned.iter().take_while(|token| *token != "<").last();
        if head.is_some_and(|head| head == "Result") {
            found.push(format!("{of}::{name}"));
        }
    }
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}
