//! What a story is played on: nodes at addresses where they are found again, people and their conversations, a load of
//! senders and followers, and the judgement in the end.

use crate::chance::Chance;
use crate::follower::{Follower, Notes, Scope};
use crate::keeper::{Keeper, Kept};
use crate::sender::{self, Outcome, Records, Sender};
use crate::support::backend::{Backend, Node};
use crate::support::checker::{History, Origin, SEEN, Seen, Stored};
use crate::support::client::Person;
use crate::support::groups::told;
use crate::support::ports::free_port;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How long something that must happen may take, on a machine that has other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);
/// After how long followers leave and come again, where they do.
const STAYS: Range<Duration> = Duration::from_millis(50)..Duration::from_millis(800);
/// Who sends to each conversation.
const SENDERS: usize = 3;
/// The kind of notice that tells of a pin.
const PINNED: &str = "MESSAGE_PINNED";

/// Waits until it is so.
pub(crate) async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

/// Nodes on one set of stores, and people there.
pub(crate) struct Stage {
    pub(crate) backend: Backend,
    addresses: Vec<String>,
    nodes: Vec<Option<Node>>,
    pub(crate) chance: Chance,
    /// Ada, who is in all conversations, Bob, Cyn and Dan; then Eve and Fay, who are in none.
    pub(crate) people: Vec<Person>,
    /// Ada's with Bob, and with Cyn, and her group with Dan.
    pub(crate) conversations: Vec<String>,
}

impl Stage {
    /// So many nodes on those stores.
    pub(crate) async fn set(backend: Backend, nodes: usize) -> Self {
        Self::set_by(Chance::of_test(), backend, nodes).await
    }

    /// The same where something has been left to chance already.
    pub(crate) async fn set_by(chance: Chance, backend: Backend, nodes: usize) -> Self {
        let addresses: Vec<_> = (0..nodes).map(|_| format!("127.0.0.1:{}", free_port())).collect();
        let mut running = Vec::new();
        for address in &addresses {
            running.push(Some(backend.node_at(address).await));
        }
        let mut stage =
            Self { backend, addresses, nodes: running, chance, people: Vec::new(), conversations: Vec::new() };
        for name in ["ada", "bob", "cyn", "dan", "eve", "fay"] {
            stage.people.push(Person::register(stage.node(0), name).await);
        }
        let [ada, bob, cyn, dan, ..] = stage.people.as_slice() else { unreachable!("there are six") };
        stage.conversations = vec![ada.open(bob).await, ada.open(cyn).await, ada.group("pond", &[dan]).await];
        stage
    }

    /// One of the nodes, which runs.
    pub(crate) fn node(&self, number: usize) -> &Node {
        self.nodes[number].as_ref().expect("the node runs")
    }

    /// The same node, to be ended.
    pub(crate) fn take(&mut self, number: usize) -> Node {
        self.nodes[number].take().expect("the node runs")
    }

    /// Kills a node, and starts it again where it was.
    pub(crate) async fn crash(&mut self, number: usize) {
        self.take(number).kill().await;
        self.start(number).await;
    }

    /// Starts a node that has ended, where it was.
    pub(crate) async fn start(&mut self, number: usize) {
        self.nodes[number] = Some(self.backend.node_at(&self.addresses[number]).await);
    }

