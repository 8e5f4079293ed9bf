//! [`Accounts`]: what is left of a person whose account was deleted, and that nobody brings them back.

use super::conversations::{open, people};
use super::groups::{ask, group};
use crate::support::dump;
use crate::support::make::{account, at, person, session, token};
use crate::support::stores::TestSql;
use natterjack::domain::contact::MobileNumber;
use natterjack::domain::conversation::{Member, Pair, Role};
use natterjack::domain::group::Assign;
use natterjack::domain::ids::{ConversationId, MessageId, NodeId, UserId};
use natterjack::domain::message::Revision;
use natterjack::domain::node::Node;
use natterjack::domain::notification::{Cause, NewNotification, NotificationKind, PushPlan};
use natterjack::domain::page::{Take, Window};
use natterjack::domain::presence::{Move, PeopleVersion};
use natterjack::domain::user::{Email, Matching, NewAccount, ProfileChange, Session, User};
use natterjack::error::Code;
use natterjack::store::accounts::{NewPassword, PeopleFilter, Registered};
use natterjack::store::blocks::Block;
use natterjack::store::conversations::NewDirect;
use natterjack::store::groups::{Change, Scene, Verdict};
use natterjack::store::reports::Report;
use natterjack::store::sql::Sql;
use natterjack::store::{Accounts, Blocks as _, Conversations as _, Groups as _, Nodes as _, Notifications};
use natterjack::store::{Presence as _, Reports as _, Sessions as _};
use tokio::task::JoinSet;

crate::on_each_sql! {
    nothing_is_left_of_a_person_but_their_row
    an_account_goes_once
    who_is_gone_comes_into_nothing_again
    of_those_who_bring_somebody_in_and_who_goes_at_once_none_is_stuck
    who_is_gone_is_told_of_by_where_they_were
    what_was_written_meanwhile_goes_at_last
    a_password_is_set_in_the_place_of_the_one_that_is_there
}

/// Somebody of whom there is much to know.
async fn somebody(sql: &Sql) -> (UserId, Session) {
    let account = NewAccount {
        email: Some(Email::parse("private@example.org").unwrap()),
        is_email_proven: true,
        mobile_number: Some(MobileNumber::parse("4915112345678").unwrap()),
        is_mobile_number_proven: true,
        display_name: Some("Private Name".to_owned()),
        avatar_url: Some("https://example.org/private.png".to_owned()),
        password_hash: Some("$argon2id$private".to_owned()),
        ..account("Private.User")
    };
    let session = Session { device_name: Some("A private device".to_owned()), ..session(account.id) };
    assert_eq!(sql.register(&account, &session, token(77)).await.unwrap(), Registered::Done);
    let change = ProfileChange { about: Assign::To("private words".to_owned()), ..ProfileChange::default() };
    sql.update_profile(account.id, &change).await.unwrap();
    (account.id, session)
}

fn notification(user: UserId, actor: UserId) -> NewNotification {
    NewNotification {
        user,
        kind: NotificationKind::Announcement,
        cause: Cause::announcement(&actor.to_string()),
        actor: Some(actor),
        conversation: None,
        message: None,
        seq: None,
        text: Some(format!("private to {user}")),
        at: at(1),
        push: Some(PushPlan { made_at: at(1), due_at: at(2) }),
    }
}

fn report(by: UserId, author: UserId) -> Report {
    let conversation = ConversationId::new(at(0));
    let reason = format!("a reason of {by}");
    Report { message: MessageId::new(at(0)), conversation, author, by, reason, text: None, at: at(1) }
}

/// Everything that a person may have, but conversations.
async fn belongings(sql: &Sql, user: UserId, other: UserId) {
    for (by, of) in [(user, other), (other, user)] {
        sql.set(Block { by, of }, true, at(1)).await.unwrap();
        Notifications::make(sql, &[notification(by, of)]).await.unwrap();
        sql.put(&report(by, of)).await.unwrap();
    }
    let node = NodeId::new(at(0));
    sql.beat(&Node { id: node, started_at: at(0), seen_at: at(0) }).await.unwrap();
    sql.note(node, &[Move { user, is_here: true }], at(1)).await.unwrap();
}

