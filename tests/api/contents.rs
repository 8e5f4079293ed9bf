//! What messages hold beside their words, and what they answer.

use crate::assert_shown;
use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::Person;
use crate::support::stores;
use serde_json::{Value, json};

on_every_backend! {
    a_message_holds_what_it_was_sent_with_until_it_is_deleted
    what_a_message_cannot_hold_is_refused_on_its_field
    answers_are_told_by_the_message_that_they_answer
    only_members_are_mentioned_and_a_repeat_is_one_also_when_they_have_left
    a_client_id_stands_for_all_that_was_sent
    a_report_keeps_what_was_said
}

const SEND: &str = "mutation($input: SendMessageInput!) { sendMessage(input: $input) {
    message { ...full } isRepeat errors { code message field } } } ";
const FULL: &str = "fragment full on Message { id seq kind text attachments { url name contentType byteSize } metadata
    mentions { displayName } replyTo { seq text } replyCount deletedAt }";
const NODE: &str = "query($id: ID!) { node(id: $id) { ...full } } ";

async fn send(person: &Person, input: Value) -> Value {
    person.client.field("sendMessage", &format!("{SEND}{FULL}"), json!({ "input": input })).await
}

async fn seen(person: &Person, message: &Value) -> Value {
    person.client.field("node", &format!("{NODE}{FULL}"), json!({ "id": message["id"] })).await
}

async fn a_message_holds_what_it_was_sent_with_until_it_is_deleted(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let first = ada.send(&conversation, "hello").await;
    let sent = send(
        &bob,
        json!({
            "to": { "conversationId": conversation },
            "kind": "IMAGE",
            "attachments": [
                { "url": "https://example.org/a.png", "name": "Kröte.png", "contentType": "image/png", "byteSize": 7 },
                { "url": "http://localhost:9000/b" },
            ],
            "metadata": { "answer": 42, "nested": { "list": [1.5, "zwei", null, true] } },
            "replyToId": first["id"],
            "mentionIds": [ada.id, bob.id, ada.id],
        }),
    )
    .await;
    assert_shown!("held", &sent);
    assert_eq!(seen(&ada, &sent["message"]).await, sent["message"]);

    bob.delete(sent["message"]["id"].as_str().unwrap()).await;
    assert_shown!("held_no_more", seen(&ada, &sent["message"]).await);
}

async fn what_a_message_cannot_hold_is_refused_on_its_field(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let carol = Person::register(&node, "carol").await;
    let conversation = ada.open(&bob).await;
    let elsewhere = ada.send(&ada.open(&carol).await, "elsewhere").await;
    let at = |url: &str| json!([{ "url": "https://example.org" }, { "url": url }]);
    let mut told = Vec::new();
    for wrong in [
        json!({ "kind": "SYSTEM" }),
        json!({ "text": null, "metadata": {} }),
        json!({ "attachments": at("javascript:alert(1)") }),
        json!({ "attachments": at("data:text/plain,hello") }),
        json!({ "attachments": at("http://example.org") }),
        json!({ "attachments": [{ "url": "https://example.org", "byteSize": -1 }] }),
        json!({ "attachments": [{ "url": "https://example.org", "name": "x".repeat(256) }] }),
        json!({ "attachments": vec![json!({ "url": "https://example.org" }); 21] }),
        json!({ "metadata": "text" }),
        json!({ "metadata": { "a": "x".repeat(8_192) } }),
        json!({ "replyToId": elsewhere["id"] }),
        json!({ "replyToId": "nonsense" }),
        json!({ "mentionIds": [carol.id] }),
        json!({ "mentionIds": vec![&bob.id; 101] }),
    ] {
        let mut input = json!({ "to": { "conversationId": conversation }, "text": "hello" });
        input.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let payload = send(&ada, input).await;
        assert_eq!(payload["message"], Value::Null);
        told.push(payload["errors"].clone());
    }
    assert_shown!("not_held", told);
    assert_eq!(ada.send(&conversation, "hello").await["seq"], 1, "nothing that was refused took a number");
}

const REPLIES: &str =
    "query($id: ID!, $first: Int, $last: Int, $after: String, $before: String) { node(id: $id) { ... on Message {
    replyCount replies(first: $first, last: $last, after: $after, before: $before) {
        nodes { seq text replyTo { seq } replyCount } revision
        pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } } } }";

