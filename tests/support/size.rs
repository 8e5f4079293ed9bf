//! The largest that is promised: a group of 10,000, a person in 1,000 conversations; and how long things take there.

use super::backend::{Backend, Node};
use super::client::Person;
use super::crowd;
use super::socket::{Socket, data_of};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How large it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// People in the group: as many as may be.
    pub(crate) people: usize,
    /// Those of them who listen.
    pub(crate) listeners: usize,
    /// Conversations of one person, of which half are groups.
    pub(crate) conversations: usize,
}

impl Size {
    /// As it is promised where nothing else is set.
    pub(crate) const FULL: Self = Self { people: 10_000, listeners: 200, conversations: 1_000 };
    /// The same story in a tenth of the time.
    pub(crate) const TENTH: Self = Self { people: 1_000, listeners: 20, conversations: 100 };
}

/// Steps in which people are added.
const STEPS: usize = 10;
/// Items of the largest page.
const PAGE: usize = 100;
/// How often something that can be repeated is done.
const TIMES: usize = 10;
/// How long an event that must come may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long something took, each time that it was done.
pub(crate) struct Taken {
    pub(crate) what: &'static str,
    pub(crate) times: Vec<Duration>,
}

/// A stop-watch.
#[derive(Default)]
struct Watch(Vec<Taken>);

impl Watch {
    async fn time<T>(&mut self, what: &'static str, work: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let done = work.await;
        let took = began.elapsed();
        match self.0.iter_mut().find(|taken| taken.what == what) {
            Some(taken) => taken.times.push(took),
            None => self.0.push(Taken { what, times: vec![took] }),
        }
        done
    }
}

/// A group as large as may be: comes in, is listed, written to, heard and changed.
pub(crate) async fn of_a_large_group(backend: &Backend, node: &Node, size: Size) -> Vec<Taken> {
    let listeners = crowd::people(backend, node, "listener", size.listeners).await;
    let mut people: Vec<_> = listeners.iter().map(|person| person.id.clone()).collect();
    people.extend(crowd::accounts(backend, "other", size.people - size.listeners).await);
    let one_too_many = people.pop().unwrap();
    let ada = crowd::people(backend, node, "ada", 1).await.remove(0);
    let group = ada.create_group(json!({ "name": "everybody", "visibility": "PUBLIC" })).await;
    let mut watch = Watch::default();

    for people in people.chunks(size.people / STEPS) {
        let input = json!({ "conversationId": group, "userIds": people });
        watch.time("a tenth of the people is added", ada.does("addMembers", input)).await;
    }
    let input = json!({ "conversationId": group, "userIds": [one_too_many] });
    assert_eq!(ada.is_refused("addMembers", input).await, "INVALID_INPUT input.userIds");

    let listed = all_members(&mut watch, &ada, &group).await;
    assert_eq!(listed, size.people);
    let found = "{ publicConversations(matching: \"everybody\", first: 10) { nodes { memberCount } } }";
    let found = watch.time("it is found among public groups", ada.client.data(found, json!({}))).await;
    assert_eq!(found["publicConversations"]["nodes"], json!([{ "memberCount": size.people }]));

    let mut sockets = watch.time("the listeners subscribe", subscribed(&listeners, &ada, &group)).await;
    for (n, listener) in listeners.iter().take(TIMES).enumerate() {
        let text = n.to_string();
        let heard = all_hear(&mut sockets, |event| event["message"]["text"] == text.as_str());
        let both = async { tokio::join!(ada.send(&group, &text), heard) };
        watch.time("a message is sent, and heard by all of them", both).await;
        watch.time("a message is sent", ada.send(&group, "heard later")).await;
        watch.time("a member reads to the end", listener.mark_read(&group)).await;
        let newest = "messages(last: 1) { nodes { status readByCount readBy(first: 10) { user { displayName } } } }";
        watch.time("a message with its readers", ada.sees(&group, newest)).await;
    }
    for n in 0..TIMES {
        let name = format!("all {n}");
        let heard = all_hear(&mut sockets, |event| event["conversation"]["name"] == name.as_str());
        let renaming = ada.does("updateConversation", json!({ "conversationId": group, "name": name }));
        watch.time("a new name is given, and heard by all of them", async { tokio::join!(renaming, heard) }).await;
    }
    let last = &listeners[size.listeners - 1];
    watch.time("one is removed", ada.remove(&group, last)).await;
    watch.time("one joins", last.join(&group)).await;
    watch.time("its owner leaves", ada.leave(&group)).await;
    watch.0
}

async fn all_members(watch: &mut Watch, person: &Person, group: &str) -> usize {
    let query = "query($id: ID!, $first: Int!, $after: String) { conversation(id: $id) {
        members(first: $first, after: $after) {
            nodes { user { id displayName } role } pageInfo { hasNextPage endCursor } } } }";
    let (mut count, mut after) = (0, Value::Null);
    loop {
        let variables = json!({ "id": group, "first": PAGE, "after": after });
        let mut page = watch.time("100 members are listed", person.client.data(query, variables)).await;
        let mut members = page["conversation"]["members"].take();
        count += members["nodes"].as_array().unwrap().len();
        if members["pageInfo"]["hasNextPage"] == false {
            return count;
        }
        after = members["pageInfo"]["endCursor"].take();
    }
}

