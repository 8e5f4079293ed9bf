//! [`Conversations`]: marks that only rise, and what follows from them for messages.

use super::conversations::{membership, nowhere, open, people};
use super::groups::group;
use crate::support::make::at;
use crate::support::stores::TestSql;
use natterjack::domain::conversation::{Marks, MarksMove, MarksVersion, Member, Role};
use natterjack::domain::ids::{ConversationId, UserId};
use natterjack::domain::message::Revision;
use natterjack::store::Conversations as _;
use natterjack::store::conversations::ReadersOf;
use natterjack::store::sql::Sql;
use std::collections::HashMap;
use tokio::task::JoinSet;
use uuid::Uuid;

crate::on_each_sql! {
    marks_move_forward_and_never_back
    a_read_mark_takes_the_delivered_mark_with_it
    the_time_of_reading_is_that_of_the_last_step
    several_moves_of_one_member_come_to_the_highest
    one_who_is_no_member_has_no_marks
    marks_moved_from_both_sides_at_once_end_at_the_highest
    a_floor_is_the_least_of_the_others_marks
    readers_come_in_the_order_in_which_they_read
    readers_are_counted_without_the_author
    more_than_one_statement_takes_is_answered
    the_invited_have_no_marks_and_hold_nobody_back
    nobody_has_read_what_stood_before_they_came
}

fn mark(number: i64) -> Revision {
    Revision::new(number).unwrap()
}

pub(crate) fn marks(delivered: i64, read: i64) -> Marks {
    Marks { delivered_seq: mark(delivered), read_seq: mark(read) }
}

pub(crate) fn moved(conversation: ConversationId, user: UserId, to: Marks, millis: i64) -> MarksMove {
    MarksMove { conversation, user, marks: to, at: at(millis), is_sent: false }
}

/// The members whose marks have moved.
pub(crate) async fn advance(sql: &Sql, moves: &[MarksMove]) -> Vec<Member> {
    sql.advance_marks(moves).await.unwrap().into_iter().flat_map(|advanced| advanced.members).collect()
}

async fn marks_move_forward_and_never_back(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let conversation = open(&sql, ada, bob).await;
    let changed = advance(&sql, &[moved(conversation, ada, marks(5, 3), 10)]).await;
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].user, changed[0].marks, changed[0].read_at), (ada, marks(5, 3), Some(at(10))));
    assert_eq!(membership(&sql, conversation, ada).await, changed.first().cloned());

    for to in [marks(5, 3), marks(4, 2), marks(0, 0)] {
        assert_eq!(sql.advance_marks(&[moved(conversation, ada, to, 20)]).await.unwrap(), []);
    }
    let one_forward = advance(&sql, &[moved(conversation, ada, marks(9, 1), 20)]).await;
    assert_eq!((one_forward[0].marks, one_forward[0].read_at), (marks(9, 3), Some(at(10))));
    assert_eq!(membership(&sql, conversation, ada).await, one_forward.first().cloned());
    assert_eq!(membership(&sql, conversation, bob).await.unwrap().marks, marks(0, 0));
    assert_eq!(sql.advance_marks(&[]).await.unwrap(), []);
}

async fn a_read_mark_takes_the_delivered_mark_with_it(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let conversation = open(&sql, ada, bob).await;
    let changed = advance(&sql, &[moved(conversation, ada, marks(0, 7), 10)]).await;
    assert_eq!(changed[0].marks, marks(7, 7));
    assert_eq!(membership(&sql, conversation, ada).await.unwrap().marks, marks(7, 7));
}

async fn the_time_of_reading_is_that_of_the_last_step(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let conversation = open(&sql, ada, bob).await;
    for (to, millis, read_at) in
        [(marks(2, 0), 1, None), (marks(2, 1), 2, Some(2)), (marks(3, 1), 3, Some(2)), (marks(3, 3), 4, Some(4))]
    {
        let changed = advance(&sql, &[moved(conversation, ada, to, millis)]).await;
        assert_eq!(changed[0].read_at, read_at.map(at));
        assert_eq!(membership(&sql, conversation, ada).await.unwrap().read_at, read_at.map(at));
    }
}

