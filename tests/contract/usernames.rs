//! [`Accounts`]: a username is nobody else's, nor like anybody else's, also where it was so before that was a rule.

use crate::support::make::{account, account_of_email, at, person, register};
use crate::support::stores::TestSql;
use migration::{Migrator, MigratorTrait as _};
use natterjack::domain::group::Assign;
use natterjack::domain::ids::UserId;
use natterjack::domain::user::{ProfileChange, Username};
use natterjack::store::Accounts as _;
use natterjack::store::accounts::{ProfileUpdate, Registered};
use natterjack::store::sql::Sql;
use sea_orm::ConnectionTrait as _;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::Query;
use tokio::task::JoinSet;
use uuid::Uuid;

crate::on_each_sql! {
    a_username_like_anothers_is_taken
    of_many_who_want_names_that_look_alike_one_gets_one
    a_profile_takes_no_name_like_anothers_and_may_vary_its_own
    names_that_looked_alike_before_are_kept
}

async fn a_username_like_anothers_is_taken(sql: TestSql) {
    assert_eq!(register(&*sql, &account("Modern.Ian")).await, Registered::Done);
    for like in ["modern-ian", "modemian", "M0dern.1an", "MODERN_LAN"] {
        assert_eq!(register(&*sql, &account(like)).await, Registered::UsernameTaken, "{like}");
    }
    assert_eq!(register(&*sql, &account("modern.jan")).await, Registered::Done);
    for n in 0..2 {
        assert_eq!(register(&*sql, &account_of_email(&format!("{n}@example.org"))).await, Registered::Done);
    }
}

async fn of_many_who_want_names_that_look_alike_one_gets_one(sql: TestSql) {
    let again = sql.open_again().await;
    let attempts = ["ada.io", "ada_io", "ada10", "adaio", "a.d.a.l.o"].into_iter().cycle().take(20).enumerate();
    let attempts = attempts.map(|(n, name)| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        async move { register(&node, &account(name)).await }
    });
    let outcomes = attempts.collect::<JoinSet<_>>().join_all().await;
    let count = |outcome| outcomes.iter().filter(|each| **each == outcome).count();
    assert_eq!((count(Registered::Done), count(Registered::UsernameTaken)), (1, 19), "{outcomes:?}");
}

async fn rename(sql: &Sql, user: UserId, name: &str) -> ProfileUpdate {
    let username = Assign::from(Username::parse(name.to_owned()).unwrap());
    let change = ProfileChange { username, ..ProfileChange::default() };
    sql.update_profile(user, &change).await.unwrap().unwrap()
}

async fn a_profile_takes_no_name_like_anothers_and_may_vary_its_own(sql: TestSql) {
    let (ada, _) = (person(&*sql, "ada").await, person(&*sql, "william").await);
    for like in ["vvilliam", "wi11iam", "will.iam"] {
        assert_eq!(rename(&sql, ada, like).await, ProfileUpdate::UsernameTaken, "{like}");
    }
    for own in ["a.da", "ADA", "adam", "ada"] {
        assert!(matches!(rename(&sql, ada, own).await, ProfileUpdate::Changed(_)), "{own}");
    }
    assert_eq!(register(&*sql, &account("adam")).await, Registered::Done, "given back");
}

async fn names_that_looked_alike_before_are_kept(sql: TestSql) {
    let old = sql.empty().await;
    let sql = old.open().await;
    let raw = old.raw().await;
    // All versions before usernames were told apart so.
    let before = Migrator::migrations().iter().take_while(|version| !version.name().starts_with("m0018")).count();
    Migrator::up(&raw, Some(u32::try_from(before).unwrap())).await.unwrap();
    let names = ["ada.l", "adal", "bob"];
    for (id, name) in (1..).zip(names) {
        let mut insert = Query::insert();
        insert.into_table("users").columns(["id", "username", "username_key", "name_key", "created_at"]).values_panic(
            [Uuid::from_u128(id).into(), name.into(), name.into(), name.into(), DateTimeUtc::from(at(0)).into()],
        );
        raw.execute(&insert).await.unwrap();
    }
    raw.close().await.unwrap();
    sql.migrate().await.unwrap();
    for name in names {
        assert!(sql.find_by_username(name).await.unwrap().is_some(), "{name}");
    }
    for like in ["ADA1", "ada-l", "b0b"] {
        assert_eq!(register(&sql, &account(like)).await, Registered::UsernameTaken, "{like}");
    }
    // Who has the likeness of another's still says other things of themselves.
    let about = ProfileChange { about: Assign::To("frogs".to_owned()), ..ProfileChange::default() };
    let adal = sql.find_by_username("adal").await.unwrap().unwrap().id;
    assert!(matches!(sql.update_profile(adal, &about).await.unwrap(), Some(ProfileUpdate::Changed(_))));
    assert_eq!(rename(&sql, adal, "ada_l").await, ProfileUpdate::UsernameTaken);
    assert!(matches!(rename(&sql, adal, "adele").await, ProfileUpdate::Changed(_)));
    sql.close().await.unwrap();
}
