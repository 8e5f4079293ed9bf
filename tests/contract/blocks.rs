//! [`Blocks`]: who wants nothing to do with whom.

use super::conversations::people;
use crate::support::make::at;
use crate::support::stores::TestSql;
use natterjack::domain::ids::UserId;
use natterjack::domain::page::{Take, Window};
use natterjack::domain::user::NamePlace;
use natterjack::store::Blocks as _;
use natterjack::store::blocks::Block;
use std::collections::HashSet;
use tokio::task::JoinSet;
use uuid::Uuid;

crate::on_each_sql! {
    a_block_is_set_once_and_taken_away_once
    of_many_who_set_a_block_at_once_it_is_new_to_one
    blocks_are_found_among_those_asked_for
    two_are_apart_whichever_blocks_the_other
    the_blocked_are_paged_by_name_both_ways
}

async fn set(sql: &TestSql, by: UserId, of: UserId) {
    assert!(sql.set(Block { by, of }, true, at(1)).await.unwrap());
}

async fn a_block_is_set_once_and_taken_away_once(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let block = Block { by: ada, of: bob };
    for (is_blocked, is_changed) in [(false, false), (true, true), (true, false), (false, true), (false, false)] {
        assert_eq!(sql.set(block, is_blocked, at(1)).await.unwrap(), is_changed);
        assert_eq!(sql.set_among(&[block]).await.unwrap().contains(&block), is_blocked);
    }
}

async fn of_many_who_set_a_block_at_once_it_is_new_to_one(sql: TestSql) {
    let [ada, bob] = people(&sql).await;
    let again = sql.open_again().await;
    let settings = (0..20).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        async move { node.set(Block { by: ada, of: bob }, true, at(n)).await.unwrap() }
    });
    let new = settings.collect::<JoinSet<_>>().join_all().await;
    assert_eq!(new.iter().filter(|is_new| **is_new).count(), 1);
}

async fn blocks_are_found_among_those_asked_for(sql: TestSql) {
    let [ada, bob, cy] = people(&sql).await;
    set(&sql, ada, bob).await;
    set(&sql, ada, cy).await;
    let strangers = (0..2_500).map(|n| Block { by: ada, of: UserId::from(Uuid::from_u128(n)) });
    let asked: Vec<Block> = strangers.chain([Block { by: ada, of: bob }, Block { by: bob, of: ada }]).collect();
    assert_eq!(sql.set_among(&asked).await.unwrap(), HashSet::from([Block { by: ada, of: bob }]));
    assert_eq!(sql.set_among(&[]).await.unwrap(), HashSet::new());
}

async fn two_are_apart_whichever_blocks_the_other(sql: TestSql) {
    let [ada, bob, cy, dee] = people(&sql).await;
    set(&sql, ada, bob).await;
    set(&sql, cy, ada).await;
    set(&sql, bob, dee).await;
    let among: Vec<UserId> = (0..2_500).map(|n| UserId::from(Uuid::from_u128(n))).chain([bob, cy, dee]).collect();
    assert_eq!(sql.apart(ada, &among).await.unwrap(), HashSet::from([bob, cy]));
    assert_eq!(sql.apart(dee, &among).await.unwrap(), HashSet::from([bob]));
    assert_eq!(sql.apart(ada, &[dee]).await.unwrap(), HashSet::new());
    assert_eq!(sql.apart(ada, &[]).await.unwrap(), HashSet::new());
}

async fn the_blocked_are_paged_by_name_both_ways(sql: TestSql) {
    let users: [UserId; 6] = people(&sql).await;
    for of in [3, 1, 4, 2] {
        set(&sql, users[0], users[of]).await;
    }
    set(&sql, users[5], users[0]).await;
    set(&sql, users[1], users[5]).await;
    let place = |n: usize| NamePlace { name_key: format!("person{n}"), user: users[n] };
    let page = async |take, after: Option<usize>, before: Option<usize>| {
        let window = Window { after: after.map(place), before: before.map(place), take };
        let page = sql.page(users[0], &window).await.unwrap();
        let at = |id| users.iter().position(|user| *user == id).unwrap();
        let people: Vec<usize> = page.items.iter().map(|(_, user)| at(user.id)).collect();
        (people, page.has_previous, page.has_next)
    };
    assert_eq!(page(Take::First(9), None, None).await, (vec![1, 2, 3, 4], false, false));
    assert_eq!(page(Take::First(2), Some(1), None).await, (vec![2, 3], true, true));
    assert_eq!(page(Take::Last(2), None, Some(4)).await, (vec![2, 3], true, true));
}
