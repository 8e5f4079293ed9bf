//! What clients see of a backup that was restored under a running server.

use crate::support::backend::Backend;
use crate::support::client::Person;
use crate::support::events::{EVENTS, next_event};
use crate::support::socket::Socket;
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::json;

#[tokio::test]
async fn a_log_that_has_become_shorter_ends_its_subscriptions_which_may_come_back() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let added =
        "subscription($id: ID!, $after: Int) { messageAdded(conversationId: $id, afterSeq: $after) { seq text } }";
    let mut socket = Socket::of(&bob).await;
    socket.subscribe(added, json!({ "id": conversation, "after": 0 })).await;
    for n in 1..=3 {
        ada.send(&conversation, "before").await;
        assert_eq!(socket.next().await["messageAdded"]["seq"], n);
    }
    let position = [json!({ "conversationId": conversation, "revision": 3 })];
    let mut events = Socket::of(&bob).await;
    events.subscribe(EVENTS, json!({ "after": position, "only": ["MESSAGE"] })).await;
    assert_eq!(next_event(&mut events).await.kind(), "Synced");

    let file = format!("sqlite://{}", backend.data_folder().join("natterjack.db").display());
    let database = Database::connect(file).await.unwrap();
    database.execute_unprepared("DELETE FROM messages WHERE seq = 3").await.unwrap();
    database.execute_unprepared("UPDATE log_heads SET revision = 2, last_seq = 2").await.unwrap();

    let event = next_event(&mut events).await;
    assert_eq!((event.kind(), &event["revision"]), ("ResyncNeeded", &json!(2)));
    let frame = socket.frame().await;
    assert_eq!(frame["payload"]["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{frame}");
    assert_eq!(socket.frame().await["type"], "complete");
    socket.subscribe(added, json!({ "id": conversation, "after": 3 })).await;
    let refused = socket.frame().await;
    assert_eq!(refused["payload"][0]["extensions"]["code"], "INVALID_INPUT", "{refused}");
    socket.subscribe(added, json!({ "id": conversation, "after": 2 })).await;
    ada.send(&conversation, "after").await;
    assert_eq!(socket.next().await["messageAdded"], json!({ "seq": 3, "text": "after" }));
    assert_eq!(next_event(&mut events).await["message"]["text"], "after");
}

#[tokio::test]
async fn after_a_restore_that_was_told_clients_fetch_anew_and_miss_nothing() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    ada.send(&conversation, "kept").await;
    let file = backend.data_folder().join("natterjack.db");
    let backup = backend.data_folder().join("backup.db");
    let database = Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
    database.execute_unprepared(&format!("VACUUM INTO '{}'", backup.display())).await.unwrap();
    database.close().await.unwrap();
    ada.send(&conversation, "lost").await;
    assert!(node.terminate().await);

    std::fs::rename(&backup, &file).unwrap();
    for beside in ["natterjack.db-wal", "natterjack.db-shm"] {
        let _ = std::fs::remove_file(backend.data_folder().join(beside));
    }
    let told = backend.command("restored").output().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&told.stdout), "raised the revisions of 1 conversations\n");

    let node = backend.node().await;
    let (ada, bob) = (ada.at(&node), bob.at(&node));
    ada.send(&conversation, "new").await;
    let mut socket = Socket::of(&bob).await;
    // Bob's device has taken in the message that is lost.
    socket.subscribe(EVENTS, json!({ "after": [{ "conversationId": conversation, "revision": 2 }] })).await;
    let event = next_event(&mut socket).await;
    assert_eq!((event.kind(), &event["revision"]), ("ResyncNeeded", &json!(1_000_002)));
    ada.send(&conversation, "newer").await;
    let event = next_event(&mut socket).await;
    assert_eq!((event.kind(), &event["message"]["text"]), ("MessageAdded", &json!("newer")));
}
