//! All that happens, in one subscription.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::events::{EVENTS, next_event, next_of};
use crate::support::socket::Socket;
use serde_json::{Value, json};

on_every_backend! {
    what_was_missed_comes_first_then_that_it_is_all_and_then_what_comes
    a_conversation_that_the_client_does_not_know_is_announced_and_told_whole
    conversations_begun_later_come_in_by_themselves
    conversations_that_are_not_there_are_said_to_be_gone
    positions_may_come_with_the_socket_and_the_later_one_holds
    a_client_chooses_kinds_and_conversations
    who_has_missed_too_much_or_stands_above_the_end_fetches_anew
    one_who_is_removed_hears_that_and_nothing_after_it
    one_who_goes_out_and_comes_in_again_stays_in
    from_a_query_on_nothing_is_missed
    a_slow_reader_of_events_reads_on_from_the_log
    what_the_bus_does_not_tell_is_found
    a_client_is_told_that_its_token_runs_out
    input_that_makes_no_sense_is_named
}

async fn subscribed(person: &Person, variables: Value) -> Socket {
    let mut socket = Socket::of(person).await;
    socket.subscribe(EVENTS, variables).await;
    socket
}

fn after(positions: &[(&str, i64)]) -> Value {
    let position = |(id, revision): &(&str, i64)| json!({ "conversationId": id, "revision": revision });
    json!({ "after": positions.iter().map(position).collect::<Vec<_>>() })
}

async fn what_was_missed_comes_first_then_that_it_is_all_and_then_what_comes(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut ids = Vec::new();
    for n in 1..=4 {
        ids.push(ada.send(&conversation, &n.to_string()).await["id"].as_str().unwrap().to_owned());
    }
    ada.edit(&ids[0], "one").await;
    ada.delete(&ids[2]).await;

    let mut socket = subscribed(&bob, after(&[(&conversation, 1)])).await;
    let mut shown = Vec::new();
    for _ in 0..5 {
        shown.push(next_event(&mut socket).await);
    }
    ada.send(&conversation, "5").await;
    shown.push(next_of(&mut socket, "MessageAdded").await);
    ada.edit(&ids[3], "four").await;
    shown.push(next_of(&mut socket, "MessageChanged").await);
    ada.delete(&ids[3]).await;
    shown.push(next_of(&mut socket, "MessageChanged").await);
    bob.mark_read(&conversation).await;
    shown.push(next_of(&mut socket, "ReceiptChanged").await);
    ada.set_typing(&conversation, true).await;
    shown.push(next_of(&mut socket, "TypingChanged").await);
    assert_shown!("events", json!(shown));
}

async fn a_conversation_that_the_client_does_not_know_is_announced_and_told_whole(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "before").await;
    let mut socket = subscribed(&bob, json!({ "after": [] })).await;
    let shown = [next_event(&mut socket).await, next_event(&mut socket).await, next_event(&mut socket).await];
    assert_shown!("events_of_an_unknown_conversation", json!(shown));
}

async fn conversations_begun_later_come_in_by_themselves(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&one, "bob").await);
    let mut known = vec![ada.open(&bob).await];
    // Without a bus the other node finds them by looking.
    for (node, name) in [(&one, "cyd"), (&other, "dan")] {
        let friend = Person::register(&one, name).await;
        let positions: Vec<_> = known.iter().map(|id| (id.as_str(), 2 * i64::from(*id != known[0]))).collect();
        let mut socket = subscribed(&bob.at(node), after(&positions)).await;
        for _ in &known {
            assert_eq!(next_event(&mut socket).await.kind(), "Synced");
        }
        let conversation = friend.open(&bob).await;
        friend.send(&conversation, "hello").await;
        let joined = next_of(&mut socket, "MembershipChanged").await;
        assert_eq!((joined.conversation(), &joined["entered"]["id"]), (&*conversation, &json!(conversation)));
        assert_eq!(next_of(&mut socket, "MessageAdded").await["message"]["text"], "hello");
        friend.send(&conversation, "and on").await;
        assert_eq!(next_of(&mut socket, "MessageAdded").await["message"]["text"], "and on");
        known.push(conversation);
    }
}

