//! A store that answers too late or not at all.

use super::{Nodes, head_number, seqs, whole};
use crate::support::messages::{a_conversation, a_person, edit, message, revision, under};
use async_trait::async_trait;
use futures_util::future::join_all;
use natterjack::domain::batch::{Attempt, Head, Stored, Write, Written};
use natterjack::domain::emoji::Emoji;
use natterjack::domain::ids::{ConversationId, MessageId, UserId};
use natterjack::domain::message::{ClientId, Message, Reaction, Revision};
use natterjack::domain::page::{Page, Window};
use natterjack::domain::words::{SearchPlace, SearchTerms};
use natterjack::error::{Code, Error, Result};
use natterjack::store::log::{Committed, MAX_BATCH, ReactionsBy, ReactorsOf, RepliesTo, UnreadBy};
use natterjack::store::{LogReads, LogStore, MessageLog};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;

super::on_each_log! {
    a_message_whose_answer_is_lost_is_stored_once_and_answered
    a_change_whose_answer_is_lost_takes_one_number
    a_store_that_stays_away_is_unavailable
    what_waits_behind_a_store_that_is_away_does_not_wait_as_long_again
    of_messages_sent_together_none_is_stored_behind_one_that_is_not
}

/// What becomes of a commit.
#[derive(Clone, Copy)]
enum Fate {
    Done,
    /// It is done, and its answer is lost.
    Lost,
    /// It is not done, and would not be another time.
    Refused,
}

/// A store whose commits have the fates that are set for them, each by its number from 0 on.
struct Faulty {
    store: Arc<dyn LogStore>,
    commits: AtomicU32,
    fate: fn(u32) -> Fate,
}

impl Faulty {
    fn log(nodes: &Nodes, fate: fn(u32) -> Fate) -> MessageLog {
        let store = Arc::clone(&nodes.here);
        MessageLog::new(Arc::new(Self { store, commits: AtomicU32::new(0), fate }), |_| ())
    }
}

#[async_trait]
impl LogStore for Faulty {
    async fn commit(&self, conversation: ConversationId, writes: &[Write], attempt: Attempt) -> Result<Committed> {
        let fate = (self.fate)(self.commits.fetch_add(1, Ordering::SeqCst));
        if matches!(fate, Fate::Refused) {
            return Err(Error::internal("a mistake"));
        }
        let committed = self.store.commit(conversation, writes, attempt).await?;
        match fate {
            Fate::Lost => Err(Error::unavailable("the message log", "the answer is lost")),
            Fate::Done | Fate::Refused => Ok(committed),
        }
    }

    async fn raise(&self, of: &[ConversationId], by: u32) -> Result<()> {
        self.store.raise(of, by).await
    }

    async fn erase(&self, conversation: ConversationId) -> Result<()> {
        self.store.erase(conversation).await
    }
}

