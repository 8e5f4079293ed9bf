//! [`Conversations`]: one for each pair, and who is in them.

use super::groups::group;
use crate::support::make::{at, person};
use crate::support::messages::a_person;
use crate::support::stores::TestSql;
use natterjack::domain::conversation::{Conversation, Member, MemberPlace, MembershipState, Role};
use natterjack::domain::conversation::{MembershipsVersion, Pair};
use natterjack::domain::ids::{ConversationId, UserId};
use natterjack::domain::message::{MembershipVersion, Revision};
use natterjack::domain::page::{Take, Window};
use natterjack::store::blocks::Block;
use natterjack::store::conversations::{Admission, FirstMembers, NewDirect, Opened, Roster, Versions};
use natterjack::store::{Blocks as _, Conversations as _};
use std::collections::{HashMap, HashSet};
use tokio::task::JoinSet;
use uuid::Uuid;

crate::on_each_sql! {
    a_direct_conversation_begins_with_both_as_members
    a_pair_has_one_conversation_from_both_sides
    of_many_who_open_a_conversation_all_get_the_same
    an_admission_tells_what_a_person_is_to_a_conversation
    a_block_either_way_stands_between_a_pair_and_nowhere_else
    the_invited_have_a_membership_and_are_no_members
    the_first_members_of_many_conversations_come_at_once
    conversations_are_found_by_id_and_by_pair
    a_person_has_all_their_conversations_with_their_own_membership
    members_are_paged_both_ways
    a_roster_tells_who_may_hear_and_as_of_when
    a_person_who_comes_into_a_conversation_has_the_next_version
    people_who_begin_conversations_with_each_other_at_once_all_come_through
}

pub(crate) fn nowhere() -> ConversationId {
    ConversationId::from(Uuid::from_u128(7))
}

fn new_direct(one: UserId, other: UserId) -> NewDirect {
    NewDirect {
        id: ConversationId::new(at(0)),
        pair: Pair::new(one, other).unwrap(),
        created_by: one,
        created_at: at(3),
    }
}

pub(crate) async fn people<const N: usize>(sql: &TestSql) -> [UserId; N] {
    let mut people = Vec::new();
    for n in 0..N {
        people.push(person(&**sql, &format!("person{n}")).await);
    }
    people.try_into().unwrap()
}

pub(crate) async fn open(sql: &TestSql, one: UserId, other: UserId) -> ConversationId {
    sql.open_direct(&new_direct(one, other)).await.unwrap().conversation.id
}

pub(crate) async fn membership(sql: &TestSql, conversation: ConversationId, user: UserId) -> Option<Member> {
    sql.memberships(&[(conversation, user)]).await.unwrap().pop()
}

pub(crate) async fn memberships_versions<const N: usize>(sql: &TestSql, of: &[UserId; N]) -> [i64; N] {
    let versions = sql.memberships_versions(of).await.unwrap();
    of.map(|user| versions[&user].0)
}

async fn a_direct_conversation_begins_with_both_as_members(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let new = new_direct(ada, bob);
    let Opened { conversation: opened, is_new } = sql.open_direct(&new).await.unwrap();
    assert!(is_new);
    assert_eq!(opened.id, new.id);
    assert_eq!((opened.pair(), opened.face()), (Pair::new(ada, bob), None));
    assert_eq!((opened.member_count, opened.invited_count), (2, 0));
    assert_eq!((opened.created_by, opened.created_at), (ada, at(3)));
    for user in [ada, bob] {
        let member = Member::joined(new.id, user, Role::Member, at(3), Revision::ZERO);
        assert_eq!(membership(&sql, new.id, user).await, Some(member));
    }
    assert_eq!(sql.find(&[new.id]).await.unwrap(), [opened]);
}

async fn an_admission_tells_what_a_person_is_to_a_conversation(sql: TestSql) {
    let [ada, bob, eve] = people(&sql).await;
    let conversation = sql.open_direct(&new_direct(ada, bob)).await.unwrap().conversation;
    let admission = async |conversation, user| sql.admission(conversation, user).await.unwrap();
    let member = membership(&sql, conversation.id, bob).await;
    let of_bob = Admission { conversation: conversation.clone(), member, is_blocked: false };
    assert_eq!(of_bob.member.as_ref().unwrap().user, bob);
    assert_eq!(admission(conversation.id, bob).await, Some(of_bob.clone()));
    assert_eq!(admission(conversation.id, eve).await, Some(Admission { member: None, ..of_bob }));
    assert_eq!(admission(nowhere(), ada).await, None);

    let group = group(&sql, &[ada, bob], &[eve]).await;
    let of_eve = admission(group.id, eve).await.unwrap();
    assert_eq!(of_eve.member.unwrap().state, MembershipState::Invited);
    assert_eq!(of_eve.conversation, group);
}

