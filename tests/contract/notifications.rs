//! [`Notifications`]: each is made once, for those whom it reaches, and found again by its person's version.

use super::conversations::{nowhere, open, people};
use super::groups::{ask, group, make};
use super::marks::{advance, marks, moved};
use crate::support::make::at;
use crate::support::messages::revision;
use crate::support::stores::TestSql;
use natterjack::domain::conversation::{Member, Role};
use natterjack::domain::ids::{ConversationId, MessageId, UserId};
use natterjack::domain::message::Revision;
use natterjack::domain::notification::{
    Cause, NewNotification, Notification, NotificationKind, NotificationPlace, NotificationsVersion,
};
use natterjack::domain::page::{Take, Window};
use natterjack::domain::rules::MAX_UNSEEN;
use natterjack::store::blocks::Block;
use natterjack::store::groups::{Change, Scene, Verdict};
use natterjack::store::notifications::{Announcement, Standing, Step};
use natterjack::store::sql::Sql;
use natterjack::store::{Blocks as _, Groups as _, Notifications};
use tokio::task::JoinSet;

crate::on_each_sql! {
    a_step_is_made_once_from_where_its_log_stands
    of_many_nodes_that_look_through_a_log_at_once_one_does
    a_cause_notifies_a_person_once
    who_is_not_reached_is_not_notified
    a_muted_conversation_gives_none_but_mentions
    notifications_come_the_latest_first_and_are_paged_both_ways
    what_was_made_after_a_version_is_found_by_it
    what_the_read_mark_has_passed_is_seen
    what_is_marked_as_seen_stays_so
    notifications_of_a_deleted_message_go
    who_goes_out_has_none_of_that_conversation_any_more
    a_group_that_goes_takes_them_with_it
    an_invitation_is_for_the_invited_and_seen_by_coming_in
    announcements_are_kept_under_their_first_words
    positions_of_what_stood_before_begin_where_they_are_told
    the_unseen_are_counted_up_to_a_limit
}

const DIRECT: NotificationKind = NotificationKind::DirectMessage;

fn new(user: UserId, actor: UserId, conversation: ConversationId, number: i64) -> NewNotification {
    let message = MessageId::new(at(number));
    NewNotification {
        user,
        kind: DIRECT,
        cause: Cause::message(message),
        actor: Some(actor),
        conversation: Some(conversation),
        message: Some(message),
        seq: Some(revision(number)),
        text: None,
        at: at(number),
        push: None,
    }
}

fn step(conversation: ConversationId, from: i64, to: i64, made: Vec<NewNotification>) -> Step {
    Step { conversation, from: revision(from), to: revision(to), made, gone: Vec::new() }
}

async fn all(sql: &Sql, user: UserId) -> Vec<Notification> {
    let window = Window { after: None, before: None, take: Take::Last(100) };
    Notifications::page(sql, user, &window).await.unwrap().items
}

async fn count(sql: &Sql, user: UserId) -> usize {
    all(sql, user).await.len()
}

async fn standing(sql: &Sql, user: UserId) -> (i64, u32) {
    let Standing { version, unseen } = sql.standings(&[user]).await.unwrap()[&user];
    assert_eq!(sql.versions(&[user]).await.unwrap()[&user], version);
    (version.0, unseen)
}

async fn position(sql: &Sql, id: ConversationId) -> Option<i64> {
    sql.positions(&[id]).await.unwrap().get(&id).map(|revision| revision.number())
}

/// Two people who talk, and notifications of the one that the other has written so many messages.
async fn talk(sql: &TestSql, count: i64) -> (UserId, UserId, ConversationId) {
    let [ada, bob] = people(sql).await;
    let id = open(sql, ada, bob).await;
    let made = (1..=count).map(|n| new(bob, ada, id, n)).collect();
    sql.project(&[step(id, 0, count, made)]).await.unwrap();
    (ada, bob, id)
}