#[async_trait]
impl LogReads for Faulty {
    async fn heads(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Head>> {
        self.store.heads(of).await
    }

    async fn page(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>> {
        self.store.page(conversation, window).await
    }

    async fn since(&self, conversation: ConversationId, after: Revision, limit: u32) -> Result<Vec<Message>> {
        self.store.since(conversation, after, limit).await
    }

    async fn find(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        self.store.find(ids).await
    }

    async fn under(
        &self,
        conversation: ConversationId,
        author: UserId,
        client_id: &ClientId,
    ) -> Result<Option<Stored>> {
        self.store.under(conversation, author, client_id).await
    }

    async fn latest(&self, of: &[ConversationId]) -> Result<Vec<Message>> {
        self.store.latest(of).await
    }

    async fn unread(&self, of: &[UnreadBy]) -> Result<HashMap<UnreadBy, u32>> {
        self.store.unread(of).await
    }

    async fn pinned(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>> {
        self.store.pinned(conversation, window).await
    }

    async fn replies(&self, to: RepliesTo, window: &Window<Revision>) -> Result<Page<Message>> {
        self.store.replies(to, window).await
    }

    async fn reply_counts(&self, to: &[RepliesTo]) -> Result<HashMap<RepliesTo, u32>> {
        self.store.reply_counts(to).await
    }

    async fn reactors(&self, of: &[ReactorsOf]) -> Result<HashMap<ReactorsOf, Vec<UserId>>> {
        self.store.reactors(of).await
    }

    async fn reactions_by(&self, of: &[ReactionsBy]) -> Result<HashMap<ReactionsBy, Vec<Emoji>>> {
        self.store.reactions_by(of).await
    }

    async fn reactions_since(
        &self,
        conversation: ConversationId,
        to: &[MessageId],
        after: Revision,
    ) -> Result<Vec<Reaction>> {
        self.store.reactions_since(conversation, to, after).await
    }

    async fn search(
        &self,
        of: &[ConversationId],
        terms: &SearchTerms,
        window: &Window<SearchPlace>,
    ) -> Result<Page<Message>> {
        self.store.search(of, terms, window).await
    }
}

async fn a_message_whose_answer_is_lost_is_stored_once_and_answered(nodes: Nodes) {
    let conversation = a_conversation();
    let log = Faulty::log(&nodes, |n| if n < 2 { Fate::Lost } else { Fate::Done });
    let Written::Appended(born) = log.append(message(conversation, a_person(), "hello")).await.unwrap() else {
        panic!("it is this very message");
    };
    assert_eq!(born.seq, revision(1));
    assert_eq!(whole(&*nodes.there, conversation).await, [born]);
}

async fn a_change_whose_answer_is_lost_takes_one_number(nodes: Nodes) {
    let conversation = a_conversation();
    let born = super::append(&*nodes.here, message(conversation, a_person(), "hello")).await;
    let log = Faulty::log(&nodes, |n| if n < 1 { Fate::Lost } else { Fate::Done });
    let answer = log.amend(conversation, edit(born.id, "hello!")).await.unwrap();
    let (Written::Amended(edited) | Written::Unchanged(edited)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!((edited.revision, edited.text.as_deref()), (revision(2), Some("hello!")));
    assert_eq!(head_number(&*nodes.there, conversation).await, 2);
}

async fn a_store_that_stays_away_is_unavailable(nodes: Nodes) {
    let conversation = a_conversation();
    let log = Faulty::log(&nodes, |_| Fate::Lost);
    let lost = message(conversation, a_person(), "hello");
    let error = log.append(lost.clone()).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    // It has been stored all the same, as the error does not deny.
    assert_eq!(nodes.there.find(&[lost.id]).await.unwrap().len(), 1);
    assert_eq!(head_number(&*nodes.there, conversation).await, 1);
}

async fn what_waits_behind_a_store_that_is_away_does_not_wait_as_long_again(nodes: Nodes) {
    let (conversation, author) = (a_conversation(), a_person());
    let log = Faulty::log(&nodes, |_| Fate::Lost);
    let began = Instant::now();
    // The first is a batch by itself, and the others are the next.
    let sending = (0..20).map(|_| log.append(message(conversation, author, "hello")));
    for answer in join_all(sending).await {
        assert_eq!(answer.unwrap_err().code(), Code::Unavailable);
    }
    assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
}

async fn of_messages_sent_together_none_is_stored_behind_one_that_is_not(nodes: Nodes) {
    let (conversation, author) = (a_conversation(), a_person());
    let log = Faulty::log(&nodes, |n| if n == 1 { Fate::Refused } else { Fate::Done });
    let new = |n: usize| under(&n.to_string(), message(conversation, author, n.to_string()));
    let together: Vec<_> = (0..3 * MAX_BATCH).map(new).collect();

    // The other's is the last in the queue, and the only one that is tried after the mistake.
    let sending = log.append_all(conversation, together.clone());
    let (sent, other) = tokio::join!(sending, log.append(message(conversation, author, "another's")));
    assert_eq!(sent.unwrap_err().code(), Code::Internal);
    let Ok(Written::Appended(other)) = other else { panic!("{other:?}") };
    let first: Vec<_> = together[..MAX_BATCH].iter().map(|new| new.id).chain([other.id]).collect();
    let stored: Vec<_> = whole(&*nodes.there, conversation).await.iter().map(|message| message.id).collect();
    assert_eq!(stored, first);

    let again = log.append_all(conversation, (0..3 * MAX_BATCH).map(new).collect()).await.unwrap();
    assert!(again[..MAX_BATCH].iter().all(|written| matches!(written, Written::Repeated(_))));
    assert!(again[MAX_BATCH..].iter().all(|written| matches!(written, Written::Appended(_))));
    let last = i64::try_from(3 * MAX_BATCH + 1).unwrap();
    assert_eq!(seqs(&whole(&*nodes.there, conversation).await), (1..=last).collect::<Vec<_>>());
    assert_eq!(log.append_all(conversation, Vec::new()).await.unwrap(), []);
}