    /// Where the nodes are, whether they run or not.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.addresses.iter().map(|address| format!("http://{address}")).collect()
    }

    /// The group.
    pub(crate) fn group(&self) -> &str {
        &self.conversations[2]
    }

    /// Begins to send to all conversations, to follow them and to change the group, by way of all nodes.
    pub(crate) fn load(&mut self) -> Load {
        self.load_by(&self.urls())
    }

    /// The same by way of these addresses.
    pub(crate) fn load_by(&mut self, urls: &[String]) -> Load {
        let mut load = self.load_of(urls, SENDERS);
        self.add_keeper(&mut load, urls);
        load
    }

    /// The same with so many who send to each conversation, and nobody who changes the group.
    pub(crate) fn load_of(&mut self, urls: &[String], senders: usize) -> Load {
        let mut load = Load::default();
        self.add_senders(&mut load, urls, senders);
        // One who stays on each node, one who wanders, and one who leaves all the time.
        for (number, url) in urls.iter().enumerate() {
            let name = format!("stays on {number}");
            load.add_follower(Follower { scope: Scope::Each, ..self.follower(&name, std::slice::from_ref(url)) });
        }
        load.add_follower(self.follower("wanders", urls));
        load.add_follower(Follower { leaves_after: Some(STAYS), ..self.follower("leaves", urls) });
        load
    }

    /// Adds so many who send to each conversation, by way of these addresses.
    pub(crate) fn add_senders(&mut self, load: &mut Load, urls: &[String], count: usize) {
        for (number, conversation) in self.conversations.clone().iter().enumerate() {
            for n in 0..count {
                let person = &self.people[if n % 2 == 0 { 0 } else { number + 1 }];
                load.add_sender(Sender {
                    name: format!("{}-{number}-{n}", load.senders.len()),
                    at: urls.iter().map(|url| by_way_of(person, url)).collect(),
                    conversation: conversation.clone(),
                    // In a group only those who run it.
                    may_pin: n % 2 == 0 || conversation != self.group(),
                    chance: self.chance.fork(),
                });
            }
        }
    }

    /// Adds Ada as one who changes her group, by way of these addresses.
    pub(crate) fn add_keeper(&mut self, load: &mut Load, urls: &[String]) {
        let keeper = Keeper {
            at: urls.iter().map(|url| by_way_of(&self.people[0], url)).collect(),
            group: self.group().to_owned(),
            others: self.people[4..].to_vec(),
            chance: self.chance.fork(),
        };
        load.add_keeper(keeper);
    }

    /// What the group has told of itself, in order; not of its messages.
    pub(crate) async fn notices(&self) -> Vec<String> {
        let notices = self.notices_of(self.group()).await;
        notices.iter().filter(|notice| notice["kind"] != PINNED).map(told).collect()
    }

    /// The ids of all messages that were told to be pinned, each as often as it was told; sorted.
    pub(crate) async fn pins(&self) -> Vec<String> {
        let mut pins = Vec::new();
        for conversation in &self.conversations {
            let notices = self.notices_of(conversation).await;
            let told = notices.iter().filter(|notice| notice["kind"] == PINNED);
            pins.extend(told.map(|notice| notice["message"]["id"].as_str().expect("which one").to_owned()));
        }
        pins.sort_unstable();
        pins
    }

    async fn notices_of(&self, conversation: &str) -> Vec<Value> {
        let node = self.nodes.iter().flatten().next().expect("a node runs");
        let mut messages = history(&self.people[0].at(node), conversation).await;
        messages.iter_mut().map(|message| message["notice"].take()).filter(|notice| !notice.is_null()).collect()
    }

    /// Ada, on another device.
    fn follower(&mut self, name: &str, urls: &[String]) -> Follower {
        Follower {
            name: name.to_owned(),
            person: self.people[0].clone(),
            conversations: self.conversations.clone(),
            scope: Scope::All,
            urls: urls.to_vec(),
            leaves_after: None,
            chance: self.chance.fork(),
        }
    }

    /// Everything that is stored, as a node that runs tells it.
    pub(crate) async fn stored(&self) -> Vec<Stored> {
        let node = self.nodes.iter().flatten().next().expect("a node runs");
        let mut all = Vec::new();
        for (conversation, other) in self.conversations.iter().zip(&self.people[1..]) {
            let listed = history(&self.people[0].at(node), conversation).await;
            // Client ids are shown to their authors alone.
            let of_other = history(&other.at(node), conversation).await;
            assert_eq!(listed.len(), of_other.len(), "both members see the same");
            all.extend(listed.iter().zip(&of_other).map(|(one, other)| Stored {
                message: Seen::of(conversation, one).expect("a message"),
                origin: Origin {
                    // Nobody's, where it is a notice.
                    by: one["author"]["id"].as_str().unwrap_or_default().to_owned(),
                    client_id: one["clientId"].as_str().or(other["clientId"].as_str()).map(str::to_owned),
                },
            }));
        }
        all
    }
}

/// The same person by way of another address, with a limit on how long answers are waited for.
pub(crate) fn by_way_of(person: &Person, url: &str) -> Person {
    let mut person = person.clone();
    person.client = person.client.within(sender::PATIENCE);
    url.clone_into(&mut person.client.url);
    person
}

