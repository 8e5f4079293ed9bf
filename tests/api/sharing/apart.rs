//! What many are told at once holds nothing that is for one of them.

use super::selection::Objects;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::groups::people;
use crate::support::socket::Socket;
use natterjack::graphql::telling::dependence::{Dependence, stated};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_every_backend! {
    no_byte_that_is_for_one_reaches_another
}

/// The kinds of events that are told to many, each with something in it that depends on who looks.
const KINDS: [(&str, &str); 6] = [
    ("MessageAdded", "conversation { unreadCount }"),
    ("MessageChanged", "conversation { unreadCount }"),
    ("ReceiptChanged", "conversation { unreadCount }"),
    ("TypingChanged", "conversation { unreadCount }"),
    ("PresenceChanged", "user { isBlockedByViewer }"),
    ("UserChanged", "user { isBlockedByViewer }"),
];

/// What one person is told of the same events, asked for in different ways.
struct Ears {
    /// All fields that are stated to be for all.
    shared: Ear,
    /// The same with something that is not, so that nothing of it is shared.
    apart: Ear,
    /// All fields.
    all: Ear,
    /// The same in a document that nobody else sends.
    alone: Ear,
}

/// One way of asking.
struct Ear {
    socket: Socket,
    /// What came before what was asked for: a receipt, say, while the message that it follows from is put off.
    early: Vec<Value>,
}

#[derive(Debug)]
struct Heard {
    shared: Value,
    apart: Value,
    all: Value,
    alone: Value,
}

impl Ears {
    async fn of(person: &Person, group: &str) -> Self {
        let objects = Objects::of_the_schema();
        let mut noted = BTreeSet::new();
        let is_for_all = |ty: &str, field: &str| {
            stated(ty, field).is_some_and(|on| on == Dependence::NONE || on == Dependence::PLACE)
        };
        let shared = document(|kind, _| objects.selected(kind, &is_for_all, &mut noted));
        let apart = document(|kind, apart| {
            format!("{} ... on {kind} {{ apart: {apart} }}", objects.selected(kind, &is_for_all, &mut noted))
        });
        let mut noted = BTreeSet::new();
        let all = document(|kind, _| objects.selected(kind, &|_, _| true, &mut noted));
        let kinds = KINDS.map(|(kind, _)| kind);
        assert_eq!(noted, objects.reached(&kinds), "every field is asked for");
        let alone = format!("{all} # for {}", person.id);
        Self {
            shared: Ear::of(person, group, &shared).await,
            apart: Ear::of(person, group, &apart).await,
            all: Ear::of(person, group, &all).await,
            alone: Ear::of(person, group, &alone).await,
        }
    }

    async fn hear(&mut self, kind: &str) -> Heard {
        let mut apart = self.apart.next(kind).await;
        let was_apart = apart.as_object_mut().unwrap().remove("apart");
        assert!(was_apart.is_some(), "{apart}");
        let [mut all, mut alone] = [self.all.next(kind).await, self.alone.next(kind).await];
        leave_out_marks(&mut all);
        leave_out_marks(&mut alone);
        Heard { shared: self.shared.next(kind).await, apart, all, alone }
    }
}

impl Ear {
    /// Hears all that happens in the group from now on.
    async fn of(person: &Person, group: &str, query: &str) -> Self {
        let after = json!([{ "conversationId": group, "revision": 1_000_000 }]);
        let mut socket = Socket::of(person).await;
        socket.subscribe(query, json!({ "after": after, "ids": [group] })).await;
        while socket.next().await["events"]["__typename"] != "ResyncNeeded" {}
        Self { socket, early: Vec::new() }
    }

    /// The next event of that kind.
    async fn next(&mut self, kind: &str) -> Value {
        if let Some(at) = self.early.iter().position(|event| event["__typename"] == kind) {
            return self.early.remove(at);
        }
        loop {
            let event = self.socket.next().await["events"].take();
            if event["__typename"] == kind {
                return event;
            }
            self.early.push(event);
        }
    }
}

