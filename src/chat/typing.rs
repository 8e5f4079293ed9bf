//! Who is typing: told, repeated, and lapsing by itself. Nothing of it is stored.

use super::Chat;
use super::access::{Act, Viewer};
use super::conversations::ConversationState;
use crate::domain::event::{Ring, Topic, TypingMoved};
use crate::domain::ids::{ConversationId, UserId};
use crate::error::Result;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long one who says nothing more counts as typing.
pub const LAPSE: Duration = Duration::from_secs(6);
/// Within this time a repeated start is not told again.
const REPEAT: Duration = Duration::from_secs(2);
/// Conversations on the board, from which on the lapsed are swept away.
const SWEEP_AT: usize = 1_024;
/// They are swept no oftener than this: a sweep looks at all.
const SWEEP_PAUSE: Duration = Duration::from_secs(1);
/// Conversations on the board. Who types in one more is not seen by those who look, and still heard by those who listen.
const MAX_CONVERSATIONS: usize = 65_536;

/// Who types where, on any node: each hears of all, whether anybody listens there or not. When they were heard of is
/// told by this node's own clock.
#[derive(Default)]
pub(super) struct Board(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    since: HashMap<ConversationId, HashMap<UserId, Instant>>,
    swept_at: Option<Instant>,
}

impl Board {
    fn note(&self, moved: &TypingMoved) {
        let now = Instant::now();
        let mut notes = self.notes();
        notes.sweep(now);
        if moved.is_typing {
            if notes.since.len() < MAX_CONVERSATIONS || notes.since.contains_key(&moved.conversation) {
                notes.since.entry(moved.conversation).or_default().insert(moved.user, now);
            }
        } else if let Some(people) = notes.since.get_mut(&moved.conversation) {
            people.remove(&moved.user);
            if people.is_empty() {
                notes.since.remove(&moved.conversation);
            }
        }
    }

    fn started_at(&self, conversation: ConversationId, user: UserId) -> Option<Instant> {
        self.notes().since.get(&conversation)?.get(&user).copied()
    }

    fn typing(&self, conversation: ConversationId) -> Vec<UserId> {
        let now = Instant::now();
        let notes = self.notes();
        let people = notes.since.get(&conversation).into_iter().flatten();
        let mut typing: Vec<_> = people.filter(|(_, since)| is_fresh(**since, now)).map(|(user, _)| *user).collect();
        typing.sort();
        typing
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn sweep(&mut self, now: Instant) {
        let is_due = self.swept_at.is_none_or(|at| now.duration_since(at) >= SWEEP_PAUSE);
        if self.since.len() >= SWEEP_AT && is_due {
            self.since.retain(|_, people| {
                people.retain(|_, since| is_fresh(*since, now));
                !people.is_empty()
            });
            self.swept_at = Some(now);
        }
    }
}

fn is_fresh(since: Instant, now: Instant) -> bool {
    now.duration_since(since) < LAPSE
}

impl Chat {
    /// Says that the viewer is typing, until it lapses, or has stopped. Failures on `conversationId` as the table of
    /// access says.
    pub async fn set_typing(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        is_typing: bool,
    ) -> Result<ConversationState> {
        self.permit(viewer, conversation, Act::Type).await?;
        if is_typing {
            self.start_typing(viewer, conversation);
        } else {
            // Told whatever is known here: the start may have been told to another node.
            self.tell_stopped(viewer, conversation);
        }
        self.conversation_of(viewer, conversation).await
    }

    /// Who types in a conversation, on any node.
    pub fn typing(&self, conversation: ConversationId) -> Vec<UserId> {
        self.typing.typing(conversation)
    }

    /// Takes in what a process has told.
    pub fn hear_typing(&self, moved: &TypingMoved) {
        self.typing.note(moved);
    }

    fn start_typing(&self, viewer: &Viewer, conversation: ConversationId) {
        let told = self.typing.started_at(conversation, viewer.user);
        if told.is_none_or(|at| at.elapsed() >= REPEAT) {
            let at = self.clock.now();
            self.tell_typing(TypingMoved { conversation, user: viewer.user, is_typing: true, at });
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
        let ring = Arc::new(Ring::Typing(moved));
        // To those who listen there, and to every node, where somebody may look.
        self.bus.publish(Topic::Conversation(moved.conversation), Arc::clone(&ring));
        self.bus.publish(Topic::Typing, ring);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use uuid::Uuid;

    fn moved(conversation: u128, user: u128, is_typing: bool) -> TypingMoved {
        TypingMoved {
            conversation: ConversationId::from(Uuid::from_u128(conversation)),
            user: UserId::from(Uuid::from_u128(user)),
            is_typing,
            at: Timestamp::from_unix_millis(0).unwrap(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_types_stands_on_the_board_until_it_lapses_or_ends() {
        let board = Board::default();
        let (one, other) = (moved(1, 1, true), moved(1, 2, true));
        board.note(&one);
        tokio::time::advance(LAPSE / 2).await;
        board.note(&other);
        assert_eq!(board.typing(one.conversation), [one.user, other.user]);
        tokio::time::advance(LAPSE / 2).await;
        assert_eq!(board.typing(one.conversation), [other.user]);
        board.note(&moved(1, 2, false));
        assert_eq!(board.typing(one.conversation), []);
    }

    #[tokio::test(start_paused = true)]
    async fn the_board_keeps_nothing_of_those_who_have_lapsed_and_never_more_than_its_bound() {
        let board = Board::default();
        (0..100_000).for_each(|n| board.note(&moved(n, 1, true)));
        assert_eq!(board.notes().since.len(), MAX_CONVERSATIONS);
        tokio::time::advance(LAPSE).await;
        board.note(&moved(100_000, 1, true));
        assert_eq!(board.notes().since.len(), 1);
    }
}
