//! Which usernames may be chosen.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person};
use serde_json::{Value, json};

on_every_backend! {
    a_username_is_nobody_elses_nor_like_anybody_elses
    reserved_names_are_nobodys
}

async fn register(client: &Client, username: &str) -> Value {
    let query = "mutation($input: RegisterInput!) { register(input: $input) { errors { code field } } }";
    let input = json!({ "input": { "username": username, "password": PASSWORD } });
    client.field("register", query, input).await["errors"].take()
}

async fn a_username_is_nobody_elses_nor_like_anybody_elses(backend: Backend) {
    let node = backend.node().await;
    let (_, bob) = (Person::register(&node, "Olivia.Horn").await, Person::register(&node, "bob").await);
    let client = Client::new(&node);
    let taken = json!([{ "code": "ALREADY_TAKEN", "field": ["input", "username"] }]);
    for like in ["olivia.horn", "oliviahorn", "OLIVIA_HORN", "0livia.hom", "o1ivia-horn", "oiivia.horn"] {
        assert_eq!(register(&client, like).await, taken, "{like}");
        let refused = bob.is_refused("updateProfile", json!({ "username": like })).await;
        assert_eq!(refused, "ALREADY_TAKEN input.username", "{like}");
    }
    assert_eq!(register(&client, "olivia.thorn").await, json!([]));
    bob.does("updateProfile", json!({ "username": "B.0.B" })).await;
    // Whoever means one is not given the other.
    let found = bob.client.data("{ user(by: { username: \"oliviahorn\" }) { id } }", json!({})).await;
    assert_eq!(found, json!({ "user": null }));
}

async fn reserved_names_are_nobodys(backend: Backend) {
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let refused = json!([{ "code": "INVALID_INPUT", "field": ["input", "username"] }]);
    for name in ["admin", "Root", "SYSTEM", "supp0rt", "natter.jack", "de1eted", "systern"] {
        assert_eq!(register(&Client::new(&node), name).await, refused, "{name}");
        assert_eq!(ada.is_refused("updateProfile", json!({ "username": name })).await, "INVALID_INPUT input.username");
    }
}
