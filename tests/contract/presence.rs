//! [`Presence`]: who is online, and under which numbers that is found.

use crate::support::make::{at, now, person};
use crate::support::stores::TestSql;
use natterjack::domain::conversation::Pair;
use natterjack::domain::ids::{ConversationId, NodeId, UserId};
use natterjack::domain::node::Node;
use natterjack::domain::presence::{Changed, Move, PeopleVersion, Presence as State};
use natterjack::domain::user::ProfileChange;
use natterjack::store::accounts::ProfileUpdate;
use natterjack::store::blocks::Block;
use natterjack::store::conversations::NewDirect;
use natterjack::store::{Accounts as _, Blocks as _, Conversations as _, Nodes as _, Presence as _};
use std::collections::HashSet;
use tokio::task::JoinSet;

crate::on_each_sql! {
    who_is_on_any_node_is_online_until_the_last
    each_turn_takes_the_next_number_and_what_turns_nothing_takes_none
    who_was_on_a_node_that_has_left_is_taken_off_once
    only_a_node_that_is_silent_still_is_removed
    thousands_come_at_once
    two_nodes_that_see_the_last_go_at_once_tell_it_once
    those_who_share_a_conversation_are_acquainted
    those_online_are_counted_but_for_those_apart
    a_profile_takes_a_number_of_the_same_count
}

async fn node(sql: &TestSql) -> NodeId {
    let node = Node { id: NodeId::new(now()), started_at: at(0), seen_at: at(0) };
    assert!(!sql.beat(&node).await.unwrap(), "it did not stand there");
    assert!(sql.beat(&node).await.unwrap());
    node.id
}

async fn note(sql: &TestSql, node: NodeId, user: UserId, is_here: bool, millis: i64) -> bool {
    sql.note(node, &[Move { user, is_here }], at(millis)).await.unwrap()
}

async fn state(sql: &TestSql, user: UserId) -> State {
    sql.presences(&[user]).await.unwrap()[&user]
}

fn online() -> State {
    State { is_online: true, last_seen_at: None }
}

fn gone(millis: i64) -> State {
    State { is_online: false, last_seen_at: Some(at(millis)) }
}

async fn who_is_on_any_node_is_online_until_the_last(sql: TestSql) {
    let (ada, one, other) = (person(&*sql, "ada").await, node(&sql).await, node(&sql).await);
    assert_eq!(state(&sql, ada).await, State::default());
    assert!(note(&sql, one, ada, true, 1).await);
    assert!(!note(&sql, one, ada, true, 1).await, "noted twice");
    assert!(!note(&sql, other, ada, true, 2).await);
    assert!(!note(&sql, one, ada, false, 3).await);
    assert_eq!(state(&sql, ada).await, online());
    assert!(note(&sql, other, ada, false, 4).await);
    assert!(!note(&sql, other, ada, false, 5).await, "noted twice");
    assert_eq!(state(&sql, ada).await, gone(4));
    assert!(note(&sql, one, ada, true, 6).await);
    assert_eq!(state(&sql, ada).await, online());

    let nobody = UserId::new(now());
    assert!(!note(&sql, one, nobody, true, 7).await);
    assert!(sql.presences(&[nobody]).await.unwrap().is_empty());
}

async fn each_turn_takes_the_next_number_and_what_turns_nothing_takes_none(sql: TestSql) {
    let (ada, bob, one) = (person(&*sql, "ada").await, person(&*sql, "bob").await, node(&sql).await);
    assert_eq!(sql.people_version().await.unwrap(), PeopleVersion(0));
    note(&sql, one, ada, true, 1).await;
    note(&sql, one, bob, true, 2).await;
    note(&sql, one, bob, true, 3).await;
    note(&sql, one, ada, false, 4).await;
    let turn = |version, user, now| Changed { version: PeopleVersion(version), user, now };
    let (bobs, adas) = (turn(2, bob, online()), turn(3, ada, gone(4)));
    assert_eq!(sql.people_version().await.unwrap(), PeopleVersion(3));
    assert_eq!(sql.turned_since(PeopleVersion(0), 9).await.unwrap(), [bobs, adas], "each once, as it is now");
    assert_eq!(sql.turned_since(PeopleVersion(0), 1).await.unwrap(), [bobs]);
    assert_eq!(sql.turned_since(PeopleVersion(2), 9).await.unwrap(), [adas]);
    assert_eq!(sql.turned_since(PeopleVersion(3), 9).await.unwrap(), []);
}

async fn who_was_on_a_node_that_has_left_is_taken_off_once(sql: TestSql) {
    let (ada, bob) = (person(&*sql, "ada").await, person(&*sql, "bob").await);
    let (stays, leaves) = (node(&sql).await, node(&sql).await);
    for (node, user) in [(stays, ada), (leaves, ada), (leaves, bob)] {
        note(&sql, node, user, true, 1).await;
    }
    assert!(!sql.clear(at(2)).await.unwrap(), "both stand there");
    sql.leave(leaves).await.unwrap();
    let again = sql.open_again().await;
    let (one, other) = tokio::join!(sql.clear(at(3)), again.clear(at(3)));
    assert!(one.unwrap() ^ other.unwrap(), "one of them has");
    assert_eq!((state(&sql, ada).await, state(&sql, bob).await), (online(), gone(3)));
    assert_eq!(sql.people_version().await.unwrap(), PeopleVersion(3));
}

