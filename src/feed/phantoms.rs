//! Somebody who seems to type in one conversation, by an effect of ambience.

use crate::chat::{Chat, Moment};
use crate::domain::ids::{ConversationId, UserId};
use tokio::time::Instant;
use tracing::debug;

/// When somebody next may, and who does now.
pub(super) struct Phantoms {
    next: Option<(Instant, Moment)>,
    now: Option<(Instant, UserId)>,
}

/// What becomes of it.
pub(super) enum Turn {
    /// That person seems to type.
    Begins(UserId),
    /// And does so no more.
    Ends(UserId),
}

impl Phantoms {
    /// Nobody for now.
    pub(super) fn of(conversation: ConversationId, chat: &Chat) -> Self {
        Self { next: next(conversation, chat), now: None }
    }

    /// When something becomes of it.
    pub(super) fn next_turn(&self) -> Option<Instant> {
        let next = self.next.as_ref().map(|(at, _)| *at);
        self.now.as_ref().map(|(until, _)| *until).or(next)
    }

    /// What has become of it by now, if anything.
    pub(super) async fn turn(&mut self, conversation: ConversationId, chat: &Chat) -> Option<Turn> {
        self.next_turn().filter(|at| *at <= Instant::now())?;
        if let Some((_, user)) = self.now.take() {
            return Some(Turn::Ends(user));
        }
        let (_, moment) = self.next.take()?;
        let found = chat.phantom(conversation, &moment).await;
        self.next = next(conversation, chat);
        match found {
            Ok(phantom) => {
                let phantom = phantom?;
                self.now = Some((Instant::now() + phantom.lasts, phantom.user));
                Some(Turn::Begins(phantom.user))
            }
            Err(error) => {
                debug!(%conversation, %error, "nobody seems to type");
                None
            }
        }
    }
}

fn next(conversation: ConversationId, chat: &Chat) -> Option<(Instant, Moment)> {
    let moment = chat.ambience()?.next_moment(conversation)?;
    Some((Instant::now() + moment.at().since(chat.clock().now()), moment))
}
