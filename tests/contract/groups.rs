//! [`Groups`]: a change is decided of what stands, and made whole or not at all.

use super::conversations::{membership, memberships_versions, nowhere, people};
use super::marks::{advance, marks, moved};
use crate::support::make::at;
use crate::support::stores::TestSql;
use natterjack::domain::conversation::{Between, Conversation, MarksVersion, Member, Role};
use natterjack::domain::group::{GroupFace, GroupName, Visibility};
use natterjack::domain::ids::{ConversationId, UserId};
use natterjack::domain::message::{MembershipVersion, Revision};
use natterjack::domain::notice::{Notice, NoticeKind};
use natterjack::error::{Code, Error};
use natterjack::store::groups::{Ask, Change, Changed, NewGroup, Scene, Verdict};
use natterjack::store::outbox::{DebtPlace, Owed};
use natterjack::store::sql::Sql;
use natterjack::store::{Conversations as _, Groups as _, Outbox as _};
use std::collections::BTreeSet;

crate::on_each_sql! {
    a_group_begins_with_its_members_and_what_it_owes
    a_change_is_made_whole
    what_stands_already_takes_no_version
    a_decision_that_fails_changes_nothing
    nothing_is_decided_of_a_conversation_that_is_not_there
    the_heir_is_the_longest_standing_admin_and_else_member
    who_has_gone_is_remembered_until_they_come_back
    a_group_that_goes_leaves_only_the_debt_of_its_erasure
    muting_is_ones_own_affair
    marks_that_a_change_sets_stand_beside_their_version
}

pub(crate) fn face(name: &str, visibility: Visibility) -> GroupFace {
    GroupFace { name: GroupName::parse(name).unwrap(), description: None, avatar_url: None, visibility }
}

pub(crate) fn new_group(joined: &[UserId], invited: &[UserId]) -> NewGroup {
    let id = ConversationId::new(at(0));
    let owner = joined[0];
    let join = |user: &UserId| {
        let role = if *user == owner { Role::Owner } else { Role::Member };
        Member::joined(id, *user, role, at(0), Revision::ZERO)
    };
    let members = joined.iter().map(join).chain(invited.iter().map(|user| Member::invited(id, *user, owner)));
    NewGroup {
        id,
        created_by: owner,
        created_at: at(0),
        face: face("Pond", Visibility::Private),
        members: members.collect(),
        notices: vec![Notice::by(owner, NoticeKind::ConversationCreated)],
    }
}

/// A group of these people, of whom the first is the owner, to which those are invited.
pub(crate) async fn group(sql: &Sql, joined: &[UserId], invited: &[UserId]) -> Conversation {
    sql.create(&new_group(joined, invited)).await.unwrap()
}

pub(crate) fn ask(conversation: ConversationId, people: &[UserId]) -> Ask {
    Ask { conversation, people: people.to_vec(), heir_of: None }
}

/// Makes the change, whatever stands.
pub(crate) async fn make(sql: &Sql, id: ConversationId, change: Change) -> (Conversation, Vec<UserId>) {
    let changed = sql.change(&ask(id, &[]), at(9), &|_: &Scene| Ok(Verdict::Change(change.clone()))).await;
    let Changed::Stands(conversation, people) = changed.unwrap().unwrap() else { panic!("it is gone") };
    (conversation, people)
}

/// What stands, as one who decides is told.
async fn scene(sql: &Sql, ask: &Ask) -> Scene {
    let told = std::sync::Mutex::new(None);
    let listen = |scene: &Scene| {
        *told.lock().unwrap() = Some(scene.clone());
        Ok(Verdict::Change(Change::default()))
    };
    sql.change(ask, at(9), &listen).await.unwrap().unwrap();
    told.into_inner().unwrap().unwrap()
}

async fn owed(sql: &Sql, id: ConversationId) -> Vec<(i64, u32, Owed)> {
    let debts = sql.debts(id, 100).await.unwrap();
    debts.into_iter().map(|debt| (debt.place.version.0, debt.place.number, debt.owed)).collect()
}

async fn a_group_begins_with_its_members_and_what_it_owes(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let invited = Notice::by(ada, NoticeKind::MemberInvited).to(cy);
    let mut new = new_group(&[ada, bob], &[cy]);
    new.face.description = Some("frogs\nand toads".to_owned());
    new.face.avatar_url = Some("https://example.org/frog.png".to_owned());
    new.notices.push(invited.clone());
    let made = sql.create(&new).await.unwrap();
    let expected = Conversation {
        id: new.id,
        between: Between::Group(new.face.clone()),
        created_by: ada,
        created_at: at(0),
        membership_version: MembershipVersion(1),
        member_count: 2,
        invited_count: 1,
    };
    assert_eq!(made, expected);
    assert_eq!(sql.find(&[new.id]).await.unwrap(), [made]);
    for member in &new.members {
        assert_eq!(membership(&sql, new.id, member.user).await.as_ref(), Some(member));
    }
    assert_eq!(memberships_versions(&sql, &[ada, bob, cy]).await, [1, 1, 1]);
    let notices = [new.notices[0].clone(), invited];
    assert_eq!(
        owed(&sql, new.id).await,
        [(1, 0, Owed::Notice(notices[0].clone())), (1, 1, Owed::Notice(notices[1].clone())),]
    );
}