async fn a_step_is_made_once_from_where_its_log_stands(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let id = open(&sql, ada, bob).await;
    assert_eq!(position(&sql, id).await, Some(0));
    let first = step(id, 0, 2, vec![new(bob, ada, id, 1), new(bob, ada, id, 2)]);
    assert_eq!(sql.project(std::slice::from_ref(&first)).await.unwrap(), [bob]);
    assert_eq!((position(&sql, id).await, standing(&sql, bob).await), (Some(2), (2, 2)));
    // Neither again, nor from elsewhere, nor what is gone.
    for other in [first, step(id, 1, 7, vec![new(bob, ada, id, 7)]), step(nowhere(), 0, 1, vec![])] {
        assert_eq!(sql.project(&[other]).await.unwrap(), []);
    }
    assert_eq!((position(&sql, id).await, standing(&sql, bob).await), (Some(2), (2, 2)));
    // A step in which nothing concerns anybody moves the position all the same.
    assert_eq!(sql.project(&[step(id, 2, 9, vec![])]).await.unwrap(), []);
    assert_eq!(position(&sql, id).await, Some(9));
    let made = all(&sql, bob).await;
    let shown: Vec<_> = made.iter().map(|one| (one.created_at, one.actor, one.conversation, one.seen_at)).collect();
    assert_eq!(shown, [(at(2), Some(ada), Some(id), None), (at(1), Some(ada), Some(id), None)]);
}

async fn of_many_nodes_that_look_through_a_log_at_once_one_does(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let (first, second) = (open(&sql, ada, bob).await, open(&sql, ada, cy).await);
    let again = sql.open_again().await;
    // Each node makes its own ids for the messages: only the positions tell that the others have done it.
    let looks = (0..20).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        let mut steps =
            vec![step(first, 0, 3, vec![new(bob, ada, first, 3)]), step(second, 0, 3, vec![new(cy, ada, second, 3)])];
        if n % 3 == 0 {
            steps.reverse();
        }
        async move { node.project(&steps).await.unwrap().len() }
    });
    let made = looks.collect::<JoinSet<_>>().join_all().await;
    assert_eq!(made.iter().sum::<usize>(), 2, "{made:?}");
    assert_eq!((count(&sql, bob).await, count(&sql, cy).await), (1, 1));
}

async fn a_cause_notifies_a_person_once(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let id = open(&sql, ada, bob).await;
    let one = new(bob, ada, id, 1);
    sql.project(&[step(id, 0, 1, vec![one.clone()])]).await.unwrap();
    let mention = NewNotification { kind: NotificationKind::Mention, ..one.clone() };
    assert_eq!(sql.project(&[step(id, 1, 2, vec![mention])]).await.unwrap(), []);
    let by_reaction = |by| NewNotification { cause: Cause::reaction(one.message.unwrap(), by), ..one.clone() };
    let reactions = vec![by_reaction(ada), by_reaction(bob), by_reaction(ada)];
    sql.project(&[step(id, 2, 3, reactions)]).await.unwrap();
    assert_eq!((count(&sql, bob).await, standing(&sql, bob).await), (3, (3, 3)));
}

async fn who_is_not_reached_is_not_notified(sql: TestSql) {
    let [ada, bob, cy, dee] = people(&sql).await;
    let id = group(&sql, &[ada, bob, cy], &[dee]).await.id;
    sql.set(Block { by: bob, of: ada }, true, at(1)).await.unwrap();
    let eve = crate::support::make::person(&*sql, "eve").await;
    let made = [bob, cy, dee, eve].map(|user| new(user, ada, id, 1)).to_vec();
    assert_eq!(sql.project(&[step(id, 0, 1, made)]).await.unwrap(), [cy]);
    // Whichever of the two has blocked.
    let back = vec![new(ada, bob, id, 2), new(ada, cy, id, 2)];
    assert_eq!(sql.project(&[step(id, 1, 2, back)]).await.unwrap(), [ada]);
    assert_eq!(all(&sql, ada).await[0].actor, Some(cy));
}

async fn a_muted_conversation_gives_none_but_mentions(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let id = open(&sql, ada, bob).await;
    sql.set_muted(id, bob, true).await.unwrap();
    let kinds = [DIRECT, NotificationKind::Reply, NotificationKind::Reaction, NotificationKind::Mention];
    let made = (1..).zip(kinds).map(|(n, kind)| NewNotification { kind, ..new(bob, ada, id, n) });
    sql.project(&[step(id, 0, 4, made.collect())]).await.unwrap();
    let kinds: Vec<_> = all(&sql, bob).await.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [NotificationKind::Mention]);
}

