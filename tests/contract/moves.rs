//! [`Conversations`]: the versions of moves of marks, by which those that were missed are found.

use super::conversations::{nowhere, open, people};
use super::marks::{advance, marks, moved};
use crate::support::stores::TestSql;
use natterjack::domain::conversation::{MarksMove, MarksVersion};
use natterjack::domain::ids::{ConversationId, UserId};
use natterjack::domain::message::MembershipVersion;
use natterjack::store::Conversations as _;
use natterjack::store::conversations::{MarksSince, Versions};
use natterjack::store::sql::Sql;
use std::collections::HashMap;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

crate::on_each_sql! {
    each_move_of_a_conversation_has_the_next_version
    what_moves_nothing_takes_no_version
    marks_are_found_by_the_version_after_which_they_moved
    versions_of_moves_made_at_once_are_dense_and_none_is_lost
    nodes_that_move_marks_in_many_conversations_all_come_through
}

/// The moves' versions, by conversation.
async fn numbers(sql: &Sql, moves: &[MarksMove]) -> Vec<(ConversationId, i64)> {
    let advanced = sql.advance_marks(moves).await.unwrap();
    advanced.iter().map(|advanced| (advanced.conversation, advanced.version.0)).collect()
}

async fn since(sql: &Sql, conversation: ConversationId, after: i64) -> MarksSince {
    let mut since = sql.marks_since(conversation, MarksVersion(after)).await.unwrap();
    since.members.sort_by_key(|member| member.user);
    since
}

async fn each_move_of_a_conversation_has_the_next_version(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let (with_bob, with_cy) = (open(&sql, ada, bob).await, open(&sql, ada, cy).await);
    let of_both = [moved(with_bob, ada, marks(1, 0), 1), moved(with_bob, bob, marks(1, 1), 1)];
    assert_eq!(numbers(&sql, &of_both).await, [(with_bob, 1)]);
    assert_eq!(numbers(&sql, &[moved(with_bob, ada, marks(2, 0), 2)]).await, [(with_bob, 2)]);

    let in_both = [moved(with_cy, cy, marks(3, 0), 3), moved(with_bob, bob, marks(3, 0), 3)];
    let mut expected = [(with_bob, 3), (with_cy, 1)];
    expected.sort();
    assert_eq!(numbers(&sql, &in_both).await, expected);
    let versions = sql.versions(&[with_bob, with_cy, nowhere()]).await.unwrap();
    let members = MembershipVersion(1);
    let expected = expected.map(|(id, marks)| (id, Versions { members, marks: MarksVersion(marks) }));
    assert_eq!(versions, HashMap::from(expected));
}

async fn what_moves_nothing_takes_no_version(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let (moving, still) = (open(&sql, ada, bob).await, open(&sql, ada, cy).await);
    for conversation in [moving, still] {
        assert_eq!(numbers(&sql, &[moved(conversation, ada, marks(5, 5), 1)]).await, [(conversation, 1)]);
    }
    let moves =
        [moved(still, ada, marks(4, 4), 2), moved(still, bob, marks(9, 9), 2), moved(moving, ada, marks(6, 0), 2)];
    assert_eq!(numbers(&sql, &moves).await, [(moving, 2)]);
    assert_eq!(numbers(&sql, &moves).await, []);
    assert_eq!(sql.versions(&[still]).await.unwrap()[&still].marks, MarksVersion(1));
    assert_eq!(since(&sql, still, 1).await, MarksSince { version: MarksVersion(1), members: vec![] });
}

