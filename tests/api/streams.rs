//! Subscriptions by server-sent events, as a browser's `EventSource` comes again after a break: with the same request and
//! the id of the last event that it has.

use crate::support::backend::{Backend, Node};
use crate::support::client::Person;
use crate::support::stores::url_of;
use crate::support::stream::Stream;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const EVENTS: &str = "subscription($after: [PositionInput!]) { events(after: $after) { __typename
    ... on MessageAdded { revision conversation { id } message { seq text } }
    ... on MembershipChanged { conversationId entered: conversation { id } }
    ... on Synced { revision conversation { id } } } }";
const ADDED: &str =
    "subscription($id: ID!, $after: Int) { messageAdded(conversationId: $id, afterSeq: $after) { seq } }";

/// What one client asks for, again and again.
struct Asking {
    person: Person,
    body: Value,
    last_id: Option<String>,
}

impl Asking {
    #[expect(clippy::needless_pass_by_value, reason = "as everywhere here: it is made where it is passed")]
    fn new(person: &Person, query: &str, variables: Value) -> Self {
        let body = json!({ "query": query, "variables": variables });
        Self { person: person.clone(), body, last_id: None }
    }

    async fn of(&self, node: &Node) -> Stream {
        let request =
            reqwest::Client::new().post(format!("{}/graphql", node.url)).header("accept", "text/event-stream");
        let request = request.bearer_auth(self.person.client.token.as_deref().unwrap()).json(&self.body);
        let request = self.last_id.iter().fold(request, |request, id| request.header("last-event-id", id));
        Stream::of(request.send().await.unwrap())
    }

    /// Takes in the results up to the one of which that is so, and is cut off.
    async fn until(&mut self, node: &Node, mut is_last: impl FnMut(&Value) -> bool) {
        let mut stream = self.of(node).await;
        stream.last_id.clone_from(&self.last_id);
        while !is_last(&stream.result().await["data"]) {}
        self.last_id = stream.last_id;
    }

    /// Is cut off as soon as it has been told where it stands.
    async fn begin(&mut self, node: &Node) {
        let mut stream = self.of(node).await;
        while stream.last_id.is_none() {
            assert!(stream.read().await);
        }
        self.last_id = stream.last_id;
    }
}

async fn two_nodes() -> Option<(Backend, [Node; 2])> {
    let backend = Backend::postgres().await?;
    let backend = match url_of("TEST_NATS_URL") {
        Some(url) => backend.with("NATS_URL", url),
        None => backend,
    };
    let nodes = [backend.node().await, backend.node().await];
    Some((backend, nodes))
}

#[tokio::test]
async fn a_stream_that_is_cut_goes_on_where_it_was_on_any_node() {
    const EACH: usize = 40;
    let Some((_backend, nodes)) = two_nodes().await else { return };
    let people = ["ada", "bob", "eve"].map(|name| Person::register(&nodes[0], name));
    let [ada, bob, eve] = <[Person; 3]>::try_from(join_all(people).await).ok().unwrap();
    let conversations = [ada.open(&bob).await, eve.open(&bob).await];
    let send = async |person: &Person, conversation: &String| {
        for n in 1..=EACH {
            person.send(conversation, &n.to_string()).await;
        }
    };
    let hear_all = async {
        let mut heard: HashMap<String, Vec<usize>> = HashMap::new();
        let mut asking = Asking::new(&bob, EVENTS, json!({ "after": [] }));
        let mut count = 0;
        for part in 0.. {
            let mut left = 1 + part * 7 % 20;
            asking
                .until(&nodes[part % 2], |data| {
                    let event = &data["events"];
                    if event["__typename"] == "MessageAdded" {
                        let conversation = event["conversation"]["id"].as_str().unwrap().to_owned();
                        let text = event["message"]["text"].as_str().unwrap();
                        heard.entry(conversation).or_default().push(text.parse().unwrap());
                        (count, left) = (count + 1, left - 1);
                    }
                    left == 0 || count == 2 * EACH
                })
                .await;
            if count == 2 * EACH {
                break;
            }
        }
        heard
    };
    let (heard, ..) = tokio::join!(hear_all, send(&ada, &conversations[0]), send(&eve, &conversations[1]));
    for conversation in &conversations {
        assert_eq!(heard[conversation], (1..=EACH).collect::<Vec<_>>(), "each once, in order");
    }

    let mut asking = Asking::new(&bob, ADDED, json!({ "id": conversations[0], "after": 2 }));
    for cut_at in (5..=EACH).step_by(7) {
        let mut told = Vec::new();
        asking
            .until(&nodes[cut_at % 2], |data| {
                told.push(data["messageAdded"]["seq"].clone());
                told.last() == Some(&json!(cut_at))
            })
            .await;
        let before = if cut_at == 5 { 2 } else { cut_at - 7 };
        assert_eq!(told, (before + 1..=cut_at).map(|seq| json!(seq)).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn who_is_cut_off_before_the_first_event_misses_nothing_either() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let conversation = ada.open(&bob).await;
    let group = ada.group("a group", &[&bob]).await;
    ada.send(&conversation, "before").await;
    let position =
        json!([{ "conversationId": conversation, "revision": 1 }, { "conversationId": group, "revision": 1 }]);
    let mut all = Asking::new(&bob, EVENTS, json!({}));
    let mut known = Asking::new(&bob, EVENTS, json!({ "after": position }));
    let mut added = Asking::new(&bob, ADDED, json!({ "id": conversation }));
    for asking in [&mut all, &mut known, &mut added] {
        asking.begin(&node).await;
    }
    ada.send(&conversation, "meanwhile").await;
    for asking in [&mut all, &mut known] {
        let is_it = |data: &Value| data["events"]["message"]["text"] == "meanwhile";
        asking
            .until(&node, |data| {
                assert_ne!(data["events"]["message"]["text"], "before");
                assert_ne!(data["events"]["__typename"], "MembershipChanged");
                is_it(data)
            })
            .await;
    }
    added
        .until(&node, |data| {
            assert_eq!(data["messageAdded"]["seq"], 2);
            true
        })
        .await;

    // Out of a group that the request names: told once.
    bob.does("leaveConversation", json!({ "conversationId": group })).await;
    known.until(&node, |data| data["events"]["conversationId"] == json!(group)).await;
    ada.send(&conversation, "afterwards").await;
    known
        .until(&node, |data| {
            assert_ne!(data["events"]["conversationId"], json!(group));
            data["events"]["message"]["text"] == "afterwards"
        })
        .await;
}

#[tokio::test]
async fn who_listens_is_online_and_is_told_when_the_session_is_over() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    ada.open(&bob).await;
    let asking = Asking::new(&bob, EVENTS, json!({}));
    let is_online = async || {
        let query = "query($id: ID!) { node(id: $id) { ... on User { presence { isOnline } } } }";
        ada.client.field("node", query, json!({ "id": bob.id })).await["presence"]["isOnline"] == json!(true)
    };
    assert!(!is_online().await);
    let mut stream = asking.of(&node).await;
    let online = async {
        while !is_online().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(10), online).await.expect("bob is online");
    bob.client.field("logout", "mutation { logout { errors { message } } }", json!({})).await;
    while let Some(told) = stream.next().await {
        assert_ne!(told.event, "complete", "clients come again after an end without it");
    }
    let mut refused = asking.of(&node).await;
    assert_eq!(refused.result().await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    refused.completes().await;
}
