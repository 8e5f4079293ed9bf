//! [`Groups`]: changes from several nodes at once come one after the other, and none waits for one that waits for it.

use super::conversations::{memberships_versions, open, people};
use super::groups::{ask, group};
use super::marks::{marks, moved};
use crate::support::make::at;
use crate::support::stores::TestSql;
use natterjack::domain::conversation::{Member, MembershipState, Role};
use natterjack::domain::ids::{ConversationId, UserId};
use natterjack::domain::message::{MembershipVersion, Revision};
use natterjack::domain::notice::{Notice, NoticeKind};
use natterjack::domain::page::{Take, Window};
use natterjack::store::groups::{Ask, Change, Changed, Scene, Verdict};
use natterjack::store::outbox::{Debt, DebtPlace, Owed};
use natterjack::store::sql::Sql;
use natterjack::store::{Conversations as _, Groups as _, Outbox as _};
use tokio::task::JoinSet;

crate::on_each_sql! {
    changes_made_at_once_leave_a_group_whole
    groups_that_go_while_all_else_happens_are_gone
    marks_and_removals_at_once_come_through
    of_the_last_two_who_leave_at_once_one_takes_the_group_along
}

/// Who joins, where the person is not in it yet.
fn join(scene: &Scene, user: UserId) -> Change {
    if scene.people.contains_key(&user) {
        return Change::default();
    }
    let member = Member::joined(scene.conversation.id, user, Role::Member, at(1), Revision::ZERO);
    Change { put: vec![member], notices: vec![Notice::by(user, NoticeKind::MemberJoined)], ..Change::default() }
}

/// Who leaves hands over what they own; the last one takes the group along.
fn leave(scene: &Scene, user: UserId) -> Verdict {
    let mut change = Change { gone: vec![user], ..Change::default() };
    change.notices.push(Notice::by(user, NoticeKind::MemberLeft));
    match (scene.people.get(&user).map(|member| member.role), &scene.heir) {
        (Some(Role::Owner), Some(heir)) => change.put.push(Member { role: Role::Owner, ..heir.clone() }),
        (Some(Role::Owner), None) => return Verdict::Delete,
        _ => {}
    }
    Verdict::Change(change)
}

/// Who is a member is an admin afterwards, and the other way round.
fn turn_role(scene: &Scene, user: UserId) -> Change {
    let role = match scene.people.get(&user).map(|member| member.role) {
        Some(Role::Member) => Role::Admin,
        Some(Role::Admin) => Role::Member,
        _ => return Change::default(),
    };
    let put = vec![Member { role, ..scene.people[&user].clone() }];
    Change { put, notices: vec![Notice::by(user, NoticeKind::RoleChanged)], ..Change::default() }
}

/// The owner hands the group over to that person, where they are in it.
fn hand_over(scene: &Scene, user: UserId) -> Change {
    let owner = scene.people.values().find(|member| member.role == Role::Owner);
    let (Some(owner), Some(next)) = (owner, scene.people.get(&user)) else { return Change::default() };
    if owner == next {
        return Change::default();
    }
    let put = vec![Member { role: Role::Admin, ..owner.clone() }, Member { role: Role::Owner, ..next.clone() }];
    Change { put, notices: vec![Notice::by(user, NoticeKind::RoleChanged)], ..Change::default() }
}

/// The person does the `n`th of many things; in a group that may be gone.
async fn act(node: &Sql, id: ConversationId, people: &[UserId], n: usize) {
    // Not in step with what is done, so that everybody does everything.
    let user = people[(n + n / 7) % people.len()];
    let asked = Ask { heir_of: Some(user), ..ask(id, people) };
    let decide = move |scene: &Scene| {
        Ok(match n % 7 {
            0 | 1 => Verdict::Change(join(scene, user)),
            2 => leave(scene, user),
            3 => Verdict::Change(turn_role(scene, user)),
            _ => Verdict::Change(hand_over(scene, user)),
        })
    };
    match n % 7 {
        0..=4 => drop(node.change(&asked, at(9), &decide).await.unwrap()),
        5 => drop(node.set_muted(id, user, n.is_multiple_of(2)).await.unwrap()),
        _ => {
            // In turning orders, so that careless locking would tie itself up.
            let to = i64::try_from(n).unwrap();
            let mut moves: Vec<_> = people.iter().map(|user| moved(id, *user, marks(to, to / 2), to)).collect();
            moves.rotate_left(n % people.len());
            node.advance_marks(&moves).await.unwrap();
        }
    }
}

async fn members(sql: &Sql, id: ConversationId, state: MembershipState) -> Vec<Member> {
    let window = Window { after: None, before: None, take: Take::First(100) };
    sql.member_page(id, state, &window).await.unwrap().items
}

/// What is counted is what is there, and the debts are those of dense versions, in order.
async fn assert_whole(sql: &Sql, id: ConversationId) {
    let group = sql.find(&[id]).await.unwrap().pop().unwrap();
    let joined = members(sql, id, MembershipState::Joined).await;
    assert_eq!(group.member_count as usize, joined.len());
    assert_eq!(group.invited_count as usize, members(sql, id, MembershipState::Invited).await.len());
    assert!(!joined.is_empty(), "a group without members has gone");
    assert_eq!(joined.iter().filter(|member| member.role == Role::Owner).count(), 1, "{joined:?}");

    let debts = sql.debts(id, 10_000).await.unwrap();
    let versions: Vec<i64> = debts.iter().map(|debt| debt.place.version.0).collect();
    assert_eq!(versions, (1..=group.membership_version.0).collect::<Vec<_>>());
}