async fn nothing_is_left_of_a_person_but_their_row(sql: TestSql) {
    let (ada, session) = somebody(&sql).await;
    let bob = person(&*sql, "bob").await;
    belongings(&sql, ada, bob).await;
    sql.set_suspended(bob, false, at(1)).await.unwrap();
    let there = dump::rows(sql.url()).await;
    for personal in ["rivate.", "Private Name", "private words", "private device", "argon2id$private", "4915112345678"]
    {
        assert!(there.contains(personal), "{personal} is there before");
    }
    let (of_ada, reason) = (format!("private to {ada}"), format!("a reason of {ada}"));
    assert!(there.contains(&of_ada) && there.contains(&reason));

    assert_eq!(sql.delete(ada, at(9)).await.unwrap(), Some(vec![session.id]));
    let left = dump::rows(sql.url()).await.to_lowercase();
    for personal in [
        "private.",
        "private name",
        "private words",
        "private device",
        "argon2id$private",
        "4915112345678",
        &of_ada,
        &reason,
    ] {
        assert_eq!(left.lines().find(|line| line.contains(personal)), None, "{personal}");
    }
    let gone = User {
        id: ada,
        username: None,
        chosen_name: None,
        avatar_url: None,
        about: None,
        email: None,
        is_email_proven: false,
        mobile_number: None,
        is_mobile_number_proven: false,
        created_at: at(0),
        is_deleted: true,
    };
    assert_eq!(gone.display_name(), "Deleted User");
    assert_eq!(Accounts::find(&*sql, &[ada]).await.unwrap(), [gone]);
    assert_eq!(sql.around(&[ada]).await.unwrap().len(), 0);
    let presence = sql.presences(&[ada]).await.unwrap()[&ada];
    assert_eq!((presence.is_online, presence.last_seen_at), (false, None));
    // What is others' stays.
    assert_eq!(sql.latest(9).await.unwrap().iter().map(|report| report.by).collect::<Vec<_>>(), [bob]);
    assert_eq!(sql.standings(&[bob]).await.unwrap()[&bob].unseen, 1);
    // They are in no list, and all that they had is free.
    let everyone = PeopleFilter { except: UserId::SYSTEM, matching: Matching::default(), is_online: None };
    let window = Window { after: None, before: None, take: Take::First(9) };
    let page = Accounts::page(&*sql, &everyone, &window).await.unwrap();
    assert_eq!(page.items.iter().map(|(_, user)| user.id).collect::<Vec<_>>(), [bob]);
    assert_eq!(sql.people(None, 9).await.unwrap(), [bob]);
    somebody(&sql).await;
}

async fn an_account_goes_once(sql: TestSql) {
    let (ada, _) = somebody(&sql).await;
    let again = sql.open_again().await;
    let all = (0..10).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        async move { node.delete(ada, at(9)).await.unwrap().is_some() }
    });
    let done = all.collect::<JoinSet<_>>().join_all().await;
    assert_eq!(done.iter().filter(|is_done| **is_done).count(), 1);
    assert_eq!(sql.delete(UserId::new(at(0)), at(9)).await.unwrap(), None);
    assert_eq!(sql.password_hash(ada).await.unwrap(), None);
    assert!(!sql.insert(&session(ada), token(1)).await.unwrap(), "no session begins");
    assert_eq!(sql.set_suspended(ada, true, at(9)).await.unwrap(), None);
    let change = ProfileChange { about: Assign::To("I am back".to_owned()), ..ProfileChange::default() };
    assert_eq!(sql.update_profile(ada, &change).await.unwrap(), None);
    let node = NodeId::new(at(0));
    sql.beat(&Node { id: node, started_at: at(0), seen_at: at(0) }).await.unwrap();
    assert!(!sql.note(node, &[Move { user: ada, is_here: true }], at(9)).await.unwrap());
    assert_eq!(Notifications::make(&*sql, &[notification(ada, ada)]).await.unwrap(), []);
}