async fn marks_are_found_by_the_version_after_which_they_moved(sql: TestSql) {
    let mut users: [UserId; 3] = people(&sql).await;
    users.sort();
    let [ada, bob, cy] = users;
    let conversation = open(&sql, ada, bob).await;
    sql.add_members(conversation, &[cy]).await;
    open(&sql, ada, cy).await;
    assert_eq!(since(&sql, conversation, 0).await, MarksSince::default());

    advance(&sql, &[moved(conversation, ada, marks(3, 1), 1), moved(conversation, cy, marks(1, 0), 1)]).await;
    advance(&sql, &[moved(conversation, bob, marks(3, 3), 2)]).await;
    advance(&sql, &[moved(conversation, ada, marks(4, 1), 3)]).await;
    for (after, expected) in [(0, vec![ada, bob, cy]), (1, vec![ada, bob]), (2, vec![ada]), (3, vec![]), (9, vec![])] {
        let since = since(&sql, conversation, after).await;
        assert_eq!(since.version, MarksVersion(3), "after {after}");
        assert_eq!(since.members.iter().map(|member| member.user).collect::<Vec<_>>(), expected, "after {after}");
    }
    let all = since(&sql, conversation, 0).await.members;
    assert_eq!(all.iter().map(|member| member.marks).collect::<Vec<_>>(), [marks(4, 1), marks(3, 3), marks(1, 0)]);
    assert_eq!(since(&sql, nowhere(), 0).await, MarksSince::default());
}

async fn versions_of_moves_made_at_once_are_dense_and_none_is_lost(sql: TestSql) {
    let users: [UserId; 4] = people(&sql).await;
    let conversation = open(&sql, users[0], users[1]).await;
    sql.add_members(conversation, &users[2..]).await;
    let again = sql.open_again().await;
    let (done, mut end) = oneshot::channel();
    // One who reads on from version to version sees every member's last move, however the moves fall.
    let reading = async {
        let (mut seen, mut known) = (HashMap::new(), 0);
        loop {
            let is_last = end.try_recv().is_ok();
            let news = since(&again, conversation, known).await;
            assert!(news.version.0 >= known, "{news:?} after {known}");
            known = news.version.0;
            seen.extend(news.members.into_iter().map(|member| (member.user, member.marks)));
            if is_last {
                return seen;
            }
        }
    };
    let moving = async {
        let moves = (0..80_usize).map(|n| {
            let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
            let to = i64::try_from(1 + n / 4).unwrap();
            let one = moved(conversation, users[n % 4], marks(to, to), to);
            async move { numbers(&node, &[one]).await }
        });
        let mut taken = moves.collect::<JoinSet<_>>().join_all().await.concat();
        taken.sort();
        done.send(()).unwrap();
        taken
    };
    let (seen, taken) = tokio::join!(reading, moving);

    let count = i64::try_from(taken.len()).unwrap();
    assert_eq!(taken, (1..=count).map(|version| (conversation, version)).collect::<Vec<_>>());
    assert!(count >= 4, "each of the four has moved once at least");
    assert_eq!(seen, users.map(|user| (user, marks(20, 20))).into());
    assert_eq!(since(&sql, conversation, 0).await.version, MarksVersion(count));
}

async fn nodes_that_move_marks_in_many_conversations_all_come_through(sql: TestSql) {
    let users: [UserId; 6] = people(&sql).await;
    let mut conversations = Vec::new();
    for other in &users[1..] {
        conversations.push(open(&sql, users[0], *other).await);
    }
    let again = sql.open_again().await;
    let batches = (0..40_usize).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        let to = i64::try_from(1 + n).unwrap();
        // No two batches of neighbours move the same member: only the conversations are contended for.
        let mut moves: Vec<_> = conversations
            .iter()
            .zip(&users[1..])
            .map(|(id, other)| moved(*id, if n % 2 == 0 { users[0] } else { *other }, marks(to, 0), to))
            .collect();
        moves.rotate_left(n % 5);
        async move { numbers(&node, &moves).await }
    });
    let taken = batches.collect::<JoinSet<_>>().join_all().await.concat();
    for id in conversations {
        let mut of_one: Vec<i64> = taken.iter().filter(|(of, _)| *of == id).map(|(_, version)| *version).collect();
        of_one.sort_unstable();
        assert_eq!(of_one, (1..=i64::try_from(of_one.len()).unwrap()).collect::<Vec<_>>());
        assert_eq!(since(&sql, id, 0).await.version.0, *of_one.last().unwrap());
    }
}
