//! Groups of the size that a server lets them have.

use super::groups::{ask, new_group};
use super::marks::{advance, marks, moved};
use crate::support::make::at;
use crate::support::stores::TestSql;
use natterjack::domain::conversation::{Member, MembershipState, Role};
use natterjack::domain::ids::UserId;
use natterjack::domain::message::Revision;
use natterjack::domain::notice::{Notice, NoticeKind};
use natterjack::store::conversations::{FirstMembers, ReadersOf};
use natterjack::store::groups::{Change, Changed, NewGroup, Scene, Verdict};
use natterjack::store::{Conversations as _, Groups as _, Outbox as _};
use std::time::Duration;
use tokio::time::Instant;

crate::on_each_sql! {
    ten_thousand_may_be_in_a_group
}

/// Far more than it takes, and far less than if each person took a statement.
const SOON: Duration = Duration::from_secs(8);

async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = work.await;
    let took = begun.elapsed();
    assert!(took < SOON, "{what} took {took:?}");
    done
}

async fn ten_thousand_may_be_in_a_group(sql: TestSql) {
    let crowd = sql.crowd(10_000).await;
    let (first, thousand) = crowd.split_at(9_000);
    let new = NewGroup { notices: Vec::new(), ..new_group(first, &[]) };
    let group = in_time("making it", sql.create(&new)).await.unwrap();
    assert_eq!(group.member_count, 9_000);
    let id = group.id;

    let add = |scene: &Scene| {
        assert_eq!((scene.people.len(), scene.departed.len()), (0, 0));
        let join = |user: &UserId| Member::joined(id, *user, Role::Member, at(1), Revision::ZERO);
        let tell = |user: &UserId| Notice::by(first[0], NoticeKind::MemberJoined).to(*user);
        let (put, notices) = (thousand.iter().map(join).collect(), thousand.iter().map(tell).collect());
        Ok(Verdict::Change(Change { put, notices, ..Change::default() }))
    };
    let asked = ask(id, thousand);
    let changed = in_time("adding a thousand", sql.change(&asked, at(1), &add)).await.unwrap().unwrap();
    let Changed::Stands(group, people) = changed else { panic!("it is gone") };
    assert_eq!((group.member_count, people.len()), (10_000, 1_000));
    let debts = sql.debts(id, 2_000).await.unwrap();
    assert!(debts.iter().map(|debt| debt.place.number).eq(0..1_000));

    let all = crowd[1..].iter().map(|user| moved(id, *user, marks(5, 3), 1)).collect::<Vec<_>>();
    assert_eq!(in_time("moving all marks", advance(&sql, &all)).await.len(), 9_999);
    let floors = crowd.iter().map(|user| (id, *user)).collect::<Vec<_>>();
    let floors = in_time("the floors of all", sql.mark_floors(&floors)).await.unwrap();
    assert_eq!((floors[&(id, crowd[0])], floors[&(id, crowd[1])]), (marks(5, 3), marks(0, 0)));
    let of = |seq| ReadersOf { conversation: id, author: crowd[1], seq: Revision::new(seq).unwrap() };
    let counts = in_time("counting readers", sql.reader_counts(&[of(3), of(4)])).await.unwrap();
    assert_eq!((counts[&of(3)], counts[&of(4)]), (9_998, 0));
    let few = FirstMembers { conversation: id, state: MembershipState::Joined, limit: 3 };
    assert_eq!(sql.first_members(&[few]).await.unwrap()[&few].len(), 3);
    assert_eq!(in_time("the roster", sql.roster(id, &crowd)).await.unwrap().members.len(), 10_000);

    let gone = in_time("deleting it", sql.change(&asked, at(2), &|_: &Scene| Ok(Verdict::Delete))).await.unwrap();
    let Some(Changed::Gone(_, people)) = gone else { panic!("it stands") };
    assert_eq!(people.len(), 10_000);
    let versions = sql.memberships_versions(&crowd).await.unwrap();
    assert!(crowd.iter().all(|user| versions[user].0 == 2));
}
