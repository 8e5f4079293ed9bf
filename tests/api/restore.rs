//! What clients see of a backup that was restored under a running server.

use crate::support::backend::Backend;
use crate::support::client::Person;
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

    let file = format!("sqlite://{}", backend.data_folder().join("natterjack.db").display());
    let database = Database::connect(file).await.unwrap();
    database.execute_unprepared("DELETE FROM messages WHERE seq = 3").await.unwrap();
    database.execute_unprepared("UPDATE log_heads SET revision = 2, last_seq = 2").await.unwrap();

    let frame = socket.frame().await;
    assert_eq!(frame["payload"]["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{frame}");
    assert_eq!(socket.frame().await["type"], "complete");
    socket.subscribe(added, json!({ "id": conversation, "after": 3 })).await;
    let refused = socket.frame().await;
    assert_eq!(refused["payload"][0]["extensions"]["code"], "INVALID_INPUT", "{refused}");
    socket.subscribe(added, json!({ "id": conversation, "after": 2 })).await;
    ada.send(&conversation, "after").await;
    assert_eq!(socket.next().await["messageAdded"], json!({ "seq": 3, "text": "after" }));
}
