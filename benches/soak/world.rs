//! The nodes, the people, and what all of them have in common.

use super::Options;
use super::support::backend::{Backend, Node};
use super::support::client::{Client, Person};
use super::support::crowd;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// How long one call may take before it is made again.
const CALL_LIMIT: Duration = Duration::from_secs(10);
/// How long a client waits before it tries again.
pub(crate) const PAUSE: Duration = Duration::from_millis(200);
/// After how long a token is renewed; by default it counts for 15 minutes.
const TOKEN_AGE: Duration = Duration::from_mins(5);
/// How long a client tries.
const TRY_LIMIT: Duration = Duration::from_mins(2);

pub(crate) struct World {
    pub(crate) people: Vec<Member>,
    /// Seconds from here on stand in the texts.
    pub(crate) began: Instant,
    /// Between two acts of one person.
    pub(crate) period: Duration,
    /// Calls that were made again, since no answer came or the store was away.
    pub(crate) tries_again: AtomicU64,
    /// Set once nothing is written any more.
    finish: watch::Sender<Option<Finish>>,
    urls: Vec<String>,
    _nodes: Vec<Node>,
    _backend: Option<Backend>,
}

/// A person, and the conversations that they are in.
pub(crate) struct Member {
    person: Mutex<Person>,
    pub(crate) conversations: Vec<String>,
}

impl Member {
    /// The person with a token that still counts.
    pub(crate) fn person(&self) -> Person {
        self.person.lock().unwrap().clone()
    }
}

/// Where everything ends.
#[derive(Clone)]
pub(crate) struct Finish {
    /// The last revision of each conversation.
    pub(crate) heads: BTreeMap<String, i64>,
    /// When nobody waits for them any more.
    pub(crate) deadline: Instant,
}

impl World {
    pub(crate) async fn prepare(options: &Options) -> Self {
        assert!(options.people > 1 && options.rate > 0, "somebody must do something");
        let backend = if options.url.is_empty() { Some(options.backend.open().await) } else { None };
        let mut nodes = Vec::new();
        if let Some(backend) = &backend {
            for _ in 0..options.nodes.max(1) {
                nodes.push(backend.node().await);
            }
        }
        let started = nodes.iter().map(|node| node.url.clone());
        let urls: Vec<_> = options.url.iter().cloned().chain(started).collect();
        let client = Client::at(&urls[0]);
        // Nobody has had these names before, on nodes that run already.
        let prefix = format!("soak{:08x}n", rand::random::<u32>());
        let names: Vec<_> = (0..options.people).map(|n| format!("{prefix}{n}")).collect();
        let people = crowd::in_order(names.iter().map(|name| Person::register_by(&client, name))).await;
        Self {
            people: acquainted(people).await,
            began: Instant::now(),
            period: Duration::from_secs(1) * u32::try_from(options.people).unwrap() / options.rate,
            tries_again: AtomicU64::new(0),
            finish: watch::Sender::new(None),
            urls,
            _nodes: nodes,
            _backend: backend,
        }
    }

    /// Any of the nodes.
    pub(crate) fn any_url(&self) -> &str {
        &self.urls[rand::random_range(0..self.urls.len())]
    }

    /// The payload of a mutation, or another root field, on any of the nodes; tried again where no answer comes, or
    /// where a store is away.
    pub(crate) async fn call(&self, person: &Person, field: &str, query: &str, variables: Value) -> Value {
        let end = Instant::now() + TRY_LIMIT;
        loop {
            let mut client = person.client.clone();
            self.any_url().clone_into(&mut client.url);
            let answer = timeout(CALL_LIMIT, client.try_to_run(query, variables.clone())).await;
            let why_not = match answer {
                Ok(Ok(mut response)) if response.get("errors").is_none() => return response["data"][field].take(),
                Ok(Ok(response)) if response["errors"][0]["extensions"]["code"] == "UNAVAILABLE" => {
                    response.to_string()
                }
                Ok(Ok(response)) => panic!("{field}: {response}"),
                Ok(Err(error)) => error.to_string(),
                Err(late) => late.to_string(),
            };
            assert!(Instant::now() < end, "{field} has failed for {} s: {why_not}", TRY_LIMIT.as_secs());
            self.tries_again.fetch_add(1, Ordering::Relaxed);
            sleep(PAUSE).await;
        }
    }

    /// Renews everybody's tokens before they run out, as long as it is polled.
    pub(crate) async fn stay_signed_in(&self) {
        const REFRESH: &str = "mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
            tokens { accessToken refreshToken } errors { message } } }";
        loop {
            sleep(TOKEN_AGE).await;
            for member in &self.people {
                let person = member.person();
                let refresh = input(json!({ "refreshToken": person.refresh_token }));
                let payload = self.call(&person, "refreshSession", REFRESH, refresh).await;
                let text =
                    |name: &str| payload["tokens"][name].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned();
                let client = person.client.with_token(&text("accessToken"));
                *member.person.lock().unwrap() = Person { client, refresh_token: text("refreshToken"), ..person };
            }
        }
    }

    /// Tells the devices where everything ends.
    pub(crate) fn finish(&self, heads: &BTreeMap<String, i64>, deadline: Instant) {
        self.finish.send_replace(Some(Finish { heads: heads.clone(), deadline }));
    }

    /// Where everything ends, as soon as that is known.
    pub(crate) fn finishing(&self) -> watch::Receiver<Option<Finish>> {
        self.finish.subscribe()
    }

    /// All conversations, each with its two people.
    pub(crate) fn conversations(&self) -> BTreeMap<&str, Vec<Person>> {
        let mut conversations: BTreeMap<&str, Vec<Person>> = BTreeMap::new();
        for member in &self.people {
            for conversation in &member.conversations {
                conversations.entry(conversation).or_default().push(member.person());
            }
        }
        conversations
    }
}

/// Each with the next and the one after: so everybody has up to four conversations.
async fn acquainted(people: Vec<Person>) -> Vec<Member> {
    let mut conversations: Vec<Vec<String>> = vec![Vec::new(); people.len()];
    for step in [1, 2] {
        for n in 0..people.len() {
            let other = (n + step) % people.len();
            if other == n {
                continue;
            }
            let conversation = people[n].open(&people[other]).await;
            for member in [n, other] {
                if !conversations[member].contains(&conversation) {
                    conversations[member].push(conversation.clone());
                }
            }
        }
    }
    let members = people.into_iter().zip(conversations);
    members.map(|(person, conversations)| Member { person: Mutex::new(person), conversations }).collect()
}

/// The variables of a mutation with that input.
pub(crate) fn input(fields: Value) -> Value {
    Value::from_iter([("input", fields)])
}
