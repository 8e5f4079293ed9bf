//! Who is typing: told, repeated, and lapsing by itself. Nothing of it is stored.

use super::Chat;
use super::access::Viewer;
use super::conversations::ConversationState;
use crate::domain::clock::Timestamp;
use crate::domain::event::{Ring, Topic, TypingMoved};
use crate::domain::ids::{ConversationId, UserId};
use crate::error::Result;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long one who says nothing more counts as typing.
pub const LAPSE: Duration = Duration::from_secs(6);
/// Within this time a repeated start is not told again.
const REPEAT: Duration = Duration::from_secs(2);
/// Conversations on the board, beyond which the lapsed are swept away at the next note.
const SWEEP_AT: usize = 1_024;

/// Who types where, as far as this process has heard.
#[derive(Default)]
pub(super) struct Board {
    since: Mutex<HashMap<ConversationId, HashMap<UserId, Timestamp>>>,
}

impl Board {
    fn note(&self, moved: &TypingMoved) {
        let mut board = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        if board.len() >= SWEEP_AT {
            board.retain(|_, people| people.values().any(|since| is_fresh(*since, moved.at)));
        }
        let people = board.entry(moved.conversation).or_default();
        if moved.is_typing {
            people.insert(moved.user, moved.at);
        } else {
            people.remove(&moved.user);
        }
        if people.is_empty() {
            board.remove(&moved.conversation);
        }
    }

    fn started_at(&self, conversation: ConversationId, user: UserId) -> Option<Timestamp> {
        let board = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        board.get(&conversation)?.get(&user).copied()
    }

    fn typing(&self, conversation: ConversationId, now: Timestamp) -> Vec<UserId> {
        let board = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let people = board.get(&conversation).into_iter().flatten();
        let mut typing: Vec<_> = people.filter(|(_, since)| is_fresh(**since, now)).map(|(user, _)| *user).collect();
        typing.sort();
        typing
    }
}

fn is_fresh(since: Timestamp, now: Timestamp) -> bool {
    now.since(since) < LAPSE
}

impl Chat {
    /// Says that the viewer is typing, until it lapses, or has stopped. `NOT_FOUND` on `conversationId` for anyone but
    /// its members.
    pub async fn set_typing(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        is_typing: bool,
    ) -> Result<ConversationState> {
        self.admit(viewer, conversation).await?;
        if is_typing {
            self.start_typing(viewer, conversation);
        } else {
            // Told whatever is known here: the start may have been told to another node.
            self.tell_stopped(viewer, conversation);
        }
        self.conversation_of(viewer, conversation).await
    }

    /// Who types in a conversation, as far as this process has heard.
    pub fn typing(&self, conversation: ConversationId) -> Vec<UserId> {
        self.typing.typing(conversation, self.clock.now())
    }

    /// Takes in what another process has told.
    pub fn hear_typing(&self, moved: &TypingMoved) {
        self.typing.note(moved);
    }

    fn start_typing(&self, viewer: &Viewer, conversation: ConversationId) {
        let now = self.clock.now();
        let told = self.typing.started_at(conversation, viewer.user);
        if told.is_none_or(|at| now.since(at) >= REPEAT) {
            self.tell_typing(TypingMoved { conversation, user: viewer.user, is_typing: true, at: now });
        }
    }

    pub(super) fn stop_typing(&self, viewer: &Viewer, conversation: ConversationId) {
        if self.typing.started_at(conversation, viewer.user).is_some() {
            self.tell_stopped(viewer, conversation);
        }
    }

    fn tell_stopped(&self, viewer: &Viewer, conversation: ConversationId) {
        self.tell_typing(TypingMoved { conversation, user: viewer.user, is_typing: false, at: self.clock.now() });
    }

    fn tell_typing(&self, moved: TypingMoved) {
        self.typing.note(&moved);
        self.bus.publish(Topic::Conversation(moved.conversation), Arc::new(Ring::Typing(moved)));
    }
}
