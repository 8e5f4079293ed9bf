//! How often and how much one may ask of a node, person by person and address by address.

use crate::support::backend::Backend;
use crate::support::client::{Client, Person};
use crate::support::socket::{Gone, PATIENCE, Socket};
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, InputObjectType, ServiceDocument, Type, TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

/// So slow that nothing fills again while a test runs.
const SLOWLY: &str = "1/h burst";

/// Behind a proxy, which says whence each request comes. Counts are in the node's memory, whatever stores it stands on.
async fn limited(settings: &[(&'static str, String)]) -> Backend {
    let backend = Backend::sqlite().await.unwrap().with("NATTERJACK_RATE_LIMITS", "on");
    let backend = backend.with("NATTERJACK_TRUSTED_PROXIES", "127.0.0.0/8,::1");
    settings.iter().fold(backend, |backend, (variable, value)| backend.with(variable, value.as_str()))
}

/// Whether it was let through; where not, how long to wait is told as a limit has it.
fn is_through(response: &Value) -> bool {
    let Some(error) = response["errors"].get(0) else { return true };
    assert_eq!(error["extensions"]["code"], "RATE_LIMITED", "{response}");
    let wait = error["extensions"]["retryAfter"].as_u64().unwrap();
    assert!((1..=3_600).contains(&wait), "{response}");
    false
}

/// How many of that many questions are answered.
async fn answered(client: &Client, count: usize) -> usize {
    let mut answered = 0;
    for _ in 0..count {
        answered += usize::from(is_through(&client.run("{ server { name } }", json!({})).await));
    }
    answered
}

impl Person {
    /// The same person at that address, as a proxy says.
    fn coming_from(&self, address: &str) -> Self {
        Self { client: self.client.coming_from(address), ..self.clone() }
    }
}

#[tokio::test]
async fn operations_are_counted_by_person_and_by_address_over_every_transport() {
    let mut backend = limited(&[
        ("NATTERJACK_REQUESTS_PER_VIEWER", format!("{SLOWLY} 8")),
        ("NATTERJACK_REQUESTS_PER_ADDRESS", format!("{SLOWLY} 20")),
    ])
    .await;
    let node = backend.node().await;
    let nobody = Client::new(&node);
    let [ada, bob] = ["ada", "bob"];
    let ada = Person::register_by(&nobody.coming_from("192.0.2.1"), ada).await;
    let bob = Person::register_by(&nobody.coming_from("192.0.2.1"), bob).await;

    // Of one person, from wherever: at the node's own end on a socket, and from two addresses.
    let mut socket = Socket::of(&ada).await;
    for _ in 0..3 {
        let id = socket.subscribe("{ server { name } }", json!({})).await;
        assert_eq!(socket.frame().await["type"], "next");
        assert_eq!(socket.frame().await, json!({ "type": "complete", "id": id }));
    }
    assert_eq!(answered(&ada.coming_from("192.0.2.2").client, 3).await, 3);
    assert_eq!(answered(&ada.coming_from("192.0.2.3").client, 4).await, 2);
    let id = socket.subscribe("{ server { name } }", json!({})).await;
    let frame = socket.frame().await;
    assert_eq!((&frame["type"], &frame["id"]), (&json!("error"), &json!(id)));
    assert!(!is_through(&json!({ "errors": frame["payload"] })));
    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.frame().await["type"], "pong", "the socket lives");
    assert_eq!(answered(&bob.coming_from("192.0.2.2").client, 1).await, 1, "others are not concerned");

    // From one address, whoever it is. An IPv6 customer has all of a /64.
    assert_eq!(answered(&nobody.coming_from("192.0.2.9"), 25).await, 20);
    assert_eq!(answered(&bob.coming_from("192.0.2.9").client, 1).await, 0);
    assert_eq!(answered(&nobody.coming_from("2001:db8::1"), 15).await, 15);
    assert_eq!(answered(&nobody.coming_from("2001:db8::ffff:2"), 15).await, 5);
    assert_eq!(answered(&nobody.coming_from("192.0.2.10"), 1).await, 1);

    // Who is no proxy is not believed, and each node counts for itself.
    backend.set("NATTERJACK_TRUSTED_PROXIES", "203.0.113.1");
    let other = backend.node().await;
    let alone = Client::new(&other);
    assert_eq!(answered(&alone.coming_from("192.0.2.20"), 15).await, 15);
    assert_eq!(answered(&alone.coming_from("192.0.2.21"), 15).await, 5);
}

async fn sent(person: &Person, conversation: &str, client_id: &str) -> Value {
    let query = "mutation($input: SendMessageInput!) {
        sendMessage(input: $input) { message { seq } isRepeat errors { message } } }";
    let input = json!({ "to": { "conversationId": conversation }, "text": "hello", "clientId": client_id });
    person.client.run(query, json!({ "input": input })).await
}