async fn conversations_that_are_not_there_are_said_to_be_gone(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let eve = Person::register(&node, "eve").await;
    let theirs = ada.open(&bob).await;
    let mut socket = subscribed(&eve, after(&[(&theirs, 3), ("nonsense", 1)])).await;
    let mut gone = Vec::new();
    for _ in 0..2 {
        let event = next_of(&mut socket, "MembershipChanged").await;
        assert_eq!((&event["entered"], &event["membership"]), (&Value::Null, &Value::Null));
        gone.push(event.conversation().to_owned());
    }
    gone.sort();
    assert_eq!(gone, [theirs.as_str(), "nonsense"]);
    // Known by the client's own word it is no mistake to ask for it.
    let both = json!({ "after": [{ "conversationId": theirs, "revision": 3 }], "conversationIds": [theirs] });
    assert_eq!(next_event(&mut subscribed(&eve, both).await).await.conversation(), theirs);
}

async fn positions_may_come_with_the_socket_and_the_later_one_holds(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    for n in 1..=3 {
        ada.send(&conversation, &n.to_string()).await;
    }
    for (argument, of_socket, first) in [(None, Some(1), 2), (Some(1), Some(2), 3), (Some(2), Some(1), 3)] {
        let position = |revision: i64| json!([{ "conversationId": conversation, "revision": revision }]);
        let payload = of_socket.map_or(json!({}), |revision| json!({ "after": position(revision) }));
        let mut socket = Socket::with_payload(&bob, payload).await;
        socket.subscribe(EVENTS, json!({ "after": argument.map(position) })).await;
        assert_eq!(next_of(&mut socket, "MessageAdded").await["revision"], first);
    }
    let mut socket = Socket::with_payload(&bob, json!({ "after": { "conversationId": conversation } })).await;
    socket.subscribe(EVENTS, json!({})).await;
    assert_eq!(refusal(&mut socket).await, ("INVALID_INPUT".to_owned(), json!(["after"])));
}

async fn a_client_chooses_kinds_and_conversations(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let cyd = Person::register(&node, "cyd").await;
    let (first, second) = (ada.open(&bob).await, cyd.open(&bob).await);
    ada.send(&first, "missed").await;

    let mut receipts = subscribed(&bob, json!({ "after": [], "only": ["RECEIPT"] })).await;
    let mut one = subscribed(&bob, json!({ "after": [], "conversationIds": [second] })).await;
    for _ in 0..2 {
        assert_eq!(next_event(&mut receipts).await.kind(), "Synced", "which come always");
    }
    assert_eq!(next_of(&mut one, "MembershipChanged").await.conversation(), second);
    assert_eq!(next_of(&mut one, "Synced").await.conversation(), second);

    ada.send(&first, "not told").await;
    cyd.send(&second, "told").await;
    bob.mark_read(&second).await;
    assert_eq!(next_of(&mut one, "MessageAdded").await["message"]["text"], "told");
    // The sender's marks move too.
    let of_bob = loop {
        let event = next_event(&mut receipts).await;
        assert_eq!(event.kind(), "ReceiptChanged");
        if event["user"]["id"] == bob.id {
            break event;
        }
    };
    assert_eq!((of_bob.conversation(), &of_bob["readSeq"]), (second.as_str(), &json!(1)));
}

async fn who_has_missed_too_much_or_stands_above_the_end_fetches_anew(backend: Backend) {
    let backend = backend.with("NATTERJACK_MAX_REPLAY", "10");
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    for n in 1..=15 {
        ada.send(&conversation, &n.to_string()).await;
    }
    for position in [4, 16, 1_000] {
        let mut socket = subscribed(&bob, after(&[(&conversation, position)])).await;
        let event = next_event(&mut socket).await;
        assert_eq!((event.kind(), &event["revision"]), ("ResyncNeeded", &json!(15)), "after {position}");
        let of_conversation = &event["conversation"];
        assert_eq!((&of_conversation["id"], &of_conversation["revision"]), (&json!(conversation), &json!(15)));
    }
    let mut socket = subscribed(&bob, after(&[(&conversation, 5)])).await;
    for revision in 6..=15 {
        assert_eq!(next_of(&mut socket, "MessageAdded").await["revision"], revision);
    }
    assert_eq!(next_event(&mut socket).await.kind(), "Synced");
    let limits = ada.client.data("{ server { limits { maxReplay } } }", json!({})).await;
    assert_eq!(limits["server"]["limits"]["maxReplay"], 10);
}

