//! The [`MessageLog`]: one writer per conversation and process, which rings after each commit.

use super::{Nodes, append_many, head_number, revisions, whole};
use crate::support::messages::{a_conversation, a_person, edit, message, revision};
use futures_util::{FutureExt as _, future::join_all};
use natterjack::domain::batch::Written;
use natterjack::domain::event::Bell;
use natterjack::domain::ids::ConversationId;
use natterjack::domain::message::{Message, Revision};
use natterjack::domain::rules::MAX_TEXT_LENGTH;
use natterjack::store::MessageLog;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;

super::on_each_log! {
    a_process_alone_rings_for_every_number_once
    a_bell_carries_the_messages_by_revision
    what_changes_nothing_does_not_ring
    a_caller_that_has_gone_away_still_has_its_message_stored
    closing_waits_for_what_is_queued
    many_of_the_longest_texts_at_once_are_all_stored
}

/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

type Bells = Arc<Mutex<Vec<Bell>>>;

/// A node's log, and the bells that it has rung.
fn heard(nodes: &Nodes) -> (MessageLog, Bells) {
    let bells = Bells::default();
    let belfry = Arc::clone(&bells);
    let log = MessageLog::new(Arc::clone(&nodes.here), move |bell| belfry.lock().unwrap().push(bell));
    (log, bells)
}

async fn send_many(log: &MessageLog, conversation: ConversationId, count: usize) -> Vec<Message> {
    let author = a_person();
    let sending = (0..count).map(|n| log.append(message(conversation, author, n.to_string())));
    let sent = join_all(sending).await.into_iter().map(|answer| match answer {
        Ok(Written::Appended(message)) => message,
        other => panic!("{other:?}"),
    });
    sent.collect()
}

async fn a_process_alone_rings_for_every_number_once(nodes: Nodes) {
    let (log, bells) = heard(&nodes);
    let (conversation, other) = (a_conversation(), a_conversation());
    let (sent, elsewhere) = tokio::join!(send_many(&log, conversation, 300), send_many(&log, other, 50));
    let changing = sent.iter().map(|message| log.amend(conversation, edit(message.id, "edited")));
    join_all(changing).await;
    log.close().await;

    let bells = std::mem::take(&mut *bells.lock().unwrap());
    for (conversation, count) in [(conversation, 600), (other, i64::try_from(elsewhere.len()).unwrap())] {
        let mut rung = Revision::ZERO;
        for bell in bells.iter().filter(|bell| bell.conversation == conversation) {
            assert_eq!(bell.from, rung.next());
            assert!(bell.to >= bell.from);
            rung = bell.to;
        }
        assert_eq!(rung, revision(count));
    }
}

async fn a_bell_carries_the_messages_by_revision(nodes: Nodes) {
    let (log, bells) = heard(&nodes);
    let conversation = a_conversation();
    let old = append_many(&*nodes.there, conversation, a_person(), 2).await;
    // All at once, so that some of it is one batch: changes to old messages between new ones, which also change.
    let author = a_person();
    let news: Vec<_> = (0..20).map(|_| message(conversation, author, "new")).collect();
    let sending = news.iter().map(|new| log.append(new.clone()).boxed());
    let changing = news.iter().map(|new| log.amend(conversation, edit(new.id, "edited")).boxed());
    let older = old.iter().map(|old| log.amend(conversation, edit(old.id, "edited")).boxed());
    join_all(sending.chain(older).chain(changing)).await;
    log.close().await;
    let whole = whole(&*nodes.there, conversation).await;

    let bells = bells.lock().unwrap();
    let mut carried: Vec<&Message> = Vec::new();
    for bell in bells.iter() {
        let messages = bell.messages.as_ref().expect("these are small");
        assert!(messages.is_sorted_by_key(|message| message.revision));
        let numbers = revisions(messages);
        assert!(numbers.iter().all(|number| (bell.from.number()..=bell.to.number()).contains(number)));
        assert_eq!(bell.membership_version, messages.iter().map(|message| message.membership_version).max().unwrap());
        carried.extend(messages);
    }
    assert!(whole.iter().all(|message| carried.contains(&message)));
}

async fn what_changes_nothing_does_not_ring(nodes: Nodes) {
    let (log, bells) = heard(&nodes);
    let conversation = a_conversation();
    let born = append_many(&*nodes.there, conversation, a_person(), 1).await;
    let same = log.amend(conversation, edit(born[0].id, "1")).await.unwrap();
    assert_eq!(same, Written::Unchanged(born[0].clone()));
    log.close().await;
    assert_eq!(*bells.lock().unwrap(), []);
}

async fn a_caller_that_has_gone_away_still_has_its_message_stored(nodes: Nodes) {
    let (log, bells) = heard(&nodes);
    let conversation = a_conversation();
    for _ in 0..50 {
        let mut sending = log.append(message(conversation, a_person(), "hello")).boxed();
        assert!((&mut sending).now_or_never().is_none());
        drop(sending);
    }
    log.close().await;
    assert_eq!(head_number(&*nodes.there, conversation).await, 50);
    assert_eq!(bells.lock().unwrap().last().unwrap().to, revision(50));
}

async fn closing_waits_for_what_is_queued(nodes: Nodes) {
    let (log, _) = heard(&nodes);
    let conversations = [a_conversation(), a_conversation(), a_conversation()];
    let sending = conversations.map(|conversation| send_many(&log, conversation, 400).boxed());
    let mut sending = join_all(sending).boxed();
    assert!((&mut sending).now_or_never().is_none());
    timeout(PATIENCE, log.close()).await.unwrap();
    for conversation in conversations {
        assert_eq!(head_number(&*nodes.there, conversation).await, 400);
    }
    // Each has been answered.
    timeout(PATIENCE, sending).await.unwrap();
}

async fn many_of_the_longest_texts_at_once_are_all_stored(nodes: Nodes) {
    const COUNT: usize = 300;
    let (log, bells) = heard(&nodes);
    let (conversation, author) = (a_conversation(), a_person());
    let text = "蟾".repeat(MAX_TEXT_LENGTH);
    let sending = (0..COUNT).map(|_| log.append(message(conversation, author, text.clone())));
    let sent = timeout(PATIENCE, join_all(sending)).await.unwrap();
    assert!(sent.iter().all(|sent| matches!(sent, Ok(Written::Appended(_)))));
    assert_eq!(head_number(&*nodes.there, conversation).await, i64::try_from(COUNT).unwrap());
    // Far more than fits into one answer of any store, or into a bell.
    let all = nodes.there.since(conversation, Revision::ZERO, 1_000).await.unwrap();
    assert_eq!(all.len(), COUNT);
    assert!(all.iter().all(|message| message.text.as_ref() == Some(&text)));
    assert!(bells.lock().unwrap().iter().any(|bell| bell.messages.is_none()));
}