async fn only_a_node_that_is_silent_still_is_removed(sql: TestSql) {
    let seen = |id, millis| Node { id, started_at: at(0), seen_at: at(millis) };
    let (silent, woken) = (NodeId::new(now()), NodeId::new(now()));
    for node in [silent, woken] {
        sql.beat(&seen(node, 1)).await.unwrap();
    }
    sql.beat(&seen(woken, 2)).await.unwrap();
    sql.remove_silent(&[seen(silent, 1), seen(woken, 1)]).await.unwrap();
    assert_eq!(sql.others(NodeId::new(now()), 9).await.unwrap(), [seen(woken, 2)]);
    assert!(!sql.beat(&seen(silent, 3)).await.unwrap(), "it learns that it was taken for dead");
}

async fn thousands_come_at_once(sql: TestSql) {
    let one = node(&sql).await;
    let mut people = Vec::new();
    for n in 0..1_500 {
        people.push(person(&*sql, &format!("person{n}")).await);
    }
    let moves = |is_here| people.iter().map(|user| Move { user: *user, is_here }).collect::<Vec<_>>();
    assert!(sql.note(one, &moves(true), at(1)).await.unwrap());
    assert_eq!(sql.people_version().await.unwrap(), PeopleVersion(1_500));
    let turned = sql.turned_since(PeopleVersion(0), 2_000).await.unwrap();
    assert!(turned.iter().map(|turn| turn.version.0).eq(1..=1_500), "dense");
    assert_eq!(turned.iter().map(|turn| turn.user).collect::<HashSet<_>>(), people.iter().copied().collect());
    sql.leave(one).await.unwrap();
    assert!(sql.clear(at(2)).await.unwrap());
    assert!(sql.presences(&people).await.unwrap().values().all(|state| *state == gone(2)));
}

async fn two_nodes_that_see_the_last_go_at_once_tell_it_once(sql: TestSql) {
    let (ada, one, other) = (person(&*sql, "ada").await, node(&sql).await, node(&sql).await);
    for round in 0..20 {
        for node in [one, other] {
            note(&sql, node, ada, true, 1).await;
        }
        let goes = [one, other].map(|node| {
            let sql = (*sql).clone();
            async move { sql.note(node, &[Move { user: ada, is_here: false }], at(2)).await.unwrap() }
        });
        let told = goes.into_iter().collect::<JoinSet<_>>().join_all().await;
        assert_eq!(told.iter().filter(|told| **told).count(), 1);
        assert_eq!(sql.people_version().await.unwrap(), PeopleVersion(2 * (round + 1)));
    }
}

async fn direct(sql: &TestSql, one: UserId, other: UserId) -> ConversationId {
    let id = ConversationId::new(now());
    let pair = Pair::new(one, other).unwrap();
    sql.open_direct(&NewDirect { id, pair, created_by: one, created_at: at(0) }).await.unwrap();
    id
}

async fn those_who_share_a_conversation_are_acquainted(sql: TestSql) {
    let [ada, bob, eve] = [person(&*sql, "ada").await, person(&*sql, "bob").await, person(&*sql, "eve").await];
    direct(&sql, ada, bob).await;
    direct(&sql, bob, eve).await;
    let asked = [(ada, bob), (bob, ada), (ada, eve), (eve, bob), (ada, UserId::new(now()))];
    let acquainted = HashSet::from([(ada, bob), (bob, ada), (eve, bob)]);
    assert_eq!(sql.acquainted(&asked).await.unwrap(), acquainted);
}

async fn those_online_are_counted_but_for_those_apart(sql: TestSql) {
    let [ada, bob, eve] = [person(&*sql, "ada").await, person(&*sql, "bob").await, person(&*sql, "eve").await];
    let (one, other) = (direct(&sql, ada, bob).await, direct(&sql, bob, eve).await);
    let (node, again) = (node(&sql).await, node(&sql).await);
    for user in [ada, bob] {
        note(&sql, node, user, true, 1).await;
    }
    note(&sql, again, ada, true, 1).await;
    let asked = [(one, ada), (one, bob), (other, bob)];
    let counts = async || {
        let counts = sql.online_members(&asked).await.unwrap();
        asked.map(|asked| counts[&asked])
    };
    assert_eq!(counts().await, [2, 2, 1]);
    sql.set(Block { by: bob, of: ada }, true, at(2)).await.unwrap();
    assert_eq!(counts().await, [1, 1, 1]);
    assert_eq!(sql.around(&[ada]).await.unwrap(), HashSet::from([Block { by: bob, of: ada }]));
    assert_eq!(sql.set_by(&[ada, bob]).await.unwrap(), [Block { by: bob, of: ada }]);
}

async fn a_profile_takes_a_number_of_the_same_count(sql: TestSql) {
    let (ada, bob, one) = (person(&*sql, "ada").await, person(&*sql, "bob").await, node(&sql).await);
    note(&sql, one, bob, true, 1).await;
    let about = |text: &str| ProfileChange { about: Some(text.to_owned()).into(), ..ProfileChange::default() };
    let updated = sql.update_profile(ada, &about("frogs")).await.unwrap();
    assert!(matches!(updated, Some(ProfileUpdate::Changed(user)) if user.about.as_deref() == Some("frogs")));
    let updated = sql.update_profile(ada, &about("frogs")).await.unwrap();
    assert!(matches!(updated, Some(ProfileUpdate::Unchanged(_))));
    let changed = sql.profiles_since(PeopleVersion(0), 9).await.unwrap();
    assert_eq!(changed, [Changed { version: PeopleVersion(2), user: ada, now: () }]);
    assert_eq!(sql.profiles_since(PeopleVersion(2), 9).await.unwrap(), []);
    assert_eq!(sql.update_profile(UserId::new(now()), &about("x")).await.unwrap(), None);
}
