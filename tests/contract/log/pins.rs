//! Pinned messages, and the notices that tell of them.

use super::{Nodes, amend, append, append_many, commit, seqs, whole};
use crate::support::make::at;
use crate::support::messages::{a_conversation, a_person, amendment, delete, edit, message, pin, revision};
use natterjack::domain::batch::{Attempt, Write, Written};
use natterjack::domain::ids::{MessageId, UserId};
use natterjack::domain::message::{Amendment, Change, ChangeKind, MessageKind};
use natterjack::domain::page::{Page, Take, Window};
use tokio::task::JoinSet;

super::on_each_log! {
    a_pin_and_its_notice_are_one_transaction
    a_pin_that_stands_already_tells_nothing
    a_pin_whose_answer_was_lost_tells_once
    of_many_who_pin_at_once_one_tells
    pinned_messages_are_paged_by_place
}

fn unpin(message: MessageId) -> Amendment {
    amendment(message, Change::Unpin)
}

async fn a_pin_and_its_notice_are_one_transaction(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "hello")).await;
    let committed = commit(&*nodes.here, conversation, &[Write::Amend(pin(&born, ada))]).await;
    assert_eq!((committed.head.revision, committed.head.last_seq), (revision(3), revision(3)));
    let [pinned, told] = &whole(&*nodes.there, conversation).await[..] else {
        panic!("a message and a notice");
    };
    assert_eq!((pinned.seq, pinned.revision, pinned.pinned_at), (revision(1), revision(2), Some(at(2))));
    assert_eq!((pinned.latest_change(), pinned.changed_at()), (Some(ChangeKind::Pinned), at(2)));
    assert_eq!((told.seq, told.author, told.kind), (revision(3), UserId::SYSTEM, MessageKind::System));
    assert_eq!(told.notice.as_ref().unwrap().message, Some(born.id));
    assert_eq!(nodes.there.latest(&[conversation]).await.unwrap().first(), Some(told));

    let unpinned = amend(&*nodes.there, conversation, unpin(born.id)).await;
    assert_eq!((unpinned.pinned_at, unpinned.latest_change()), (None, Some(ChangeKind::Pinned)));
    assert_eq!(whole(&*nodes.here, conversation).await.len(), 2);
}

async fn a_pin_that_stands_already_tells_nothing(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "hello")).await;
    let never = commit(&*nodes.here, conversation, &[Write::Amend(unpin(born.id))]).await;
    assert_eq!(never.written, [Written::Unchanged(born.clone())]);
    let pinned = amend(&*nodes.here, conversation, pin(&born, ada)).await;
    let again = commit(&*nodes.there, conversation, &[Write::Amend(pin(&born, a_person()))]).await;
    assert_eq!(again.written, [Written::Unchanged(pinned)]);
    assert_eq!(again.head.revision, revision(3));
}

async fn a_pin_whose_answer_was_lost_tells_once(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "hello")).await;
    let write = [Write::Amend(pin(&born, ada))];
    commit(&*nodes.here, conversation, &write).await;
    let again = nodes.there.commit(conversation, &write, Attempt::Again).await.unwrap();
    assert!(matches!(again.written[..], [Written::Unchanged(_)]));
    // Also where it was unpinned between the two.
    amend(&*nodes.here, conversation, unpin(born.id)).await;
    let again = nodes.there.commit(conversation, &write, Attempt::Again).await.unwrap();
    assert!(matches!(again.written[..], [Written::Amended(_)]));
    assert_eq!(seqs(&whole(&*nodes.here, conversation).await), [3, 1]);
}

async fn of_many_who_pin_at_once_one_tells(nodes: Nodes) {
    let conversation = a_conversation();
    let born = append(&*nodes.here, message(conversation, a_person(), "hello")).await;
    let logs = nodes.logs();
    let pinning: JoinSet<_> = (0..16)
        .map(|n| {
            let (log, pin) = (logs[n % 2].clone(), pin(&born, a_person()));
            async move { log.amend(conversation, pin).await.unwrap() }
        })
        .collect();
    let answers = pinning.join_all().await;
    assert_eq!(answers.iter().filter(|written| matches!(written, Written::Amended(_))).count(), 1);
    assert_eq!(seqs(&whole(&*nodes.here, conversation).await), [1, 3]);
}

async fn pinned_messages_are_paged_by_place(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let born = append_many(&*nodes.here, conversation, ada, 6).await;
    for n in [4, 0, 5, 2] {
        amend(&*nodes.here, conversation, pin(&born[n], ada)).await;
    }
    amend(&*nodes.here, conversation, edit(born[2].id, "edited")).await;
    amend(&*nodes.here, conversation, unpin(born[5].id)).await;
    let page = async |take, after: Option<i64>, before: Option<i64>| {
        let window = Window { after: after.map(revision), before: before.map(revision), take };
        let Page { items, has_previous, has_next } = nodes.there.pinned(conversation, &window).await.unwrap();
        (seqs(&items), has_previous, has_next)
    };
    assert_eq!(page(Take::First(9), None, None).await, (vec![1, 3, 5], false, false));
    assert_eq!(page(Take::First(1), Some(1), None).await, (vec![3], true, true));
    assert_eq!(page(Take::Last(2), None, None).await, (vec![3, 5], true, false));
    assert_eq!(page(Take::Last(2), None, Some(5)).await, (vec![1, 3], false, true));
    // What is deleted is pinned no more.
    amend(&*nodes.here, conversation, delete(born[0].id)).await;
    assert_eq!(page(Take::First(9), None, None).await, (vec![3, 5], false, false));
}
