//! A store that answers too late or not at all.

use super::{Nodes, head_number, whole};
use crate::support::messages::{a_conversation, a_person, edit, message, revision};
use async_trait::async_trait;
use futures_util::future::join_all;
use natterjack::domain::batch::{Attempt, Head, Write, Written};
use natterjack::domain::ids::{ConversationId, MessageId};
use natterjack::domain::message::{Message, Revision};
use natterjack::domain::page::{Page, Window};
use natterjack::error::{Code, Error, Result};
use natterjack::store::log::{Committed, UnreadBy};
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
}

/// A store whose commits are done and whose first answers are lost.
struct Forgetful {
    store: Arc<dyn LogStore>,
    losses: AtomicU32,
}

impl Forgetful {
    fn log(nodes: &Nodes, losses: u32) -> MessageLog {
        let store = Arc::clone(&nodes.here);
        let losses = AtomicU32::new(losses);
        MessageLog::new(Arc::new(Self { store, losses }), |_| ())
    }
}

#[async_trait]
impl LogStore for Forgetful {
    async fn commit(&self, conversation: ConversationId, writes: &[Write], attempt: Attempt) -> Result<Committed> {
        let committed = self.store.commit(conversation, writes, attempt).await?;
        let loses = |left: u32| left.checked_sub(1);
        match self.losses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, loses) {
            Ok(_) => Err(Error::unavailable("the message log", "the answer is lost")),
            Err(_) => Ok(committed),
        }
    }

    async fn raise(&self, of: &[ConversationId], by: u32) -> Result<()> {
        self.store.raise(of, by).await
    }
}

#[async_trait]
impl LogReads for Forgetful {
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

    async fn latest(&self, of: &[ConversationId]) -> Result<Vec<Message>> {
        self.store.latest(of).await
    }

    async fn unread(&self, of: &[UnreadBy]) -> Result<HashMap<UnreadBy, u32>> {
        self.store.unread(of).await
    }
}

async fn a_message_whose_answer_is_lost_is_stored_once_and_answered(nodes: Nodes) {
    let conversation = a_conversation();
    let log = Forgetful::log(&nodes, 2);
    let Written::Appended(born) = log.append(message(conversation, a_person(), "hello")).await.unwrap() else {
        panic!("it is this very message");
    };
    assert_eq!(born.seq, revision(1));
    assert_eq!(whole(&*nodes.there, conversation).await, [born]);
}

async fn a_change_whose_answer_is_lost_takes_one_number(nodes: Nodes) {
    let conversation = a_conversation();
    let born = super::append(&*nodes.here, message(conversation, a_person(), "hello")).await;
    let log = Forgetful::log(&nodes, 1);
    let answer = log.amend(conversation, edit(born.id, "hello!")).await.unwrap();
    let (Written::Amended(edited) | Written::Unchanged(edited)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!((edited.revision, edited.text.as_deref()), (revision(2), Some("hello!")));
    assert_eq!(head_number(&*nodes.there, conversation).await, 2);
}

async fn a_store_that_stays_away_is_unavailable(nodes: Nodes) {
    let conversation = a_conversation();
    let log = Forgetful::log(&nodes, u32::MAX);
    let lost = message(conversation, a_person(), "hello");
    let error = log.append(lost.clone()).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    // It has been stored all the same, as the error does not deny.
    assert_eq!(nodes.there.find(&[lost.id]).await.unwrap().len(), 1);
    assert_eq!(head_number(&*nodes.there, conversation).await, 1);
}

async fn what_waits_behind_a_store_that_is_away_does_not_wait_as_long_again(nodes: Nodes) {
    let (conversation, author) = (a_conversation(), a_person());
    let log = Forgetful::log(&nodes, u32::MAX);
    let began = Instant::now();
    // The first is a batch by itself, and the others are the next.
    let sending = (0..20).map(|_| log.append(message(conversation, author, "hello")));
    for answer in join_all(sending).await {
        assert_eq!(answer.unwrap_err().code(), Code::Unavailable);
    }
    assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
}
