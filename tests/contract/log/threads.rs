//! What answers what.

use super::{Nodes, amend, append, seqs, whole};
use crate::support::messages::{a_conversation, a_person, delete, edit, message, reply, revision};
use natterjack::domain::message::Message;
use natterjack::domain::page::{Page, Take, Window};
use natterjack::store::log::RepliesTo;

super::on_each_log! {
    replies_are_paged_by_place
    replies_are_counted_without_tombstones
}

fn to(message: &Message) -> RepliesTo {
    RepliesTo { conversation: message.conversation, message: message.id }
}

async fn replies_are_paged_by_place(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let first = append(&*nodes.here, message(conversation, ada, "1")).await;
    let answer = append(&*nodes.here, reply(&first, ada, "2")).await;
    append(&*nodes.here, message(conversation, ada, "3")).await;
    append(&*nodes.here, reply(&answer, ada, "4")).await;
    let third = append(&*nodes.here, reply(&first, ada, "5")).await;
    append(&*nodes.here, reply(&first, ada, "6")).await;
    assert_eq!((answer.reply_to, third.reply_to), (Some(first.id), Some(first.id)));
    amend(&*nodes.here, conversation, edit(answer.id, "edited")).await;
    // Its place is kept, and what it answered.
    let gone = amend(&*nodes.here, conversation, delete(third.id)).await;
    assert_eq!((gone.reply_to, &gone.text), (Some(first.id), &None));
    assert!(whole(&*nodes.there, conversation).await.contains(&gone));

    let page = async |message: &Message, take, after: Option<i64>, before: Option<i64>| {
        let window = Window { after: after.map(revision), before: before.map(revision), take };
        let Page { items, has_previous, has_next } = nodes.there.replies(to(message), &window).await.unwrap();
        (seqs(&items), has_previous, has_next)
    };
    assert_eq!(page(&first, Take::First(9), None, None).await, (vec![2, 5, 6], false, false));
    assert_eq!(page(&first, Take::First(1), Some(2), None).await, (vec![5], true, true));
    assert_eq!(page(&first, Take::Last(1), None, Some(6)).await, (vec![5], true, true));
    assert_eq!(page(&answer, Take::Last(9), None, None).await, (vec![4], false, false));
    assert_eq!(page(&third, Take::Last(9), None, None).await, (vec![], false, false));
}

async fn replies_are_counted_without_tombstones(nodes: Nodes) {
    let (conversation, other, ada) = (a_conversation(), a_conversation(), a_person());
    let one = append(&*nodes.here, message(conversation, ada, "one")).await;
    let two = append(&*nodes.here, message(other, ada, "two")).await;
    let lone = append(&*nodes.here, message(conversation, ada, "lone")).await;
    for n in 0..4 {
        let answer = append(&*nodes.here, reply(&one, ada, n.to_string())).await;
        if n == 2 {
            amend(&*nodes.here, conversation, delete(answer.id)).await;
        }
    }
    append(&*nodes.here, reply(&two, ada, "answer")).await;
    let counts = nodes.there.reply_counts(&[to(&one), to(&two), to(&lone)]).await.unwrap();
    assert_eq!((counts[&to(&one)], counts[&to(&two)]), (3, 1));
    assert_eq!(counts.get(&to(&lone)).copied().unwrap_or_default(), 0);
    assert!(nodes.there.reply_counts(&[]).await.unwrap().is_empty());
}
