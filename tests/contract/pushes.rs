//! [`Pushes`]: each is somebody's to post until it is taken off, and nobody else's meanwhile.

use super::conversations::{open, people};
use crate::support::make::at;
use crate::support::messages::revision;
use crate::support::stores::TestSql;
use natterjack::domain::clock::Timestamp;
use natterjack::domain::ids::{MessageId, NotificationId};
use natterjack::domain::notification::{Cause, NewNotification, NotificationKind, PushPlan};
use natterjack::store::notifications::Step;
use natterjack::store::pushes::Push;
use natterjack::store::sql::Sql;
use natterjack::store::{Notifications as _, Pushes as _};
use std::collections::HashSet;
use tokio::task::JoinSet;

crate::on_each_sql! {
    a_push_is_taken_when_it_is_due_and_again_when_nobody_has_settled_it
    what_is_done_or_put_off_is_not_taken
    of_many_nodes_that_take_at_once_each_gets_its_own
    a_notification_that_has_gone_is_nothing_to_post
    what_is_not_to_be_posted_is_not
}

/// So many notifications of one person, to be posted at these times.
async fn made(sql: &TestSql, due: &[Option<i64>]) {
    let [ada, bob] = people(sql).await;
    let id = open(sql, ada, bob).await;
    let notification = |(number, due): (i64, &Option<i64>)| {
        let message = MessageId::new(at(number));
        NewNotification {
            user: bob,
            kind: NotificationKind::DirectMessage,
            cause: Cause::message(message),
            actor: Some(ada),
            conversation: Some(id),
            message: Some(message),
            seq: Some(revision(number)),
            text: None,
            at: at(number),
            push: due.map(|due| PushPlan { made_at: at(0), due_at: at(due) }),
        }
    };
    let made = (1..).zip(due).map(notification).collect();
    let step = Step { conversation: id, from: revision(0), to: revision(99), made, gone: Vec::new() };
    sql.project(&[step]).await.unwrap();
}

async fn take(sql: &Sql, now: Timestamp, limit: u32) -> Vec<Push> {
    sql.take(now, now.plus(std::time::Duration::from_millis(100)), limit).await.unwrap()
}

fn ids(pushes: &[Push]) -> Vec<NotificationId> {
    pushes.iter().map(|push| push.id).collect()
}

async fn a_push_is_taken_when_it_is_due_and_again_when_nobody_has_settled_it(sql: TestSql) {
    made(&sql, &[Some(30), Some(10), Some(20)]).await;
    assert_eq!(take(&sql, at(9), 9).await, []);
    let first = take(&sql, at(20), 9).await;
    let created: Vec<_> = first.iter().map(|push| push.notification.as_ref().unwrap().created_at).collect();
    assert_eq!(created, [at(2), at(3)], "those first that are due longest");
    assert!(first.iter().all(|push| (push.attempts, push.made_at) == (1, at(0))), "{first:?}");
    assert_eq!(take(&sql, at(29), 9).await, []);
    assert_eq!(take(&sql, at(30), 9).await.len(), 1);
    let again = take(&sql, at(120), 9).await;
    assert_eq!((ids(&again), again[0].attempts), (ids(&first), 2));
}

async fn what_is_done_or_put_off_is_not_taken(sql: TestSql) {
    made(&sql, &[Some(1), Some(2), Some(3)]).await;
    let taken = ids(&take(&sql, at(9), 9).await);
    sql.done(&taken[..1]).await.unwrap();
    sql.put_off(&taken[1..2], at(50)).await.unwrap();
    sql.put_off(&[taken[0]], at(0)).await.unwrap();
    assert_eq!(ids(&take(&sql, at(49), 9).await), []);
    assert_eq!(ids(&take(&sql, at(50), 9).await), taken[1..2]);
    assert_eq!(ids(&take(&sql, at(1_000), 9).await), [taken[2], taken[1]]);
}

async fn of_many_nodes_that_take_at_once_each_gets_its_own(sql: TestSql) {
    let count = 60;
    made(&sql, &vec![Some(1); count]).await;
    let again = sql.open_again().await;
    let takers = (0..20).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        async move { ids(&take(&node, at(9), 5).await) }
    });
    let mut taken = takers.collect::<JoinSet<_>>().join_all().await.concat();
    // Who comes while others take gets fewer than there are.
    loop {
        let rest = ids(&take(&sql, at(9), 5).await);
        if rest.is_empty() {
            break;
        }
        taken.extend(rest);
    }
    assert_eq!(taken.len(), count);
    assert_eq!(taken.into_iter().collect::<HashSet<_>>().len(), count);
}

async fn a_notification_that_has_gone_is_nothing_to_post(sql: TestSql) {
    made(&sql, &[Some(1)]).await;
    let message = take(&sql, at(1), 9).await[0].notification.as_ref().unwrap().clone();
    let step = Step {
        conversation: message.conversation.unwrap(),
        from: revision(99),
        to: revision(100),
        made: Vec::new(),
        gone: message.message.into_iter().collect(),
    };
    sql.project(&[step]).await.unwrap();
    let again = take(&sql, at(200), 9).await;
    assert_eq!((again.len(), &again[0].notification), (1, &None));
}

async fn what_is_not_to_be_posted_is_not(sql: TestSql) {
    made(&sql, &[None, Some(1), None]).await;
    assert_eq!(take(&sql, at(9), 9).await.len(), 1);
}
