//! Sending messages, and reading them.

use super::Chat;
use super::access::Viewer;
use super::conversations::ConversationRef;
use crate::domain::batch::Written;
use crate::domain::conversation::Marks;
use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::message::{Draft, Message, NewMessage, Revision};
use crate::domain::page::{Page, Window};
use crate::error::{Code, Error, Result};
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
    /// where it said something else. `NOT_FOUND` where the conversation or the person is not there for the viewer.
    pub async fn send_message(&self, viewer: &Viewer, to: ConversationRef, draft: Draft) -> Result<Sent> {
        let conversation = self.open(viewer, to).await.map_err(|error| error.within("to"))?;
        let now = self.clock.now();
        let message = NewMessage {
            id: MessageId::new(now),
            conversation: conversation.id,
            author: viewer.user,
            fingerprint: draft.fingerprint(&self.draft_key),
            draft,
            created_at: now,
            membership_version: conversation.membership_version,
        };
        let sent = sent(self.log.append(message).await?)?;
        self.after_sending(viewer, &sent).await;
        Ok(sent)
    }

    /// A page of a conversation's messages. `NOT_FOUND` on `conversationId` for anyone but its members.
    pub async fn messages(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        window: &Window<Revision>,
    ) -> Result<MessagePage> {
        self.admit(viewer, conversation).await?;
        let revision = self.head(conversation).await?.revision;
        Ok(MessagePage { page: self.log().page(conversation, window).await?, revision })
    }

    /// A page of the messages of what a reference means; `None` where the conversation is not there for the viewer, or
    /// the person not at all. With a person to whom nobody has written yet, there are none.
    pub async fn history(
        &self,
        viewer: &Viewer,
        of: ConversationRef,
        window: &Window<Revision>,
    ) -> Result<Option<MessagePage>> {
        if let Some(state) = self.referred(viewer, of).await? {
            return self.messages(viewer, state.conversation.id, window).await.map(Some);
        }
        let ConversationRef::Person(user) = of else { return Ok(None) };
        let exists = !self.accounts.find(&[user]).await?.is_empty();
        Ok(exists.then(|| MessagePage { page: Page::empty(), revision: Revision::ZERO }))
    }

    /// Who has sent has read what stands above, and types no more. Neither undoes a message that is stored.
    async fn after_sending(&self, viewer: &Viewer, sent: &Sent) {
        let Message { conversation, seq, .. } = sent.message;
        self.stop_typing(viewer, conversation);
        let marks = Marks { delivered_seq: seq, read_seq: seq };
        // Given up after a while, the move is still done: the answer that the message is stored must not wait for it.
        match timeout(MARKS_PATIENCE, self.move_marks(conversation, viewer.user, marks)).await {
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
