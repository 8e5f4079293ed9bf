//! Where a conversation stands, as its stores say.

use crate::chat::Chat;
use crate::domain::batch::Head;
use crate::domain::ids::ConversationId;
use crate::error::Result;
use crate::store::conversations::Versions;
use std::collections::HashMap;

/// The end of a log, and the versions of what stands outside of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tail {
    pub(super) head: Head,
    pub(super) versions: Versions,
}

impl Tail {
    /// The tails of those conversations that exist. The versions are read first: who stands at this tail does not take
    /// itself to know newer members than the log's last writer may have seen.
    pub(super) async fn read(chat: &Chat, of: &[ConversationId]) -> Result<HashMap<ConversationId, Self>> {
        let versions = chat.conversations().versions(of).await?;
        let heads = chat.log().heads(of).await?;
        let tail = |(id, versions)| (id, Self { head: heads.get(&id).copied().unwrap_or_default(), versions });
        Ok(versions.into_iter().map(tail).collect())
    }
}