async fn several_moves_of_one_member_come_to_the_highest(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let conversation = open(&sql, ada, bob).await;
    let moves = [
        moved(conversation, ada, marks(4, 4), 1),
        moved(conversation, bob, marks(2, 0), 2),
        moved(conversation, ada, marks(9, 2), 3),
    ];
    let mut changed = advance(&sql, &moves).await;
    changed.sort_by_key(|member| member.user != ada);
    assert_eq!(changed.iter().map(|member| member.marks).collect::<Vec<_>>(), [marks(9, 4), marks(2, 0)]);
    assert_eq!(changed[0].read_at, Some(at(1)));
}

async fn one_who_is_no_member_has_no_marks(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let conversation = open(&sql, ada, bob).await;
    let moves = [
        moved(conversation, cy, marks(1, 1), 1),
        moved(nowhere(), ada, marks(1, 1), 1),
        moved(conversation, ada, marks(1, 1), 1),
    ];
    let changed = advance(&sql, &moves).await;
    assert_eq!(changed.iter().map(|member| member.user).collect::<Vec<_>>(), [ada]);
    assert_eq!(membership(&sql, conversation, cy).await, None);
}

async fn marks_moved_from_both_sides_at_once_end_at_the_highest(sql: TestSql) {
    let users: [UserId; 3] = people(&sql).await;
    let conversation = open(&sql, users[0], users[1]).await;
    sql.add_members(conversation, &users[2..]).await;
    let again = sql.open_again().await;
    let nodes = (1..=40_i64).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        // In turning orders, so that careless locking would tie itself up.
        let mut of = users;
        of.rotate_left(usize::try_from(n).unwrap() % 3);
        let moves = of.map(|user| moved(conversation, user, marks(n, n / 2), n));
        async move { node.advance_marks(&moves).await.unwrap() }
    });
    nodes.collect::<JoinSet<_>>().join_all().await;
    for user in users {
        assert_eq!(membership(&sql, conversation, user).await.unwrap().marks, marks(40, 20));
    }
}

async fn a_floor_is_the_least_of_the_others_marks(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let three = open(&sql, ada, bob).await;
    sql.add_members(three, &[cy]).await;
    let two = open(&sql, ada, cy).await;
    let moves = [
        moved(three, ada, marks(9, 9), 1),
        moved(three, bob, marks(8, 2), 1),
        moved(three, cy, marks(6, 5), 1),
        moved(two, cy, marks(3, 1), 1),
    ];
    sql.advance_marks(&moves).await.unwrap();
    let asked = [(three, ada), (three, bob), (two, ada), (two, cy), (two, bob), (nowhere(), ada)];
    let floors = sql.mark_floors(&asked).await.unwrap();
    let expected = HashMap::from([
        ((three, ada), marks(6, 2)),
        ((three, bob), marks(6, 5)),
        ((two, ada), marks(3, 1)),
        ((two, cy), marks(0, 0)),
        // One who is not in it has everybody for others.
        ((two, bob), marks(0, 0)),
    ]);
    assert_eq!(floors, expected);
    assert_eq!(sql.mark_floors(&[]).await.unwrap(), HashMap::new());
}

async fn readers_come_in_the_order_in_which_they_read(sql: TestSql) {
    let mut users: [UserId; 5] = people(&sql).await;
    users.sort();
    let conversation = open(&sql, users[0], users[1]).await;
    sql.add_members(conversation, &users[2..]).await;
    for (user, read, millis) in [(4, 9, 1_000), (2, 7, 1_001), (3, 7, 1_001), (1, 6, 5), (0, 9, 1)] {
        sql.advance_marks(&[moved(conversation, users[user], marks(0, read), millis)]).await.unwrap();
    }
    let of = ReadersOf { conversation, author: users[0], seq: mark(7) };
    let readers = async |limit| {
        let readers = sql.readers(of, limit).await.unwrap();
        readers.iter().map(|member| users.iter().position(|user| *user == member.user).unwrap()).collect::<Vec<_>>()
    };
    // 1000 ms is a whole second, which SQLite writes shorter than 1001 ms.
    assert_eq!(readers(10).await, [4, 2, 3]);
    assert_eq!(readers(2).await, [4, 2]);
    assert_eq!(readers(0).await, Vec::<usize>::new());
}