async fn changes_made_at_once_leave_a_group_whole(sql: TestSql) {
    let users: [UserId; 8] = people(&sql).await;
    let again = sql.open_again().await;
    // The last one stays, and so does the group.
    let [acting @ .., stays] = users;
    let id = group(&sql, &[acting[0], acting[1], acting[2], stays], &acting[5..6]).await.id;
    let acts = (0..10_usize).map(|task| {
        let node = if task % 2 == 0 { (*sql).clone() } else { again.clone() };
        async move {
            for step in 0..14 {
                act(&node, id, &acting, task * 3 + step * 8).await;
            }
        }
    });
    acts.collect::<JoinSet<_>>().join_all().await;
    assert_whole(&sql, id).await;
    assert!(sql.find(&[id]).await.unwrap()[0].membership_version > MembershipVersion(10), "much has happened");
}

async fn groups_that_go_while_all_else_happens_are_gone(sql: TestSql) {
    let users: [UserId; 6] = people(&sql).await;
    // The last one stays, and so do the groups that nobody deletes.
    let [acting @ .., stays] = users;
    let again = sql.open_again().await;
    let direct = open(&sql, users[0], users[1]).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(group(&sql, &[acting[0], acting[1], acting[2], stays], &acting[4..]).await.id);
    }
    let before = memberships_versions(&sql, &users).await;
    let acts = (0..10_usize).map(|task| {
        let node = if task % 2 == 0 { (*sql).clone() } else { again.clone() };
        let ids = ids.clone();
        async move {
            for step in 0..12 {
                let id = ids[(task + step) % ids.len()];
                act(&node, id, &acting, task * 3 + step * 8).await;
                // The marks of all conversations at once, in turning orders, as the writers of marks do it.
                let to = i64::try_from(step * 20 + task).unwrap();
                let all = ids.iter().chain([&direct]).flat_map(|id| users.map(|user| (*id, user)));
                let mut moves: Vec<_> = all.map(|(id, user)| moved(id, user, marks(to, 0), to)).collect();
                moves.rotate_left(task);
                node.advance_marks(&moves).await.unwrap();
                let paid = DebtPlace { version: MembershipVersion(1), number: 0 };
                node.settle(ids[0], paid, at(to)).await.unwrap();
                if task < 2 && step == 4 {
                    node.change(&ask(ids[task], &[]), at(9), &|_: &Scene| Ok(Verdict::Delete)).await.unwrap().unwrap();
                }
            }
        }
    });
    acts.collect::<JoinSet<_>>().join_all().await;
    for id in &ids[..2] {
        assert_eq!(sql.find(&[*id]).await.unwrap(), []);
        assert_eq!(sql.memberships(&users.map(|user| (*id, user))).await.unwrap(), []);
        let owed: Vec<Debt> = sql.debts(*id, 100).await.unwrap();
        assert!(matches!(owed.as_slice(), [Debt { owed: Owed::Erasure, .. }]), "{owed:?}");
    }
    for id in &ids[2..] {
        assert_whole(&sql, *id).await;
    }
    let after = memberships_versions(&sql, &users).await;
    assert!(after[5] >= before[5] + 2, "who stayed is out of two groups: {after:?}");
}

async fn marks_and_removals_at_once_come_through(sql: TestSql) {
    let users: [UserId; 3] = people(&sql).await;
    let again = sql.open_again().await;
    let [ada, bob, cy] = users;
    for round in 1..=20 {
        let id = group(&sql, &users, &[]).await.id;
        let moves = [moved(id, cy, marks(round, round), 1), moved(id, bob, marks(round, 0), 1)];
        let remove = |scene: &Scene| {
            // What is told cannot move until it is decided: it is put back as it was.
            let cys = scene.people[&cy].clone();
            Ok(Verdict::Change(Change {
                put: vec![Member { role: Role::Admin, ..cys }],
                gone: vec![bob],
                ..Change::default()
            }))
        };
        let removal = ask(id, &[bob, cy]);
        let (advanced, removed) = tokio::join!(again.advance_marks(&moves), sql.change(&removal, at(2), &remove));
        let who: Vec<UserId> = advanced.unwrap()[0].members.iter().map(|member| member.user).collect();
        assert!(matches!(removed.unwrap(), Some(Changed::Stands(..))));
        assert!(who.contains(&cy));
        let left = members(&sql, id, MembershipState::Joined).await;
        let mut expected = vec![(ada, marks(0, 0)), (cy, marks(round, round))];
        expected.sort_by_key(|(user, _)| *user);
        assert_eq!(left.iter().map(|member| (member.user, member.marks)).collect::<Vec<_>>(), expected);
    }
}

async fn of_the_last_two_who_leave_at_once_one_takes_the_group_along(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let again = sql.open_again().await;
    for _ in 0..10 {
        let id = group(&sql, &[ada, bob], &[]).await.id;
        let leaving = async |node: &Sql, user| {
            let asked = Ask { heir_of: Some(user), ..ask(id, &[user]) };
            let left = node.change(&asked, at(2), &|scene: &Scene| Ok(leave(scene, user))).await;
            matches!(left.unwrap(), Some(Changed::Gone(..)))
        };
        let (first, second) = tokio::join!(leaving(&sql, ada), leaving(&again, bob));
        assert!(first != second, "the last one, and nobody else");
        assert_eq!(sql.find(&[id]).await.unwrap(), []);
    }
}
