//! The story of a public room: five people on two nodes, and a bus between these that is cut on the way.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::groups;
use crate::support::relay::Relay;
use crate::support::socket::Socket;
use crate::support::stores::url_of;
use serde_json::{Value, json};

on_every_backend! {
    five_people_and_a_room
}

async fn five_people_and_a_room(backend: Backend) {
    let (backend, bus) = bussed(backend).await;
    let (one, other) = (backend.node().await, backend.node().await);
    let ada = Person::register(&one, "ada").await;
    let [bob, cyd] = [Person::register(&one, "bob").await, Person::register(&other, "cyd").await];
    let [dan, eve] = [Person::register(&one, "dan").await, Person::register(&other, "eve").await];
    let mut bobs = Ear::of(&bob).await;
    let mut cyds = Ear::of(&cyd).await;
    let mut dans = Ear::of(&dan.at(&other)).await;
    let mut eves = Ear::of(&eve).await;

    // A public room, which is found and joined on another node than its maker's.
    let room =
        json!({ "name": "The pond", "description": "Frogs and toads.", "visibility": "PUBLIC", "inviteIds": [dan.id] });
    let room = ada.create_group(room).await;
    ada.send(&room, "Who is there?").await;
    let found = cyd.client.field("publicConversations", FOUND, json!({ "matching": "pond" })).await;
    for person in [&bob, &cyd] {
        person.join(&room).await;
    }
    bobs.until_in_as("MEMBER").await;
    cyds.until_in_as("MEMBER").await;
    cyd.send(&room, "A toad.").await;
    for ear in [&mut bobs, &mut cyds] {
        ear.until_said("A toad.").await;
    }

    // An invitation is declined.
    dans.until_in_as("MEMBER").await;
    dan.leave(&room).await;
    dans.until_out().await;

    // A hand-over: the admin before whoever came earlier.
    eves.until_quiet(&eve).await;
    ada.set_role(&room, &bob, "ADMIN").await;
    bobs.until_in_as("ADMIN").await;
    ada.leave(&room).await;
    bobs.until_in_as("OWNER").await;
    // Whoever has not heard of it by then would not, being removed before the bus could tell.
    cyds.until_said("ROLE_CHANGED ada bob OWNER").await;

    // The bus is cut, and somebody removed who listens on another node than the one where that is done.
    drop(bus);
    bob.remove(&room, &cyd).await;
    bob.send(&room, "Not for cyd.").await;
    cyds.until_out().await;
    // Who is let in reads and hears what was before.
    bob.add(&room, &[&eve]).await;
    eves.until_said("Not for cyd.").await;
    bob.send(&room, "Nor this.").await;
    for ear in [&mut bobs, &mut eves] {
        ear.until_said("Nor this.").await;
    }
    cyds.until_quiet(&cyd).await;
    dans.until_quiet(&dan).await;

    let mut told = json!({ "found": found });
    for (name, ear) in [("bob", bobs), ("cyd", cyds), ("dan", dans), ("eve", eves)] {
        told["heard"][name] = json!(ear.heard);
        told["was"][name] = json!(ear.was);
    }
    for (name, person) in [("ada", &ada), ("bob", &bob), ("cyd", &cyd), ("dan", &dan), ("eve", &eve)] {
        told["sees"][name] = seen(person, &room).await;
    }
    assert_shown!("a_room", told);
}

const FOUND: &str = "query($matching: String) { publicConversations(matching: $matching, first: 5) { nodes {
    title description memberCount lastMessage { text } viewerMembership { role } } } }";

const SEEN: &str = "title revision memberCount unreadCount viewerMembership { role state }
    members(first: 10) { nodes { user { displayName } role invitedBy { displayName } } }
    messages(first: 100) { nodes { seq text author { displayName } notice {
        kind actor { displayName } subject { displayName } role name } } }";

/// The room as a person sees it, a line for each message.
async fn seen(person: &Person, room: &str) -> Value {
    let mut seen = person.sees(room, SEEN).await;
    let messages = seen["messages"]["nodes"].take();
    seen["messages"] = messages.as_array().unwrap().iter().map(told).collect();
    seen
}

/// The same stores with a bus, where there is one, through a network that is cut where its value is dropped. Without one
/// the nodes are apart from the beginning.
async fn bussed(backend: Backend) -> (Backend, Option<Relay>) {
    let Some(nats) = url_of("TEST_NATS_URL") else { return (backend, None) };
    let relay = Relay::before(&nats).await;
    (backend.with("NATS_URL", relay.url()), Some(relay))
}

const EVENTS: &str = "subscription { events(after: [], only: [MESSAGE, MEMBERSHIP]) {
    __typename
    ... on MessageAdded { message { seq text author { displayName } notice {
        kind actor { displayName } subject { displayName } role name } } }
    ... on MembershipChanged { entered: conversation { title } membership { role state } }
    ... on Synced { revision }
} }";

/// What one person hears, of one room.
struct Ear {
    socket: Socket,
    /// The messages and notices.
    heard: Vec<String>,
    /// What the person was to the room, one after the other.
    was: Vec<String>,
}

impl Ear {
    /// An ear for all that happens from now on, and for rooms entered later from their beginning.
    async fn of(person: &Person) -> Self {
        let mut socket = Socket::of(person).await;
        socket.subscribe(EVENTS, json!({})).await;
        let mut ear = Self { socket, heard: Vec::new(), was: Vec::new() };
        ear.until_quiet(person).await;
        ear
    }

    async fn until_said(&mut self, text: &str) {
        while self.heard.last().is_none_or(|last| !last.ends_with(text)) {
            self.take_in().await;
        }
    }

    async fn until_in_as(&mut self, role: &str) {
        while self.was.last().is_none_or(|last| !last.contains(role)) {
            self.take_in().await;
        }
    }

    async fn until_out(&mut self) {
        while self.was.last().is_none_or(|last| last != "out") {
            self.take_in().await;
        }
    }

    /// Takes in whatever the server has to say by now.
    async fn until_quiet(&mut self, person: &Person) {
        let id = self.socket.subscribe("{ viewer { id } }", json!({})).await;
        loop {
            let frame = self.socket.frame().await;
            if frame["id"] == id.as_str() {
                if frame["type"] == "complete" {
                    return;
                }
                assert_eq!(frame["payload"]["data"]["viewer"]["id"], person.id.as_str());
            } else {
                self.note(&frame["payload"]["data"]["events"]);
            }
        }
    }

    async fn take_in(&mut self) {
        let event = self.socket.next().await["events"].take();
        self.note(&event);
    }

    fn note(&mut self, event: &Value) {
        match event["__typename"].as_str().unwrap() {
            "MessageAdded" => self.heard.push(told(&event["message"])),
            "MembershipChanged" if event["entered"].is_null() => self.was.push("out".to_owned()),
            "MembershipChanged" => {
                let membership = &event["membership"];
                let parts = [&event["entered"]["title"], &membership["state"], &membership["role"]];
                self.was.push(parts.map(|part| part.as_str().unwrap()).join(", "));
            }
            "Synced" => {}
            kind => panic!("{kind} was not asked for"),
        }
    }
}

fn told(message: &Value) -> String {
    let seq = &message["seq"];
    match message["text"].as_str() {
        Some(text) => format!("{seq} {}: {text}", message["author"]["displayName"].as_str().unwrap()),
        None => format!("{seq} {}", groups::told(&message["notice"])),
    }
}