async fn readers_are_counted_without_the_author(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let three = open(&sql, ada, bob).await;
    sql.add_members(three, &[cy]).await;
    let moves =
        [moved(three, ada, marks(9, 9), 1), moved(three, bob, marks(8, 2), 1), moved(three, cy, marks(6, 5), 1)];
    sql.advance_marks(&moves).await.unwrap();
    let of = |author, seq| ReadersOf { conversation: three, author, seq: mark(seq) };
    let expected =
        HashMap::from([(of(ada, 2), 2), (of(ada, 3), 1), (of(ada, 6), 0), (of(bob, 3), 2), (of(UserId::SYSTEM, 2), 3)]);
    let asked: Vec<ReadersOf> = expected.keys().copied().collect();
    assert_eq!(sql.reader_counts(&asked).await.unwrap(), expected);
}

async fn the_invited_have_no_marks_and_hold_nobody_back(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let group = group(&sql, &[ada, bob], &[cy]).await.id;
    let moves = [ada, bob, cy].map(|user| moved(group, user, marks(5, 5), 1));
    let mut users: Vec<UserId> = advance(&sql, &moves).await.iter().map(|member| member.user).collect();
    users.sort();
    assert_eq!(users, [ada, bob]);
    assert_eq!(membership(&sql, group, cy).await.unwrap().marks, marks(0, 0));
    assert_eq!(sql.mark_floors(&[(group, ada)]).await.unwrap()[&(group, ada)], marks(5, 5));

    // Also with marks of an earlier stay.
    sql.put(vec![Member { marks: marks(9, 9), ..Member::invited(group, cy, ada) }]).await;
    let of = ReadersOf { conversation: group, author: ada, seq: mark(3) };
    let readers = sql.readers(of, 9).await.unwrap();
    assert_eq!(readers.iter().map(|member| member.user).collect::<Vec<_>>(), [bob]);
    assert_eq!(sql.reader_counts(&[of]).await.unwrap()[&of], 1);
    assert_eq!(sql.marks_since(group, MarksVersion(0)).await.unwrap().members.len(), 2);

    let alone = self::group(&sql, &[ada], &[bob]).await.id;
    assert_eq!(sql.mark_floors(&[(alone, ada)]).await.unwrap(), HashMap::new());
}

async fn nobody_has_read_what_stood_before_they_came(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let group = group(&sql, &[ada, bob], &[]).await.id;
    advance(&sql, &[moved(group, bob, marks(9, 9), 1)]).await;
    sql.put(vec![Member::joined(group, cy, Role::Member, at(2), mark(6))]).await;
    advance(&sql, &[moved(group, cy, marks(8, 8), 3)]).await;
    for (seq, expected) in [(6, vec![bob]), (7, vec![bob, cy]), (9, vec![bob])] {
        let of = ReadersOf { conversation: group, author: ada, seq: mark(seq) };
        let readers = sql.readers(of, 9).await.unwrap();
        assert_eq!(readers.iter().map(|member| member.user).collect::<Vec<_>>(), expected, "{seq}");
        assert_eq!(sql.reader_counts(&[of]).await.unwrap()[&of] as usize, expected.len(), "{seq}");
    }
    assert_eq!(sql.mark_floors(&[(group, ada)]).await.unwrap()[&(group, ada)], marks(8, 8));
}

async fn more_than_one_statement_takes_is_answered(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let conversation = open(&sql, ada, bob).await;
    sql.advance_marks(&[moved(conversation, bob, marks(2_000, 1_500), 1)]).await.unwrap();

    let strangers = (0..2_500).map(|n| UserId::from(Uuid::from_u128(n)));
    let pairs: Vec<_> = strangers.chain([ada]).map(|user| (conversation, user)).collect();
    assert_eq!(sql.memberships(&pairs).await.unwrap().len(), 1);
    assert_eq!(sql.mark_floors(&pairs).await.unwrap().len(), pairs.len());

    let of = |seq| ReadersOf { conversation, author: ada, seq: mark(seq) };
    let counts = sql.reader_counts(&(1..=2_500).map(of).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(counts.len(), 2_500);
    assert_eq!((counts[&of(1_500)], counts[&of(1_501)]), (1, 0));

    let moves: Vec<_> = (0..2_500)
        .map(|n| moved(ConversationId::from(Uuid::from_u128(n)), ada, marks(1, 1), 1))
        .chain([moved(conversation, ada, marks(1, 1), 1)])
        .collect();
    assert_eq!(advance(&sql, &moves).await.len(), 1);
}