async fn a_block_either_way_stands_between_a_pair_and_nowhere_else(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let (with_bob, with_cy) = (open(&sql, ada, bob).await, open(&sql, ada, cy).await);
    let group = group(&sql, &[ada, bob, cy], &[]).await.id;
    for block in [Block { by: ada, of: bob }, Block { by: bob, of: ada }] {
        sql.set(block, true, at(1)).await.unwrap();
        for (conversation, is_blocked) in [(with_bob, true), (with_cy, false), (group, false)] {
            let admission = sql.admission(conversation, ada).await.unwrap().unwrap();
            assert_eq!(admission.is_blocked, is_blocked);
        }
        sql.set(block, false, at(2)).await.unwrap();
        assert!(!sql.admission(with_bob, bob).await.unwrap().unwrap().is_blocked);
    }
}

async fn the_invited_have_a_membership_and_are_no_members(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let group = group(&sql, &[ada, bob], &[cy]).await.id;
    let invited = Member::invited(group, cy, ada);
    assert_eq!(membership(&sql, group, cy).await, Some(invited.clone()));
    assert_eq!(sql.memberships_of(&[cy]).await.unwrap(), std::slice::from_ref(&invited));
    assert_eq!(sql.of_member(cy).await.unwrap()[0].1, invited);
    assert_eq!(sql.roster(group, &[ada, cy]).await.unwrap().members, HashSet::from([ada]));
    let window = Window { after: None, before: None, take: Take::First(9) };
    let page = sql.member_page(group, MembershipState::Invited, &window).await.unwrap();
    assert_eq!(page.items, [invited]);
}

async fn the_first_members_of_many_conversations_come_at_once(sql: TestSql) {
    let mut users: [UserId; 6] = people(&sql).await;
    users.sort();
    let mut asked = Vec::new();
    // More than SQLite answers in one statement, and of some more than are asked for.
    for n in 0..300 {
        let group = group(&sql, &users[n % 3..4], &users[4..]).await.id;
        let of = |state, limit| FirstMembers { conversation: group, state, limit };
        asked.extend([of(MembershipState::Joined, 3), of(MembershipState::Invited, 1)]);
    }
    asked.push(FirstMembers { conversation: nowhere(), ..asked[0] });
    let found = sql.first_members(&asked).await.unwrap();
    assert_eq!(found.len(), 600);
    for (n, of) in asked[..600].iter().enumerate() {
        let expected = match of.state {
            MembershipState::Joined => &users[n / 2 % 3..4.min(n / 2 % 3 + 3)],
            MembershipState::Invited => &users[4..5],
        };
        assert_eq!(found[of].iter().map(|member| member.user).collect::<Vec<_>>(), expected);
        assert!(found[of].iter().all(|member| (member.conversation, member.state) == (of.conversation, of.state)));
    }
    assert_eq!(sql.first_members(&[]).await.unwrap(), HashMap::new());
}

async fn a_pair_has_one_conversation_from_both_sides(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let first = sql.open_direct(&new_direct(ada, bob)).await.unwrap();
    let second = sql.open_direct(&new_direct(bob, ada)).await.unwrap();
    assert_eq!(second, Opened { is_new: false, ..first });
}

async fn of_many_who_open_a_conversation_all_get_the_same(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let again = sql.open_again().await;
    let openings = (0..20).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        let new = if n % 3 == 0 { new_direct(ada, bob) } else { new_direct(bob, ada) };
        async move { node.open_direct(&new).await.unwrap() }
    });
    let opened = openings.collect::<JoinSet<_>>().join_all().await;
    let first = &opened[0].conversation;
    assert!(opened.iter().all(|one| one.conversation == *first), "{opened:?}");
    assert_eq!(opened.iter().filter(|one| one.is_new).count(), 1);
    assert_eq!(sql.of_member(ada).await.unwrap().len(), 1);
    assert_eq!(sql.find(&[first.id]).await.unwrap()[0].member_count, 2);
    assert_eq!(memberships_versions(&sql, &[ada, bob]).await, [1, 1]);
}

async fn conversations_are_found_by_id_and_by_pair(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let (with_bob, with_cy) = (open(&sql, ada, bob).await, open(&sql, cy, ada).await);
    let pair = |one, other| Pair::new(one, other).unwrap();
    let ids = |found: Vec<Conversation>| found.into_iter().map(|one| one.id).collect::<HashSet<_>>();

    let by_id = sql.find(&[with_cy, nowhere(), with_bob]).await.unwrap();
    assert_eq!(ids(by_id), HashSet::from([with_bob, with_cy]));
    let by_pair = sql.find_direct(&[pair(bob, ada), pair(bob, cy), pair(ada, cy)]).await.unwrap();
    assert_eq!(by_pair.len(), 2);
    assert_eq!(ids(by_pair), HashSet::from([with_bob, with_cy]));
    assert_eq!(sql.find_direct(&[]).await.unwrap(), []);
}