fn document(mut selection: impl FnMut(&str, &str) -> String) -> String {
    let kinds = KINDS.map(|(kind, apart)| format!("... on {kind} {}", selection(kind, apart)));
    let kinds = kinds.join(" ");
    format!(
        "subscription($after: [PositionInput!], $ids: [ID!]) {{
            events(after: $after, conversationIds: $ids) {{ __typename {kinds} }} }}"
    )
}

/// One who sends moves their own marks, at once but not together with it.
fn leave_out_marks(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("__typename").is_some_and(|ty| ty == "Member") {
                fields.retain(|name, _| !name.ends_with("Seq"));
            }
            fields.values_mut().for_each(leave_out_marks);
        }
        Value::Array(values) => values.iter_mut().for_each(leave_out_marks),
        _ => {}
    }
}

/// Both are told the same of what is for all, whether it was made for both or for each; and of the rest each what they are
/// told where nobody else asks.
async fn check(kind: &str, bob: &mut Ears, cleo: &mut Ears) {
    let (bobs, cleos) = (bob.hear(kind).await, cleo.hear(kind).await);
    assert_eq!(bobs.shared, cleos.shared, "{kind}: shared");
    for heard in [&bobs, &cleos] {
        assert_eq!(heard.apart, heard.shared, "{kind}: what is stated to be for all is not");
        assert_eq!(heard.all, heard.alone, "{kind}: what is for one alone");
    }
    assert_ne!(bobs.all, cleos.all, "{kind}: the two of them see different things");
}

async fn no_byte_that_is_for_one_reaches_another(backend: Backend) {
    let node = backend.node().await;
    let [ada, bob, cleo, dan] = people(&node, ["ada", "bob", "cleo", "dan"]).await;
    let group = ada.group("all", &[&bob, &cleo, &dan]).await;
    let first = ada.send(&group, "the first").await["id"].clone();
    // The two who look differ in all that can be different.
    ada.set_role(&group, &bob, "ADMIN").await;
    bob.set_muted(&group, true).await;
    bob.set_blocked(&cleo, true).await;
    bob.mark_read(&group).await;
    let direct = ada.open(&bob).await;
    bob.send(&direct, "for ada alone").await;
    bob.open(&dan).await;

    let (mut bobs, mut cleos) = (Ears::of(&bob, &group).await, Ears::of(&cleo, &group).await);
    let message = json!({
        "to": { "conversationId": group }, "text": "hello", "clientId": "ada's own", "replyToId": first,
        "mentionIds": [cleo.id], "metadata": { "a": 1 }, "attachments": [{ "url": "https://example.com/a" }],
    });
    let sent = ada.mutate("sendMessage", "message { id }", message).await["message"]["id"].clone();
    check("MessageAdded", &mut bobs, &mut cleos).await;
    check("ReceiptChanged", &mut bobs, &mut cleos).await;
    bob.does("setReaction", json!({ "messageId": sent, "emoji": "👍", "isOn": true })).await;
    check("MessageChanged", &mut bobs, &mut cleos).await;
    ada.does("setPinned", json!({ "messageId": sent, "isPinned": true })).await;
    check("MessageChanged", &mut bobs, &mut cleos).await;
    check("MessageAdded", &mut bobs, &mut cleos).await;
    // Else sending would mark the notice of the pin as read, while some are told of it before and some after.
    bob.mark_read(&group).await;
    bob.send_as(&group, "by one of the two", Some("bob's own")).await;
    check("MessageAdded", &mut bobs, &mut cleos).await;
    ada.set_typing(&group, true).await;
    check("TypingChanged", &mut bobs, &mut cleos).await;
    ada.does("updateProfile", json!({ "displayName": "Ada" })).await;
    check("UserChanged", &mut bobs, &mut cleos).await;
    let _here = Socket::of(&dan).await;
    check("PresenceChanged", &mut bobs, &mut cleos).await;
}
