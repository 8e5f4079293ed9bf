//! Sending messages, and reading them.

use super::Chat;
use super::access::{Act, Viewer};
use super::conversations::ConversationRef;
use super::receipts::Mover;
use crate::domain::batch::Written;
use crate::domain::conversation::Marks;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{Body, Draft, Message, NewMessage, Revision};
use crate::domain::page::{Page, Take, Window};
use crate::error::{Code, Error, Result};
use crate::store::log::RepliesTo;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio::time::timeout;
use tracing::warn;

/// For how long a stored message's answer waits for the move of its sender's marks.
const MARKS_PATIENCE: Duration = Duration::from_millis(500);

/// A message that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// As it now stands.
    pub message: Message,
    /// Whether its client id had been stored before, and this is that first one.
    pub is_repeat: bool,
}

/// Which part of a log is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slice {
    /// What lies in this window.
    Window(Window<Revision>),
    /// That message and what stands about it: so many in all.
    Around(MessageId, u32),
}

/// A page of a log, and the revision that it is at least as new as.
#[derive(Clone, Debug)]
pub struct MessagePage {
    /// The messages, by `seq`.
    pub page: Page<Message>,
    /// Read before the messages: whoever has the page has missed nothing up to here that is on it.
    pub revision: Revision,
}

impl Chat {
    /// Sends a message. Under a client id that was used before, the first message comes back; `CONFLICT` on `clientId`
    /// where it said something else. `NOT_FOUND` where the conversation or the person is not there for the viewer, the
    /// message that it answers not in the conversation, or who is mentioned not a member of it.
    pub async fn send_message(&self, viewer: &Viewer, to: ConversationRef, draft: Draft) -> Result<Sent> {
        let admission = self.open(viewer, to, Act::Send).await.map_err(|error| error.within("to"))?;
        let conversation = admission.conversation;
        let references = self.check_references(conversation.id, &draft).await;
        let now = self.clock.now();
        let body = Body::Draft(draft);
        let message = NewMessage {
            id: MessageId::new(now),
            conversation: conversation.id,
            author: viewer.user,
            fingerprint: body.fingerprint(&self.draft_key),
            body,
            created_at: now,
            membership_version: conversation.membership_version,
        };
        if let Err(refused) = references {
            return self.sent_before(&message).await?.ok_or(refused);
        }
        let written = self.log.append(message).await;
        // Where it is not found here, it was deleted since the viewer was let in.
        let gone = |error: Error| if error.code() == Code::NotFound { error.within("to") } else { error };
        let sent = sent(written.map_err(gone)?)?;
        self.after_sending(viewer, &sent).await;
        Ok(sent)
    }

    /// A page of a conversation's messages: none for one who sees the conversation and not what is said there. `NOT_FOUND`
    /// on `conversationId` where it is not there for the viewer.
    pub async fn messages(&self, viewer: &Viewer, conversation: ConversationId, slice: &Slice) -> Result<MessagePage> {
        self.page_of(viewer, conversation, self.slice(conversation, slice)).await
    }

    /// A page of a conversation's pinned messages, by their places; otherwise as [`messages`](Self::messages).
    pub async fn pinned_messages(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        window: &Window<Revision>,
    ) -> Result<MessagePage> {
        self.page_of(viewer, conversation, self.log().pinned(conversation, window)).await
    }

    /// A page of the messages that answer one, by their places; otherwise as [`messages`](Self::messages).
    pub async fn replies(&self, viewer: &Viewer, to: RepliesTo, window: &Window<Revision>) -> Result<MessagePage> {
        self.page_of(viewer, to.conversation, self.log().replies(to, window)).await
    }

    async fn page_of(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        page: impl Future<Output = Result<Page<Message>>>,
    ) -> Result<MessagePage> {
        let revision = self.head(conversation).await?.revision;
        let page = page.await;
        // Asked after they were read: one who was removed gets nothing that was sent afterwards.
        let admission = self.permit(viewer, conversation, Act::ReadMessages).await?;
        if !admission.standing().sees(Act::ReadMessages) {
            // Whoever is let in later has none of them, wherever the log stands.
            return Ok(MessagePage { page: Page::empty(), revision: Revision::ZERO });
        }
        let page = page?;
        Ok(MessagePage { page, revision })
    }

