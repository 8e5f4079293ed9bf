//! [`Sessions`]: a refresh token is traded once, a stolen one ends the session, and what has ended stays so.

use crate::support::make::{at, person, session, token};
use crate::support::stores::TestSql;
use natterjack::domain::clock::Timestamp;
use natterjack::domain::ids::SessionId;
use natterjack::domain::user::Session;
use natterjack::store::Sessions as _;
use natterjack::store::sessions::{Rotated, Rotation};
use std::time::Duration;
use tokio::task::JoinSet;

crate::on_each_sql! {
    a_session_reads_back_as_it_was_stored
    a_token_is_traded_for_its_successor
    of_many_who_trade_one_token_one_has_done_it
    the_same_trade_may_be_repeated_within_the_grace
    a_trade_repeated_after_the_grace_ends_the_session
    another_successor_for_a_traded_token_ends_the_session
    a_token_that_was_never_the_sessions_ends_it
    a_token_of_two_trades_ago_ends_the_session
    an_ended_or_expired_session_trades_nothing
    a_trade_moves_the_sessions_end
    a_session_ends_once
    an_expired_session_does_not_end_again
    ended_and_unknown_sessions_are_told_from_live_ones
}

/// A stored session, whose refresh token is `token(1)`.
async fn begun(sql: &TestSql) -> Session {
    let user = person(&**sql, "ada").await;
    let session = session(user);
    sql.insert(&session, token(1)).await.unwrap();
    session
}

/// Trades token `presented` for `successor`, `after` milliseconds from the session's beginning; the grace is 10 s.
fn trade(session: &Session, presented: u8, successor: u8, after: i64) -> Rotation {
    Rotation {
        session: session.id,
        presented: token(presented),
        successor: token(successor),
        at: at(after),
        grace: Duration::from_secs(10),
        expires_at: at(after).plus(Duration::from_hours(1)),
    }
}

async fn stored(sql: &TestSql, session: &Session) -> Session {
    sql.find(&[session.id]).await.unwrap().pop().unwrap()
}

fn after_trade(session: &Session, millis: i64) -> Session {
    Session { last_used_at: at(millis), expires_at: at(millis).plus(Duration::from_hours(1)), ..session.clone() }
}

async fn a_session_reads_back_as_it_was_stored(sql: TestSql) {
    let session = begun(&sql).await;
    assert_eq!(stored(&sql, &session).await, session);
    assert_eq!(sql.find(&[SessionId::new(at(0))]).await.unwrap(), []);
}

async fn a_token_is_traded_for_its_successor(sql: TestSql) {
    let session = begun(&sql).await;
    let first = sql.rotate(&trade(&session, 1, 2, 1_001)).await.unwrap();
    assert_eq!(first, Rotated::Done(after_trade(&session, 1_001)));
    assert_eq!(stored(&sql, &session).await, after_trade(&session, 1_001));
    let second = sql.rotate(&trade(&session, 2, 3, 2_000)).await.unwrap();
    assert_eq!(second, Rotated::Done(after_trade(&session, 2_000)));
}