async fn notifications_come_the_latest_first_and_are_paged_both_ways(sql: TestSql) {
    let (_, bob, _) = talk(&sql, 5).await;
    let page = async |take, after: Option<i64>, before: Option<i64>| {
        let place = |number| NotificationPlace(NotificationsVersion(number));
        let window = Window { after: after.map(place), before: before.map(place), take };
        let page = Notifications::page(&*sql, bob, &window).await.unwrap();
        let places: Vec<_> = page.items.iter().map(|one| one.place.0.0).collect();
        (places, page.has_previous, page.has_next)
    };
    assert_eq!(page(Take::First(9), None, None).await, (vec![5, 4, 3, 2, 1], false, false));
    assert_eq!(page(Take::First(2), Some(4), None).await, (vec![3, 2], true, true));
    assert_eq!(page(Take::Last(2), None, Some(2)).await, (vec![4, 3], true, true));
    assert_eq!(page(Take::Last(2), None, None).await, (vec![2, 1], true, false));
}

async fn what_was_made_after_a_version_is_found_by_it(sql: TestSql) {
    let (ada, bob, _) = talk(&sql, 5).await;
    let between = async |after, to, limit| {
        let version = NotificationsVersion;
        let found = sql.between(bob, version(after), version(to), limit).await.unwrap();
        found.iter().map(|one| one.place.0.0).collect::<Vec<_>>()
    };
    assert_eq!(between(2, 4, 9).await, [3, 4]);
    assert_eq!(between(0, 5, 3).await, [1, 2, 3]);
    assert!(between(5, 5, 9).await.is_empty());
    let latest = &all(&sql, bob).await[0];
    assert_eq!(sql.find(&[(latest.id, bob), (latest.id, ada)]).await.unwrap(), std::slice::from_ref(latest));
}

async fn what_the_read_mark_has_passed_is_seen(sql: TestSql) {
    let (ada, bob, id) = talk(&sql, 4).await;
    advance(&sql, &[moved(id, bob, marks(4, 3), 50)]).await;
    assert_eq!(standing(&sql, bob).await, (4, 1));
    let seen: Vec<_> = all(&sql, bob).await.iter().map(|one| one.seen_at).collect();
    assert_eq!(seen, [None, Some(at(50)), Some(at(50)), Some(at(50))]);
    // What is made late of what is read already is seen.
    sql.project(&[step(id, 4, 5, vec![new(bob, ada, id, 2)])]).await.unwrap();
    assert_eq!(standing(&sql, bob).await, (5, 1));
}

async fn what_is_marked_as_seen_stays_so(sql: TestSql) {
    let (_, bob, _) = talk(&sql, 4).await;
    let up_to = |number| Some(NotificationPlace(NotificationsVersion(number)));
    for (place, is_news, standing_then) in
        [(up_to(2), true, (5, 2)), (up_to(2), false, (5, 2)), (up_to(1), false, (5, 2)), (None, true, (6, 0))]
    {
        assert_eq!(sql.mark_seen(bob, place, at(9)).await.unwrap(), is_news);
        assert_eq!(standing(&sql, bob).await, standing_then);
    }
    assert!(all(&sql, bob).await.iter().all(|one| one.seen_at == Some(at(9))));
    assert!(!sql.mark_seen(bob, None, at(10)).await.unwrap());
}

async fn notifications_of_a_deleted_message_go(sql: TestSql) {
    let (_, bob, id) = talk(&sql, 3).await;
    let gone = all(&sql, bob).await[1].message.unwrap();
    let deletion = Step { gone: vec![gone], ..step(id, 3, 4, vec![]) };
    assert_eq!(sql.project(std::slice::from_ref(&deletion)).await.unwrap(), [bob]);
    assert_eq!((count(&sql, bob).await, standing(&sql, bob).await), (2, (4, 2)));
    let again = Step { gone: vec![gone], ..step(id, 4, 5, vec![]) };
    assert_eq!(sql.project(&[again]).await.unwrap(), []);
}

async fn who_goes_out_has_none_of_that_conversation_any_more(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let id = group(&sql, &[ada, bob], &[]).await.id;
    let other = open(&sql, ada, bob).await;
    let steps = [step(id, 0, 1, vec![new(bob, ada, id, 1)]), step(other, 0, 1, vec![new(bob, ada, other, 1)])];
    sql.project(&steps).await.unwrap();
    make(&sql, id, Change { gone: vec![bob], ..Change::default() }).await;
    let left: Vec<_> = all(&sql, bob).await.iter().map(|one| one.conversation).collect();
    assert_eq!((left, standing(&sql, bob).await.1), (vec![Some(other)], 1));
    let back = Member::joined(id, bob, Role::Member, at(9), Revision::ZERO);
    make(&sql, id, Change { put: vec![back], ..Change::default() }).await;
    assert_eq!(count(&sql, bob).await, 1, "nor when they come in again");
}