const EVENTS: &str = "subscription($after: [PositionInput!]) { events(after: $after, only: [MESSAGE, CONVERSATION]) {
    __typename
    ... on MessageAdded { message { text author { displayName } } }
    ... on ConversationChanged { conversation { name memberCount } }
    ... on Synced { revision } } }";

/// They listen from where the group now stands.
async fn subscribed(listeners: &[Person], anybody: &Person, group: &str) -> Vec<Socket> {
    let seen = anybody.sees(group, "revision").await;
    let after = json!({ "after": [{ "conversationId": group, "revision": seen["revision"] }] });
    let subscribing = listeners.iter().map(async |person| {
        let mut socket = Socket::of(person).await;
        socket.subscribe(EVENTS, after.clone()).await;
        hears(&mut socket, |event| event["__typename"] == "Synced").await;
        socket
    });
    crowd::in_order(subscribing).await
}

async fn all_hear(sockets: &mut [Socket], is_it: impl Fn(&Value) -> bool) {
    join_all(sockets.iter_mut().map(|socket| hears(socket, &is_it))).await;
}

async fn hears(socket: &mut Socket, is_it: impl Fn(&Value) -> bool) {
    let hearing = async { while !is_it(&data_of(socket.hear().await.unwrap())["events"]) {} };
    timeout(PATIENCE, hearing).await.expect("it is heard in time");
}

/// Somebody who is in very many conversations: lists them, hears them, and comes back to them.
pub(crate) async fn of_many_conversations(backend: &Backend, node: &Node, size: Size) -> Vec<Taken> {
    let half = size.conversations / 2;
    let [ada, bob] = crowd::people(backend, node, "talker", 2).await.try_into().unwrap_or_else(|_| panic!("two"));
    let others = crowd::accounts(backend, "friend", half).await;
    let mut watch = Watch::default();
    let open = "mutation($id: ID!) { openConversation(input: { with: { id: $id } }) { conversation { id } } }";
    let opening = others.iter().map(async |id| {
        let payload = ada.client.field("openConversation", open, json!({ "id": id })).await;
        let conversation = payload["conversation"]["id"].as_str().unwrap().to_owned();
        ada.send(&conversation, "by ada").await;
        conversation
    });
    let mut conversations = watch.time("half of them are opened and written to", crowd::in_order(opening)).await;
    let making = (0..half).map(async |n| {
        let input = json!({ "name": format!("group {n}"), "visibility": "PUBLIC", "memberIds": [ada.id] });
        let group = bob.create_group(input).await;
        bob.send(&group, "by bob").await;
        group
    });
    conversations.extend(watch.time("half of them are made and written to", crowd::in_order(making)).await);

    assert_eq!(all_conversations(&mut watch, &ada).await, size.conversations);
    for _ in 0..TIMES {
        let unread = "{ viewer { unreadCount conversations(first: 50, filter: { hasUnread: true, kind: GROUP }) {
            nodes { unreadCount } } } }";
        let listed = watch.time("50 unread groups are listed", ada.client.data(unread, json!({}))).await;
        assert_eq!(listed["viewer"]["unreadCount"], half);
        assert_eq!(listed["viewer"]["conversations"]["nodes"].as_array().unwrap().len(), 50);
        let public = "{ publicConversations(first: 100) { nodes { id name memberCount } } }";
        let listed = watch.time("100 public groups are listed", bob.client.data(public, json!({}))).await;
        assert_eq!(listed["publicConversations"]["nodes"].as_array().unwrap().len(), PAGE.min(half));
    }
    for (what, revision) in [("all are replayed", 0), ("all are gone on with", i64::from(u16::MAX))] {
        let after: Vec<_> =
            conversations.iter().map(|id| json!({ "conversationId": id, "revision": revision })).collect();
        let mut socket = Socket::of(&ada).await;
        let coming_back = async {
            socket.subscribe(EVENTS, json!({ "after": after })).await;
            for _ in 0..size.conversations {
                let is_told = |event: &Value| matches!(event["__typename"].as_str(), Some("Synced" | "ResyncNeeded"));
                hears(&mut socket, is_told).await;
            }
        };
        watch.time(what, coming_back).await;
        let group = conversations.last().unwrap();
        let heard = hears(&mut socket, |event| event["message"]["text"] == what);
        let both = async { tokio::join!(bob.send(group, what), heard) };
        watch.time("a message to one of them is heard", both).await;
    }
    watch.0
}

async fn all_conversations(watch: &mut Watch, person: &Person) -> usize {
    let query = "query($first: Int!, $after: String) { viewer { conversations(first: $first, after: $after) {
        nodes { title unreadCount lastMessage { text author { displayName } } members(first: 3) { nodes { role } } }
        pageInfo { hasNextPage endCursor } } } }";
    let (mut count, mut after) = (0, Value::Null);
    loop {
        let variables = json!({ "first": PAGE, "after": after });
        let mut page = watch.time("100 conversations are listed", person.client.data(query, variables)).await;
        let mut listed = page["viewer"]["conversations"].take();
        count += listed["nodes"].as_array().unwrap().len();
        if listed["pageInfo"]["hasNextPage"] == false {
            return count;
        }
        after = listed["pageInfo"]["endCursor"].take();
    }
}
