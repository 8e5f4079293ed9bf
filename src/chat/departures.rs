//! The end of an account. In one transaction the person is shut out, and what told who they were is gone; then they go out
//! of their conversations, one after the other, as anybody who leaves does. Where that is cut off, a regular look goes on.

use super::Chat;
use super::access::Viewer;
use super::credentials::Identification;
use super::groups::leaving;
use super::people::tell_people;
use super::regularly::regularly;
use super::tokens::bad_token;
use crate::domain::client::ClientAddress;
use crate::domain::clock::Timestamp;
use crate::domain::conversation::{ConversationKind, Member};
use crate::domain::ids::{ConversationId, UserId};
use crate::error::{Error, Result};
use crate::store::groups::{Ask, Change, Scene, Verdict};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// How long the answer waits until the person is out of their conversations.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is looked for people who are not out of theirs: what a killed node has left is done after that at the latest.
const PERIOD: Duration = Duration::from_secs(2);
/// People who are read at once by a look.
const LOOKED_AT_ONCE: u32 = 100;
/// Conversations out of which a person goes at a time.
const AT_ONCE: usize = 4;
/// After so long nothing runs any more that had begun before the account was deleted, and may have written something
/// of theirs: longer than any operation may.
const SETTLED_AFTER: Duration = Duration::from_mins(1);

impl Chat {
    /// Deletes the viewer's account. Their sessions end, nobody finds them, and what tells who they were is gone when this
    /// has gone well; they may be in conversations for a moment longer. On `password`: `WRONG_CREDENTIALS`, and `INVALID_INPUT`
    /// where the account has one and it is not given; on `code`: `WRONG_CREDENTIALS` and `CODE_EXPIRED`;
    /// `RATE_LIMITED` where too many were tried.
    pub async fn delete_account(&self, viewer: &Viewer, proof: &Identification, by: ClientAddress) -> Result<()> {
        let hash = self.accounts.password_hash(viewer.user).await?;
        if matches!(proof, Identification::Code(_)) && hash.is_some() {
            return Err(Error::invalid("password", "the account has a password: give that"));
        }
        self.check(viewer, "password", proof, hash.as_deref(), by).await?;
        // Another device has just done it.
        let ended = self.accounts.delete(viewer.user, self.clock.now()).await?.ok_or_else(bad_token)?;
        self.tell_of_ends(&ended);
        self.tell_of_shutting_out(viewer.user);
        tell_people(&*self.bus);
        match timeout(PATIENCE, self.leave_conversations(viewer.user)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => put_off(viewer.user, &error),
            Err(_) => warn!(user = %viewer.user, "whose account is gone goes out of conversations for a while"),
        }
        Ok(())
    }

    /// Looks regularly for people whose accounts are gone and who are in conversations still, until it is told to stop.
    pub async fn finish_departures(self: Arc<Self>, stop: CancellationToken) {
        let undone = "cannot look for what is left of deleted accounts";
        regularly(PERIOD, stop, undone, || self.look_for_departures()).await;
    }

    async fn look_for_departures(&self) -> Result<()> {
        let mut after = None;
        loop {
            let some = self.accounts.leaving(after, LOOKED_AT_ONCE).await?;
            let Some(last) = some.last() else { return Ok(()) };
            after = Some(*last);
            for (user, since) in some {
                self.look_after(user, since).await?;
            }
        }
    }

    async fn look_after(&self, user: UserId, since: Timestamp) -> Result<()> {
        // One of whom something fails must not keep the others.
        if let Err(error) = self.leave_conversations(user).await {
            warn!(%user, %error, "whose account is gone goes out of conversations later");
            return Ok(());
        }
        let now = self.clock.now();
        if now.since(since) > SETTLED_AFTER {
            self.accounts.finish_leaving(user, now).await?;
        }
        Ok(())
    }

    async fn leave_conversations(&self, user: UserId) -> Result<()> {
        let memberships = self.conversations.memberships_of(&[user]).await?;
        let left: Vec<ConversationId> = memberships.iter().map(|member| member.conversation).collect();
        let leaves = stream::iter(memberships).map(|member| Ok(self.go_out(member)));
        leaves.try_buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        // Afterwards, since it takes its time where the log is away.
        let paid = stream::iter(left).map(|conversation| self.pay(conversation)).buffer_unordered(AT_ONCE);
        paid.for_each(async |_| ()).await;
        Ok(())
    }

    /// Out of a group as [`Chat::leave_conversation`] has it; out of a direct conversation without a word, and where nobody
    /// is left in it, it goes.
    async fn go_out(&self, member: Member) -> Result<()> {
        let Member { conversation, user, .. } = member;
        let ask = Ask { conversation, people: vec![user], heir_of: Some(user) };
        let decide = |scene: &Scene| {
            Ok(match scene.conversation.kind() {
                ConversationKind::Group => leaving(user, scene),
                ConversationKind::Direct if !scene.people.contains_key(&user) => Verdict::Change(Change::default()),
                ConversationKind::Direct if scene.conversation.member_count < 2 => Verdict::Delete,
                ConversationKind::Direct => Verdict::Change(Change { gone: vec![user], ..Change::default() }),
            })
        };
        self.decide(&ask, &decide).await.map(drop)
    }
}

fn put_off(user: UserId, error: &Error) {
    warn!(%user, %error, "whose account is gone goes out of conversations later");
}