async fn of_many_who_trade_one_token_one_has_done_it(sql: TestSql) {
    let session = begun(&sql).await;
    let again = sql.open_again().await;
    let trades = (0..50).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        let rotation = trade(&session, 1, 2, 1_000 + n);
        async move { node.rotate(&rotation).await.unwrap() }
    });
    let (mut done, mut repeated) = (Vec::new(), Vec::new());
    for outcome in trades.collect::<JoinSet<_>>().join_all().await {
        match outcome {
            Rotated::Done(session) => done.push(session),
            Rotated::Repeated(session) => repeated.push(session),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((done.len(), repeated.len()), (1, 49));
    assert!(repeated.iter().all(|session| *session == done[0]));
    assert_eq!(stored(&sql, &session).await, done[0]);
}

async fn the_same_trade_may_be_repeated_within_the_grace(sql: TestSql) {
    let session = begun(&sql).await;
    sql.rotate(&trade(&session, 1, 2, 1_000)).await.unwrap();
    // Also by a node whose clock is behind.
    for millis in [900, 1_000, 11_000] {
        let repeated = sql.rotate(&trade(&session, 1, 2, millis)).await.unwrap();
        assert_eq!(repeated, Rotated::Repeated(after_trade(&session, 1_000)), "{millis}");
    }
    assert_eq!(stored(&sql, &session).await, after_trade(&session, 1_000));
}

async fn assert_ends(sql: &TestSql, session: &Session, rotation: &Rotation, last_trade: i64) {
    let ended = Session { ended_at: Some(rotation.at), ..after_trade(session, last_trade) };
    assert_eq!(sql.rotate(rotation).await.unwrap(), Rotated::Reused(ended.clone()));
    assert_eq!(stored(sql, session).await, ended);
    // Also for the one who holds the token that counted until then.
    assert_eq!(sql.rotate(&trade(session, 2, 3, last_trade)).await.unwrap(), Rotated::Gone);
}

async fn a_trade_repeated_after_the_grace_ends_the_session(sql: TestSql) {
    let session = begun(&sql).await;
    sql.rotate(&trade(&session, 1, 2, 1_000)).await.unwrap();
    assert_ends(&sql, &session, &trade(&session, 1, 2, 11_001), 1_000).await;
}

async fn another_successor_for_a_traded_token_ends_the_session(sql: TestSql) {
    let session = begun(&sql).await;
    sql.rotate(&trade(&session, 1, 2, 1_000)).await.unwrap();
    assert_ends(&sql, &session, &trade(&session, 1, 9, 1_001), 1_000).await;
}

async fn a_token_that_was_never_the_sessions_ends_it(sql: TestSql) {
    let session = begun(&sql).await;
    sql.rotate(&trade(&session, 1, 2, 1_000)).await.unwrap();
    assert_ends(&sql, &session, &trade(&session, 8, 9, 1_001), 1_000).await;
}

async fn a_token_of_two_trades_ago_ends_the_session(sql: TestSql) {
    let session = begun(&sql).await;
    sql.rotate(&trade(&session, 1, 2, 1_000)).await.unwrap();
    sql.rotate(&trade(&session, 2, 3, 1_001)).await.unwrap();
    assert_ends(&sql, &session, &trade(&session, 1, 2, 1_002), 1_001).await;
}

async fn an_ended_or_expired_session_trades_nothing(sql: TestSql) {
    let session = begun(&sql).await;
    let late = Rotation { at: session.expires_at, ..trade(&session, 1, 2, 0) };
    assert_eq!(sql.rotate(&late).await.unwrap(), Rotated::Gone);
    assert_eq!(stored(&sql, &session).await, session);

    sql.end(session.id, at(5)).await.unwrap();
    assert_eq!(sql.rotate(&trade(&session, 1, 2, 6)).await.unwrap(), Rotated::Gone);

    let unknown = Rotation { session: SessionId::new(at(0)), ..trade(&session, 1, 2, 6) };
    assert_eq!(sql.rotate(&unknown).await.unwrap(), Rotated::Gone);
}

async fn a_trade_moves_the_sessions_end(sql: TestSql) {
    let session = begun(&sql).await;
    sql.rotate(&trade(&session, 1, 2, 1_000)).await.unwrap();
    let after_the_first_end = Rotation { at: session.expires_at, ..trade(&session, 2, 3, 0) };
    assert!(matches!(sql.rotate(&after_the_first_end).await.unwrap(), Rotated::Done(_)));
}

async fn a_session_ends_once(sql: TestSql) {
    let session = begun(&sql).await;
    assert!(sql.end(session.id, at(5)).await.unwrap());
    assert!(!sql.end(session.id, at(6)).await.unwrap());
    assert_eq!(stored(&sql, &session).await.ended_at, Some(at(5)));
    assert!(!sql.end(SessionId::new(at(0)), at(5)).await.unwrap());
}

async fn an_expired_session_does_not_end_again(sql: TestSql) {
    let session = begun(&sql).await;
    // SQLite keeps times as text, in which the whole second is the shorter one.
    let just_before = Timestamp::from_unix_millis(session.expires_at.unix_millis() - 1).unwrap();
    assert!(!sql.end(session.id, session.expires_at).await.unwrap());
    assert_eq!(stored(&sql, &session).await.ended_at, None);
    assert!(sql.end(session.id, just_before).await.unwrap());
}

async fn ended_and_unknown_sessions_are_told_from_live_ones(sql: TestSql) {
    let live = begun(&sql).await;
    let ended = session(live.user);
    sql.insert(&ended, token(2)).await.unwrap();
    sql.end(ended.id, at(5)).await.unwrap();
    let unknown = SessionId::new(at(0));
    let told = sql.ended_among(&[live.id, ended.id, unknown]).await.unwrap();
    assert_eq!(told, [ended.id, unknown]);
    assert_eq!(sql.ended_among(&[]).await.unwrap(), []);
}
