//! What a client keeps: a snapshot, with the events on top of it.

use crate::support::client::Person;
use crate::support::socket::Socket;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a query and an event tell of the same things, in the same words. How many answer a message is no part of its
/// state: each answer tells of itself, and the message that it answers stands as it was.
const FRAGMENTS: &str = "
    fragment message on Message {
        id seq revision kind text author { id displayName } editedAt deletedAt
        attachments { url } metadata mentions { id } replyTo { id } reactions { emoji count isByViewer } isPinned
        notice { kind actor { id } subject { id } message { id } role name } }
    fragment conversation on Conversation {
        title name description visibility memberCount viewerMembership { ...member }
        members(first: 100) { nodes { ...member } }
        invited: members(state: INVITED, first: 100) { nodes { ...member } } }
    fragment member on Member { user { id } role state isMuted deliveredSeq readSeq }";

/// What a client has of one conversation.
#[derive(Clone, Debug, Default, PartialEq)]
struct Copy {
    /// What the client's person is there: role, state, whether it is muted.
    own: Value,
    /// How it shows itself, and how many are in it.
    face: Value,
    /// By person: role and state.
    members: BTreeMap<String, Value>,
    /// By person: delivered, read.
    marks: BTreeMap<String, (i64, i64)>,
    /// By id, each with its revision.
    messages: BTreeMap<String, (i64, Value)>,
}

impl Copy {
    /// What a client has that is told of its membership, and of nothing else yet.
    fn of_own(membership: &Value) -> Self {
        Self { own: own(membership), ..Self::default() }
    }

    fn is_joined(&self) -> bool {
        self.own["state"] == "JOINED"
    }

    fn keep(&mut self, message: &Value) {
        let (id, revision) = (text(&message["id"]), message["revision"].as_i64().unwrap());
        if self.messages.get(&id).is_none_or(|(known, _)| *known < revision) {
            self.messages.insert(id, (revision, message.clone()));
        }
    }

    /// Takes face, members and counts from a conversation.
    fn show(&mut self, conversation: &Value) {
        self.face = ["title", "name", "description", "visibility", "memberCount"]
            .into_iter()
            .map(|field| (field, conversation[field].clone()))
            .collect();
        let lists = ["members", "invited"].map(|list| conversation[list]["nodes"].as_array().unwrap());
        let members: Vec<_> = lists.into_iter().flatten().map(|member| (text(&member["user"]["id"]), member)).collect();
        self.members = members.iter().map(|(id, member)| (id.clone(), of(member, &["role", "state"]))).collect();
        self.marks.retain(|id, _| self.members.contains_key(id));
        for (id, member) in members {
            let known = self.marks.entry(id).or_default();
            *known = later(*known, member);
        }
    }

    /// Of one who is no member as far as the client knows, the word that they came in tells the marks too.
    fn mark(&mut self, receipt: &Value) {
        if let Some(known) = self.marks.get_mut(receipt["user"]["id"].as_str().unwrap()) {
            *known = later(*known, receipt);
        }
    }
}

/// Marks never go back.
fn later(known: (i64, i64), marks: &Value) -> (i64, i64) {
    let [delivered, read] = ["deliveredSeq", "readSeq"].map(|mark| marks[mark].as_i64().unwrap());
    (known.0.max(delivered), known.1.max(read))
}

fn own(membership: &Value) -> Value {
    of(membership, &["role", "state", "isMuted"])
}

fn of(object: &Value, fields: &[&str]) -> Value {
    fields.iter().map(|field| ((*field).to_owned(), object[field].clone())).collect()
}

/// All that a client has, and up to where.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Replica {
    copies: BTreeMap<String, Copy>,
    positions: BTreeMap<String, i64>,
}

