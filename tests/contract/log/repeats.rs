//! What was sent twice is stored once, for ever and on every node.

use super::{Nodes, amend, append, commit, head_number, revisions, whole};
use crate::support::messages::{a_conversation, a_person, delete, edit, message, revision, under};
use natterjack::domain::batch::{Attempt, Write, Written};
use natterjack::domain::ids::ConversationId;
use natterjack::domain::message::NewMessage;
use natterjack::store::LogStore;
use tokio::task::JoinSet;

super::on_each_log! {
    of_many_senders_of_one_client_id_one_has_sent_it
    a_repeat_is_known_after_an_edit_and_after_a_deletion
    another_text_under_a_used_client_id_conflicts
    others_and_other_conversations_may_use_the_same_client_id
    without_a_client_id_each_message_is_a_new_one
    a_repeat_in_a_batch_takes_nothing_from_its_neighbours
    what_is_tried_again_is_found_and_takes_no_number
    what_is_tried_again_and_was_not_stored_is_stored
    a_change_tried_again_takes_no_number
    a_message_is_found_under_its_client_id
}

async fn written(store: &dyn LogStore, conversation: ConversationId, new: NewMessage) -> Written {
    let mut committed = commit(store, conversation, &[Write::Append(new)]).await;
    committed.written.pop().unwrap()
}

async fn of_many_senders_of_one_client_id_one_has_sent_it(nodes: Nodes) {
    const IDS: usize = 20;
    let (conversation, ada) = (a_conversation(), a_person());
    let logs = nodes.logs();
    let sending: JoinSet<_> = (0..8 * IDS)
        .map(|n| {
            let text = format!("number {}", n % IDS);
            let new = under(&text, message(conversation, ada, text.clone()));
            let log = logs[n % 3 % 2].clone();
            async move { log.append(new).await.unwrap() }
        })
        .collect();
    let mut born = Vec::new();
    let mut repeated = Vec::new();
    for answer in sending.join_all().await {
        match answer {
            Written::Appended(message) => born.push(message),
            Written::Repeated(message) => repeated.push(message),
            other => panic!("{other:?}"),
        }
    }
    born.sort_by_key(|message| message.seq);
    assert_eq!(whole(&*nodes.here, conversation).await, born);
    assert_eq!((born.len(), repeated.len()), (IDS, 7 * IDS));
    assert_eq!(head_number(&*nodes.there, conversation).await, i64::try_from(IDS).unwrap());
    assert!(repeated.iter().all(|message| born.contains(message)));
}

async fn a_repeat_is_known_after_an_edit_and_after_a_deletion(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let again = || under("x", message(conversation, ada, "hello"));
    let born = append(&*nodes.here, again()).await;
    assert_eq!(written(&*nodes.there, conversation, again()).await, Written::Repeated(born.clone()));

    let edited = amend(&*nodes.here, conversation, edit(born.id, "hello!")).await;
    assert_eq!(written(&*nodes.there, conversation, again()).await, Written::Repeated(edited));
    let deleted = amend(&*nodes.here, conversation, delete(born.id)).await;
    assert_eq!(written(&*nodes.there, conversation, again()).await, Written::Repeated(deleted));
    assert_eq!(head_number(&*nodes.here, conversation).await, 3);
}

async fn another_text_under_a_used_client_id_conflicts(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let other = || under("x", message(conversation, ada, "good-bye"));
    let born = append(&*nodes.here, under("x", message(conversation, ada, "hello"))).await;
    assert_eq!(written(&*nodes.there, conversation, other()).await, Written::Conflicting);
    // What counts is what was first sent, not what the message says by now.
    amend(&*nodes.here, conversation, edit(born.id, "good-bye")).await;
    assert_eq!(written(&*nodes.there, conversation, other()).await, Written::Conflicting);
    amend(&*nodes.here, conversation, delete(born.id)).await;
    assert_eq!(written(&*nodes.there, conversation, other()).await, Written::Conflicting);
    assert_eq!(head_number(&*nodes.here, conversation).await, 3);
}

