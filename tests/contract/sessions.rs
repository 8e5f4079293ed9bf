//! [`Sessions`]: a refresh token is traded once, a stolen one ends the session, and what has ended stays so.

use crate::support::make::{at, person, session, token};
use crate::support::stores::TestSql;
use natterjack::domain::clock::Timestamp;
use natterjack::domain::ids::{SessionId, UserId};
use natterjack::domain::user::Session;
use natterjack::store::accounts::{CredentialsVersion, NewPassword};
use natterjack::store::sessions::{Begun, EndPlace, Rotated, Rotation};
use natterjack::store::{Accounts as _, Sessions};
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait as _, Query};
use std::time::Duration;
use tokio::task::JoinSet;

crate::on_each_sql! {
    a_session_reads_back_as_it_was_stored
    a_token_is_traded_for_its_successor
    of_a_hundred_who_trade_one_token_one_has_done_it
    the_same_trade_may_be_repeated_within_the_grace
    a_trade_repeated_after_the_grace_ends_the_session
    another_successor_for_a_traded_token_ends_the_session
    a_token_that_was_never_the_sessions_ends_it
    each_trade_may_be_repeated_within_its_own_grace
    a_session_that_is_traded_quickly_forgets_what_was_traded_long_ago
    an_ended_or_expired_session_trades_nothing
    a_trade_moves_the_sessions_end
    a_session_ends_once
    an_expired_session_does_not_end_again
    all_sessions_of_one_person_end_and_nobody_elses
    what_has_ended_is_found_by_when_it_ended
    live_sessions_are_listed_by_their_latest_use
    a_use_moves_forward_only
    what_is_over_is_forgotten_after_a_while
    whoever_is_suspended_begins_no_session
    a_session_by_a_password_needs_the_one_that_is_there
    of_many_sessions_the_oldest_end
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
    Sessions::find(&**sql, &[session.id]).await.unwrap().pop().unwrap()
}

fn after_trade(session: &Session, millis: i64) -> Session {
    Session {
        issued_at: at(millis),
        last_used_at: at(millis),
        expires_at: at(millis).plus(Duration::from_hours(1)),
        ..session.clone()
    }
}

async fn a_session_reads_back_as_it_was_stored(sql: TestSql) {
    let session = begun(&sql).await;
    assert_eq!(stored(&sql, &session).await, session);
    assert_eq!(Sessions::find(&*sql, &[SessionId::new(at(0))]).await.unwrap(), []);
}

async fn a_token_is_traded_for_its_successor(sql: TestSql) {
    let session = begun(&sql).await;
    let first = sql.rotate(&trade(&session, 1, 2, 1_001)).await.unwrap();
    assert_eq!(first, Rotated::Done(after_trade(&session, 1_001)));
    assert_eq!(stored(&sql, &session).await, after_trade(&session, 1_001));
    let second = sql.rotate(&trade(&session, 2, 3, 2_000)).await.unwrap();
    assert_eq!(second, Rotated::Done(after_trade(&session, 2_000)));
}

