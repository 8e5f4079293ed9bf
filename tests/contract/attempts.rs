//! [`Attempts`]: however many come at once, by however many handles, no more are let through than there are.

use crate::support::make::at;
use crate::support::stores::TestSql;
use natterjack::domain::attempt::{Allowance, AttemptKey, Change, Outcome, Take};
use natterjack::store::Attempts as _;
use natterjack::store::sql::Sql;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait as _, Query};
use sea_orm::{ConnectionTrait as _, Database};
use std::time::Duration;
use tokio::task::JoinSet;

crate::on_each_sql! {
    of_a_thousand_at_once_as_many_get_through_as_there_are
    an_attempt_takes_from_all_its_buckets_or_from_none
    what_is_given_back_is_there_for_others
    a_mark_spares_a_bucket_until_its_time_is_over
    changes_of_one_call_follow_each_other
    those_who_take_the_same_buckets_in_any_order_do_not_wait_in_a_circle
    an_attempt_that_is_refused_leaves_nothing
    what_counts_no_more_is_forgotten_and_nothing_else
}

const FIVE: Allowance = Allowance { burst: 5, every: Duration::from_mins(1) };

fn key(n: u8) -> AttemptKey {
    AttemptKey([n; 16])
}

fn take(n: u8) -> Take {
    Take { from: key(n), allowance: FIVE, spared_by: None }
}

fn reserve(takes: &[Take]) -> Change {
    Change::Reserve(takes.to_vec())
}

async fn one(sql: &Sql, change: Change, millis: i64) -> Outcome {
    sql.apply(&[change], at(millis)).await.unwrap().remove(0)
}

async fn tries(sql: &Sql, takes: &[Take], millis: i64) -> usize {
    let mut through = 0;
    while matches!(one(sql, reserve(takes), millis).await, Outcome::Reserved(_)) {
        through += 1;
    }
    through
}

async fn rows(sql: &TestSql) -> i64 {
    let raw = Database::connect(sql.url()).await.unwrap();
    let count = Query::select().expr(Expr::col(Asterisk).count()).from("attempts").take();
    let count = raw.query_one(&count).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    raw.close().await.unwrap();
    count
}

async fn of_a_thousand_at_once_as_many_get_through_as_there_are(sql: TestSql) {
    let handles = [sql.clone(), sql.open_again().await];
    let mut tasks = JoinSet::new();
    for n in 0..100 {
        let handle = handles[n % 2].clone();
        tasks.spawn(async move { handle.apply(&vec![reserve(&[take(1)]); 10], at(0)).await.unwrap() });
    }
    let outcomes = tasks.join_all().await.concat();
    let through = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Reserved(_))).count();
    assert_eq!((outcomes.len(), through), (1_000, 5));
}

async fn an_attempt_takes_from_all_its_buckets_or_from_none(sql: TestSql) {
    assert_eq!(tries(&sql, &[take(1)], 0).await, 5);
    assert_eq!(one(&sql, reserve(&[take(2), take(1)]), 0).await, Outcome::Refused(FIVE.every));
    assert_eq!(tries(&sql, &[take(2)], 0).await, 5);
    assert_eq!(one(&sql, reserve(&[take(2), take(1)]), 60_000).await, Outcome::Reserved(vec![take(2), take(1)]));
}

async fn what_is_given_back_is_there_for_others(sql: TestSql) {
    let other = sql.open_again().await;
    assert_eq!(tries(&sql, &[take(1), take(2)], 0).await, 5);
    let settle = Change::Settle { given_back: vec![take(1)], marked: Vec::new() };
    assert_eq!(one(&sql, settle, 0).await, Outcome::Settled);
    assert_eq!((tries(&other, &[take(1)], 0).await, tries(&other, &[take(2)], 0).await), (1, 0));
}

async fn a_mark_spares_a_bucket_until_its_time_is_over(sql: TestSql) {
    let spared = Take { spared_by: Some(key(9)), ..take(1) };
    assert_eq!(tries(&sql, &[spared], 0).await, 5);
    let marked = vec![(key(9), Duration::from_secs(10))];
    one(&sql, Change::Settle { given_back: Vec::new(), marked }, 0).await;
    assert_eq!(one(&sql, reserve(&[spared, take(2)]), 9_999).await, Outcome::Reserved(vec![take(2)]));
    assert_eq!(one(&sql, reserve(&[spared, take(2)]), 10_000).await, Outcome::Refused(Duration::from_secs(50)));
}

async fn changes_of_one_call_follow_each_other(sql: TestSql) {
    let settle = Change::Settle { given_back: vec![take(1)], marked: Vec::new() };
    let changes = [vec![reserve(&[take(1)]); 6], vec![settle, reserve(&[take(1)])]].concat();
    let outcomes = sql.apply(&changes, at(0)).await.unwrap();
    assert_eq!(outcomes[5], Outcome::Refused(FIVE.every));
    assert_eq!(outcomes[6..], [Outcome::Settled, Outcome::Reserved(vec![take(1)])]);
}

async fn those_who_take_the_same_buckets_in_any_order_do_not_wait_in_a_circle(sql: TestSql) {
    let other = sql.open_again().await;
    let mut tasks = JoinSet::new();
    for n in 0..40_u8 {
        let handle = if n % 2 == 0 { sql.clone() } else { other.clone() };
        let buckets: Vec<_> = (0..20).map(|k| take(if n % 2 == 0 { k } else { 19 - k })).collect();
        tasks.spawn(async move { handle.apply(&[reserve(&buckets)], at(0)).await.map(drop) });
        let forgetful = sql.clone();
        tasks.spawn(async move { forgetful.forget(at(0), 100).await.map(drop) });
    }
    for done in tasks.join_all().await {
        done.unwrap();
    }
}

async fn an_attempt_that_is_refused_leaves_nothing(sql: TestSql) {
    assert_eq!(tries(&sql, &[take(1)], 0).await, 5);
    for n in 10..20 {
        assert_eq!(one(&sql, reserve(&[take(n), take(1)]), 0).await, Outcome::Refused(FIVE.every));
    }
    assert_eq!(rows(&sql).await, 1);
}

async fn what_counts_no_more_is_forgotten_and_nothing_else(sql: TestSql) {
    for n in 0..10 {
        one(&sql, reserve(&[take(n)]), 0).await;
    }
    assert_eq!(tries(&sql, &[take(20)], 0).await, 5);
    assert_eq!(sql.forget(at(59_999), 100).await.unwrap(), 0);
    assert_eq!(sql.forget(at(60_000), 7).await.unwrap(), 7);
    assert_eq!(sql.forget(at(60_000), 7).await.unwrap(), 3);
    assert_eq!((rows(&sql).await, tries(&sql, &[take(20)], 60_000).await), (1, 1));
}