async fn who_is_gone_comes_into_nothing_again(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let stands = group(&sql, &[bob], &[]).await.id;
    sql.delete(ada, at(9)).await.unwrap();
    let new = super::groups::new_group(&[bob, ada], &[]);
    assert_eq!(sql.create(&new).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(sql.ids(None, 9).await.unwrap(), [stands]);
    let pair = Pair::new(ada, bob).unwrap();
    let direct = NewDirect { id: ConversationId::new(at(0)), pair, created_by: bob, created_at: at(0) };
    assert_eq!(sql.open_direct(&direct).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(come_in(&sql, stands, ada).await, Some(Code::NotFound));
    assert_eq!(sql.memberships_of(&[ada]).await.unwrap(), []);
}

async fn come_in(sql: &Sql, id: ConversationId, user: UserId) -> Option<Code> {
    let joined = Member::joined(id, user, Role::Member, at(1), Revision::ZERO);
    let decide = |_: &Scene| Ok(Verdict::Change(Change { put: vec![joined.clone()], ..Change::default() }));
    sql.change(&ask(id, &[user]), at(1), &decide).await.err().map(|error| error.code())
}

async fn of_those_who_bring_somebody_in_and_who_goes_at_once_none_is_stuck(sql: TestSql) {
    for n in 0..10 {
        let (ada, bob) = (person(&*sql, &format!("a{n}da")).await, person(&*sql, &format!("b{n}bb")).await);
        let group = group(&sql, &[bob], &[]).await.id;
        let again = sql.open_again().await;
        let (refused, gone) = tokio::join!(come_in(&sql, group, ada), again.delete(ada, at(9)));
        assert!(gone.unwrap().is_some());
        // Either they were in before they went, and go out of it, or they never came.
        let is_in = !sql.memberships_of(&[ada]).await.unwrap().is_empty();
        assert_eq!(is_in, refused.is_none());
        assert!(sql.leaving(None, 99).await.unwrap().iter().any(|(user, _)| *user == ada));
    }
}

async fn who_is_gone_is_told_of_by_where_they_were(sql: TestSql) {
    let [ada, bob, cyd] = people(&sql).await;
    let (with_bob, group, left) =
        (open(&sql, ada, bob).await, group(&sql, &[ada, bob], &[]).await.id, group(&sql, &[bob, ada], &[]).await.id);
    let go_out = async |id: ConversationId, user: UserId| {
        let gone = Change { gone: vec![user], ..Change::default() };
        let decide = |_: &Scene| Ok(Verdict::Change(gone.clone()));
        sql.change(&ask(id, &[user]), at(1), &decide).await.unwrap();
    };
    go_out(left, ada).await;
    assert_eq!(sql.left_by_deleted(&[ada, bob, cyd]).await.unwrap(), [], "nobody is gone");
    sql.delete(ada, at(9)).await.unwrap();
    go_out(with_bob, ada).await;
    go_out(group, ada).await;
    go_out(left, bob).await;
    let mut found = sql.left_by_deleted(&[ada, bob, cyd]).await.unwrap();
    found.sort();
    let mut expected = [(ada, with_bob), (ada, group)];
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(sql.profiles_since(PeopleVersion::default(), 9).await.unwrap().last().unwrap().user, ada);
    assert_eq!(sql.turned_since(PeopleVersion::default(), 9).await.unwrap().last().unwrap().user, ada);
}

async fn what_was_written_meanwhile_goes_at_last(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let group = group(&sql, &[bob, ada], &[]).await.id;
    sql.delete(ada, at(9)).await.unwrap();
    assert_eq!(sql.leaving(None, 9).await.unwrap(), [(ada, at(9))]);
    // By operations that were under way.
    sql.set(Block { by: ada, of: bob }, true, at(9)).await.unwrap();
    natterjack::store::Reports::put(&*sql, &report(ada, bob)).await.unwrap();
    sql.finish_leaving(ada, at(10)).await.unwrap();
    assert_eq!(sql.leaving(None, 9).await.unwrap(), [(ada, at(9))], "there is a membership still");
    let gone = Change { gone: vec![ada], ..Change::default() };
    sql.change(&ask(group, &[ada]), at(10), &|_: &Scene| Ok(Verdict::Change(gone.clone()))).await.unwrap();
    sql.set(Block { by: ada, of: bob }, true, at(10)).await.unwrap();
    sql.finish_leaving(ada, at(11)).await.unwrap();
    assert_eq!(sql.leaving(None, 9).await.unwrap(), []);
    assert_eq!((sql.around(&[ada]).await.unwrap().len(), sql.latest(9).await.unwrap().len()), (0, 0));
    assert_eq!(sql.left_by_deleted(&[ada]).await.unwrap(), [(ada, group)]);
    // Nothing of one who has an account.
    sql.set(Block { by: bob, of: ada }, true, at(10)).await.unwrap();
}

async fn a_password_is_set_in_the_place_of_the_one_that_is_there(sql: TestSql) {
    let (ada, kept) = somebody(&sql).await;
    let (other, others) = (session(ada), person(&*sql, "bob").await);
    sql.insert(&other, token(2)).await.unwrap();
    let new = |from: &str, to: &str| NewPassword {
        user: ada,
        from: Some(from.to_owned()),
        to: to.to_owned(),
        keep: Some(kept.id),
    };
    assert_eq!(sql.set_password(&new("$argon2id$wrong", "$new"), at(5)).await.unwrap(), None);
    let absent = NewPassword { from: None, ..new("", "$new") };
    assert_eq!(sql.set_password(&absent, at(5)).await.unwrap(), None);
    assert_eq!(sql.of_user(ada, at(5)).await.unwrap().len(), 2);
    assert_eq!(sql.set_password(&new("$argon2id$private", "$new"), at(5)).await.unwrap(), Some(vec![other.id]));
    assert_eq!(sql.password_hash(ada).await.unwrap().as_deref(), Some("$new"));
    assert_eq!(sql.of_user(ada, at(5)).await.unwrap().iter().map(|one| one.id).collect::<Vec<_>>(), [kept.id]);
    assert_eq!(sql.of_user(others, at(5)).await.unwrap().len(), 1);
}