impl Replica {
    /// What a query says.
    pub(super) async fn of(person: &Person) -> Self {
        let query = "query { viewer { conversations(first: 100) { nodes { id ...conversation
            messages(last: 100) { revision nodes { ...message } } } } } }";
        let mut replica = Self::default();
        let viewer = person.client.field("viewer", &format!("{query} {FRAGMENTS}"), json!({})).await;
        for conversation in viewer["conversations"]["nodes"].as_array().unwrap() {
            let mut copy = Copy::of_own(&conversation["viewerMembership"]);
            if copy.is_joined() {
                copy.show(conversation);
            } // else nobody tells how the group changes
            for message in conversation["messages"]["nodes"].as_array().unwrap() {
                copy.keep(message);
            }
            let id = text(&conversation["id"]);
            replica.positions.insert(id.clone(), conversation["messages"]["revision"].as_i64().unwrap());
            replica.copies.insert(id, copy);
        }
        replica
    }

    /// Whether both clients have the same, wherever they stand.
    pub(super) fn has_what(&self, other: &Self) -> bool {
        self.copies == other.copies
    }

    /// Subscribes from where the client stands.
    pub(super) async fn subscribe(&self, person: &Person) -> Socket {
        let query = "subscription($after: [PositionInput!]) { events(after: $after) {
            __typename
            ... on MessageAdded { conversation { id } revision message { ...message } }
            ... on MessageChanged { conversation { id } revision message { ...message } }
            ... on ReceiptChanged { conversation { id } user { id } deliveredSeq readSeq }
            ... on TypingChanged { conversation { id } user { id } isTyping }
            ... on ConversationChanged { conversation { id ...conversation } }
            ... on MembershipChanged { conversationId membership { ...member } }
            ... on Synced { conversation { id ...conversation } revision } } }";
        let position = |(id, revision)| json!({ "conversationId": id, "revision": revision });
        let after: Vec<_> = self.positions.iter().map(position).collect();
        let mut socket = Socket::of(person).await;
        socket.subscribe(&format!("{query} {FRAGMENTS}"), json!({ "after": after })).await;
        socket
    }

    /// What a client does with a frame.
    pub(super) fn take(&mut self, frame: &Value) -> Result<(), TestCaseError> {
        let (event, errors) = (&frame["payload"]["data"]["events"], &frame["payload"]["errors"]);
        let told = if frame["type"] == "next" && errors.is_null() {
            self.apply(event)
        } else if frame["type"] == "next" && errors[0]["extensions"]["code"] == "NOT_FOUND" {
            // What was to be shown is a conversation that the viewer was out of at that moment: more is about to be told.
            Some(())
        } else {
            None
        };
        told.ok_or_else(|| TestCaseError::fail(format!("nobody expects this of {self:#?}: {frame}")))
    }

    /// `None` where it is not what it must be.
    fn apply(&mut self, event: &Value) -> Option<()> {
        if event["__typename"] == "MembershipChanged" {
            return self.change_own(event);
        }
        // They are of one person, not of a conversation.
        if matches!(event["__typename"].as_str()?, "NotificationAdded" | "NotificationsSeen") {
            return Some(());
        }
        let id = event["conversation"]["id"].as_str()?;
        let kind = event["__typename"].as_str()?;
        // Nothing is told of what the viewer is not in. But one who was invited as far as the client knows may have come in before
        // it subscribed: then it gets what it has missed, and Synced tells what it is there.
        let is_replay = matches!(kind, "MessageAdded" | "MessageChanged" | "Synced");
        let copy = self.copies.get_mut(id).filter(|copy| copy.is_joined() || is_replay)?;
        let position = self.positions.get_mut(id)?;
        match kind {
            "MessageAdded" | "MessageChanged" => {
                *position = event["revision"].as_i64().filter(|revision| revision > position)?;
                copy.keep(&event["message"]);
            }
            "ReceiptChanged" => copy.mark(event),
            "ConversationChanged" => copy.show(&event["conversation"]),
            "Synced" => {
                *position = event["revision"].as_i64().filter(|revision| revision >= position)?;
                copy.show(&event["conversation"]);
                // Null where the viewer was out for a moment and sees the group all the same.
                let membership = &event["conversation"]["viewerMembership"];
                if !membership.is_null() {
                    copy.own = own(membership);
                }
            }
            "TypingChanged" => {}
            _ => return None,
        }
        Some(())
    }

    fn change_own(&mut self, event: &Value) -> Option<()> {
        let (id, membership) = (event["conversationId"].as_str()?, &event["membership"]);
        if membership.is_null() {
            self.copies.remove(id);
            self.positions.remove(id);
            return Some(());
        }
        let is_joined = membership["state"] == "JOINED";
        match self.copies.get_mut(id) {
            Some(copy) if copy.is_joined() == is_joined => copy.own = own(membership),
            // All of what the viewer has come into follows.
            _ => {
                self.copies.insert(id.to_owned(), Copy::of_own(membership));
                self.positions.insert(id.to_owned(), 0);
            }
        }
        Some(())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
