//! A log that is erased: nothing of it is left, and nothing comes after.

use super::{Nodes, append_many, commit, head_number, whole};
use crate::support::messages::{a_conversation, a_person, delete, message, under};
use natterjack::domain::batch::{Attempt, Write, Written};
use natterjack::domain::ids::{ConversationId, MessageId};
use natterjack::domain::page::{Take, Window};
use natterjack::domain::words::SearchTerms;
use natterjack::error::Code;
use natterjack::store::log::{MAX_BATCH, MAX_ERASED};
use natterjack::store::{LogStore, MessageLog};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use tokio::task::JoinSet;

super::on_each_log! {
    nothing_of_an_erased_log_is_left_and_nothing_comes_after
    a_log_that_was_never_written_to_can_be_erased
    who_writes_while_a_log_is_erased_is_stored_or_refused
    an_erasure_that_was_cut_off_is_finished_by_the_next
    a_raised_head_does_not_bring_an_erased_log_back
}

async fn assert_nothing_is_left(store: &dyn LogStore, conversation: ConversationId, ids: &[MessageId]) {
    assert_eq!(store.find(ids).await.unwrap(), []);
    assert_eq!(whole(store, conversation).await, []);
    let window = Window { after: None, before: None, take: Take::Last(100) };
    assert!(store.page(conversation, &window).await.unwrap().items.is_empty());
    assert_eq!(store.latest(&[conversation]).await.unwrap(), []);
    assert!(store.heads(&[conversation]).await.unwrap().is_empty());
    let terms = SearchTerms::parse("hello").unwrap();
    let window = Window { after: None, before: None, take: Take::First(100) };
    assert!(store.search(&[conversation], &terms, &window).await.unwrap().items.is_empty());
}

async fn assert_refused(store: &dyn LogStore, conversation: ConversationId, write: Write) {
    for attempt in [Attempt::First, Attempt::Again] {
        let error = store.commit(conversation, std::slice::from_ref(&write), attempt).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::NotFound, &["conversationId".into()][..]));
    }
}

async fn nothing_of_an_erased_log_is_left_and_nothing_comes_after(nodes: Nodes) {
    let (conversation, other, ada) = (a_conversation(), a_conversation(), a_person());
    let new = under("x", message(conversation, ada, "hello"));
    let mut ids = vec![new.id];
    commit(&*nodes.here, conversation, &[Write::Append(new.clone())]).await;
    // More than go at once.
    for _ in 0..=usize::try_from(MAX_ERASED).unwrap() / MAX_BATCH {
        ids.extend(append_many(&*nodes.here, conversation, ada, MAX_BATCH).await.into_iter().map(|message| message.id));
    }
    let others = append_many(&*nodes.here, other, ada, 3).await;

    nodes.there.erase(conversation).await.unwrap();
    assert_nothing_is_left(&*nodes.here, conversation, &ids).await;
    nodes.here.erase(conversation).await.unwrap();
    assert_nothing_is_left(&*nodes.there, conversation, &ids).await;

    assert_refused(&*nodes.here, conversation, Write::Append(new.clone())).await;
    assert_refused(&*nodes.there, conversation, Write::Append(message(conversation, ada, "again"))).await;
    assert_refused(&*nodes.here, conversation, Write::Amend(delete(new.id))).await;
    assert_nothing_is_left(&*nodes.here, conversation, &ids).await;
    assert_eq!(whole(&*nodes.here, other).await, others);
}

async fn a_log_that_was_never_written_to_can_be_erased(nodes: Nodes) {
    let conversation = a_conversation();
    nodes.here.erase(conversation).await.unwrap();
    assert_refused(&*nodes.there, conversation, Write::Append(message(conversation, a_person(), "too late"))).await;
    assert_nothing_is_left(&*nodes.here, conversation, &[]).await;
}

async fn who_writes_while_a_log_is_erased_is_stored_or_refused(nodes: Nodes) {
    const WRITERS: usize = 8;
    let conversation = a_conversation();
    let logs = nodes.logs();
    let mut writers: JoinSet<_> = (0..WRITERS).map(|n| write_on(logs[n % 2].clone(), conversation)).collect();
    let mut outcomes = vec![writers.join_next().await.unwrap().unwrap()];
    outcomes.extend(writers.join_all().await);
    // Every writer was answered to its end, before the erasure and after it; none was told what is not so.
    assert!(outcomes.iter().all(|stored| *stored > 0), "{outcomes:?}");
    let stored: usize = outcomes.iter().sum();
    assert!(stored >= ERASED_AFTER);
    assert_nothing_is_left(&*nodes.here, conversation, &[]).await;
    assert_eq!(head_number(&*nodes.here, conversation).await, 0);
}

/// The log is erased by the writer that first sees this number.
const ERASED_AFTER: usize = 100;

/// Writes until it is refused, and erases the log on the way; how many were stored.
async fn write_on(log: MessageLog, conversation: ConversationId) -> usize {
    let author = a_person();
    let mut stored = 0;
    loop {
        match log.append(message(conversation, author, "hello")).await {
            Ok(Written::Appended(message)) => {
                stored += 1;
                let erased_after = i64::try_from(ERASED_AFTER).unwrap();
                if message.seq.number() == erased_after {
                    log.erase(conversation).await.unwrap();
                }
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                assert_eq!(error.code(), Code::NotFound);
                return stored;
            }
        }
    }
}

/// How far an erasure comes before it is cut off, up to where it is not.
async fn an_erasure_that_was_cut_off_is_finished_by_the_next(nodes: Nodes) {
    let mut half_done = 0;
    for polls in 1.. {
        let (conversation, ada) = (a_conversation(), a_person());
        let ids: Vec<_> = append_many(&*nodes.here, conversation, ada, 3).await.iter().map(|one| one.id).collect();
        let outcome = cut_off_after(polls, nodes.here.erase(conversation)).await;
        let is_marked = nodes.there.heads(&[conversation]).await.unwrap().is_empty();
        if is_marked && !nodes.there.find(&ids).await.unwrap().is_empty() {
            half_done += 1;
            assert_refused(&*nodes.there, conversation, Write::Append(message(conversation, ada, "late"))).await;
        }
        nodes.there.erase(conversation).await.unwrap();
        assert_nothing_is_left(&*nodes.here, conversation, &ids).await;
        if let Some(outcome) = outcome {
            outcome.unwrap();
            break;
        }
    }
    assert!(half_done > 0, "it was never cut off between the mark and the messages");
}

/// The future's answer, unless it wants to be asked more often than that. Then it is dropped, as a crash would.
async fn cut_off_after<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

async fn a_raised_head_does_not_bring_an_erased_log_back(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    append_many(&*nodes.here, conversation, ada, 2).await;
    nodes.here.erase(conversation).await.unwrap();
    nodes.there.raise(&[conversation], 1_000).await.unwrap();
    assert!(nodes.here.heads(&[conversation]).await.unwrap().is_empty());
    assert_refused(&*nodes.here, conversation, Write::Append(message(conversation, ada, "again"))).await;
}
