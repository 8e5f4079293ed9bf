//! [`Outbox`]: what is owed to a log comes in the order of the changes, until it is paid.

use super::conversations::{nowhere, people};
use super::groups::{ask, new_group};
use crate::support::make::at;
use crate::support::stores::TestSql;
use natterjack::domain::conversation::{Member, Role};
use natterjack::domain::ids::{ConversationId, MessageId, UserId};
use natterjack::domain::message::MembershipVersion;
use natterjack::domain::notice::{Notice, NoticeKind};

use natterjack::store::groups::{Change, NewGroup, Scene, Verdict};
use natterjack::store::outbox::{Debt, DebtPlace, Owed};
use natterjack::store::sql::Sql;
use natterjack::store::{Groups as _, Outbox as _};

crate::on_each_sql! {
    debts_come_in_the_order_of_the_changes
    what_is_paid_is_owed_no_more
    those_come_first_to_whom_it_is_owed_longest
    a_notice_is_kept_as_it_is
}

fn place(version: i64, number: u32) -> DebtPlace {
    DebtPlace { version: MembershipVersion(version), number }
}

async fn group(sql: &Sql, owner: UserId, millis: i64) -> ConversationId {
    let new = NewGroup { created_at: at(millis), ..new_group(&[owner], &[]) };
    sql.create(&new).await.unwrap().id
}

/// A change that somebody's role tells from what stands.
async fn owe(sql: &Sql, conversation: ConversationId, owner: UserId, (millis, notices): (i64, &[Notice])) {
    let decide = |scene: &Scene| {
        let stands = &scene.people[&owner];
        let member = Member { is_muted: !stands.is_muted, ..stands.clone() };
        Ok(Verdict::Change(Change { put: vec![member], notices: notices.to_vec(), ..Change::default() }))
    };
    sql.change(&ask(conversation, &[owner]), at(millis), &decide).await.unwrap().unwrap();
}

async fn places(sql: &Sql, conversation: ConversationId, limit: u32) -> Vec<DebtPlace> {
    sql.debts(conversation, limit).await.unwrap().into_iter().map(|debt| debt.place).collect()
}

async fn debts_come_in_the_order_of_the_changes(sql: TestSql) {
    let [ada] = people(&sql).await;
    let id = group(&sql, ada, 1).await;
    let notice = |n: usize| Notice::by(ada, NoticeKind::ConversationChanged).with_name(n.to_string());
    // More than ten, which as texts would come in another order, and a change that owes nothing.
    let many: Vec<Notice> = (0..12).map(notice).collect();
    owe(&sql, id, ada, (5, &many)).await;
    owe(&sql, id, ada, (6, &[])).await;
    owe(&sql, id, ada, (7, &many[..1])).await;
    let expected: Vec<DebtPlace> =
        [place(1, 0)].into_iter().chain((0..12).map(|n| place(2, n))).chain([place(4, 0)]).collect();
    assert_eq!(places(&sql, id, 100).await, expected);
    assert_eq!(places(&sql, id, 3).await, expected[..3]);
    assert_eq!(places(&sql, nowhere(), 3).await, []);
    let fourth = Debt { conversation: id, place: place(2, 2), at: at(5), owed: Owed::Notice(many[2].clone()) };
    assert_eq!(sql.debts(id, 100).await.unwrap()[3], fourth);
}

async fn what_is_paid_is_owed_no_more(sql: TestSql) {
    let [ada] = people(&sql).await;
    let (id, other) = (group(&sql, ada, 1).await, group(&sql, ada, 1).await);
    let notice = Notice::by(ada, NoticeKind::ConversationChanged);
    for _ in 0..2 {
        owe(&sql, id, ada, (5, &[notice.clone(), notice.clone(), notice.clone()])).await;
    }
    // Not the first of a later change, though its number is lower.
    sql.settle(id, place(2, 1), at(6)).await.unwrap();
    let rest = [place(2, 2), place(3, 0), place(3, 1), place(3, 2)];
    assert_eq!(places(&sql, id, 100).await, rest);
    sql.settle(id, place(2, 1), at(6)).await.unwrap();
    assert_eq!(places(&sql, id, 100).await, rest);
    sql.settle(id, place(3, 2), at(6)).await.unwrap();
    assert_eq!(places(&sql, id, 100).await, []);
    assert_eq!(sql.owing(9).await.unwrap(), [other]);
    sql.settle(nowhere(), place(1, 0), at(6)).await.unwrap();
}

async fn those_come_first_to_whom_it_is_owed_longest(sql: TestSql) {
    let [ada] = people(&sql).await;
    assert_eq!(sql.owing(9).await.unwrap(), []);
    // 1000 ms is a whole second, which SQLite writes shorter than 1001 ms.
    let (second, third) = (group(&sql, ada, 1_000).await, group(&sql, ada, 1_001).await);
    let first = group(&sql, ada, 5).await;
    owe(&sql, third, ada, (1, &[])).await;
    owe(&sql, first, ada, (9_000, &[Notice::by(ada, NoticeKind::ConversationChanged)])).await;
    assert_eq!(sql.owing(9).await.unwrap(), [first, second, third]);
    assert_eq!(sql.owing(2).await.unwrap(), [first, second]);
    sql.settle(first, place(1, 0), at(9)).await.unwrap();
    assert_eq!(sql.owing(9).await.unwrap(), [second, third, first]);
}

async fn a_notice_is_kept_as_it_is(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let full = Notice {
        kind: NoticeKind::MessagePinned,
        actor: Some(ada),
        subject: Some(bob),
        role: Some(Role::Admin),
        name: Some("\"\0 é'".replace('\0', "\u{1F438}")),
        message: Some(MessageId::new(at(0))),
    };
    let empty =
        Notice { kind: NoticeKind::MemberLeft, actor: None, subject: None, role: None, name: None, message: None };
    let id = group(&sql, ada, 1).await;
    owe(&sql, id, ada, (2, &[full.clone(), empty.clone()])).await;
    let owed: Vec<Owed> = sql.debts(id, 9).await.unwrap().into_iter().skip(1).map(|debt| debt.owed).collect();
    assert_eq!(owed, [Owed::Notice(full), Owed::Notice(empty)]);
}
