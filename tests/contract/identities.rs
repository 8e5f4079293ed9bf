//! [`Identities`]: each person of an issuer's has one account, whoever brings them first, and no second way into one that
//! was deleted.

use crate::support::make::{account, at, person};
use crate::support::stores::TestSql;
use natterjack::domain::identity::{Identity, IdentityKey};
use natterjack::domain::ids::UserId;
use natterjack::domain::secret::Key;
use natterjack::domain::user::{Email, NewAccount, Username};
use natterjack::store::identities::{Enrolled, Newcomer};
use natterjack::store::{Accounts as _, Identities as _};
use tokio::task::JoinSet;

crate::on_each_sql! {
    a_newcomer_gets_an_account_once
    of_many_who_bring_the_same_newcomer_one_makes_the_account
    newcomers_who_want_one_name_share_it_out
    who_is_suspended_or_deleted_is_shut_out
    who_has_deleted_an_account_begins_anew_once
    of_many_who_begin_anew_one_makes_the_account
}

fn key(subject: &str) -> IdentityKey {
    IdentityKey::new(&Key::from([7; 64]), "https://id.example.org", subject)
}

fn newcomer(subject: &str, issued: i64) -> Newcomer {
    let account = NewAccount { username: None, password_hash: None, ..account("nobody") };
    Newcomer { key: key(subject), issued_at: Some(at(issued)), account }
}

async fn found(sql: &TestSql, subject: &str) -> Option<Identity> {
    natterjack::store::Identities::find(&**sql, &[key(subject)]).await.unwrap().pop()
}

fn known(subject: &str, user: UserId) -> Identity {
    Identity { key: key(subject), user, is_suspended: false, closed_at: None }
}

async fn a_newcomer_gets_an_account_once(sql: TestSql) {
    assert_eq!(found(&sql, "ada").await, None);
    let first = newcomer("ada", 0);
    assert_eq!(sql.enrol(&first).await.unwrap(), Enrolled::New);
    let identity = known("ada", first.account.id);
    assert_eq!(found(&sql, "ada").await, Some(identity));
    let second = newcomer("ada", 1);
    assert_eq!(sql.enrol(&second).await.unwrap(), Enrolled::Known(identity));
    assert_eq!(natterjack::store::Accounts::find(&*sql, &[second.account.id]).await.unwrap(), []);
    sql.enrol(&newcomer("bob", 0)).await.unwrap();
    let all = natterjack::store::Identities::find(&*sql, &[key("bob"), key("ada"), key("eve")]).await.unwrap();
    assert_eq!(all.len(), 2);
}

async fn of_many_who_bring_the_same_newcomer_one_makes_the_account(sql: TestSql) {
    let again = sql.open_again().await;
    let attempts = (0..40).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        let mut newcomer = newcomer("ada", n);
        // As two tokens of one person may have it.
        newcomer.account.username = (n % 3 > 0).then(|| Username::parse("ada".to_owned()).unwrap());
        newcomer.account.email = (n % 5 > 0).then(|| Email::parse("ada@example.org").unwrap());
        async move { (newcomer.account.id, node.enrol(&newcomer).await.unwrap()) }
    });
    let outcomes = attempts.collect::<JoinSet<_>>().join_all().await;
    let makers: Vec<_> = outcomes.iter().filter(|(_, enrolled)| *enrolled == Enrolled::New).collect();
    let [(maker, _)] = makers[..] else { panic!("{outcomes:?}") };
    let theirs = Enrolled::Known(known("ada", *maker));
    assert!(outcomes.iter().all(|(id, enrolled)| id == maker || *enrolled == theirs), "{outcomes:?}");
    let ids: Vec<_> = outcomes.iter().map(|(id, _)| *id).collect();
    assert_eq!(natterjack::store::Accounts::find(&*sql, &ids).await.unwrap().len(), 1, "nothing is left of the others");
}

