//! Each cell of the table: somebody who is that to a conversation tries to do that.

use super::attempts::{Attempt, Place, attempts};
use crate::support::backend::{Backend, Node, on_every_backend};
use crate::support::client::{PASSWORD, Person};
use crate::support::crowd;
use crate::support::groups::refusal;
use crate::support::socket::Socket;
use futures_util::future::join_all;
use natterjack::chat::{Act, Standing, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

on_every_backend! {
    each_may_do_what_the_table_says_and_nothing_else
}

/// How long something that was done may take to be heard, before it is done once more.
const HEARING: Duration = Duration::from_millis(500);

async fn each_may_do_what_the_table_says_and_nothing_else(backend: Backend) {
    let node = backend.node().await;
    let wrong = join_all(Standing::ALL.map(async |standing| wrong_cells(&backend, &node, standing).await)).await;
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "not as the table says:\n{}", wrong.join("\n"));
}

/// What comes otherwise than the table says for somebody who is that.
async fn wrong_cells(backend: &Backend, node: &Node, standing: Standing) -> Vec<String> {
    let cast = Cast::of(backend, node, standing).await;
    let mut wrong = Vec::new();
    for act in Act::ALL {
        let place = cast.place(act).await;
        let attempts = attempts(act, &place);
        let tried: BTreeSet<_> = attempts.iter().map(|(field, _)| *field).collect();
        assert_eq!(tried, act.fields().iter().copied().collect(), "where {act:?} is done");
        let expected = standing.verdict(act);
        for (field, attempt) in attempts {
            let verdict = attempt.verdict(&cast, &place).await;
            if verdict != expected {
                wrong.push(format!("{standing:?} {act:?} {field}: {expected:?} is said, {verdict:?} came"));
            }
        }
    }
    wrong
}

/// The people around one who is that to each of a row of conversations.
struct Cast {
    standing: Standing,
    /// The one who tries.
    person: Person,
    owner: Person,
    /// A member of each conversation, or the other of the two.
    other: Person,
    /// Somebody who is in none.
    extra: Person,
    /// Others whose accounts will be gone, one for each conversation.
    going: Mutex<Vec<Person>>,
}

impl Cast {
    async fn of(backend: &Backend, node: &Node, standing: Standing) -> Self {
        let going = if standing == Standing::Alone { Act::ALL.len() } else { 0 };
        let name = |who: &str| format!("{who}-{}", format!("{standing:?}").to_lowercase());
        Self {
            standing,
            person: Person::register(node, &name("person")).await,
            owner: Person::register(node, &name("owner")).await,
            other: Person::register(node, &name("other")).await,
            extra: Person::register(node, &name("extra")).await,
            going: Mutex::new(crowd::people(backend, node, "going", going).await),
        }
    }

    /// A conversation to try that in: a new one, as far as there can be another.
    async fn place(&self, act: Act) -> Place {
        // Who never was in it is somebody else to it than one who has left. But only who was has said something there.
        let was_in = matches!(act, Act::EditOwn | Act::DeleteOwn);
        let other = self.other();
        let (conversation, own) = match self.standing {
            Standing::Peer | Standing::Blocked | Standing::Alone => {
                let conversation = self.person.open(&other).await;
                other.set_blocked(&self.person, false).await;
                let own = self.person.send(&conversation, "mine").await;
                (conversation, Some(own))
            }
            _ => self.group(was_in).await,
        };
        let pinner = match self.standing {
            Standing::Peer | Standing::Blocked | Standing::Alone => &other,
            Standing::Owner => &self.person,
            _ => &self.owner,
        };
        // What is pinned and stays so, whoever tries to pin the other.
        let settled = other.send(&conversation, "settled").await;
        pinner.does("setPinned", json!({ "messageId": settled["id"], "isPinned": true })).await;
        let others = other.send(&conversation, "another's").await;
        other.set_typing(&conversation, true).await;
        match self.standing {
            Standing::Blocked => other.set_blocked(&self.person, true).await,
            Standing::Alone => other.does("deleteAccount", json!({ "password": PASSWORD })).await,
            _ => {}
        }
        Place {
            conversation,
            own: own.map(|own| own["id"].clone()),
            others: others["id"].clone(),
            other: other.id.clone(),
            extra: self.extra.id.clone(),
        }
    }