async fn a_change_is_made_whole(sql: TestSql) {
    let [ada, bob, cy, dee, eve] = people(&sql).await;
    let id = group(&sql, &[ada, bob, eve], &[cy]).await.id;
    let joined = |user, role| Member::joined(id, user, role, at(5), Revision::new(4).unwrap());
    // One is invited and comes in, one is new, one is invited, one rises, one goes.
    let cy_joined = Member { invited_by: Some(ada), is_muted: true, ..joined(cy, Role::Member) };
    let rises = Member { role: Role::Admin, ..membership(&sql, id, bob).await.unwrap() };
    let notices = [NoticeKind::MemberJoined, NoticeKind::RoleChanged].map(|kind| Notice::by(ada, kind).to(bob));
    let change = Change {
        put: vec![cy_joined.clone(), rises.clone(), Member::invited(id, dee, ada)],
        gone: vec![eve, nowhere_person()],
        face: Some(face("Étang", Visibility::Public)),
        notices: notices.to_vec(),
    };
    let (conversation, changed) = make(&sql, id, change).await;
    assert_eq!(changed.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([bob, cy, dee, eve]));
    assert_eq!(conversation.membership_version, MembershipVersion(2));
    assert_eq!((conversation.member_count, conversation.invited_count), (3, 1));
    assert_eq!(conversation.face(), Some(&face("Étang", Visibility::Public)));
    assert_eq!(sql.find(&[id]).await.unwrap(), [conversation]);

    for member in [&cy_joined, &rises, &Member::invited(id, dee, ada)] {
        assert_eq!(membership(&sql, id, member.user).await.as_ref(), Some(member));
    }
    assert_eq!(membership(&sql, id, eve).await, None);
    assert_eq!(memberships_versions(&sql, &[ada, bob, cy, dee, eve]).await, [1, 2, 2, 1, 2]);
    let [joined, rose] = notices;
    assert_eq!(owed(&sql, id).await[1..], [(2, 0, Owed::Notice(joined)), (2, 1, Owed::Notice(rose))]);
}

fn nowhere_person() -> UserId {
    UserId::from(nowhere().uuid())
}

async fn what_stands_already_takes_no_version(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let before = group(&sql, &[ada, bob], &[]).await;
    let change = Change {
        put: vec![membership(&sql, before.id, bob).await.unwrap()],
        gone: vec![cy],
        face: before.face().cloned(),
        notices: vec![Notice::by(ada, NoticeKind::ConversationChanged)],
    };
    assert_eq!(make(&sql, before.id, change).await, (before.clone(), vec![]));
    assert_eq!(sql.find(&[before.id]).await.unwrap(), std::slice::from_ref(&before));
    assert_eq!(owed(&sql, before.id).await.len(), 1);
    assert_eq!(memberships_versions(&sql, &[ada, bob, cy]).await, [1, 1, 0]);
    assert_eq!(scene(&sql, &ask(before.id, &[cy])).await.departed, []);
}

async fn a_decision_that_fails_changes_nothing(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let before = group(&sql, &[ada, bob], &[]).await;
    let refuse = |scene: &Scene| {
        assert_eq!(scene.people[&bob].role, Role::Member);
        Err(Error::new(Code::Conflict, "not so"))
    };
    let refused = sql.change(&ask(before.id, &[bob]), at(9), &refuse).await.unwrap_err();
    assert_eq!((refused.code(), refused.to_string().as_str()), (Code::Conflict, "not so"));
    assert_eq!(sql.find(&[before.id]).await.unwrap(), std::slice::from_ref(&before));
    assert_eq!(owed(&sql, before.id).await.len(), 1);
    // Nobody is held: another comes in between.
    make(&sql, before.id, Change { gone: vec![bob], ..Change::default() }).await;
}

async fn nothing_is_decided_of_a_conversation_that_is_not_there(sql: TestSql) {
    let [ada] = people(&sql).await;
    let never = |_: &Scene| -> Result<Verdict, Error> { panic!("there is nothing to decide of") };
    assert!(sql.change(&ask(nowhere(), &[ada]), at(9), &never).await.unwrap().is_none());
    assert!(!sql.has_departed(nowhere(), ada).await.unwrap());
}

