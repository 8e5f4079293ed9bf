//! Numbers: dense, in order, and never given again.

use super::{Nodes, amend, append, append_many, commit, head_number, revisions, whole};
use crate::support::messages::{a_conversation, a_person, delete, edit, message, revision, under};
use natterjack::domain::batch::{Write, Written};
use natterjack::domain::ids::{ConversationId, MessageId};
use natterjack::domain::message::{Message, Revision};
use natterjack::store::{LogStore, MessageLog};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

super::on_each_log! {
    many_writers_on_two_nodes_get_dense_numbers_and_readers_no_hole
    a_node_that_stood_still_does_not_take_a_freed_number
    a_change_that_changes_nothing_takes_no_number
    a_batch_is_stored_in_its_order
    what_is_not_there_cannot_be_changed
    another_conversations_message_cannot_be_changed
    conversations_count_each_for_itself
    an_empty_batch_changes_nothing
    a_head_that_is_raised_gives_no_number_again
}

/// Tasks on each of the two nodes.
const WRITERS: usize = 8;
/// Messages that each of them sends; it changes one after each.
const MESSAGES: usize = 15;

async fn many_writers_on_two_nodes_get_dense_numbers_and_readers_no_hole(nodes: Nodes) {
    let conversation = a_conversation();
    let finished = CancellationToken::new();
    let mut readers = JoinSet::new();
    readers.spawn(read_all(Arc::clone(&nodes.here), conversation, finished.clone()));
    readers.spawn(read_on(Arc::clone(&nodes.there), conversation, finished.clone()));

    let sent = Arc::new(Mutex::new(Vec::new()));
    let logs = nodes.logs();
    let writers: JoinSet<_> =
        (0..2 * WRITERS).map(|n| write(logs[n % 2].clone(), conversation, Arc::clone(&sent), n)).collect();
    let answered = writers.join_all().await.concat();
    finished.cancel();
    let seen = readers.join_all().await;

    let mut numbers = revisions(&answered);
    numbers.sort_unstable();
    let last = i64::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (1..=last).collect::<Vec<_>>());
    assert_eq!(head_number(&*nodes.here, conversation).await, last);

    let whole = whole(&*nodes.there, conversation).await;
    assert_eq!(latest_states(answered), whole);
    for seen in seen {
        assert_eq!(latest_states(seen), whole);
    }
}

/// Sends and changes, its own messages and others'; what each write that took a number was answered with.
async fn write(
    log: MessageLog,
    conversation: ConversationId,
    sent: Arc<Mutex<Vec<MessageId>>>,
    writer: usize,
) -> Vec<Message> {
    let author = a_person();
    let mut answered = Vec::new();
    for n in 0..MESSAGES {
        let new = under(&n.to_string(), message(conversation, author, "sent"));
        let id = new.id;
        let Written::Appended(born) = log.append(new).await.unwrap() else {
            panic!("nobody else has sent {id}");
        };
        answered.push(born);
        let any = {
            let mut sent = sent.lock().unwrap();
            sent.push(id);
            sent[(7 * n + 3 * writer) % sent.len()]
        };
        let change = match n % 5 {
            0 => delete(any),
            _ => edit(any, format!("edited by {writer}")),
        };
        match log.amend(conversation, change).await.unwrap() {
            Written::Amended(changed) => answered.push(changed),
            Written::Unchanged(_) => {}
            other => panic!("{other:?}"),
        }
    }
    answered
}

/// Reads everything again and again: nothing may turn up below what an earlier reading has covered.
async fn read_all(store: Arc<dyn LogStore>, conversation: ConversationId, finished: CancellationToken) -> Vec<Message> {
    let mut seen: BTreeMap<Revision, MessageId> = BTreeMap::new();
    loop {
        let is_last = finished.is_cancelled();
        let head = head_number(&*store, conversation).await;
        let whole = whole(&*store, conversation).await;
        let covered = seen.last_key_value().map(|(revision, _)| *revision).unwrap_or_default();
        for message in whole.iter().filter(|message| message.revision <= covered) {
            let earlier = seen.get(&message.revision);
            assert_eq!(earlier, Some(&message.id), "{:?} came too late", message.revision);
        }
        let last = whole.last().map(|message| message.revision).unwrap_or_default();
        assert!(last.number() >= head, "the head is at {head}, and the log ends at {last:?}");
        seen.extend(whole.iter().map(|message| (message.revision, message.id)));
        if is_last {
            return whole;
        }
    }
}

/// Reads on from where it stands, in small steps.
async fn read_on(store: Arc<dyn LogStore>, conversation: ConversationId, finished: CancellationToken) -> Vec<Message> {
    let mut seen: Vec<Message> = Vec::new();
    loop {
        let is_last = finished.is_cancelled();
        let after = seen.last().map(|message| message.revision).unwrap_or_default();
        let news = store.since(conversation, after, 7).await.unwrap();
        assert!(news.iter().all(|message| message.revision > after));
        assert!(news.is_sorted_by(|one, next| one.revision < next.revision));
        if news.is_empty() && is_last {
            return seen;
        }
        seen.extend(news);
    }
}

/// Each message in the highest revision, by revision.
fn latest_states(messages: Vec<Message>) -> Vec<Message> {
    let mut latest: HashMap<MessageId, Message> = HashMap::new();
    for message in messages {
        let known = latest.entry(message.id).or_insert_with(|| message.clone());
        if known.revision < message.revision {
            *known = message;
        }
    }
    let mut latest: Vec<_> = latest.into_values().collect();
    latest.sort_by_key(|message| message.revision);
    latest
}