/// All messages of a conversation.
async fn history(person: &Person, conversation: &str) -> Vec<Value> {
    let query = "query($id: ID!, $after: String) { history(of: { conversationId: $id }, first: 100, after: $after) {
        nodes { ...seen clientId author { id }
            notice { kind actor { username } subject { username } message { id } role name } }
        pageInfo { hasNextPage endCursor } } }";
    let query = format!("{query} {SEEN}");
    let (mut messages, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut page = person.client.field("history", &query, json!({ "id": conversation, "after": after })).await;
        messages.append(page["nodes"].as_array_mut().expect("a page"));
        if page["pageInfo"]["hasNextPage"] == false {
            return messages;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

/// Senders and followers at work.
#[derive(Default)]
pub(crate) struct Load {
    pub(crate) records: Records,
    pub(crate) followers: Vec<Notes>,
    kept: Option<Kept>,
    stop: CancellationToken,
    senders: JoinSet<()>,
    following: JoinSet<()>,
}

impl Load {
    pub(crate) fn add_sender(&mut self, sender: Sender) {
        self.senders.spawn(sender.send(self.records.clone(), self.stop.clone()));
    }

    pub(crate) fn add_follower(&mut self, follower: Follower) {
        let notes = follower.notes();
        self.followers.push(notes.clone());
        self.following.spawn(follower.follow(notes));
    }

    pub(crate) fn add_keeper(&mut self, keeper: Keeper) {
        let kept = self.kept.insert(Kept::default()).clone();
        self.senders.spawn(keeper.keep(self.records.clone(), kept, self.stop.clone()));
    }

    /// Waits until so many more deeds have been acknowledged, as long as it takes while there are always some.
    pub(crate) async fn runs(&self, count: usize) {
        const STEP: usize = 100;
        let before = self.records.count();
        for step in (0..count).step_by(STEP) {
            let wanted = before + (step + STEP).min(count);
            until("deeds are acknowledged", async || self.records.count() >= wanted).await;
        }
    }

    /// How many tries of that outcome have begun within that time.
    pub(crate) fn tries(&self, within: Range<Instant>, outcome: &Outcome) -> usize {
        self.records.attempts(within).iter().filter(|attempt| attempt.outcome == *outcome).count()
    }

    /// Lets the senders finish and the followers hear it, and judges what has come of it.
    pub(crate) async fn end(mut self, stage: &Stage) -> Ended {
        self.stop.cancel();
        let finished = async { while self.senders.join_next().await.transpose().unwrap().is_some() {} };
        timeout(PATIENCE, finished).await.expect("everything is acknowledged in the end");
        assert_eq!(self.records.complaints(), [""; 0]);
        if let Some(kept) = &self.kept {
            kept.judge(stage).await;
        }
        assert_eq!(stage.pins().await, self.records.pins(), "each pin is told once");
        let stored = stage.stored().await;
        let mut ends = BTreeMap::new();
        for Stored { message, .. } in &stored {
            let end: &mut i64 = ends.entry(message.conversation.clone()).or_default();
            *end = message.revision.max(*end);
        }
        // Where one never has it all, the checker tells what is missing.
        let all_have = async || self.followers.iter().all(|notes| notes.have(&ends));
        let heard = timeout(PATIENCE, async {
            while !all_have().await {
                sleep(Duration::from_millis(10)).await;
            }
        });
        let is_heard = heard.await.is_ok();
        self.following.shutdown().await;
        let history = History {
            acknowledged: self.records.acknowledged(),
            subscribers: self.followers.iter().map(Notes::subscriber).collect(),
            stored,
        };
        history.assert_good("the seed is above");
        assert!(is_heard, "everything is heard in the end");
        let complaints: Vec<_> = self.followers.iter().flat_map(Notes::complaints).collect();
        assert_eq!(complaints, [""; 0]);
        let sent = history.stored.iter().filter(|stored| !stored.origin.by.is_empty());
        Ended { records: self.records, followers: self.followers, stored: sent.count() }
    }
}

/// A load whose history was found good.
pub(crate) struct Ended {
    pub(crate) records: Records,
    pub(crate) followers: Vec<Notes>,
    /// How many messages people have sent.
    pub(crate) stored: usize,
}