async fn the_heir_is_the_longest_standing_admin_and_else_member(sql: TestSql) {
    let mut users: [UserId; 6] = people(&sql).await;
    users.sort();
    let [owner, late, young, old, admin, invited] = users;
    let id = group(&sql, &[owner], &[invited]).await.id;
    let put = async |user, role, millis| {
        sql.put(vec![Member::joined(id, user, role, at(millis), Revision::ZERO)]).await;
    };
    let heir = async || {
        let asked = Ask { heir_of: Some(owner), ..ask(id, &[]) };
        scene(&sql, &asked).await.heir.map(|member| member.user)
    };
    assert_eq!(heir().await, None);
    put(late, Role::Member, 2_001).await;
    put(old, Role::Member, 2_000).await;
    put(young, Role::Member, 2_000).await;
    // Of two who came at once, the lower id.
    assert_eq!(heir().await, Some(young));
    put(admin, Role::Admin, 9_000).await;
    assert_eq!(heir().await, Some(admin));
    assert!(scene(&sql, &ask(id, &[])).await.heir.is_none());
}

async fn who_has_gone_is_remembered_until_they_come_back(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let id = group(&sql, &[ada, bob], &[]).await.id;
    let departed = async || {
        let told = scene(&sql, &ask(id, &[ada, bob, cy])).await.departed;
        assert_eq!(sql.has_departed(id, bob).await.unwrap(), told.contains(&bob));
        told
    };
    assert_eq!(departed().await, []);
    for _ in 0..2 {
        make(&sql, id, Change { gone: vec![bob], ..Change::default() }).await;
        assert_eq!(departed().await, [bob]);
        make(&sql, id, Change { put: vec![Member::invited(id, bob, ada)], ..Change::default() }).await;
        assert_eq!(departed().await, []);
    }
    assert!(!sql.has_departed(id, ada).await.unwrap());
}

async fn a_group_that_goes_leaves_only_the_debt_of_its_erasure(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let other = group(&sql, &[ada], &[]).await.id;
    let id = group(&sql, &[ada, bob], &[cy]).await.id;
    let gone = sql.change(&ask(id, &[ada]), at(9), &|_: &Scene| Ok(Verdict::Delete)).await.unwrap().unwrap();
    let Changed::Gone(conversation, mut people) = gone else { panic!("it stands") };
    people.sort();
    let mut all = vec![ada, bob, cy];
    all.sort();
    assert_eq!((conversation.id, conversation.membership_version, people), (id, MembershipVersion(2), all));

    assert_eq!(sql.find(&[id]).await.unwrap(), []);
    assert_eq!(sql.memberships(&[(id, ada), (id, bob), (id, cy)]).await.unwrap(), []);
    assert_eq!(owed(&sql, id).await, [(2, 0, Owed::Erasure)]);
    assert_eq!(sql.debts(id, 1).await.unwrap()[0].at, at(9));
    assert_eq!(memberships_versions(&sql, &[ada, bob, cy]).await, [3, 2, 2]);
    assert!(sql.has_departed(id, cy).await.unwrap());
    assert!(sql.change(&ask(id, &[ada]), at(9), &|_: &Scene| Ok(Verdict::Delete)).await.unwrap().is_none());
    sql.settle(id, DebtPlace { version: MembershipVersion(2), number: 0 }, at(10)).await.unwrap();
    assert_eq!(owed(&sql, id).await, []);
    assert_eq!(owed(&sql, other).await.len(), 1);
}

async fn muting_is_ones_own_affair(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let before = group(&sql, &[ada, bob], &[]).await;
    for (is_muted, is_changed) in [(true, true), (true, false), (false, true)] {
        assert_eq!(sql.set_muted(before.id, bob, is_muted).await.unwrap(), is_changed);
        assert_eq!(membership(&sql, before.id, bob).await.unwrap().is_muted, is_muted);
    }
    assert!(!membership(&sql, before.id, ada).await.unwrap().is_muted);
    assert_eq!(memberships_versions(&sql, &[ada, bob, cy]).await, [1, 3, 0]);
    assert!(!sql.set_muted(before.id, cy, true).await.unwrap());
    assert!(!sql.set_muted(nowhere(), ada, true).await.unwrap());
    assert_eq!(sql.find(&[before.id]).await.unwrap(), [before]);
}

async fn marks_that_a_change_sets_stand_beside_their_version(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let id = group(&sql, &[ada, bob], &[]).await.id;
    let version = async || sql.versions(&[id]).await.unwrap()[&id].marks.0;
    let moved_at = async |after| {
        let since = sql.marks_since(id, MarksVersion(after)).await.unwrap();
        since.members.iter().map(|member| member.user).collect::<Vec<_>>()
    };
    advance(&sql, &[moved(id, bob, marks(1, 1), 1)]).await;
    let bobs = membership(&sql, id, bob).await.unwrap();
    make(&sql, id, Change { put: vec![Member { role: Role::Admin, ..bobs.clone() }], ..Change::default() }).await;
    assert_eq!(version().await, 1);
    assert_eq!(membership(&sql, id, bob).await.unwrap(), Member { role: Role::Admin, ..bobs });
    // A change of the row keeps the version of its marks.
    assert_eq!((moved_at(0).await, moved_at(1).await), (vec![bob], vec![]));
}