async fn a_group_that_goes_takes_them_with_it(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let id = group(&sql, &[ada, bob], &[]).await.id;
    sql.project(&[step(id, 0, 1, vec![new(bob, ada, id, 1)])]).await.unwrap();
    sql.change(&ask(id, &[]), at(9), &|_: &Scene| Ok(Verdict::Delete)).await.unwrap().unwrap();
    assert_eq!((count(&sql, bob).await, standing(&sql, bob).await.1), (0, 0));
    assert_eq!(position(&sql, id).await, Some(0), "of which nothing is kept");
    assert_eq!(sql.project(&[step(id, 0, 2, vec![new(bob, ada, id, 2)])]).await.unwrap(), []);
    assert_eq!(position(&sql, id).await, Some(0));
}

async fn an_invitation_is_for_the_invited_and_seen_by_coming_in(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    let id = group(&sql, &[ada, cy], &[bob]).await.id;
    let invitation =
        |user, number| NewNotification { kind: NotificationKind::Invitation, ..new(user, ada, id, number) };
    // One who is in already need not hear of it.
    assert_eq!(sql.project(&[step(id, 0, 2, vec![invitation(bob, 1), invitation(cy, 2)])]).await.unwrap(), [bob]);
    assert_eq!(standing(&sql, bob).await, (1, 1));
    make(
        &sql,
        id,
        Change { put: vec![Member::joined(id, bob, Role::Member, at(9), revision(2))], ..Change::default() },
    )
    .await;
    assert_eq!(standing(&sql, bob).await, (1, 0));
    assert_eq!(all(&sql, bob).await[0].seen_at, Some(at(9)));
}

async fn announcements_are_kept_under_their_first_words(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let first = Announcement { id: "spring".to_owned(), text: "hello".to_owned(), at: at(1) };
    assert_eq!(sql.announce(&first).await.unwrap(), first);
    let other = Announcement { text: "else".to_owned(), at: at(2), ..first.clone() };
    assert_eq!(sql.announce(&other).await.unwrap(), first);
    let told = |user| NewNotification {
        kind: NotificationKind::Announcement,
        cause: Cause::announcement("spring"),
        actor: None,
        conversation: None,
        message: None,
        seq: None,
        text: Some("hello".to_owned()),
        ..new(user, user, nowhere(), 1)
    };
    assert_eq!(sql.make(&[told(ada)]).await.unwrap(), [ada]);
    assert_eq!(sql.make(&[told(ada), told(bob)]).await.unwrap(), [bob]);
    assert_eq!(all(&sql, ada).await[0].text.as_deref(), Some("hello"));
    let mut everybody = sql.people(None, 1).await.unwrap();
    everybody.append(&mut sql.people(everybody.last().copied(), 9).await.unwrap());
    let mut both = [ada, bob];
    both.sort();
    assert_eq!(everybody, both);
}

async fn positions_of_what_stood_before_begin_where_they_are_told(sql: TestSql) {
    let old = sql.empty().await;
    let sql = super::migrations::of_two_who_talked(&old).await;
    let ids = sql.unbegun(9).await.unwrap();
    assert_eq!(ids.len(), 1);
    let id = ids[0];
    assert_eq!(position(&sql, id).await, None);
    assert_eq!(sql.project(&[step(id, 0, 9, vec![])]).await.unwrap(), [], "nobody looks through it before");
    assert_eq!(position(&sql, id).await, None);
    sql.begin(&[(id, revision(5))]).await.unwrap();
    sql.begin(&[(id, revision(7))]).await.unwrap();
    assert_eq!((position(&sql, id).await, sql.unbegun(9).await.unwrap()), (Some(5), vec![]));
    sql.close().await.unwrap();
}

async fn the_unseen_are_counted_up_to_a_limit(sql: TestSql) {
    let (_, bob, _) = talk(&sql, i64::from(MAX_UNSEEN) + 5).await;
    assert_eq!(standing(&sql, bob).await, (i64::from(MAX_UNSEEN) + 5, MAX_UNSEEN));
}
