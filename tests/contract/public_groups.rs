//! [`Groups`]: the list of those that anybody may find.

use super::conversations::people;
use super::groups::{face, group, make, new_group};
use super::marks::{advance, marks, moved};
use crate::support::make::at;
use crate::support::stores::TestSql;
use natterjack::domain::conversation::{ActivityPlace, MarksMove, Member, Role};
use natterjack::domain::group::Visibility;
use natterjack::domain::ids::{ConversationId, UserId};
use natterjack::domain::message::{MembershipVersion, Revision};
use natterjack::domain::page::{Take, Window};
use natterjack::store::groups::{Change, GroupFilter, NewGroup};
use natterjack::store::outbox::DebtPlace;
use natterjack::store::sql::Sql;
use natterjack::store::{Groups as _, Outbox as _};

crate::on_each_sql! {
    public_groups_are_paged_by_activity_both_ways
    public_groups_are_found_by_name
    activity_is_that_of_what_is_sent
}

async fn public_group(sql: &Sql, owner: UserId, name: &str, millis: i64) -> ConversationId {
    let face = face(name, Visibility::Public);
    sql.create(&NewGroup { face, created_at: at(millis), ..new_group(&[owner], &[]) }).await.unwrap().id
}

const ALL: Window<ActivityPlace> = Window { after: None, before: None, take: Take::First(100) };

async fn listed(sql: &Sql, matching: &str, window: &Window<ActivityPlace>) -> Vec<(i64, ConversationId)> {
    let filter = GroupFilter { matching: matching.to_owned() };
    let page = sql.public_page(&filter, window).await.unwrap();
    let placed = page.items.into_iter().map(|(place, group)| {
        assert_eq!(place.conversation, group.id);
        (place.active_at.unix_millis() - at(0).unix_millis(), group.id)
    });
    placed.collect()
}

async fn public_groups_are_paged_by_activity_both_ways(sql: TestSql) {
    let [ada] = people(&sql).await;
    group(&sql, &[ada], &[]).await;
    let mut groups = Vec::new();
    // 1000 ms is a whole second, which SQLite writes shorter than 1001 ms.
    for millis in [1_000, 1_001, 999, 1_001, 5] {
        groups.push((millis, public_group(&sql, ada, "Pond", millis).await));
    }
    groups.sort();
    groups.reverse();
    assert_eq!(listed(&sql, "", &ALL).await, groups);

    let place = |n: usize| ActivityPlace { active_at: at(groups[n].0), conversation: groups[n].1 };
    let page = async |take, after: Option<usize>, before: Option<usize>| {
        let window = Window { after: after.map(place), before: before.map(place), take };
        let filter = GroupFilter { matching: String::new() };
        let page = sql.public_page(&filter, &window).await.unwrap();
        let at = |id| groups.iter().position(|(_, group)| *group == id).unwrap();
        let places: Vec<usize> = page.items.iter().map(|(_, group)| at(group.id)).collect();
        (places, page.has_previous, page.has_next)
    };
    assert_eq!(page(Take::First(2), None, None).await, (vec![0, 1], false, true));
    assert_eq!(page(Take::First(2), Some(0), None).await, (vec![1, 2], true, true));
    assert_eq!(page(Take::Last(2), None, None).await, (vec![3, 4], true, false));
    assert_eq!(page(Take::Last(2), None, Some(3)).await, (vec![1, 2], true, true));
    assert_eq!(page(Take::First(9), Some(0), Some(3)).await, (vec![1, 2], true, false));
}

async fn public_groups_are_found_by_name(sql: TestSql) {
    let [ada] = people(&sql).await;
    let pond = public_group(&sql, ada, "Étang 100%", 1).await;
    let toads = public_group(&sql, ada, "Toads_only", 2).await;
    for (matching, expected) in
        [("tang", vec![pond]), ("o", vec![toads]), ("%", vec![pond]), ("s_o", vec![toads]), ("t", vec![toads, pond])]
    {
        let found: Vec<_> = listed(&sql, matching, &ALL).await.into_iter().map(|(_, id)| id).collect();
        assert_eq!(found, expected, "{matching}");
    }
    assert_eq!(listed(&sql, "'; --", &ALL).await, []);
    make(&sql, pond, Change { face: Some(face("Étang", Visibility::Private)), ..Change::default() }).await;
    assert_eq!(listed(&sql, "tang", &ALL).await, []);
}

async fn activity_is_that_of_what_is_sent(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let one = public_group(&sql, ada, "One", 1_000).await;
    let two = public_group(&sql, ada, "Two", 2_000).await;
    sql.put(vec![Member::joined(one, bob, Role::Member, at(0), Revision::ZERO)]).await;
    let sent = |to, millis| MarksMove { is_sent: true, ..moved(one, ada, marks(to, to), millis) };

    advance(&sql, &[moved(one, bob, marks(1, 1), 7_000)]).await;
    assert_eq!(listed(&sql, "", &ALL).await, [(2_000, two), (1_000, one)]);
    advance(&sql, &[sent(1, 3_000), moved(two, ada, marks(1, 1), 9_000)]).await;
    assert_eq!(listed(&sql, "", &ALL).await, [(3_000, one), (2_000, two)]);
    // What was sent earlier and comes later takes nothing back.
    advance(&sql, &[sent(2, 2_500)]).await;
    assert_eq!(listed(&sql, "", &ALL).await, [(3_000, one), (2_000, two)]);
    let paid = DebtPlace { version: MembershipVersion(1), number: 0 };
    sql.settle(two, paid, at(4_000)).await.unwrap();
    sql.settle(one, paid, at(1)).await.unwrap();
    assert_eq!(listed(&sql, "", &ALL).await, [(4_000, two), (3_000, one)]);
}