async fn one_who_is_removed_hears_that_and_nothing_after_it(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let bob = Person::register(&one, "bob").await;
    // There is no bus between the nodes: the other one has nobody's word but the stores'.
    for (node, name) in [(&one, "cyd"), (&other, "dan")] {
        let friend = Person::register(&one, name).await;
        let group = friend.group("pond", &[&bob]).await;
        friend.send(&group, "for both").await;
        let variables = json!({ "after": [], "conversationIds": [group] });
        let mut socket = subscribed(&bob.at(node), variables).await;
        assert_eq!(next_of(&mut socket, "MembershipChanged").await.conversation(), group);
        // Two notices come before it.
        for text in [Value::Null, Value::Null, json!("for both")] {
            assert_eq!(next_of(&mut socket, "MessageAdded").await["message"]["text"], text);
        }
        assert_eq!(next_of(&mut socket, "Synced").await["revision"], 3);

        friend.remove(&group, &bob).await;
        friend.send(&group, "for one").await;
        let removed = next_of(&mut socket, "MembershipChanged").await;
        assert_eq!((removed.conversation(), &removed["entered"]), (&*group, &Value::Null));

        // Who comes back may read what was said meanwhile.
        friend.add(&group, &[&bob]).await;
        assert_eq!(next_of(&mut socket, "MembershipChanged").await["entered"]["id"], json!(group));
        for text in [Value::Null, Value::Null, json!("for both"), Value::Null, json!("for one"), Value::Null] {
            assert_eq!(next_of(&mut socket, "MessageAdded").await["message"]["text"], text);
        }
    }
}

async fn one_who_goes_out_and_comes_in_again_stays_in(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let group = ada.group("pond", &[&bob]).await;
    // Nothing that is read of the conversation, in which he may not be at the moment.
    let said = "subscription($after: [PositionInput!]) {
        events(after: $after, only: [MESSAGE]) { ... on MessageAdded { message { text } } } }";
    let mut socket = Socket::of(&bob).await;
    socket.subscribe(said, after(&[(&group, 0)])).await;
    for n in 0..5 {
        ada.remove(&group, &bob).await;
        ada.add(&group, &[&bob]).await;
        let text = n.to_string();
        ada.send(&group, &text).await;
        // Whether it was noticed or not, and whenever: what is said then is heard.
        while socket.next().await["events"]["message"]["text"] != text.as_str() {}
    }
}

async fn from_a_query_on_nothing_is_missed(backend: Backend) {
    const SENT: usize = 300;
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let sending = async {
        for n in 1..=SENT {
            ada.send(&conversation, &n.to_string()).await;
        }
    };
    let query = "query($id: ID!) { history(of: { conversationId: $id }, last: 100) {
        revision nodes { seq conversation { revision } } } }";
    let asking = async {
        for _ in 0..10 {
            let page = bob.client.field("history", query, json!({ "id": conversation })).await;
            let revision = page["revision"].as_i64().unwrap();
            let messages = page["nodes"].as_array().unwrap();
            let newest = messages.last().map_or(0, |message| message["seq"].as_i64().unwrap());
            assert!(newest >= revision, "the page holds all up to {revision}, and ends at {newest}");
            for message in messages {
                assert_eq!(message["conversation"]["revision"], revision, "no further than the page");
            }
            let mut socket = subscribed(&bob, after(&[(&conversation, revision)])).await;
            if revision < i64::try_from(SENT).unwrap() {
                assert_eq!(next_of(&mut socket, "MessageAdded").await["revision"], revision + 1);
            }
        }
    };
    tokio::join!(sending, asking);
}

/// Reads nothing while far more is sent than any queue on the way holds.
async fn a_slow_reader_of_events_reads_on_from_the_log(backend: Backend) {
    const SENT: usize = 1_000;
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut slow = subscribed(&bob, after(&[(&conversation, 0)])).await;
    let text = "x".repeat(4_000);
    for _ in 0..SENT / 50 {
        futures_util::future::join_all((0..50).map(|_| ada.send(&conversation, &text))).await;
    }
    let mut quick = subscribed(&ada, after(&[(&conversation, i64::try_from(SENT).unwrap())])).await;
    assert_eq!(next_of(&mut quick, "Synced").await["revision"], SENT);
    ada.send(&conversation, "last").await;
    assert_eq!(
        next_of(&mut quick, "MessageAdded").await["message"]["text"],
        "last",
        "it does not wait for the slow one"
    );
    for revision in 1..=SENT + 1 {
        assert_eq!(next_of(&mut slow, "MessageAdded").await["revision"], revision);
    }
}