async fn of_a_hundred_who_trade_one_token_one_has_done_it(sql: TestSql) {
    let session = begun(&sql).await;
    let again = sql.open_again().await;
    let trades = (0..100).map(|n| {
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
    assert_eq!((done.len(), repeated.len()), (1, 99));
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

async fn each_trade_may_be_repeated_within_its_own_grace(sql: TestSql) {
    let session = begun(&sql).await;
    // Three generations within the grace of the first.
    for (presented, millis) in [(1, 1_000), (2, 4_000), (3, 7_000)] {
        let done = sql.rotate(&trade(&session, presented, presented + 1, millis)).await.unwrap();
        assert_eq!(done, Rotated::Done(after_trade(&session, millis)));
    }
    for (presented, millis) in [(1, 1_000), (2, 4_000), (3, 7_000)] {
        let of_that_trade = Session { last_used_at: at(7_000), ..after_trade(&session, millis) };
        let repeated = sql.rotate(&trade(&session, presented, presented + 1, millis + 4_000)).await.unwrap();
        assert_eq!(repeated, Rotated::Repeated(of_that_trade), "{presented}");
    }
    assert_ends(&sql, &session, &trade(&session, 1, 2, 11_001), 7_000).await;
}

async fn a_session_that_is_traded_quickly_forgets_what_was_traded_long_ago(sql: TestSql) {
    let session = begun(&sql).await;
    for n in 1..=40 {
        sql.rotate(&trade(&session, n, n + 1, i64::from(n) * 1_000)).await.unwrap();
    }
    let raw = sea_orm::Database::connect(sql.url()).await.unwrap();
    let count = Query::select().expr(Expr::col(Asterisk).count()).from("refresh_trades").take();
    let row = raw.query_one(&count).await.unwrap().unwrap();
    raw.close().await.unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 11);
    assert!(matches!(sql.rotate(&trade(&session, 30, 31, 40_000)).await.unwrap(), Rotated::Repeated(_)));
    assert!(matches!(sql.rotate(&trade(&session, 29, 30, 40_000)).await.unwrap(), Rotated::Reused(_)));
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

/// One more session of that person's, used last at that time.
async fn one_more(sql: &TestSql, user: UserId, used_at: i64) -> Session {
    let session = Session { last_used_at: at(used_at), ..session(user) };
    assert!(sql.insert(&session, token(1)).await.unwrap());
    session
}

async fn all_sessions_of_one_person_end_and_nobody_elses(sql: TestSql) {
    let first = begun(&sql).await;
    let second = one_more(&sql, first.user, 0).await;
    let over = one_more(&sql, first.user, 0).await;
    sql.end(over.id, at(3)).await.unwrap();
    let others = one_more(&sql, person(&*sql, "bob").await, 0).await;
    let mut ended = sql.end_all(first.user, at(5)).await.unwrap();
    ended.sort();
    let mut both = vec![first.id, second.id];
    // And that of the registration.
    both.extend(sql.of_user(first.user, at(4)).await.unwrap().iter().map(|session| session.id));
    ended.retain(|id| both.contains(id));
    both.sort();
    assert_eq!(ended, both);
    assert_eq!(sql.end_all(first.user, at(6)).await.unwrap(), []);
    assert_eq!(stored(&sql, &second).await.ended_at, Some(at(5)));
    assert_eq!(stored(&sql, &over).await.ended_at, Some(at(3)));
    assert_eq!(stored(&sql, &others).await.ended_at, None);
}

async fn what_has_ended_is_found_by_when_it_ended(sql: TestSql) {
    let user = person(&*sql, "ada").await;
    let mut ended = Vec::new();
    // A whole second among them, which SQLite writes shorter; two at once; and not in the order of the ids.
    for millis in [1_001, 1_000, 1_002, 999, 1_000] {
        let session = one_more(&sql, user, 0).await;
        sql.end(session.id, at(millis)).await.unwrap();
        ended.push(EndPlace { at: at(millis), session: session.id });
    }
    one_more(&sql, user, 0).await;
    ended.sort();
    assert_eq!(sql.ended_since(EndPlace::before(at(0)), 9).await.unwrap(), ended);
    assert_eq!(sql.ended_since(EndPlace::before(at(1_000)), 9).await.unwrap(), ended[1..]);
    for (n, place) in ended.iter().enumerate() {
        assert_eq!(
            sql.ended_since(*place, 2).await.unwrap(),
            ended[n + 1..].iter().take(2).copied().collect::<Vec<_>>()
        );
    }
}

async fn live_sessions_are_listed_by_their_latest_use(sql: TestSql) {
    let user = person(&*sql, "ada").await;
    sql.end_all(user, at(0)).await.unwrap();
    let (old, new, over) =
        (one_more(&sql, user, 1_000).await, one_more(&sql, user, 1_001).await, one_more(&sql, user, 2_000).await);
    sql.end(over.id, at(2_000)).await.unwrap();
    assert_eq!(sql.of_user(user, at(3_000)).await.unwrap(), [new.clone(), old]);
    assert_eq!(sql.of_user(user, new.expires_at).await.unwrap(), []);
    assert_eq!(sql.of_user(UserId::new(at(0)), at(0)).await.unwrap(), []);
}

async fn a_use_moves_forward_only(sql: TestSql) {
    let user = person(&*sql, "ada").await;
    let (one, other) = (one_more(&sql, user, 1_000).await, one_more(&sql, user, 1_000).await);
    sql.note_uses(&[(one.id, at(2_000)), (other.id, at(500)), (SessionId::new(at(0)), at(3_000))]).await.unwrap();
    assert_eq!(stored(&sql, &one).await, Session { last_used_at: at(2_000), ..one });
    assert_eq!(stored(&sql, &other).await, other);
    sql.note_uses(&[]).await.unwrap();
}

async fn what_is_over_is_forgotten_after_a_while(sql: TestSql) {
    let user = person(&*sql, "ada").await;
    sql.end_all(user, at(0)).await.unwrap();
    let live = one_more(&sql, user, 0).await;
    let (ended, ended_late) = (one_more(&sql, user, 0).await, one_more(&sql, user, 0).await);
    sql.rotate(&trade(&ended, 1, 2, 1)).await.unwrap();
    sql.end(ended.id, at(5)).await.unwrap();
    sql.end(ended_late.id, at(1_000)).await.unwrap();
    assert_eq!(sql.forget(at(1_000), 1).await.unwrap(), 1);
    while sql.forget(at(1_000), 1).await.unwrap() > 0 {}
    let mut kept: Vec<_> =
        Sessions::find(&*sql, &[live.id, ended.id, ended_late.id]).await.unwrap().iter().map(|one| one.id).collect();
    kept.sort();
    assert_eq!(kept, [live.id, ended_late.id]);
    // Such as has run out.
    sql.forget(live.expires_at.plus(Duration::from_millis(1)), 9).await.unwrap();
    assert_eq!(Sessions::find(&*sql, &[live.id, ended_late.id]).await.unwrap(), []);
}

async fn whoever_is_suspended_begins_no_session(sql: TestSql) {
    let user = person(&*sql, "ada").await;
    sql.set_suspended(user, true, at(1)).await.unwrap();
    assert!(!sql.insert(&session(user), token(1)).await.unwrap());
    let by_password = sql.insert_by_password(&session(user), token(1), CredentialsVersion(0)).await.unwrap();
    assert_eq!(by_password, Begun::Suspended);
    assert!(!sql.insert(&session(UserId::new(at(0))), token(1)).await.unwrap());
}

async fn a_session_by_a_password_needs_the_one_that_is_there(sql: TestSql) {
    let user = person(&*sql, "ada").await;
    let begin = async |version| {
        let session = session(user);
        let outcome = sql.insert_by_password(&session, token(1), CredentialsVersion(version)).await.unwrap();
        (outcome, session.id)
    };
    let (outcome, kept) = begin(0).await;
    assert_eq!(outcome, Begun::Done);
    assert_eq!(begin(1).await.0, Begun::Void);
    let to = "$argon2id$new".to_owned();
    let new = NewPassword { user, from: sql.password_hash(user).await.unwrap(), to, keep: Some(kept) };
    sql.set_password(&new, at(1)).await.unwrap().unwrap();
    assert_eq!(begin(0).await.0, Begun::Void);
    assert_eq!(begin(1).await.0, Begun::Done);
    assert_eq!(sql.of_user(user, at(1)).await.unwrap().len(), 2);
}

async fn of_many_sessions_the_oldest_end(sql: TestSql) {
    let user = person(&*sql, "ada").await;
    let mut begun = Vec::new();
    for second in 0..102 {
        let at = at(second * 1_000);
        let session = Session { created_at: at, last_used_at: at, ..session(user) };
        assert!(sql.insert(&session, token(1)).await.unwrap());
        begun.push(session.id);
    }
    let mut live: Vec<_> = sql.of_user(user, at(0)).await.unwrap().iter().map(|session| session.id).collect();
    live.sort_unstable();
    let mut latest = begun.split_off(2);
    latest.sort_unstable();
    assert_eq!(live, latest);
}
