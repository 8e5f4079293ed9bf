//! Events are executed once for all who ask alike, and nobody is told what was made for another's eyes.

mod apart;
mod selection;

use crate::support::client::{Client, Person};
use crate::support::socket::Socket;
use clap::Parser as _;
use natterjack::app::App;
use natterjack::config::Cli;
use natterjack::graphql::telling::Groups;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// A server in this process, whose executions can be counted.
struct Counted {
    client: Client,
    groups: Arc<Groups>,
    _serving: JoinSet<natterjack::error::Result<()>>,
    _folder: TempDir,
}

impl Counted {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().display().to_string();
        let cli = ["natterjack", "--listen=127.0.0.1:0", "--rate-limits=off", "--data-dir", &data];
        let app = App::open(&Cli::parse_from(cli).config).await.unwrap();
        let (client, groups) = (Client::at(&format!("http://{}", app.address())), app.groups());
        let mut serving = JoinSet::new();
        serving.spawn(app.serve());
        Self { client, groups, _serving: serving, _folder: folder }
    }

    /// A group of so many people, its first one the owner, and a message that is in it.
    async fn group(&self, people: usize) -> (Vec<Person>, String) {
        let mut all = Vec::new();
        for n in 0..people {
            all.push(Person::register_by(&self.client, &format!("person{n}")).await);
        }
        let group = all[0].group("all", &all[1..].iter().collect::<Vec<_>>()).await;
        all[0].send(&group, "the first").await;
        (all, group)
    }

    /// How often an event was executed while one more message came to all of them; and what they were told of it.
    async fn told(&self, group: &str, by: &Person, text: &str, crowds: &mut [&mut Crowd]) -> (u64, Vec<Vec<Value>>) {
        let before = self.groups.executed();
        by.send(group, text).await;
        let mut told = Vec::new();
        for crowd in crowds {
            told.push(crowd.hear().await);
        }
        (self.groups.executed() - before, told)
    }
}

/// Sockets that all ask alike.
struct Crowd(Vec<Socket>);

impl Crowd {
    /// Each of these people subscribes on so many sockets. They hear, each by itself, what is in the group already, to
    /// the message of that text.
    async fn of(people: &[Person], sockets: usize, query: &str, group: &str, last: &str) -> Self {
        let mut crowd = Vec::new();
        for person in people.iter().cycle().take(people.len() * sockets) {
            let mut socket = Socket::of(person).await;
            let after = json!([{ "conversationId": group, "revision": 0 }]);
            socket.subscribe(query, json!({ "id": group, "after": after, "first": 5 })).await;
            while !is_last(&socket.next().await, last) {}
            crowd.push(socket);
        }
        Self(crowd)
    }

    async fn hear(&mut self) -> Vec<Value> {
        let mut heard = Vec::new();
        for socket in &mut self.0 {
            heard.push(socket.next().await);
        }
        heard
    }
}

/// Whether nothing that was there before comes after it.
fn is_last(told: &Value, last: &str) -> bool {
    told["messageAdded"]["text"] == last || told["events"]["__typename"] == "Synced"
}

fn all_are_alike(told: &[Value]) -> bool {
    told.iter().all(|one| *one == told[0])
}

/// Who asks alike but wrongly is refused at once, and is never one of those who are told together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_whose_arguments_are_wrong_spoils_nothing_for_others() {
    let server = Counted::start().await;
    let (people, group) = server.group(2).await;
    let last = people[0].send(&group, "the last").await["seq"].as_i64().unwrap();
    let (mut wrong, mut right) = (Socket::of(&people[0]).await, Socket::of(&people[1]).await);
    for round in 0..100 {
        // Nobody has asked so before.
        let after = last - 1;
        let query = format!(
            "subscription($id: ID!) {{ messageAdded(conversationId: $id, afterSeq: {after}) {{ seq }} }} # {round}"
        );
        let (refused, _) = tokio::join!(
            wrong.subscribe(&query, json!({ "id": null })),
            right.subscribe(&query, json!({ "id": group })),
        );
        assert_eq!(right.next().await, json!({ "messageAdded": { "seq": last } }), "in round {round}");
        let frame = wrong.frame().await;
        assert_eq!((&frame["type"], &frame["id"]), (&json!("error"), &json!(refused)));
    }
    people[0].send(&group, "one more").await;
    for _ in 0..100 {
        assert_eq!(right.next().await, json!({ "messageAdded": { "seq": last + 1 } }));
    }
}

#[tokio::test]
async fn an_event_is_executed_once_for_all_who_ask_alike() {
    const ADDED: &str = "messageAdded(conversationId: $id, afterSeq: 0)";
    let server = Counted::start().await;
    let (people, group) = server.group(10).await;
    let fields = "{ id text author { displayName } conversation { id revision } reactions { isByViewer } }";
    let one = format!("subscription($id: ID!) {{ {ADDED} {fields} }}");
    let mut one = Crowd::of(&people, 5, &one, &group, "the first").await;
    let (executed, told) = server.told(&group, &people[3], "the second", &mut [&mut one]).await;
    assert_eq!(executed, 1, "for fifty");
    assert_eq!(told[0].len(), 50);
    assert!(all_are_alike(&told[0]), "{told:?}");

    let two = format!("subscription($id: ID!, $first: Int) {{ {ADDED} {{ id text readBy(first: $first) {{ at }} }} }}");
    let mut two = Crowd::of(&people, 1, &two, &group, "the second").await;
    let (executed, _) = server.told(&group, &people[3], "the third", &mut [&mut one, &mut two]).await;
    assert_eq!(executed, 2, "for two documents");

    let by_viewer = format!("subscription($id: ID!) {{ {ADDED} {{ text author {{ isBlockedByViewer }} }} }}");
    let mut by_viewer = Crowd::of(&people, 3, &by_viewer, &group, "the third").await;
    let (executed, _) = server.told(&group, &people[3], "the fourth", &mut [&mut one, &mut two, &mut by_viewer]).await;
    assert_eq!(executed, 2 + 10, "for each of ten who look, on three sockets each");
    drop((two, by_viewer));

    let events = "subscription($after: [PositionInput!]) { events(after: $after, only: [MESSAGE]) { __typename
        ... on MessageAdded { message { id clientId } conversation { revision } }
        ... on Synced { conversation { unreadCount title } } } }";
    let mut events = Crowd::of(&people, 2, events, &group, "the fourth").await;
    let (executed, told) = server.told(&group, &people[3], "the fifth", &mut [&mut one, &mut events]).await;
    assert_eq!(executed, 1 + 2, "for those who have sent it, and for all others");
    assert!(all_are_alike(&told[1]), "who has sent it without a client id has none: {told:?}");
}