async fn answers_are_told_by_the_message_that_they_answer(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let answer = async |person: &Person, to: &Value, text: &str| {
        let input = json!({ "to": { "conversationId": conversation }, "text": text, "replyToId": to["id"] });
        send(person, input).await["message"].take()
    };
    let question = ada.send(&conversation, "who is there?").await;
    let first = answer(&bob, &question, "I").await;
    answer(&ada, &first, "who are you?").await;
    answer(&ada, &question, "nobody else?").await;
    let last = answer(&bob, &question, "no").await;
    bob.delete(last["id"].as_str().unwrap()).await;

    let replies = async |mut variables: Value| {
        variables["id"] = question["id"].clone();
        ada.client.field("node", REPLIES, variables).await
    };
    let page = replies(json!({ "first": 2 })).await;
    assert_shown!("replies", &page);
    let end = &page["replies"]["pageInfo"]["endCursor"];
    let rest = replies(json!({ "first": 2, "after": end })).await["replies"].take();
    assert_eq!(rest["nodes"], json!([{ "seq": 5, "text": null, "replyTo": { "seq": 1 }, "replyCount": 0 }]));
    let backwards = replies(json!({ "last": 1, "before": rest["pageInfo"]["startCursor"] })).await["replies"].take();
    assert_eq!((&backwards["nodes"][0]["seq"], &backwards["pageInfo"]["hasPreviousPage"]), (&json!(4), &json!(true)));
    // Also of what was deleted.
    ada.delete(question["id"].as_str().unwrap()).await;
    assert_eq!(replies(json!({ "last": 9 })).await["replyCount"], 2);
}

async fn only_members_are_mentioned_and_a_repeat_is_one_also_when_they_have_left(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let group = ada.group("toads", &[&bob]).await;
    let mentioning = |client_id: &str, text: &str| json!({ "to": { "conversationId": group }, "text": text, "mentionIds": [bob.id], "clientId": client_id });
    let first = send(&ada, mentioning("1", "hello")).await;
    assert_eq!(first["message"]["mentions"], json!([{ "displayName": "bob" }]));
    let leave = "mutation($id: ID!) { leaveConversation(input: { conversationId: $id }) { errors { message } } }";
    bob.client.field("leaveConversation", leave, json!({ "id": group })).await;

    let again = send(&ada, mentioning("1", "hello")).await;
    assert_eq!((&again["message"]["id"], &again["isRepeat"]), (&first["message"]["id"], &json!(true)));
    for (client_id, text) in [("2", "hello"), ("1", "another")] {
        let refused = send(&ada, mentioning(client_id, text)).await;
        assert_eq!(refused["errors"][0]["code"], "NOT_FOUND");
        assert_eq!(refused["errors"][0]["field"], json!(["input", "mentionIds"]));
    }
}

async fn a_client_id_stands_for_all_that_was_sent(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let answered = ada.send(&conversation, "first").await;
    let first = json!({
        "to": { "conversationId": conversation }, "text": "hello", "clientId": "1", "metadata": { "a": 1, "b": 2 },
        "attachments": [{ "url": "https://example.org/a" }], "mentionIds": [bob.id], "replyToId": answered["id"],
    });
    let sent = send(&ada, first.clone()).await;
    let mut same = first.clone();
    same["metadata"] = json!({ "b": 2, "a": 1 });
    assert_eq!(send(&ada, same).await["message"], sent["message"]);
    for (field, other) in [
        ("text", json!("hello!")),
        ("kind", json!("FILE")),
        ("metadata", json!({ "a": 1 })),
        ("attachments", json!([{ "url": "https://example.org/b" }])),
        ("mentionIds", json!([])),
        ("replyToId", Value::Null),
    ] {
        let mut changed = first.clone();
        changed[field] = other;
        assert_eq!(send(&ada, changed).await["errors"][0]["code"], "CONFLICT", "{field}");
    }
}

async fn a_report_keeps_what_was_said(backend: Backend) {
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let carol = Person::register(&node, "carol").await;
    let conversation = ada.open(&bob).await;
    let message = ada.send(&conversation, "something bad").await;
    let report = async |person: &Person, reason: &str| {
        let query = "mutation($input: ReportMessageInput!) { reportMessage(input: $input) {
            message { text } errors { code field } } }";
        let input = json!({ "messageId": message["id"], "reason": reason });
        person.client.field("reportMessage", query, json!({ "input": input })).await
    };
    assert_eq!(report(&bob, "it is bad").await["message"]["text"], "something bad");
    ada.edit(message["id"].as_str().unwrap(), "something good").await;
    report(&bob, " it is still bad ").await;
    report(&ada, "a mistake").await;
    assert_eq!(report(&carol, "?").await["errors"][0], json!({ "code": "NOT_FOUND", "field": ["input", "messageId"] }));
    for reason in ["", " ", &"x".repeat(1_001), "a\u{0}b"] {
        let refused = report(&bob, reason).await;
        assert_eq!(refused["errors"][0], json!({ "code": "INVALID_INPUT", "field": ["input", "reason"] }));
    }

    let id = message["id"].as_str().unwrap().parse().unwrap();
    let mut kept = stores::reports_of(&backend.sql().await, id).await;
    kept.sort_by(|one, other| one.reason.cmp(&other.reason));
    let kept: Vec<_> = kept.iter().map(|one| (one.by.to_string(), &*one.reason, one.text.as_deref())).collect();
    let good = Some("something good");
    let bad = Some("something bad");
    assert_eq!(kept, [(ada.id.clone(), "a mistake", good), (bob.id.clone(), "it is still bad", bad)]);
}
