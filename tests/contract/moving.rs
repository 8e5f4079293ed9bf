//! [`Moving`]: one origin is moved in once, and what cannot be made is left out.

use crate::support::make::{account, account_of_email, register};
use crate::support::stores::TestSql;
use natterjack::domain::user::{Login, NewAccount};
use natterjack::store::moving::{Earnest, MovedIn, Origin};
use natterjack::store::{Accounts as _, Moving as _};
use tokio::task::JoinSet;

crate::on_each_sql! {
    people_are_moved_in_once
    who_cannot_be_made_is_left_out_and_the_others_are_not
    what_is_only_tried_leaves_nothing
    of_two_who_move_the_same_people_in_at_once_one_does
    a_hash_is_renewed_only_while_it_is_the_one_that_was_checked
}

fn newcomer(n: u8, account: NewAccount) -> (Origin, NewAccount) {
    (Origin([n; 32]), account)
}

async fn people_are_moved_in_once(sql: TestSql) {
    let (ada, bob) = (account("ada"), account_of_email("bob@example.org"));
    let people = [newcomer(1, ada.clone()), newcomer(2, bob.clone())];
    let moved = sql.move_in(&people, Earnest::Done).await.unwrap();
    assert_eq!(moved, [MovedIn::Done(ada.id), MovedIn::Done(bob.id)]);
    let credentials = sql.credentials(&Login::parse("ada").unwrap()).await.unwrap().unwrap();
    assert_eq!((credentials.user, Some(credentials.password_hash)), (ada.id, ada.password_hash));
    // Under whatever name they stand there by now.
    let again = [newcomer(1, account("eve")), newcomer(2, account("ada"))];
    let moved = sql.move_in(&again, Earnest::Done).await.unwrap();
    assert_eq!(moved, [MovedIn::Before(Some(ada.id)), MovedIn::Before(Some(bob.id))]);
    assert_eq!(sql.find_by_username("eve").await.unwrap(), None);
}

async fn who_cannot_be_made_is_left_out_and_the_others_are_not(sql: TestSql) {
    register(&*sql, &account("ada")).await;
    register(&*sql, &account_of_email("bob@example.org")).await;
    let people =
        [newcomer(1, account("ADA")), newcomer(2, account_of_email("Bob@example.org")), newcomer(3, account("eve"))];
    let moved = sql.move_in(&people, Earnest::Done).await.unwrap();
    assert_eq!(moved, [MovedIn::UsernameTaken, MovedIn::EmailTaken, MovedIn::Done(people[2].1.id)]);
    let mended = [newcomer(1, account("ada-2"))];
    assert_eq!(sql.move_in(&mended, Earnest::Done).await.unwrap(), [MovedIn::Done(mended[0].1.id)]);
}

async fn what_is_only_tried_leaves_nothing(sql: TestSql) {
    let people = [newcomer(1, account("ada")), newcomer(2, account("ada"))];
    for _ in 0..2 {
        let moved = sql.move_in(&people, Earnest::Tried).await.unwrap();
        assert_eq!(moved, [MovedIn::Done(people[0].1.id), MovedIn::UsernameTaken]);
    }
    assert_eq!(sql.find_by_username("ada").await.unwrap(), None);
}

async fn of_two_who_move_the_same_people_in_at_once_one_does(sql: TestSql) {
    let mut tasks = JoinSet::new();
    for handle in [sql.clone(), sql.open_again().await] {
        let people: Vec<_> = (0..50).map(|n| newcomer(n, account(&format!("person-{n}")))).collect();
        tasks.spawn(async move { handle.move_in(&people, Earnest::Done).await.unwrap() });
    }
    let moved = tasks.join_all().await.concat();
    let done = moved.iter().filter(|one| matches!(one, MovedIn::Done(_))).count();
    let before = moved.iter().filter(|one| matches!(one, MovedIn::Before(_))).count();
    assert_eq!((done, before), (50, 50));
}

async fn a_hash_is_renewed_only_while_it_is_the_one_that_was_checked(sql: TestSql) {
    let ada = NewAccount { password_hash: Some("old".to_owned()), ..account("ada") };
    register(&*sql, &ada).await;
    assert!(sql.renew_password_hash(ada.id, "old", "new").await.unwrap());
    assert!(!sql.renew_password_hash(ada.id, "old", "newer").await.unwrap(), "it has been changed since");
    let credentials = sql.credentials(&Login::parse("ada").unwrap()).await.unwrap().unwrap();
    assert_eq!(credentials.password_hash, "new");
}
