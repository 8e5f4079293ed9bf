//! Who types in one conversation, as its listeners know it: each change is told once, and lapses by itself.

use super::item::TypingChange;
use crate::chat::TYPING_LAPSE;
use crate::domain::clock::Timestamp;
use crate::domain::event::TypingMoved;
use crate::domain::ids::{ConversationId, UserId};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Those who type, and until when they count as typing without saying so again.
#[derive(Debug, Default)]
pub(super) struct Typists {
    until: BTreeMap<UserId, Instant>,
}

impl Typists {
    /// Takes in what was told; the change that listeners are to hear of, where it is one.
    pub(super) fn hear(&mut self, moved: &TypingMoved) -> Option<TypingChange> {
        let is_news = if moved.is_typing {
            self.until.insert(moved.user, Instant::now() + TYPING_LAPSE).is_none()
        } else {
            self.until.remove(&moved.user).is_some()
        };
        is_news.then(|| self.change(moved.conversation, moved.user, moved.is_typing, moved.at))
    }

    /// When the next one lapses.
    pub(super) fn next_lapse(&self) -> Option<Instant> {
        self.until.values().min().copied()
    }

    /// Takes away one who has lapsed; to be called until there is none.
    pub(super) fn lapse(&mut self, conversation: ConversationId, at: Timestamp) -> Option<TypingChange> {
        let now = Instant::now();
        let (&user, _) = self.until.iter().find(|(_, until)| **until <= now)?;
        self.until.remove(&user);
        Some(self.change(conversation, user, false, at))
    }

    /// The same of one who only seems to type; `None` where the person types.
    pub(super) fn seem(&self, moved: &TypingMoved) -> Option<TypingChange> {
        if self.until.contains_key(&moved.user) {
            return None;
        }
        let mut change = self.change(moved.conversation, moved.user, moved.is_typing, moved.at);
        change.typing.extend(moved.is_typing.then_some(moved.user));
        Some(TypingChange { is_simulated: true, ..change })
    }

    fn change(&self, conversation: ConversationId, user: UserId, is_typing: bool, at: Timestamp) -> TypingChange {
        let typing = self.until.keys().copied().collect();
        TypingChange { conversation, user, is_typing, at, typing, is_simulated: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn moved(user: u128, is_typing: bool) -> TypingMoved {
        TypingMoved {
            conversation: ConversationId::from(Uuid::nil()),
            user: UserId::from(Uuid::from_u128(user)),
            is_typing,
            at: Timestamp::from_unix_millis(0).unwrap(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_start_is_told_once_and_lapses_by_itself() {
        let mut typists = Typists::default();
        let first = moved(1, true);
        assert_eq!(typists.hear(&first).unwrap().typing, [first.user]);
        assert_eq!(typists.hear(&first), None);
        tokio::time::advance(TYPING_LAPSE / 2).await;
        assert_eq!(typists.hear(&first), None, "said again, it lasts longer");
        tokio::time::advance(TYPING_LAPSE / 2).await;
        assert_eq!(typists.lapse(first.conversation, first.at), None);
        tokio::time::advance(TYPING_LAPSE / 2).await;
        let lapsed = typists.lapse(first.conversation, first.at).unwrap();
        assert!(!lapsed.is_typing && lapsed.typing.is_empty());
        assert_eq!(typists.next_lapse(), None);
    }

    #[tokio::test]
    async fn a_stop_without_a_start_is_no_news() {
        let mut typists = Typists::default();
        assert_eq!(typists.hear(&moved(1, false)), None);
        typists.hear(&moved(1, true));
        typists.hear(&moved(2, true));
        assert_eq!(typists.hear(&moved(1, false)).unwrap().typing, [moved(2, true).user]);
    }
}