async fn others_and_other_conversations_may_use_the_same_client_id(nodes: Nodes) {
    let (ada, ben) = (a_person(), a_person());
    let (one, other) = (a_conversation(), a_conversation());
    for (conversation, author, number) in [(one, ada, 1), (one, ben, 2), (other, ada, 1), (other, ben, 2)] {
        let born = append(&*nodes.here, under("x", message(conversation, author, "hello"))).await;
        assert_eq!(born.seq, revision(number));
    }
}

async fn without_a_client_id_each_message_is_a_new_one(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    for node in [&nodes.here, &nodes.there, &nodes.here] {
        append(&**node, message(conversation, ada, "hello")).await;
    }
    assert_eq!(revisions(&whole(&*nodes.here, conversation).await), [1, 2, 3]);
}

async fn a_repeat_in_a_batch_takes_nothing_from_its_neighbours(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let old = append(&*nodes.here, under("old", message(conversation, ada, "old"))).await;
    let send = |id: &str, text: &str| Write::Append(under(id, message(conversation, ada, text)));
    let writes = [send("a", "a"), send("old", "old"), send("b", "b"), send("old", "new"), send("a", "a")];
    let committed = commit(&*nodes.there, conversation, &writes).await;
    let [
        Written::Appended(a),
        Written::Repeated(known),
        Written::Appended(b),
        Written::Conflicting,
        Written::Repeated(a_too),
    ] = &committed.written[..]
    else {
        panic!("{:?}", committed.written);
    };
    assert_eq!((known, a), (&old, a_too));
    assert_eq!((a.seq, b.seq), (revision(2), revision(3)));
    assert_eq!(whole(&*nodes.here, conversation).await, [old, a.clone(), b.clone()]);
}

async fn what_is_tried_again_is_found_and_takes_no_number(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let writes =
        [Write::Append(message(conversation, ada, "a")), Write::Append(under("x", message(conversation, ada, "b")))];
    let first = commit(&*nodes.here, conversation, &writes).await;
    append(&*nodes.there, message(conversation, ada, "later")).await;

    let again = nodes.here.commit(conversation, &writes, Attempt::Again).await.unwrap();
    assert_eq!(again.written, first.written);
    assert_eq!((again.before, again.head.revision), (revision(3), revision(3)));
    assert_eq!(again.changed, []);
    assert_eq!(whole(&*nodes.here, conversation).await.len(), 3);
}

async fn what_is_tried_again_and_was_not_stored_is_stored(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let stored = message(conversation, ada, "stored");
    let known = append(&*nodes.here, stored.clone()).await;
    let writes = [
        Write::Append(under("x", message(conversation, ada, "lost"))),
        Write::Append(stored),
        Write::Append(message(conversation, ada, "lost too")),
    ];
    let again = nodes.here.commit(conversation, &writes, Attempt::Again).await.unwrap();
    assert_eq!(again.written[1], Written::Appended(known));
    assert_eq!(revisions(&again.changed), [2, 3]);
    assert_eq!(head_number(&*nodes.there, conversation).await, 3);
}

async fn a_change_tried_again_takes_no_number(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "a")).await;
    let edited = amend(&*nodes.here, conversation, edit(born.id, "b")).await;
    let write = [Write::Amend(edit(born.id, "b"))];
    let again = nodes.there.commit(conversation, &write, Attempt::Again).await.unwrap();
    assert_eq!(again.written, [Written::Unchanged(edited)]);
    assert_eq!(again.head.revision, revision(2));
}

async fn a_message_is_found_under_its_client_id(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let new = under("x", message(conversation, ada, "hello"));
    append(&*nodes.here, new.clone()).await;
    append(&*nodes.here, under("y", message(conversation, ada, "other"))).await;
    let deleted = amend(&*nodes.here, conversation, delete(new.id)).await;
    let client_id = new.body.client_id().unwrap();
    let found = nodes.there.under(conversation, ada, client_id).await.unwrap().unwrap();
    assert_eq!((found.message, found.fingerprint), (deleted, Some(new.fingerprint)));
    assert_eq!(nodes.there.under(conversation, a_person(), client_id).await.unwrap(), None);
    assert_eq!(nodes.there.under(a_conversation(), ada, client_id).await.unwrap(), None);
}