    async fn slice(&self, conversation: ConversationId, slice: &Slice) -> Result<Page<Message>> {
        match slice {
            Slice::Window(window) => self.log().page(conversation, window).await,
            Slice::Around(message, count) => self.around(conversation, *message, *count).await,
        }
    }

    /// Half of the page before the message; it and the rest of the page after.
    async fn around(&self, conversation: ConversationId, message: MessageId, count: u32) -> Result<Page<Message>> {
        let found = self.log().find(&[message]).await?.into_iter().find(|found| found.conversation == conversation);
        let missing = || Error::not_found("aroundId", "there is no such message in this conversation");
        let place = found.ok_or_else(missing)?.seq;
        let earlier = count / 2;
        let before = Window { after: None, before: Some(place), take: Take::Last(earlier) };
        let from = Window { after: place.before(), before: None, take: Take::First(count - earlier) };
        let before = self.log().page(conversation, &before).await?;
        let from = self.log().page(conversation, &from).await?;
        let items = before.items.into_iter().chain(from.items).collect();
        Ok(Page { items, has_previous: before.has_previous, has_next: from.has_next })
    }

    /// A page of the messages of what a reference means; `None` where the conversation is not there for the viewer, or
    /// the person not at all. With a person to whom nobody has written yet, there are none.
    pub async fn history(&self, viewer: &Viewer, of: ConversationRef, slice: &Slice) -> Result<Option<MessagePage>> {
        if let Some(state) = self.referred(viewer, of).await? {
            // A log that was found to be away is not waited for once more.
            state.head?;
            return self.messages(viewer, state.conversation.id, slice).await.map(Some);
        }
        let ConversationRef::Person(user) = of else { return Ok(None) };
        let exists = self.person(user).await?.is_some();
        Ok(exists.then(|| MessagePage { page: Page::empty(), revision: Revision::ZERO }))
    }

    /// Those of the messages that these people may read, each for each.
    pub async fn messages_seen(&self, by: &[(MessageId, UserId)]) -> Result<HashMap<(MessageId, UserId), Message>> {
        let ids: HashSet<_> = by.iter().map(|(message, _)| *message).collect();
        let found = self.log().find(&ids.into_iter().collect::<Vec<_>>()).await?;
        let found: HashMap<_, _> = found.into_iter().map(|message| (message.id, message)).collect();
        let place = |(message, user): &(MessageId, UserId)| Some((found.get(message)?.conversation, *user));
        let places: HashSet<_> = by.iter().filter_map(place).collect();
        // Asked after they were read, as for a page of them.
        let states = self.conversations_seen(&places.into_iter().collect::<Vec<_>>()).await?;
        let seen = |by: &(MessageId, UserId)| {
            let state = states.get(&place(by)?)?;
            state.standing().sees(Act::ReadMessages).then(|| Some((*by, found.get(&by.0)?.clone())))?
        };
        Ok(by.iter().filter_map(seen).collect())
    }

    /// Who has sent has read what stands above, and types no more. Neither undoes a message that is stored.
    async fn after_sending(&self, viewer: &Viewer, sent: &Sent) {
        let Message { conversation, seq, .. } = sent.message;
        self.stop_typing(viewer, conversation);
        let marks = Marks { delivered_seq: seq, read_seq: seq };
        // Given up after a while, the move is still done: the answer that the message is stored must not wait for it.
        match timeout(MARKS_PATIENCE, self.move_marks(conversation, viewer.user, marks, Mover::Sender)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(%conversation, %error, "the sender's marks were not moved"),
            Err(_) => warn!(%conversation, "the sender's marks are late"),
        }
    }
}

fn sent(written: Written) -> Result<Sent> {
    match written {
        Written::Appended(message) => Ok(Sent { message, is_repeat: false }),
        Written::Repeated(message) => Ok(Sent { message, is_repeat: true }),
        Written::Conflicting => {
            let message = "another message was sent under this client id before";
            Err(Error::new(Code::Conflict, message).within("clientId"))
        }
        Written::Amended(_) | Written::Unchanged(_) | Written::Missing => {
            Err(Error::internal("an append was answered as an amendment"))
        }
    }
}