#[tokio::test]
async fn messages_are_counted_by_person_and_by_address_and_one_too_many_is_not_stored() {
    let backend = limited(&[
        ("NATTERJACK_SENDS_PER_VIEWER", format!("{SLOWLY} 3")),
        ("NATTERJACK_SENDS_PER_ADDRESS", format!("{SLOWLY} 6")),
    ])
    .await;
    let (node, other) = (backend.node().await, backend.node().await);
    let nobody = Client::new(&node);
    let ada = Person::register_by(&nobody.coming_from("192.0.2.1"), "ada").await;
    let bob = Person::register_by(&nobody.coming_from("192.0.2.1"), "bob").await;
    // Which counts for him.
    let conversation = bob.open(&ada).await;
    for (id, is_repeat) in [("1", false), ("2", false), ("2", true)] {
        assert_eq!(sent(&ada, &conversation, id).await["data"]["sendMessage"]["isRepeat"], is_repeat);
    }
    let refused = sent(&ada.coming_from("192.0.2.2"), &conversation, "3").await;
    assert!(!is_through(&refused));
    assert_eq!(
        (&refused["data"], &refused["errors"][0]["path"]),
        (&json!({ "sendMessage": null }), &json!(["sendMessage"]))
    );

    assert!(is_through(&sent(&bob, &conversation, "1").await) && is_through(&sent(&bob, &conversation, "2").await));
    assert!(!is_through(&sent(&bob, &conversation, "3").await), "six from that address");
    let elsewhere = bob.coming_from("192.0.2.2");
    assert!(!is_through(&sent(&elsewhere, &conversation, "3").await), "and three of that person");

    // What was refused is stored once, as soon as it is let through: here by another node, which counts for itself.
    let history = "query($id: ID!) { history(of: { conversationId: $id }, last: 100) { nodes { clientId } } }";
    let stored = async || {
        let data = ada.client.data(history, json!({ "id": conversation })).await;
        data["history"]["nodes"].as_array().unwrap().len()
    };
    assert_eq!(stored().await, 4);
    let ada_there = ada.at(&other);
    for is_repeat in [false, true] {
        assert_eq!(sent(&ada_there, &conversation, "3").await["data"]["sendMessage"]["isRepeat"], is_repeat);
    }
    assert_eq!(stored().await, 5);
    assert_eq!(writing_mutations(&ada).await, WRITING);
}

/// What others hear of, or what lasts, and so counts as a message.
const WRITING: &[&str] = &[
    "addMembers",
    "createGroup",
    "deleteConversation",
    "deleteMessage",
    "editMessage",
    "inviteMembers",
    "joinConversation",
    "leaveConversation",
    "openConversation",
    "removeMember",
    "reportMessage",
    "sendMessage",
    "setBlocked",
    "setMuted",
    "setPinned",
    "setReaction",
    "setRole",
    "setTyping",
    "updateConversation",
    "updateProfile",
];

/// The mutations that are refused to one who has no messages left.
async fn writing_mutations(person: &Person) -> Vec<String> {
    let schema = parse_schema(natterjack::graphql::sdl()).unwrap();
    let TypeKind::Object(mutations) = kind(&schema, "Mutation") else { unreachable!("it is an object") };
    let mut writing = Vec::new();
    for field in &mutations.fields {
        let name = field.node.name.node.as_str();
        let arguments: Vec<_> = field.node.arguments.iter().map(|argument| &argument.node).collect();
        let arguments = match arguments.as_slice() {
            [] => String::new(),
            [input] => format!("(input: {})", nonsense(&schema, &input.ty.node)),
            _ => panic!("{name} has several arguments"),
        };
        // The person is still needed afterwards.
        if ["logout", "logoutEverywhere"].contains(&name) {
            continue;
        }
        let response =
            person.client.run(&format!("mutation {{ {name}{arguments} {{ __typename }} }}"), json!({})).await;
        let code = &response["errors"][0]["extensions"]["code"];
        assert_ne!(code, "QUERY_REFUSED", "{response}");
        if code == "RATE_LIMITED" {
            writing.push(name.to_owned());
        }
    }
    writing.sort();
    writing
}

fn kind<'a>(schema: &'a ServiceDocument, name: &str) -> &'a TypeKind {
    let types = schema.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(&definition.node),
        _ => None,
    });
    let found = types.into_iter().find(|definition| definition.name.node == name);
    found.map_or(&TypeKind::Scalar, |definition| &definition.kind)
}

/// A value of that type, which names nothing that is there.
fn nonsense(schema: &ServiceDocument, of: &Type) -> String {
    let name = match &of.base {
        BaseType::List(_) => return "[]".to_owned(),
        BaseType::Named(name) => name.as_str(),
    };
    match kind(schema, name) {
        TypeKind::InputObject(object) => nonsensical_object(schema, name, object),
        TypeKind::Enum(one) => one.values[0].node.value.node.to_string(),
        _ => match name {
            "Boolean" => "true".to_owned(),
            "Int" => "1".to_owned(),
            _ => r#""none""#.to_owned(),
        },
    }
}

fn nonsensical_object(schema: &ServiceDocument, name: &str, object: &InputObjectType) -> String {
    let is_one_of = object.fields.iter().all(|field| field.node.ty.node.nullable) && name != "UpdateProfileInput";
    let needed = object.fields.iter().map(|field| &field.node).filter(|field| !field.ty.node.nullable);
    let fields: Vec<_> =
        if is_one_of { object.fields.iter().map(|field| &field.node).take(1).collect() } else { needed.collect() };
    let fields: Vec<_> =
        fields.iter().map(|field| format!("{}: {}", field.name.node, nonsense(schema, &field.ty.node))).collect();
    format!("{{ {} }}", fields.join(", "))
}

