//! What the SQL database owes the message log, paid: at once by whoever has made the change, and by a regular look where
//! that did not go well or the node was killed in between.

use super::Chat;
use super::regularly::regularly;
use crate::domain::batch::Head;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{Body, ClientId, NewMessage};
use crate::domain::notice::Notice;
use crate::domain::secret::Key;
use crate::error::{Code, Result};
use crate::store::group::Commit;
use crate::store::outbox::{Debt, Owed};
use crate::store::{MessageLog, Outbox};
use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// For how long the answer to a change waits for its notices.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is looked for what is owed still: what a killed node has left is told after that time at the latest.
const PERIOD: Duration = Duration::from_secs(2);
/// Conversations that are looked after at a look, and at a time.
const MAX_OWING: u32 = 1_000;
const AT_ONCE: usize = 8;
/// Debts of one conversation that are paid in one go: no more than one commit of the log takes.
const CHUNK: u32 = 256;

/// Pays a conversation's debts, the oldest first.
pub(super) struct Payer {
    outbox: Arc<dyn Outbox>,
    log: MessageLog,
    draft_key: Key,
}

impl Payer {
    pub(super) fn new(outbox: Arc<dyn Outbox>, log: MessageLog, draft_key: Key) -> Self {
        Self { outbox, log, draft_key }
    }

    async fn pay(&self, conversation: ConversationId) -> Result<()> {
        loop {
            let debts = self.outbox.debts(conversation, CHUNK).await?;
            let Some(last) = debts.last() else { return Ok(()) };
            let (place, at) = (last.place, last.at);
            self.tell(conversation, &debts).await?;
            self.outbox.settle(conversation, place, at).await?;
        }
    }

    /// What was told before is not told again, whoever has told it.
    async fn tell(&self, conversation: ConversationId, debts: &[Debt]) -> Result<()> {
        if debts.iter().any(|debt| debt.owed == Owed::Erasure) {
            // Whatever else is owed would go with it.
            return self.log.erase(conversation).await;
        }
        let notices = debts.iter().filter_map(|debt| match &debt.owed {
            Owed::Notice(notice) => Some(self.message(debt, notice)),
            Owed::Erasure => None,
        });
        match self.log.append_all(conversation, notices.collect()).await {
            // Another node has erased it meanwhile.
            Err(error) if error.code() == Code::NotFound => Ok(()),
            told => told.map(drop),
        }
    }

    fn message(&self, debt: &Debt, notice: &Notice) -> NewMessage {
        let client_id = ClientId::from_stored(format!("notice:{}:{}", debt.place.version.0, debt.place.number));
        let body = Body::Notice { notice: notice.clone(), client_id };
        NewMessage {
            id: MessageId::new(debt.at),
            conversation: debt.conversation,
            author: UserId::SYSTEM,
            fingerprint: body.fingerprint(&self.draft_key),
            body,
            created_at: debt.at,
            membership_version: debt.place.version,
        }
    }
}

/// One batch pays all that is owed to a conversation's log, whoever has asked for it.
#[async_trait]
impl Commit for Payer {
    type Key = ConversationId;
    type Job = ();
    type Answer = ();

    const STORE: &'static str = "the message log";
    const MAX_BATCH: usize = usize::MAX;
    const MAX_BATCH_BYTES: usize = usize::MAX;

    fn bytes((): &()) -> usize {
        0
    }

    async fn commit(&self, conversation: ConversationId, asked: Vec<()>) -> Result<Vec<()>> {
        self.pay(conversation).await?;
        Ok(asked)
    }
}

impl Chat {
    /// Pays what is owed to a conversation's log; whether that was done. Not waited for beyond a while: what does not go
    /// well now is paid by the regular look.
    pub(super) async fn pay(&self, conversation: ConversationId) -> bool {
        match timeout(PATIENCE, self.debts.submit(conversation, ())).await {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => warn!(%conversation, %error, "what has changed is told later"),
            Err(_) => warn!(%conversation, "what has changed is told late"),
        }
        false
    }

    /// The same for one who is to be shown the conversation: where its log ends then. Fails with `UNAVAILABLE` where it
    /// cannot be read. Clients are to be told so within 2 s, so that both are found out at once, and nothing is read again of
    /// a log that could not be paid.
    pub(super) async fn pay_and_reach(&self, conversation: ConversationId) -> Result<Head> {
        let (is_paid, reached) = tokio::join!(self.pay(conversation), self.head(conversation));
        let before = reached?;
        if is_paid { self.head(conversation).await } else { Ok(before) }
    }

    /// Looks regularly for what is owed to the logs, and pays it, until it is told to stop.
    pub async fn pay_debts(self: Arc<Self>, stop: CancellationToken) {
        regularly(PERIOD, stop, "cannot look for what is owed to the message log", || self.look_for_debts()).await;
    }

    async fn look_for_debts(&self) -> Result<()> {
        let owing = self.outbox.owing(MAX_OWING).await?;
        let paid = stream::iter(owing).map(|conversation| self.debts.submit(conversation, ()));
        // Each failure is in the log already, and looked after again.
        paid.buffer_unordered(AT_ONCE).for_each(|_| async {}).await;
        Ok(())
    }
}