/// What is no part of the log is told to one who has lost it, too. The stores have no part in it.
#[tokio::test]
async fn a_slow_reader_of_events_is_told_of_a_new_name() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let group = ada.group("pond", &[&bob]).await;
    let named = "subscription { events(only: [MESSAGE, CONVERSATION]) {
        ... on MessageAdded { message { text } } ... on ConversationChanged { conversation { name } } } }";
    let mut slow = Socket::of(&bob).await;
    slow.subscribe(named, json!({})).await;
    // More than the sockets on the way hold.
    let text = "€".repeat(20_000);
    for _ in 0..2 {
        futures_util::future::join_all((0..50).map(|_| ada.send(&group, &text))).await;
    }
    ada.does("updateConversation", json!({ "conversationId": group, "name": "lake" })).await;
    // More than waits for a listener: one by one, since those of one commit are one item.
    for n in 0..100 {
        ada.send(&group, &n.to_string()).await;
    }
    while slow.next().await["events"]["conversation"]["name"] != "lake" {}
}

/// Two nodes, and no bus: messages, changes and marks are found by looking.
async fn what_the_bus_does_not_tell_is_found(backend: Backend) {
    let (one, other) = (backend.node().await, backend.node().await);
    let (ada, bob) = (Person::register(&one, "ada").await, Person::register(&one, "bob").await);
    let conversation = ada.open(&bob).await;
    let mut socket = subscribed(&bob.at(&other), after(&[(&conversation, 0)])).await;
    assert_eq!(next_event(&mut socket).await.kind(), "Synced");
    let message = ada.send(&conversation, "hello").await;
    assert_eq!(next_of(&mut socket, "MessageAdded").await["message"]["text"], "hello");
    ada.edit(message["id"].as_str().unwrap(), "hello!").await;
    assert_eq!(next_of(&mut socket, "MessageChanged").await["message"]["text"], "hello!");
    bob.mark_read(&conversation).await;
    let of_bob = loop {
        let event = next_of(&mut socket, "ReceiptChanged").await;
        if event["user"]["id"] == bob.id {
            break event;
        }
    };
    assert_eq!(of_bob["readSeq"], 1);
}

async fn a_client_is_told_that_its_token_runs_out(backend: Backend) {
    let backend = backend.with("NATTERJACK_ACCESS_TOKEN_TTL", "3s");
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let mut socket = subscribed(&ada, json!({})).await;
    assert!(next_of(&mut socket, "SessionExpiring").await["expiresAt"].is_string());
    assert_eq!(socket.close_code().await, 4403);
}

async fn refusal(socket: &mut Socket) -> (String, Value) {
    let frame = socket.frame().await;
    assert_eq!(frame["type"], "error", "{frame}");
    let extensions = &frame["payload"][0]["extensions"];
    (extensions["code"].as_str().unwrap().to_owned(), extensions["field"].clone())
}

async fn input_that_makes_no_sense_is_named(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let eve = Person::register(&node, "eve").await;
    let theirs = ada.open(&bob).await;
    let many = vec![json!({ "conversationId": theirs, "revision": 0 }); 10_001];
    for (variables, code, field) in [
        (after(&[(&theirs, -1)]), "INVALID_INPUT", json!(["after", "revision"])),
        (json!({ "after": many }), "INVALID_INPUT", json!(["after"])),
        (json!({ "conversationIds": vec!["x"; 1_001] }), "INVALID_INPUT", json!(["conversationIds"])),
        (json!({ "conversationIds": ["x"] }), "NOT_FOUND", json!(["conversationIds"])),
        (json!({ "conversationIds": [theirs] }), "NOT_FOUND", json!(["conversationIds"])),
    ] {
        let mut socket = subscribed(&eve, variables).await;
        assert_eq!(refusal(&mut socket).await, (code.to_owned(), field));
    }
    let mut nobody = Socket::open(&eve.client).await;
    nobody.send(json!({ "type": "connection_init" })).await;
    assert_eq!(nobody.frame().await["type"], "connection_ack");
    nobody.subscribe(EVENTS, json!({})).await;
    assert_eq!(refusal(&mut nobody).await.0, "UNAUTHENTICATED");
}