async fn a_node_that_stood_still_does_not_take_a_freed_number(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let first = append(&*nodes.here, message(conversation, ada, "1")).await;
    let second = append(&*nodes.here, message(conversation, ada, "2")).await;
    assert_eq!(whole(&*nodes.here, conversation).await.len(), 2);

    // Meanwhile number 2, the last that this node knows of, and then 3 are no message's any more.
    assert_eq!(amend(&*nodes.there, conversation, edit(second.id, "3")).await.revision, revision(3));
    assert_eq!(amend(&*nodes.there, conversation, delete(second.id)).await.revision, revision(4));

    let changed = amend(&*nodes.here, conversation, edit(first.id, "5")).await;
    assert_eq!(changed.revision, revision(5));
    let third = append(&*nodes.here, message(conversation, ada, "6")).await;
    assert_eq!((third.seq, third.revision), (revision(6), revision(6)));
    assert_eq!(revisions(&whole(&*nodes.there, conversation).await), [4, 5, 6]);
}

async fn a_change_that_changes_nothing_takes_no_number(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "hello")).await;
    let same = commit(&*nodes.here, conversation, &[Write::Amend(edit(born.id, "hello"))]).await;
    assert_eq!(same.written, [Written::Unchanged(born.clone())]);
    assert_eq!((same.before, same.head.revision), (revision(1), revision(1)));
    assert_eq!(same.changed, []);

    let gone = amend(&*nodes.there, conversation, delete(born.id)).await;
    assert_eq!((gone.revision, &gone.text), (revision(2), &None));
    for late in [delete(born.id), edit(born.id, "again")] {
        let late = commit(&*nodes.here, conversation, &[Write::Amend(late)]).await;
        assert_eq!(late.written, [Written::Unchanged(gone.clone())]);
        assert_eq!(late.head.revision, revision(2));
    }
    assert_eq!(whole(&*nodes.here, conversation).await, [gone]);
}

async fn a_batch_is_stored_in_its_order(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let old = append(&*nodes.here, message(conversation, ada, "old")).await;
    let (a, b) = (message(conversation, ada, "a"), message(conversation, ada, "b"));
    let writes = [
        Write::Append(a.clone()),
        Write::Amend(edit(old.id, "older")),
        Write::Append(b.clone()),
        Write::Amend(edit(a.id, "a, edited")),
        Write::Amend(delete(old.id)),
    ];
    let committed = commit(&*nodes.there, conversation, &writes).await;

    let answered: Vec<_> = committed
        .written
        .iter()
        .map(|written| match written {
            Written::Appended(message) | Written::Amended(message) => (message.id, message.revision.number()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(answered, [(a.id, 2), (old.id, 3), (b.id, 4), (a.id, 5), (old.id, 6)]);
    assert_eq!((committed.before, committed.head.revision), (revision(1), revision(6)));
    assert_eq!(committed.head.last_seq, revision(4));

    let mut changed = committed.changed;
    changed.sort_by_key(|message| message.revision);
    assert_eq!(revisions(&changed), [4, 5, 6]);
    assert_eq!(whole(&*nodes.here, conversation).await, changed);
    assert_eq!(nodes.here.heads(&[conversation]).await.unwrap()[&conversation], committed.head);
}

async fn what_is_not_there_cannot_be_changed(nodes: Nodes) {
    let (conversation, nobodys) = (a_conversation(), message(a_conversation(), a_person(), "never sent"));
    let committed = commit(&*nodes.here, conversation, &[Write::Amend(delete(nobodys.id))]).await;
    assert_eq!(committed.written, [Written::Missing]);
    assert_eq!(committed.changed, []);
    assert_eq!(nodes.there.heads(&[conversation]).await.unwrap().len(), 0);
}

async fn another_conversations_message_cannot_be_changed(nodes: Nodes) {
    let (mine, other) = (a_conversation(), a_conversation());
    let foreign = append(&*nodes.here, message(other, a_person(), "theirs")).await;
    let committed = commit(&*nodes.here, mine, &[Write::Amend(edit(foreign.id, "mine"))]).await;
    assert_eq!(committed.written, [Written::Missing]);
    assert_eq!(whole(&*nodes.there, other).await, [foreign]);
}

async fn conversations_count_each_for_itself(nodes: Nodes) {
    let ada = a_person();
    for conversation in [a_conversation(), a_conversation()] {
        append_many(&*nodes.here, conversation, ada, 2).await;
        append_many(&*nodes.there, conversation, ada, 1).await;
        assert_eq!(revisions(&whole(&*nodes.here, conversation).await), [1, 2, 3]);
    }
}

async fn an_empty_batch_changes_nothing(nodes: Nodes) {
    let conversation = a_conversation();
    append_many(&*nodes.here, conversation, a_person(), 2).await;
    let committed = commit(&*nodes.here, conversation, &[]).await;
    assert_eq!((committed.before, committed.head.revision), (revision(2), revision(2)));
    assert_eq!((committed.written, committed.changed), (vec![], vec![]));
}

async fn a_head_that_is_raised_gives_no_number_again(nodes: Nodes) {
    let (written, empty, untouched) = (a_conversation(), a_conversation(), a_conversation());
    for conversation in [written, untouched] {
        append_many(&*nodes.here, conversation, a_person(), 2).await;
    }
    nodes.there.raise(&[written, empty], 1_000).await.unwrap();
    for (conversation, next) in [(written, 1_003), (empty, 1_001), (untouched, 3)] {
        assert_eq!(head_number(&*nodes.here, conversation).await, next - 1);
        let message = append(&*nodes.here, message(conversation, a_person(), "hello")).await;
        assert_eq!((message.seq, message.revision), (revision(next), revision(next)));
    }
}
