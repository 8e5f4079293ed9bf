//! What an operator does who stands above the conversations: deleting what should not stand, and suspending people.

use super::Chat;
use super::access::no_such_message;
use super::conversations::no_such_person;
use crate::domain::ids::{MessageId, UserId};
use crate::domain::message::{Change, Message};
use crate::error::Result;
use crate::store::reports::Report;

impl Chat {
    /// What people have reported, the latest first, `limit` at the most.
    pub async fn reports(&self, limit: u32) -> Result<Vec<Report>> {
        self.reports.latest(limit).await
    }

    /// Leaves a tombstone in a message's place; where there is one already, changes nothing. `NOT_FOUND` where there is no
    /// such message.
    pub async fn moderate(&self, id: MessageId) -> Result<Message> {
        let message = self.log().find(&[id]).await?.pop().ok_or_else(no_such_message)?;
        let conversation = self.conversations.find(&[message.conversation]).await?.pop().ok_or_else(no_such_message)?;
        self.amend(&conversation, id, Change::Delete).await
    }

    /// Suspends a person, whose sessions end, or ends that; how many sessions have ended. Messages stand. `NOT_FOUND` on
    /// `userId` where there is no such person.
    pub async fn set_suspended(&self, user: UserId, is_suspended: bool) -> Result<usize> {
        let ended = self.accounts.set_suspended(user, is_suspended, self.clock.now()).await?;
        let ended = ended.ok_or_else(|| no_such_person("userId"))?;
        self.tell_of_ends(&ended);
        if is_suspended {
            self.tell_of_shutting_out(user);
        }
        Ok(ended.len())
    }
}
