//! The conversations that a person is in. There is no bound to how many they are, so they are read one time after the other
//! for each person, and together for all that ask meanwhile, be it many fields of one operation.

use crate::chat::{Chat, ConversationState};
use crate::domain::ids::UserId;
use crate::error::{Error, Result};
use crate::store::group::{Commit, GroupCommit};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// How long it may take to read one person's.
const LIMIT: Duration = Duration::from_secs(10);

/// A person's, as they are at one moment.
pub struct Own {
    /// Those to which the person is invited among them.
    pub states: Vec<ConversationState>,
    unread: OnceCell<u32>,
}

impl Own {
    /// What the person has not read, over all that are not muted.
    pub async fn unread(&self, chat: &Chat) -> Result<u32> {
        self.unread.get_or_try_init(|| chat.unread_total(&self.states)).await.copied()
    }
}

/// Everybody's.
pub struct OwnConversations(GroupCommit<Lists>);

impl OwnConversations {
    /// Those of that chat.
    pub fn new(chat: Arc<Chat>) -> Self {
        Self(GroupCommit::new(Lists(chat)))
    }

    /// A person's. Read after it was asked for.
    pub async fn of(&self, person: UserId) -> Result<Arc<Own>> {
        self.0.submit_with_others(person, ()).await
    }
}

struct Lists(Arc<Chat>);

#[async_trait]
impl Commit for Lists {
    type Key = UserId;
    type Job = ();
    type Answer = Arc<Own>;

    const STORE: &'static str = "the store";
    const MAX_BATCH: usize = usize::MAX;
    const MAX_BATCH_BYTES: usize = usize::MAX;
    const IS_GIVEN_UP: bool = true;

    fn bytes((): &()) -> usize {
        0
    }

    async fn commit(&self, person: UserId, asked: Vec<()>) -> Result<Vec<Self::Answer>> {
        let own = timeout(LIMIT, self.0.own_conversations(person)).await;
        let states = own.map_err(|late| Error::unavailable(Self::STORE, late))??;
        let own = Arc::new(Own { states, unread: OnceCell::new() });
        Ok(vec![own; asked.len()])
    }
}