async fn a_person_has_all_their_conversations_with_their_own_membership(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let (with_bob, with_cy) = (open(&sql, ada, bob).await, open(&sql, cy, ada).await);
    open(&sql, bob, cy).await;
    let of_both = sql.memberships_of(&[ada, cy, a_person()]).await.unwrap();
    assert_eq!(of_both.iter().filter(|member| member.user == ada).count(), 2);
    assert_eq!(of_both.len(), 4);
    let of_ada = sql.of_member(ada).await.unwrap();
    let ids: HashSet<ConversationId> = of_ada.iter().map(|(conversation, _)| conversation.id).collect();
    assert_eq!(ids, HashSet::from([with_bob, with_cy]));
    assert!(of_ada.iter().all(|(conversation, member)| member.conversation == conversation.id && member.user == ada));
    assert_eq!(of_ada.len(), 2);
}

async fn members_are_paged_both_ways(sql: TestSql) {
    let mut users: [UserId; 8] = people(&sql).await;
    let conversation = group(&sql, &users[..5], &users[5..]).await.id;
    users[..5].sort();
    let page = async |take, after: Option<usize>, before: Option<usize>| {
        let window =
            Window { after: after.map(|n| MemberPlace(users[n])), before: before.map(|n| MemberPlace(users[n])), take };
        let page = sql.member_page(conversation, MembershipState::Joined, &window).await.unwrap();
        let at = |member: &Member| users.iter().position(|user| *user == member.user).unwrap();
        (page.items.iter().map(at).collect::<Vec<_>>(), page.has_previous, page.has_next)
    };
    assert_eq!(page(Take::First(2), None, None).await, (vec![0, 1], false, true));
    assert_eq!(page(Take::First(9), Some(1), None).await, (vec![2, 3, 4], true, false));
    assert_eq!(page(Take::Last(2), None, None).await, (vec![3, 4], true, false));
    assert_eq!(page(Take::Last(2), None, Some(3)).await, (vec![1, 2], true, true));
    assert_eq!(page(Take::First(9), Some(0), Some(4)).await, (vec![1, 2, 3], true, false));
}

async fn a_roster_tells_who_may_hear_and_as_of_when(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let conversation = open(&sql, ada, bob).await;
    let version = sql.find(&[conversation]).await.unwrap()[0].membership_version;
    assert!(version > MembershipVersion::default());
    let roster = sql.roster(conversation, &[bob, cy]).await.unwrap();
    assert_eq!(roster, Roster { version, members: HashSet::from([bob]) });
    let of_none = sql.roster(conversation, &[]).await.unwrap();
    assert_eq!(of_none, Roster { version, members: HashSet::new() });
    let of_strangers = sql.roster(conversation, &[cy]).await.unwrap();
    assert_eq!(of_strangers, of_none);
    assert_eq!(sql.roster(nowhere(), &[ada]).await.unwrap(), Roster::default());

    let crowd: Vec<UserId> = (0..3_000).map(|n| UserId::from(Uuid::from_u128(n))).chain([ada, cy]).collect();
    let of_many = sql.roster(conversation, &crowd).await.unwrap();
    assert_eq!(of_many, Roster { version, members: HashSet::from([ada]) });

    let versions = sql.versions(&[conversation, nowhere()]).await.unwrap();
    assert_eq!(versions, HashMap::from([(conversation, Versions { members: version, ..Versions::default() })]));
}

async fn a_person_who_comes_into_a_conversation_has_the_next_version(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    assert_eq!(memberships_versions(&sql, &[ada, bob, cy]).await, [0, 0, 0]);
    open(&sql, ada, bob).await;
    assert_eq!(memberships_versions(&sql, &[ada, bob, cy]).await, [1, 1, 0]);
    open(&sql, cy, ada).await;
    open(&sql, bob, ada).await;
    assert_eq!(memberships_versions(&sql, &[ada, bob, cy]).await, [2, 1, 1]);

    let nobody = UserId::from(Uuid::from_u128(7));
    let versions = sql.memberships_versions(&[cy, nobody]).await.unwrap();
    assert_eq!(versions, HashMap::from([(cy, MembershipsVersion(1))]));
    assert_eq!(sql.memberships_versions(&[]).await.unwrap(), HashMap::new());
}

async fn people_who_begin_conversations_with_each_other_at_once_all_come_through(sql: TestSql) {
    let users: [UserId; 6] = people(&sql).await;
    let again = sql.open_again().await;
    let pairs =
        users.iter().flat_map(|one| users.iter().filter(move |other| *other != one).map(move |other| (*one, *other)));
    let openings = pairs.enumerate().map(|(n, (one, other))| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        async move { node.open_direct(&new_direct(one, other)).await.unwrap() }
    });
    let opened = openings.collect::<JoinSet<_>>().join_all().await;
    assert_eq!(opened.iter().filter(|one| one.is_new).count(), 15);
    assert_eq!(memberships_versions(&sql, &users).await, [5; 6]);
}