#[tokio::test]
async fn look_ups_are_counted_by_person_and_by_address() {
    let backend = limited(&[
        ("NATTERJACK_LOOK_UPS_PER_VIEWER", format!("{SLOWLY} 4")),
        ("NATTERJACK_LOOK_UPS_PER_ADDRESS", format!("{SLOWLY} 6")),
    ])
    .await;
    let node = backend.node().await;
    let nobody = Client::new(&node);
    let ada = Person::register_by(&nobody.coming_from("192.0.2.1"), "ada").await;
    let bob = Person::register_by(&nobody.coming_from("192.0.2.1"), "bob").await;
    let counted = [
        r#"{ user(by: { email: "nobody@example.org" }) { id } }"#,
        r#"{ user(by: { mobileNumber: "4915123456789" }) { id } }"#,
        r#"{ users(matching: "a", first: 1) { nodes { id } } }"#,
        r#"{ publicConversations(matching: "a", first: 1) { nodes { id } } }"#,
    ];
    let beginning =
        r#"mutation { openConversation(input: { with: { email: "nobody@example.org" } }) { errors { code } } }"#;
    for query in counted {
        assert!(is_through(&ada.client.run(query, json!({})).await), "{query}");
    }
    for query in counted.into_iter().chain([beginning]) {
        assert!(!is_through(&ada.coming_from("192.0.2.2").client.run(query, json!({})).await), "{query}");
    }
    for query in [
        r#"{ user(by: { username: "bob" }) { id } }"#,
        "{ users(first: 1) { nodes { id } } }",
        r#"{ publicConversations(matching: "", first: 1) { nodes { id } } }"#,
    ] {
        assert!(is_through(&ada.client.run(query, json!({})).await), "{query} is none");
    }
    for query in [counted[0], beginning] {
        assert!(is_through(&bob.client.run(query, json!({})).await), "{query}");
    }
    assert!(!is_through(&bob.client.run(counted[0], json!({})).await), "six from that address");
}

#[tokio::test]
async fn a_person_and_an_address_have_so_many_sockets_at_once() {
    let backend = limited(&[
        ("NATTERJACK_SOCKETS_PER_VIEWER", "2".to_owned()),
        ("NATTERJACK_SOCKETS_PER_ADDRESS", "3".to_owned()),
    ])
    .await;
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let held = [Socket::of(&ada).await, Socket::of(&ada).await];
    let third = Socket::try_to_be_of(&ada).await;
    assert!(matches!(third, Err(Gone::Closed(Some(1013)))), "a code after which clients come again");
    // The one that was closed has its place until the client has gone.
    let _fourth = until_there_is_room(&bob).await;
    let fifth = Socket::try_to_open(&bob.client).await.err().unwrap();
    assert!(matches!(&fifth, Gone::Broken(why) if why.contains("429")), "{fifth:?}");
    drop(held);
    let _again = until_there_is_room(&ada).await;
}

/// A socket, once there is room for it.
async fn until_there_is_room(person: &Person) -> Socket {
    let trying = async {
        loop {
            if let Ok(socket) = Socket::try_to_be_of(person).await {
                return socket;
            }
            sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, trying).await.expect("there is room in time")
}

#[tokio::test]
async fn a_person_and_an_address_have_so_many_subscriptions_at_once() {
    let backend = limited(&[
        ("NATTERJACK_SUBSCRIPTIONS_PER_VIEWER", "2".to_owned()),
        ("NATTERJACK_SUBSCRIPTIONS_PER_ADDRESS", "3".to_owned()),
    ])
    .await;
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut adas = [Socket::of(&ada).await, Socket::of(&ada).await];
    let mut bobs = Socket::of(&bob).await;
    let [first, second] = &mut adas;
    for socket in [&mut *first, &mut *second, &mut bobs] {
        assert!(begins(socket, &conversation).await);
    }
    assert!(!begins(first, &conversation).await, "the third of one person, on whichever socket");
    assert!(!begins(&mut bobs, &conversation).await, "the fourth of one address");
    first.send(json!({ "type": "complete", "id": "1" })).await;
    let beginning = async { while !begins(&mut bobs, &conversation).await {} };
    timeout(PATIENCE, beginning).await.expect("there is room again");
    assert!(!begins(first, &conversation).await);
}

/// Whether a subscription begins: then it says what was missed, which is a message.
async fn begins(socket: &mut Socket, conversation: &str) -> bool {
    let query = "subscription($id: ID!) { events(after: [{ conversationId: $id, revision: 0 }]) { __typename } }";
    let id = socket.subscribe(query, json!({ "id": conversation })).await;
    loop {
        let frame = socket.frame().await;
        if frame["id"] == json!(id) {
            return is_through(
                &json!({ "errors": if frame["type"] == "error" { &frame["payload"] } else { &Value::Null } }),
            );
        }
    }
}