async fn newcomers_who_want_one_name_share_it_out(sql: TestSql) {
    person(&*sql, "ada").await;
    let named = |subject, username: &str| {
        let mut newcomer = newcomer(subject, 0);
        newcomer.account.username = Some(Username::parse(username.to_owned()).unwrap());
        newcomer.account.email = Some(Email::parse("eve@example.org").unwrap());
        newcomer
    };
    let (first, second) = (named("1", "ADA"), named("2", "Ada"));
    for newcomer in [&first, &second] {
        assert_eq!(sql.enrol(newcomer).await.unwrap(), Enrolled::New);
    }
    let of = async |newcomer: &Newcomer| {
        let user = natterjack::store::Accounts::find(&*sql, &[newcomer.account.id]).await.unwrap().pop().unwrap();
        (user.username.clone(), user.email.clone(), user.display_name().starts_with("Guest "))
    };
    assert_eq!(of(&first).await, (None, Some("eve@example.org".to_owned()), true));
    assert_eq!(of(&second).await, (None, None, true));
}

async fn who_is_suspended_or_deleted_is_shut_out(sql: TestSql) {
    let mut users = Vec::new();
    for subject in ["ada", "bob", "eve"] {
        let newcomer = newcomer(subject, 0);
        sql.enrol(&newcomer).await.unwrap();
        users.push(newcomer.account.id);
    }
    let [ada, bob, eve] = users[..] else { panic!("{users:?}") };
    let stranger = person(&*sql, "stranger").await;
    assert_eq!(sql.shut_out_among(&[ada, bob, eve, stranger]).await.unwrap(), [stranger]);
    sql.set_suspended(ada, true, at(1)).await.unwrap();
    sql.delete(bob, at(2)).await.unwrap();
    assert_eq!(sql.shut_out_among(&[ada, bob, eve]).await.unwrap(), [ada, bob]);
    assert!(found(&sql, "ada").await.unwrap().is_suspended);
    assert_eq!(found(&sql, "bob").await, Some(Identity { closed_at: Some(at(2)), ..known("bob", bob) }));
    sql.set_suspended(ada, false, at(3)).await.unwrap();
    assert_eq!(sql.shut_out_among(&[ada, eve]).await.unwrap(), []);
    assert_eq!(sql.shut_out_among(&[]).await.unwrap(), []);
}

async fn who_has_deleted_an_account_begins_anew_once(sql: TestSql) {
    let first = newcomer("ada", 0);
    sql.enrol(&first).await.unwrap();
    sql.delete(first.account.id, at(1_000)).await.unwrap();
    // Deleted twice, it was deleted at the first time.
    sql.delete(first.account.id, at(5_000)).await.unwrap();
    let closed = Identity { closed_at: Some(at(1_000)), ..known("ada", first.account.id) };
    for issued_at in [None, Some(at(0)), Some(at(1_000))] {
        let late = Newcomer { issued_at, ..newcomer("ada", 0) };
        assert_eq!(sql.enrol(&late).await.unwrap(), Enrolled::Known(closed), "{issued_at:?}");
    }
    let anew = newcomer("ada", 1_001);
    assert_eq!(sql.enrol(&anew).await.unwrap(), Enrolled::New);
    assert_eq!(found(&sql, "ada").await, Some(known("ada", anew.account.id)));
    let old_token = newcomer("ada", 0);
    assert_eq!(sql.enrol(&old_token).await.unwrap(), Enrolled::Known(known("ada", anew.account.id)));
}

async fn of_many_who_begin_anew_one_makes_the_account(sql: TestSql) {
    let first = newcomer("ada", 0);
    sql.enrol(&first).await.unwrap();
    sql.delete(first.account.id, at(1_000)).await.unwrap();
    let again = sql.open_again().await;
    let attempts = (0..20).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        let newcomer = newcomer("ada", 2_000 + n);
        async move { node.enrol(&newcomer).await.unwrap() }
    });
    let outcomes = attempts.collect::<JoinSet<_>>().join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Enrolled::New).count(), 1, "{outcomes:?}");
}
