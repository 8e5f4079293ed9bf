//! What still stands of an answer while a store is away: its own fields are null, each with its error, and no others.

use crate::support::client::Person;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Which of the stores is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Away {
    /// The message log alone.
    Log,
    /// People, sessions and conversations, and so whether anybody is signed in.
    Database,
}

const QUERY: &str = "query($id: ID!, $ids: [ID!]!) {
    server { name }
    viewer { id user { username isDeleted } unreadCount blockedUsers(first: 1) { nodes { id } } }
    conversation(id: $id) {
        id title memberCount viewerMembership { role } members(first: 10) { nodes { user { username } } }
        messages(last: 10) { nodes { text } } lastMessage { text } pinnedMessages(first: 1) { nodes { id } }
    }
    nodes(ids: $ids) { __typename }
    user(by: { username: \"bob\" }) { username }
}";

/// What stands where the log is away. Of `message` nothing does.
async fn without_the_log(ada: &Person, conversation: &str, message: &str) {
    let response = ada.client.run(QUERY, json!({ "id": conversation, "ids": [ada.id, message] })).await;
    let data = &response["data"];
    assert_eq!(data["server"]["name"], "natterjack", "{response}");
    assert_eq!(data["viewer"]["user"], json!({ "username": "ada", "isDeleted": false }), "{response}");
    assert_eq!(data["viewer"]["blockedUsers"], json!({ "nodes": [] }), "{response}");
    assert_eq!(data["user"]["username"], "bob", "{response}");
    let found = &data["conversation"];
    assert_eq!((&found["title"], &found["memberCount"]), (&json!("bob"), &json!(2)), "{response}");
    assert_eq!(found["members"]["nodes"].as_array().unwrap().len(), 2, "{response}");
    for of_the_log in ["messages", "lastMessage", "pinnedMessages"] {
        assert_eq!(found.get(of_the_log), Some(&Value::Null), "the key is there: {response}");
    }
    assert_eq!(data["nodes"], json!([{ "__typename": "User" }, null]), "{response}");
    let at = [
        json!(["viewer", "unreadCount"]),
        json!(["conversation", "messages"]),
        json!(["conversation", "lastMessage"]),
        json!(["conversation", "pinnedMessages"]),
        json!(["nodes", 1]),
    ];
    assert_unavailable(&response, &at);
}

/// What stands where nobody can be known.
async fn without_the_database(ada: &Person, conversation: &str, message: &str) {
    let query =
        QUERY.replace("nodes(ids: $ids) { __typename }", "node(id: \"none\") { id }").replace(", $ids: [ID!]!", "");
    let response = ada.client.run(&query, json!({ "id": conversation, "ids": [message] })).await;
    let server = json!({ "name": "natterjack" });
    let nothing = json!({ "server": server, "viewer": null, "conversation": null, "node": null, "user": null });
    assert_eq!(response["data"], nothing, "{response}");
    assert_unavailable(&response, &[json!(["viewer"]), json!(["conversation"]), json!(["node"]), json!(["user"])]);
}

/// Asserts what stands.
pub(crate) async fn stand(away: Away, ada: &Person, conversation: &str, message: &str) {
    match away {
        Away::Log => without_the_log(ada, conversation, message).await,
        Away::Database => without_the_database(ada, conversation, message).await,
    }
}

/// Each of these has its error, and nothing else has.
fn assert_unavailable(response: &Value, paths: &[Value]) {
    let errors = response["errors"].as_array().unwrap_or_else(|| panic!("{response}"));
    assert!(errors.iter().all(|error| error["extensions"]["code"] == "UNAVAILABLE"), "{response}");
    let found: BTreeSet<_> = errors.iter().map(|error| error["path"].to_string()).collect();
    assert_eq!(found, paths.iter().map(Value::to_string).collect(), "{response}");
}