    /// The other of a conversation: where their account is to go, one of their own for each.
    fn other(&self) -> Person {
        self.going.lock().unwrap().pop().unwrap_or_else(|| self.other.clone())
    }

    async fn group(&self, was_in: bool) -> (String, Option<Value>) {
        let Self { standing, person, owner, other, .. } = self;
        let owner = if *standing == Standing::Owner { person } else { owner };
        let visibility = if *standing == Standing::Visitor { "PUBLIC" } else { "PRIVATE" };
        let input = json!({ "name": "pond", "visibility": visibility, "memberIds": [other.id] });
        let group = owner.create_group(input).await;
        let is_in = matches!(standing, Standing::Owner | Standing::Admin | Standing::Member);
        if *standing != Standing::Owner && (is_in || was_in) {
            owner.add(&group, &[person]).await;
        }
        if *standing == Standing::Admin {
            owner.set_role(&group, person, "ADMIN").await;
        }
        let own = if is_in || was_in { Some(person.send(&group, "mine").await) } else { None };
        if was_in && !is_in {
            owner.remove(&group, person).await;
        }
        if *standing == Standing::Invited {
            owner.invite(&group, &[person]).await;
        }
        (group, own)
    }

    /// Has something happen in a conversation, of each kind that can be heard by itself.
    async fn stir(&self, place: &Place) {
        let Place { conversation, .. } = place;
        if self.standing == Standing::Blocked {
            self.other.set_blocked(&self.person, false).await;
        }
        if self.standing != Standing::Alone {
            self.other.send(conversation, "another's").await;
            self.other.set_typing(conversation, true).await;
        }
        if self.standing == Standing::Blocked {
            self.other.set_blocked(&self.person, true).await;
        }
        // Refused to one who may not hear either.
        self.person.mutate("markRead", "", json!({ "conversationId": conversation })).await;
    }
}

impl Attempt {
    async fn verdict(self, cast: &Cast, place: &Place) -> Verdict {
        let Cast { person, .. } = cast;
        match self {
            Self::Face(selection) => {
                let seen = person.sees(&place.conversation, &selection).await;
                if seen.is_null() { Verdict::NotFound } else { Verdict::Granted }
            }
            Self::Part(selection, at) => shown(&person.sees(&place.conversation, selection).await, at),
            Self::Query(name, query, at) => {
                shown(&person.client.field(name, query, json!({ "id": place.conversation })).await, at)
            }
            Self::Mutation(name, input, at_fault) => {
                let payload = person.mutate(name, "", input).await;
                let Some(refusal) = refusal(&payload) else { return Verdict::Granted };
                let (code, field) = refusal.split_once(' ').unwrap();
                assert_eq!(field, at_fault, "{name}: {refusal}");
                refused(code)
            }
            Self::Subscription(query) => heard(cast, place, query).await,
        }
    }
}

/// What is there of a conversation, if that is there at all.
fn shown(seen: &Value, at: &str) -> Verdict {
    if seen.is_null() {
        return Verdict::NotFound;
    }
    let part = seen.pointer(at).unwrap();
    let is_nothing = part.is_null() || *part == json!([]) || *part == 0;
    if is_nothing { Verdict::Empty } else { Verdict::Granted }
}

fn refused(code: &str) -> Verdict {
    match code {
        "NOT_FOUND" => Verdict::NotFound,
        "NOT_ALLOWED" => Verdict::NotAllowed,
        "BLOCKED" => Verdict::Blocked,
        _ => panic!("refused as {code}"),
    }
}

/// Whichever comes first: that it is refused, or something to hear.
async fn heard(cast: &Cast, place: &Place, query: &str) -> Verdict {
    let mut socket = Socket::of(&cast.person).await;
    socket.subscribe(query, json!({ "id": place.conversation })).await;
    loop {
        let Some(frame) = socket.frame_within(HEARING).await else {
            if cast.standing == Standing::Alone {
                // There is nobody who says anything. Who may not hear is told at once.
                return Verdict::Granted;
            }
            // It may have begun only after what was done last.
            cast.stir(place).await;
            continue;
        };
        if frame["type"] == "next" {
            return Verdict::Granted;
        }
        assert_eq!(frame["type"], "error", "{frame}");
        assert_eq!(frame["payload"][0]["extensions"]["field"], json!(["conversationId"]), "{frame}");
        return refused(frame["payload"][0]["extensions"]["code"].as_str().unwrap());
    }
}
